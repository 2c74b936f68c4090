"""Asking OMS: pages of fills, runs and lumisections, as it answers them."""

from collections.abc import Iterator, Sequence
from typing import Any

from project.fetching import Client, FetchError

PAGE = 1000
MOST_PAGES = 10_000
SORTED_BY = {"fills": "fill_number", "runs": "run_number", "lumisections": "lumisection_number"}

Filter = tuple[str, str, Any]
"""Attribute, operator (EQ, GE, LE) and value."""


def pages(client: Client, what: str, filters: Sequence[Filter], size: int = PAGE) -> Iterator[dict[str, Any]]:
    """Every page of ``what``, in order of its number, so that what is added meanwhile comes last. Raises FetchError.

    The last page is the one after which OMS names no next one, or, where it names none at all, with which all are
    there, or which is not full. A page may hold fewer than were asked for: the next one begins after what came.
    """
    asked = [(f"filter[{name}][{operator}]", value) for name, operator, value in filters]
    before: Any = None
    offset = 0
    for _ in range(MOST_PAGES):
        paging = [("sort", SORTED_BY[what]), ("page[offset]", offset), ("page[limit]", size)]
        page = client.get(what, [*asked, *paging, ("include", "meta")])
        things = page.get("data") if isinstance(page, dict) else None
        if not isinstance(things, list):
            raise FetchError(f"{client.service} answers with JSON that is no page of {what}")
        if things and things == before:
            raise FetchError(f"{client.service} gives the same page of {what} again and again")
        if things:
            yield page
        offset += len(things)
        if _is_last(page, len(things), offset, size):
            return
        before = things
    raise FetchError(f"{client.service} has more than {MOST_PAGES * size:,} {what}: ask for fewer runs")


def _is_last(page: dict[str, Any], count: int, so_far: int, size: int) -> bool:
    links, meta = page.get("links"), page.get("meta")
    if not count:
        return True
    if isinstance(links, dict) and "next" in links:
        return not links["next"]
    total = meta.get("totalResourceCount") if isinstance(meta, dict) else None
    return so_far >= total if isinstance(total, int) else count < size


def attributes(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of every thing on a page that has some."""
    for thing in page["data"]:
        if isinstance(thing, dict) and isinstance(thing.get("attributes"), dict):
            yield thing["attributes"]
