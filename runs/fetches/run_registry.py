"""Asking the Run Registry: datasets, and what was said of their lumisections."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from project.fetching import Client, FetchError

PAGE = 50
MOST_PAGES = 10_000
MOST_RUN = 2**31 - 1


def datasets(
    client: Client, first: int, last: int, wildcards: Sequence[str] = ("*",)
) -> Iterator[dict[str, Any]]:
    """Every dataset of runs ``first`` to ``last`` whose name one of the wildcards fits. Raises FetchError."""
    wanted = {"run_number": {"and": [{">=": first}, {"<=": last}]}}
    for number in range(MOST_PAGES):
        question = {"page": number, "page_size": PAGE, "sortings": [], "filter": wanted}
        page = _good(client, client.post("datasets_filtered_ordered", question))
        found = page.get("datasets") if isinstance(page, dict) else None
        if not isinstance(found, list):
            raise FetchError(f"{client.service} answers with JSON that is no page of datasets")
        for one in found:
            if isinstance(one, dict) and any(fnmatchcase(str(one.get("name")), card) for card in wildcards):
                yield one
        if number + 1 >= int(page.get("pages") or 0):
            return
    raise FetchError(f"{client.service} has more than {MOST_PAGES * PAGE:,} datasets: ask for fewer runs")


def with_ranges(client: Client, dataset: dict[str, Any]) -> dict[str, Any]:
    """The dataset with the ranges of its lumisections, in the place of the summary it comes with."""
    question = {"run_number": dataset.get("run_number"), "dataset_name": dataset.get("name")}
    ranges = _good(client, client.post("lumisections/rr_lumisection_ranges", question))
    if not isinstance(ranges, list):
        raise FetchError(f"{client.service} answers with JSON that is no list of ranges")
    return {**dataset, "lumisections": ranges}


def _good(client: Client, answer: Any) -> Any:
    """The Run Registry tells some of its errors in good answers."""
    if isinstance(answer, dict) and (error := answer.get("err")):
        raise FetchError(f"{client.service} refuses: {' '.join(str(error).split())[:200]}")
    return answer
