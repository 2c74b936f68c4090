"""What a list of elements shows beside their names: an example, and where they were measured."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.utils.safestring import SafeString

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.small_plots import small_plot


@dataclass(frozen=True)
class Example:
    """An element with the ``first`` and the ``latest`` of its histograms as loaded; None where it has none."""

    element: MonitoringElement
    n_datasets: int
    first: LumisectionHistogram | None
    latest: LumisectionHistogram | None

    @property
    def plot(self) -> SafeString:
        if self.latest is None:
            return SafeString("")
        of = self.latest.lumisection
        label = f"run {of.run.number} LS {of.number}: {self.latest.entries:,.6g} entries"
        return small_plot(self.element, self.latest.counts, label=label)


def examples_of(ids: list[int]) -> dict[int, Example]:
    """By id of the element; two queries, each a few steps in an index, however many histograms there are."""
    held = LumisectionHistogram.objects.filter(element=OuterRef("pk")).visible()
    order = ("dataset_id", "lumisection_id")
    elements = MonitoringElement.objects.filter(pk__in=ids).annotate(
        first=Subquery(held.order_by(*order).values("pk")[:1]),
        latest=Subquery(held.order_by(*(f"-{name}" for name in order)).values("pk")[:1]),
        n_datasets=_datasets(),
    )
    rows = list(elements)
    wanted = {pk for row in rows for pk in (row.first, row.latest) if pk}
    related = LumisectionHistogram.objects.select_related("lumisection__run", "dataset")
    histograms = related.in_bulk(wanted)
    return {
        row.pk: Example(row, row.n_datasets or 0, histograms.get(row.first), histograms.get(row.latest))
        for row in rows
    }


def _datasets() -> Any:
    """How many datasets hold the element: one step in an index for each dataset there is."""
    held = LumisectionHistogram.objects.filter(
        element=OuterRef(OuterRef("pk")), dataset=OuterRef("pk")
    ).visible()
    one = Dataset.objects.order_by().filter(Exists(held)).annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
