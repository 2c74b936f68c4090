"""Which sources there are, and where on the sky."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lightcurves.models import Catalog, LightCurve
from lightcurves.sky.figures import Place, box_of, density_figure, finder_figure
from lightcurves.sky.geometry import Cone
from lightcurves.source_listing import SHOW, SourceChoice, SourceListing, attributes_offered
from project.access import reader_required

MOST_PLACES = 500
"""Sources of a cone that are drawn one by one; of more, their density."""
CELLS = 120
"""Of the density in a cone, along RA."""
MOST_CATALOGS = 200
OF_THE_PAGE = ("cursor", "ordering", SHOW)
"""Parameters that change nothing about which sources are chosen."""


@require_safe
@reader_required
def sources(request: HttpRequest) -> HttpResponse:
    """The table of sources under a picture of the sky."""
    listing = SourceListing(request.GET)
    curves = _curves_of([row["id"] for row in listing.rows])
    rows = [
        row | {"separation": separation, "curves": curves.get(row["id"], 0)}
        for row, separation in zip(listing.rows, listing.separations, strict=True)
    ]
    chosen = {name: value for name, value in request.GET.items() if value and name not in OF_THE_PAGE}
    context: dict[str, Any] = {
        "listing": listing, "rows": rows, "columns": [(name, _numeric(rows, name)) for name in listing.shown],
        "offered": _offered(listing),
        "located": any(row["ra"] is not None for row in rows), "cone": listing.cone,
        "whole_sky": listing.url(cone=""),
        "figure_url": f"{reverse('sources-figure')}?{urlencode(chosen)}",
        "catalogs": list(Catalog.objects.visible().values("name", "title", "simulated")[:MOST_CATALOGS]),
    }  # fmt: skip
    return render(request, "lightcurves/sources.html", context, status=listing.status)


def _numeric(rows: list[dict[str, Any]], name: str) -> bool:
    """Whether the attribute of this name is a number in every row that has it."""
    values = [row["attributes"].get(name) for row in rows if isinstance(row["attributes"], dict)]
    return all(value is None or isinstance(value, int | float) for value in values)


def _curves_of(ids: list[int]) -> dict[int, int]:
    counted = LightCurve.objects.visible().filter(source_id__in=ids).order_by().values_list("source_id")
    return dict(counted.annotate(Count("id")))


def _offered(listing: SourceListing) -> list[tuple[str, bool, str]]:
    """Each attribute of the page: whether it has a column, and the address that gives or takes it one."""
    names, shown = attributes_offered(listing.rows), listing.shown
    extra = [name for name in shown if name not in names]
    return [(name, name in shown, _toggled(listing, shown, name)) for name in (*names, *extra)]


def _toggled(listing: SourceListing, shown: list[str], name: str) -> str:
    kept = [one for one in shown if one != name] if name in shown else [*shown, name]
    place = listing.params.get("cursor")
    # An empty choice is one too: no column at all.
    return listing.url(show=",".join(kept), **({"cursor": place} if place else {}))


@require_safe
@reader_required
def figure(request: HttpRequest) -> HttpResponse:
    """Density of the chosen sources on the sky; of a cone with few of them, each one."""
    choice = SourceChoice(request.GET)
    if choice.errors:
        return JsonResponse({"errors": choice.errors}, status=400)
    chosen = choice.selected()
    if choice.cone is None:
        return JsonResponse(density_figure(chosen.density()))
    places = _places(chosen, choice.cone)
    if len(places) > MOST_PLACES:
        return JsonResponse(density_figure(chosen.density(CELLS, box_of(choice.cone))))
    source_url = reverse("source", args=[0]).replace("0", "{custom}")
    return JsonResponse(finder_figure(places, choice.cone, source_url))


def _places(chosen: Any, cone: Cone) -> list[Place]:
    """At most one more than are drawn, in no order: it ends where there are too many."""
    found = chosen.nearest_to(cone).order_by()
    columns = ("id", "catalog__name", "name", "ra", "dec", "mag", "separation")
    return [Place(*row) for row in found.values_list(*columns)[: MOST_PLACES + 1]]
