"""Which monitoring elements there are: a tree of folders, and what is in the chosen one."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from histos.api import ElementResource
from histos.looking.examples import Example, Latest, examples_of
from histos.looking.folders import below, crumbs, folders_in
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.access import reader_required
from project.listing import Listing
from project.templatetags.numbers import shortly

SHOWN = 24
OWN = ("folder", "prefix", "dataset")
MOST_DATASETS = 100


@require_safe
@reader_required
def elements(request: HttpRequest) -> HttpResponse:
    """``folder`` ends with its slash; ``prefix`` is how names begin, counted from the folder on."""
    folder, prefix, dataset = (request.GET.get(name, "").replace("\0", "")[:255] for name in OWN)
    if folder and not folder.endswith("/"):
        folder += "/"
    visible = MonitoringElement.objects.visible()
    if dataset:
        held = LumisectionHistogram.objects.filter(element=OuterRef("pk"), dataset__name=dataset)
        visible = visible.filter(Exists(held.visible()))
    listing = Listing(
        ElementResource, request.GET, ("id", "name"), filters={"name": "Name, exactly", "dimension": "Dimension"},
        own=OWN, page_size=SHOWN, ordering="name", rows=below(visible, folder + prefix),
    )  # fmt: skip
    found = examples_of([row["id"] for row in listing.rows])
    shown = [found[row["id"]] for row in listing.rows if row["id"] in found]
    context: dict[str, Any] = {
        "listing": listing, "folder": folder, "prefix": prefix, "dataset": dataset, "crumbs": crumbs(folder),
        "folders": folders_in(visible, folder), "narrowed": bool(folder or prefix or dataset or listing.filtered),
        "cards": [_card(one, folder) for one in shown],
        "datasets": Dataset.objects.visible().values_list("name", flat=True)[:MOST_DATASETS],
    }  # fmt: skip
    return render(request, "histos/elements.html", context, status=listing.status)


def _card(shown: Example, folder: str) -> dict[str, Any]:
    """With its name as it is called in ``folder``, in two parts, and what else is said of it in words."""
    inside, slash, name = shown.element.name.removeprefix(folder).rpartition("/")
    return {
        "shown": shown, "folder": inside + slash, "name": name, "url": reverse("element", args=[shown.element.pk]),
        "axes": " × ".join(map(_axis, shown.element.axes)), "latest_url": shown.latest and _page(shown, shown.latest),
    }  # fmt: skip


def _axis(axis: dict[str, Any]) -> str:
    return f"{axis['bins']} bins {shortly(axis['lower'])} … {shortly(axis['upper'])}"


def _page(shown: Example, latest: Latest) -> str:
    page = reverse("element-in-run", args=[shown.element.pk, latest.experiment, latest.run])
    return f"{page}?{urlencode({'dataset': latest.dataset, 'ls': latest.lumisection})}"
