"""What is missing in a run: lumisections without histograms, elements absent in some, empty histograms.

Counted by the database from its indexes, of one run at a time: never of all histograms.
"""

from dataclasses import dataclass, field

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.bulk import raw_rows
from project.models import SourceFile
from project.querysets import loading_file_ids
from runs.models import Lumisection, Run

KEPT = 600
"""Seconds for which a count is kept; anything loaded since makes it anew."""
NAMED = 30
"""Elements of a dataset whose gaps are named."""
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Absent:
    """An element that ``n`` of the dataset's lumisections lack, ``spans`` tell which, and that is ``empty`` in some."""

    element: MonitoringElement
    n: int
    spans: Spans
    empty: int = 0
    first_empty: int | None = None


@dataclass(frozen=True)
class OfDataset:
    """``held`` lumisections have any histogram, ``without`` are those with none; ``n_absent`` elements lack some."""

    dataset: Dataset
    held: int
    n_elements: int
    n_without: int
    without: Spans
    n_absent: int
    n_empty: int
    absent: list[Absent] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Health:
    """``listed`` lumisections are known up to number ``last``, ``told`` of them by OMS. Numbers as ranges: ``untold``
    hold histograms and OMS says nothing of them; ``nothing`` are told and hold no histogram of any dataset; ``gaps``
    are numbers nobody has.
    """

    listed: int
    last: int
    told: int
    n_untold: int
    untold: Spans
    n_nothing: int
    nothing: Spans
    n_gaps: int
    gaps: Spans
    datasets: list[OfDataset]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing as far as OMS and the histograms themselves tell."""
        missing = (one.n_without or one.n_absent or one.n_empty for one in self.datasets)
        return not (self.n_untold or self.n_nothing or self.n_gaps or any(missing))


def health_of(run: Run) -> Health:
    """Counted once, then kept until another file is loaded."""
    newest = SourceFile.objects.aggregate(newest=Max("id"), finished=Max("finished"))
    key = f"health:{run.pk}:{newest['newest']}:{newest['finished']}:{loading_file_ids()}".replace(" ", "_")
    found = cache.get(key)
    if found is None:
        found = _counted(run)
        cache.set(key, found, KEPT)
    return found


def _counted(run: Run) -> Health:
    numbers = _numbers(run)
    held = histograms_in(run)
    by_dataset = {
        dataset: _there(run, dataset, numbers)
        for dataset in Dataset.objects.visible().filter(Exists(held.filter(dataset=OuterRef("pk"))))
    }
    listed, told = {*numbers.values()}, _told(run)
    anything = set().union(*by_dataset.values())
    last = max(listed, default=0)
    nothing, untold, gaps = told - anything, listed - told, {*range(1, last + 1)} - listed
    return Health(
        len(listed), last, len(told), len(untold), spans(untold), len(nothing), spans(nothing), len(gaps), spans(gaps),
        [
            _of_dataset(held.filter(dataset=one), one, there, told or listed, numbers)
            for one, there in by_dataset.items()
        ],
    )  # fmt: skip


def _there(run: Run, dataset: Dataset, numbers: dict[int, int]) -> set[int]:
    """Lumisections with any histogram of the dataset: each is asked for one, none is counted."""
    any_of = LumisectionHistogram.objects.filter(lumisection=OuterRef("pk"), dataset=dataset)
    rows = run.lumisections.visible().filter(Exists(_shown(any_of))).order_by().values_list("pk", flat=True)
    return {numbers[pk] for pk in rows if pk in numbers}


def _numbers(run: Run) -> dict[int, int]:
    return dict(run.lumisections.visible().order_by("number").values_list("pk", "number"))


def histograms_in(run: Run) -> QuerySet:
    sections = run.lumisections.visible().order_by().values("pk")
    return _shown(LumisectionHistogram.objects.order_by().filter(lumisection_id__in=sections))


def _shown(held: QuerySet) -> QuerySet:
    """Which files are loading is asked once, not of every row."""
    hidden = loading_file_ids()
    return held.exclude(file_id__in=hidden) if hidden else held


def _told(run: Run) -> set[int]:
    """Lumisections of which OMS says anything: a histogram alone brings nothing but the number."""
    nothing = Q(start_time=None, recorded_luminosity=None, delivered_luminosity=None, pileup=None, flags={})
    told = Lumisection.objects.visible().filter(run=run).exclude(nothing)
    return set(told.order_by().values_list("number", flat=True))


def _of_dataset(
    held: QuerySet, dataset: Dataset, there: set[int], expected: set[int], numbers: dict[int, int]
) -> OfDataset:
    counts = dict(held.values_list("element").annotate(n=Count("pk")).order_by())
    empty = _empty(held, numbers)
    short = {pk: len(there) - n for pk, n in counts.items() if n < len(there)}
    worst = sorted({*short, *empty}, key=lambda pk: (-short.get(pk, 0), -len(empty.get(pk, ())), pk))
    elements = MonitoringElement.objects.in_bulk(worst[:NAMED])
    having = _having(held, [pk for pk in elements if pk in short], numbers)
    absent = [
        Absent(one, short.get(pk, 0), spans(there - having[pk]) if pk in short else [],
               len(empty.get(pk, ())), min(empty.get(pk, ()), default=None))
        for pk, one in elements.items()
    ]  # fmt: skip
    absent.sort(key=lambda one: (-one.n, -one.empty, one.element.name))
    without = expected - there
    return OfDataset(
        dataset, len(there), len(counts), len(without), spans(without), len(short),
        sum(len(one) for one in empty.values()), absent, max(len(worst) - NAMED, 0),
    )  # fmt: skip


def _empty(held: QuerySet, numbers: dict[int, int]) -> dict[int, set[int]]:
    """By element the lumisections whose histogram holds nothing."""
    found: dict[int, set[int]] = {}
    for element, lumisection in held.filter(entries=0).values_list("element", "lumisection"):
        found.setdefault(element, set()).add(numbers[lumisection])
    return found


def _having(held: QuerySet, elements: list[int], numbers: dict[int, int]) -> dict[int, set[int]]:
    """By element the lumisections in which it is."""
    found: dict[int, set[int]] = {pk: set() for pk in elements}
    for element, lumisection in raw_rows(
        held.filter(element__in=elements).values_list("element", "lumisection")
    ):
        found[element].add(numbers[lumisection])
    return found


def spans(numbers: set[int]) -> Spans:
    """Whole numbers as unbroken ranges, in order."""
    if not numbers:
        return []
    ordered = np.array(sorted(numbers))
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    firsts, lasts = ordered[np.append(0, breaks + 1)], ordered[np.append(breaks, len(ordered) - 1)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
