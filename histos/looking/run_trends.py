"""Elements with moments of whole runs: a page of small lines, one for each, over the latest runs."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, Max, OuterRef, QuerySet, Value
from django.db.models.functions import StrIndex, Substr
from django.utils.safestring import SafeString

from histos.looking.folders import MOST_FOLDERS
from histos.models import Dataset, RunMoments
from histos.moments import NAMES
from project.sparks import spark
from runs.models import Run

ALL = (*NAMES, "entries")
MOST, RUNS = 24, 60
"""Lines on a page, and the latest runs that they go over."""


@dataclass(frozen=True)
class Card:
    name: str
    picture: SafeString
    n: int


@dataclass(frozen=True)
class Folder:
    path: str
    name: str


@dataclass(frozen=True)
class Page:
    """``next`` is the name after which the next page begins; empty at the end."""

    cards: list[Card]
    folders: list[Folder]
    next: str


def dataset_with_moments() -> list[Dataset]:
    held = RunMoments.objects.visible().filter(dataset=OuterRef("pk"))
    return list(Dataset.objects.visible().filter(Exists(held)))


def small_trends(dataset: Dataset, moment: str, folder: str, after: str) -> Page:
    """Elements below ``folder`` by name. Which runs are the latest is asked of the runs, which are few."""
    runs = _latest(dataset)
    here = RunMoments.objects.visible().filter(dataset=dataset, run__in=runs[-1:] or [])
    names = _below(here, folder).order_by("element").values_list("element", flat=True).distinct()
    page = list(names.filter(element__gt=after)[: MOST + 1] if after else names[: MOST + 1])
    rows = (
        RunMoments.objects.visible()
        .filter(dataset=dataset, element__in=page[:MOST], run__in=runs)
        .values_list("element", "run", moment)
    )
    values: dict[str, dict[int, float | None]] = defaultdict(dict)
    for name, run, value in rows.order_by():
        values[name][run] = value
    cards = [
        Card(name, spark([values[name].get(run) for run in runs], moment), len(values[name]))
        for name in page[:MOST]
    ]
    return Page(cards, _folders(here, folder), page[MOST - 1] if len(page) > MOST else "")


def _latest(dataset: Dataset) -> list[int]:
    """Row ids of the latest runs with moments, in order of their number, of the experiment of the very latest."""
    held = RunMoments.objects.visible().filter(dataset=dataset, run=OuterRef("pk"))
    runs = Run.objects.visible().filter(Exists(held))
    experiment = runs.order_by("-pk").values_list("experiment", flat=True).first()
    found = runs.filter(experiment=experiment).order_by("-number").values_list("pk", flat=True)[:RUNS]
    return list(found)[::-1]


def _below(rows: QuerySet, folder: str) -> QuerySet:
    """Letter by letter, on every database alike."""
    return rows.alias(head=Substr("element", 1, len(folder))).filter(head=folder) if folder else rows


def _folders(here: QuerySet, folder: str) -> list[Folder]:
    rest: Any = Substr("element", len(folder) + 1, output_field=CharField())
    inside = _below(here, folder).alias(slash=StrIndex(rest, Value("/"))).filter(slash__gt=0)
    rows = inside.order_by().values(part=Substr(rest, 1, StrIndex(rest, Value("/")))).annotate(last=Max("pk"))
    parts = sorted(row["part"] for row in rows.order_by("part")[:MOST_FOLDERS])
    return [Folder(folder + part, part.rstrip("/") or part) for part in parts]
