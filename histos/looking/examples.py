"""What a list of elements shows beside their names: an example, and where they were measured."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.utils.safestring import SafeString

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.small_plots import small_plot
from project.bulk import raw_rows
from project.vectors import decode

COLUMNS = (
    "pk", "lumisection__run__experiment", "lumisection__run__number", "lumisection__run__simulated",
    "lumisection__number", "dataset__name", "entries", "counts",
)  # fmt: skip


class Latest(NamedTuple):
    """A histogram and where it was measured; ``counts`` (cells,)."""

    experiment: str
    run: int
    simulated: bool
    lumisection: int
    dataset: str
    entries: float
    counts: np.ndarray


@dataclass(frozen=True)
class Example:
    """An element with the ``latest`` of its histograms as loaded and the run of the first; None where it has none."""

    element: MonitoringElement
    n_datasets: int
    first_run: int | None
    latest: Latest | None

    @property
    def plot(self) -> SafeString:
        if self.latest is None:
            return SafeString("")
        label = f"run {self.latest.run} LS {self.latest.lumisection}: {self.latest.entries:,.6g} entries"
        return small_plot(self.element, self.latest.counts, label=label)


def examples_of(ids: list[int]) -> dict[int, Example]:
    """By id of the element; two queries, each a few steps in an index, however many histograms there are."""
    held = LumisectionHistogram.objects.filter(element=OuterRef("pk")).visible()
    order = ("dataset_id", "lumisection_id")
    elements = MonitoringElement.objects.filter(pk__in=ids).annotate(
        first_run=Subquery(held.order_by(*order).values("lumisection__run__number")[:1]),
        latest=Subquery(held.order_by(*(f"-{name}" for name in order)).values("pk")[:1]),
        n_datasets=_datasets(),
    )
    rows = list(elements)
    found = _latest([row.latest for row in rows if row.latest])
    return {row.pk: Example(row, row.n_datasets or 0, row.first_run, found.get(row.latest)) for row in rows}


def _latest(ids: list[int]) -> dict[int, Latest]:
    rows = raw_rows(LumisectionHistogram.objects.order_by().filter(pk__in=ids).values_list(*COLUMNS))
    return {
        pk: Latest(experiment, run, bool(simulated), number, dataset, entries, decode(bytes(counts)))
        for pk, experiment, run, simulated, number, dataset, entries, counts in rows
    }


def _datasets() -> Any:
    """How many datasets hold the element: one step in an index for each dataset there is."""
    held = LumisectionHistogram.objects.filter(
        element=OuterRef(OuterRef("pk")), dataset=OuterRef("pk")
    ).visible()
    one = Dataset.objects.order_by().filter(Exists(held)).annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
