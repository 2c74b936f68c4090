"""How the suite is run: each test once, and where several processes share it out, the long files first.

A file stays with one process, for what its tests share. Requests made up from the API's description share nothing that
is dear: they come last and one by one, so that no process waits for another's long file.
"""

import gc
from collections import Counter
from typing import Any

import pytest

ONE_BY_ONE = "tests/test_schemathesis.py"


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def long_files_first(items: list[pytest.Item]) -> None:
    """Files with the most tests marked slow, then those with the most tests; what goes one by one comes last."""
    tests = Counter(file_of(item.nodeid) for item in items)
    slow = Counter(file_of(item.nodeid) for item in items if item.get_closest_marker("slow"))

    def place(item: pytest.Item) -> tuple[bool, bool, int]:
        file = file_of(item.nodeid)
        return file == ONE_BY_ONE, not slow[file], -tests[file]

    items.sort(key=place)


def refuse_shared_names(items: list[pytest.Item]) -> None:
    """Tests are given out by name: of several with one name only the first would run, and nobody would be told."""
    shared = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if shared:
        raise pytest.UsageError(f"several tests are called {', '.join(sorted(shared))}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    refuse_shared_names(items)
    if hasattr(config, "workerinput"):  # one process alone keeps the order of the files
        long_files_first(items)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the collector of garbage need not walk it again and again."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For ``--dist loadfile``; whoever asks for another way gets that."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongFilesFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if file_of(nodeid) == ONE_BY_ONE else file_of(nodeid)

    config.option.loadscopereorder = False  # the workers have put them into order
    return LongFilesFirst(config, log)
