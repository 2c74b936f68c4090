"""kill -9 in the middle of a load: the same command again ends as if nothing had happened, and nobody saw half."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Exists, OuterRef
from django.test import override_settings

from histos.models import LumisectionHistogram, MonitoringElement
from project.models import FileProblem, SourceFile
from runs.models import Lumisection, Run
from tests.conftest import ROOT, clean_environment
from tests.histos.csv_files import HEADER, row

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROWS, ELEMENTS, BINS, PER_RUN = 200_000, 20, 20, 500


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200,000 small histograms; lists of counts repeat, so that making them is quick. Two rows are broken."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    draw = random.Random(3)  # noqa: S311  it is a test
    lists = [[draw.randrange(300) for _ in range(BINS + 2)] for _ in range(997)]
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(ROWS):
            lumisection, element = divmod(number, ELEMENTS)
            run, lumisection = divmod(lumisection, PER_RUN)
            file.write(row(run + 1, lumisection + 1, f"element_{element:02d}", lists[number % 997]))
            if number in (5_000, 150_000):
                file.write(row(run + 1, lumisection + 1, "broken", [1]).replace("]", ""))
    return path


def command(path: Path, dataset: str, environment: dict[str, str]) -> subprocess.Popen:
    arguments = ("load_histos", str(path), "--reader", "ml4dqm-csv", "--dataset", dataset, "--json")
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=clean_environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


class Watch:
    """A reader that counts what it sees, again and again."""

    def __init__(self, dataset: str) -> None:
        self.seen: set[int] = set()
        self._rows = LumisectionHistogram.objects.filter(dataset__name=dataset)

    def until(self, process: subprocess.Popen, enough: Callable[[], bool]) -> bool:
        """Look until ``enough`` says so; False when the process has ended before."""
        while process.poll() is None:
            self.look()
            if enough():
                return True
            time.sleep(0.02)
        self.look()
        return False

    def look(self) -> None:
        self.seen.add(self._rows.visible().count())


def position() -> int:
    return SourceFile.objects.values_list("position", flat=True).order_by("-id").first() or 0


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_killed_anywhere_the_same_command_ends_as_one_clean_load(
    large_file: Path, site_environment: dict[str, str]
) -> None:
    watch = Watch("killed")
    draw = random.Random()  # noqa: S311  every run of this test kills elsewhere
    targets = sorted(draw.randrange(1, ROWS - 20_000) for _ in range(3))
    # In the first batch, between batches and in them: at random positions and at random moments after those.
    kills = [
        SourceFile.objects.exists,
        *((lambda target=target: position() >= target) for target in targets),
    ]
    for kill in kills:
        process = command(large_file, "killed", site_environment)
        assert watch.until(process, kill)
        watch.until(process, after(draw.uniform(0, 0.1)))
        process.kill()
        process.communicate()
    reached = position()
    process = command(large_file, "killed", site_environment)
    watch.until(process, lambda: False)
    assert process.communicate()[0].count('"rejected": 2') == 1
    assert process.returncode == 1
    assert watch.seen == {0, ROWS}
    file = SourceFile.objects.get()
    assert reached > 0
    assert (file.state, file.position, file.stored, file.known, file.rejected) == (
        "complete",
        ROWS + 2,
        ROWS,
        0,
        2,
    )
    assert list(FileProblem.objects.order_by("line").values_list("line", flat=True)) == [5_003, 150_004]
    same_as_clean_load(large_file, site_environment)


def same_as_clean_load(path: Path, environment: dict[str, str]) -> None:
    names = (Run.objects.count(), Lumisection.objects.count(), MonitoringElement.objects.count())
    assert names == (ROWS // ELEMENTS // PER_RUN, ROWS // ELEMENTS, ELEMENTS)
    command(path, "clean", environment).communicate()
    twins = LumisectionHistogram.objects.filter(
        dataset__name="clean",
        **{name: OuterRef(name) for name in ("lumisection", "element", "entries", "counts")},
    )
    killed = LumisectionHistogram.objects.filter(dataset__name="killed")
    assert killed.filter(Exists(twins)).count() == ROWS == killed.count()
    assert LumisectionHistogram.objects.filter(dataset__name="clean").count() == ROWS
    assert names == (Run.objects.count(), Lumisection.objects.count(), MonitoringElement.objects.count())


@override_settings(LUMISIFT_LEASE_SECONDS=30)
def test_two_loads_of_one_file_at_once(large_file: Path, site_environment: dict[str, str]) -> None:
    first = command(large_file, "twice", site_environment)
    Watch("twice").until(first, lambda: position() > 0)
    second = command(large_file, "twice", site_environment)
    answer = second.communicate()[0]
    assert second.returncode == 1
    assert "large.csv: is being loaded by another process" in answer
    first.kill()
    first.communicate()


def test_batches_are_short(large_file: Path) -> None:
    """Nobody else can write to SQLite for longer than a batch lasts."""
    from histos.readers import READERS
    from histos.services import HistogramStore
    from project.loading import Load

    times: list[float] = []

    class Timed(Load):
        def _commit(self, *arguments: object) -> None:
            began = time.thread_time()
            super()._commit(*arguments)
            times.append(time.thread_time() - began)

    def read() -> Any:
        return islice(READERS["ml4dqm-csv"]().read(large_file), 40_000)

    Timed(large_file, "ml4dqm-csv", read, HistogramStore("timed")).run()
    assert max(times) < 0.2
