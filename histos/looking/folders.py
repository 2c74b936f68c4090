"""The tree of monitoring elements: folders are what stands before a slash in their names."""

from typing import Any, NamedTuple

from django.db.models import CharField, Count, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

MOST_FOLDERS = 500


class Folder(NamedTuple):
    """``path`` ends with its slash; ``n`` elements are below."""

    path: str
    name: str
    n: int


def below(elements: QuerySet, prefix: str) -> QuerySet:
    """Elements whose name begins with ``prefix``, letter by letter, on every database alike."""
    if not prefix:
        return elements
    return elements.alias(head=Substr("name", 1, len(prefix))).filter(head=prefix)


def folders_in(elements: QuerySet, folder: str) -> list[Folder]:
    """Folders right inside ``folder`` ("" is the top), by name, in one query over the names."""
    rest: Any = Substr("name", len(folder) + 1, output_field=CharField())
    inside = below(elements, folder).alias(slash=StrIndex(rest, Value("/"))).filter(slash__gt=0)
    rows = inside.order_by().values(part=Substr(rest, 1, StrIndex(rest, Value("/")))).annotate(n=Count("pk"))
    parts = sorted((row["part"], row["n"]) for row in rows.order_by("part")[:MOST_FOLDERS])
    return [Folder(folder + part, part.rstrip("/") or part, n) for part, n in parts]


def crumbs(folder: str) -> list[Folder]:
    """The way to ``folder``: every folder around it and itself."""
    parts = folder.split("/")[:-1]
    return [Folder("/".join(parts[: place + 1]) + "/", name or "/", 0) for place, name in enumerate(parts)]
