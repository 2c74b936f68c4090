"""What the search box understands of histograms: elements by name or its last part, datasets."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from histos.models import Dataset, MonitoringElement
from project.search import MOST, Hit

EXAMPLES = (
    ("PixelPhase1/Tracks/charge_PXLayer_1", "a monitoring element"),
    ("charge_PXLayer", "elements whose name holds it"),
    ("/ZeroBias/Run2018A-UL/DQMIO", "the elements of a dataset"),
)
SHORTEST = 3
"""Characters of a text that is looked for inside names."""


def find(text: str) -> list[Hit]:
    """Elements called so, whose last part is so, or whose name begins with or holds it; then datasets."""
    elements: dict[int, MonitoringElement] = {}
    for rows in _elements(text):
        elements |= {row.pk: row for row in rows.order_by("name", "binning")[:MOST] if row.pk not in elements}
        if len(elements) >= MOST:
            break
    hits = [_hit(element, text) for element in list(elements.values())[:MOST]]
    return [*hits[: MOST - 2], *_datasets(text), *hits[MOST - 2 :]]


def _elements(text: str) -> Iterator[QuerySet]:
    """The best first: by the index of names, then through the names alone, which are few beside histograms."""
    visible = MonitoringElement.objects.visible()
    yield visible.filter(name=text)
    yield visible.filter(name__endswith=f"/{text}")
    if len(text) >= SHORTEST:
        yield visible.filter(name__startswith=text)
        yield visible.filter(name__icontains=f"/{text}")
        yield visible.filter(name__icontains=text)


def _hit(element: MonitoringElement, text: str) -> Hit:
    exact = text in (element.name, element.name.rpartition("/")[2])
    bins = " × ".join(str(axis["bins"]) for axis in element.axes)
    return Hit("element", element.name, reverse("element", args=[element.pk]), f"{bins} bins", exact)


def _datasets(text: str) -> list[Hit]:
    if len(text) < SHORTEST:
        return []
    names = Dataset.objects.visible().filter(name__istartswith=text).values_list("name", flat=True)
    page = reverse("elements")
    return [
        Hit("dataset", name, f"{page}?{urlencode({'dataset': name})}", "its elements", exact=name == text)
        for name in names[:MOST]
    ]
