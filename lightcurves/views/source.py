"""One source: what is known of it, and what it is doing."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lightcurves.api import LightCurveResource
from lightcurves.drawing.choice import CHOICES, NUMBERS, CurveChoice
from lightcurves.drawing.figures import light_curve_figure
from lightcurves.drawing.layout import quantity_of
from lightcurves.drawing.periods import periods_of
from lightcurves.marks import marks_of, parameters
from lightcurves.models import Source
from lightcurves.sky.geometry import ARCSEC
from lightcurves.surveys import SURVEYS
from project.access import reader_required

NEAR = 30 / ARCSEC
"""Degrees around a source in which its neighbours are listed."""
MOST_NEIGHBOURS = 20
BIGGEST = 2**63 - 1


@require_safe
@reader_required
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Position, attributes, light curves, neighbours; the address says which, and at which period they are folded."""
    found = source_at(pk)
    choice = CurveChoice(found, request.GET)
    marks, errors = _marks(found, request)
    choice.errors |= errors
    before, after = _beside(found)
    neighbours = _neighbours(found)
    context: dict[str, Any] = {
        "source": found, "choice": choice, "before": before, "after": after, "neighbours": neighbours,
        "attributes": attributes_of(found), "plots": _plots(request, choice), "marks": marks,
        "periods": [(name, period, _folded(request, period)) for name, period in periods_of(found.attributes)],
        "choosers": _choosers(request, choice), "unfolded": _folded(request, None), "kept": _kept(request),
        "formats": LightCurveResource.formats, "fields": ",".join(LightCurveResource.columns),
        "api_url": request.build_absolute_uri(_api_url(found)), "near": NEAR * ARCSEC,
    }  # fmt: skip
    return render(request, "lightcurves/source.html", context, status=400 if choice.errors else 200)


@require_safe
@reader_required
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    """The light curves in one ``unit``, as the script of the page reads them; ``from`` and ``to`` in MJD (UTC)."""
    found = source_at(pk)
    choice = CurveChoice(found, request.GET)
    marks, errors = _marks(found, request)
    unit = request.GET.get("unit", "")
    if unit not in choice.units:
        errors["unit"] = f"no light curve here is in {unit[:100]!r}; there is {', '.join(choice.units)}"
    if errors := choice.errors | errors:
        return JsonResponse({"errors": errors}, status=400)
    drawn = {row["id"] for row in choice.curves if row["unit"] == unit}
    spans = [mark for mark in marks if mark.light_curve in drawn]
    return JsonResponse(light_curve_figure(choice.read(unit), choice.look(unit), spans))


def source_at(pk: int) -> Source:
    """Raises Http404 where there is none, or none that is loaded completely."""
    rows = Source.objects.visible().select_related("catalog", "file")
    found = rows.filter(pk=pk).first() if pk <= BIGGEST else None
    if found is None:
        raise Http404
    return found


def attributes_of(found: Source) -> list[tuple[str, Any, str]]:
    """Name, value and unit of each attribute; units are known of what a survey of ours read."""
    survey = SURVEYS.get(found.file.reader) if found.file else None
    units = survey.attribute_units if survey else {}
    return [(name, value, units.get(name, "")) for name, value in sorted(found.attributes.items())]


def _marks(found: Source, request: HttpRequest) -> tuple[list[Any], dict[str, str]]:
    try:
        return marks_of(found.pk, request.GET), {}
    except ValueError as error:
        name, _, why = str(error).partition(": ")
        return [], {name: why}


def _beside(found: Source) -> tuple[Source | None, Source | None]:
    """The sources before and after it by name, in its catalogue."""
    of_catalog = Source.objects.visible().filter(catalog_id=found.catalog_id).only("name")
    before = of_catalog.filter(name__lt=found.name).order_by("-name").first()
    return before, of_catalog.filter(name__gt=found.name).order_by("name").first()


def _neighbours(found: Source) -> list[dict[str, Any]]:
    """The nearest first, each with its periods: what one catalogue lacks another may know."""
    if found.ra is None or found.dec is None:
        return []
    near: Any = Source.objects.visible().in_cone(found.ra, found.dec, NEAR).exclude(pk=found.pk)
    rows = near.values("id", "name", "catalog__name", "mag", "attributes", "separation")[:MOST_NEIGHBOURS]
    return [row | {"periods": periods_of(row["attributes"])} for row in rows]


def _plots(request: HttpRequest, choice: CurveChoice) -> list[tuple[str, str, str]]:
    """Its id, what it shows, and the address of its figure, with the choices of the page."""
    address = reverse("source-figure", args=[choice.source.pk])
    asked = _kept(request)
    plots = []
    for number, unit in enumerate(choice.units, start=1):
        quantity, said = quantity_of(unit, choice.look(unit).bands)
        url = f"{address}?{urlencode(asked | {'unit': unit})}"
        plots.append((f"curve-{number}", f"{quantity} ({said})", url))
    return [] if choice.errors else plots


def _kept(request: HttpRequest) -> dict[str, str]:
    names = (*CHOICES, *NUMBERS, *parameters())
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _address(request: HttpRequest, **changes: str | None) -> str:
    asked = {name: value for name, value in (_kept(request) | changes).items() if value}
    return f"?{urlencode(asked)}" if asked else request.path


def _folded(request: HttpRequest, period: float | None) -> str:
    return _address(request, period=None if period is None else repr(period))


def _choosers(request: HttpRequest, choice: CurveChoice) -> list[dict[str, Any]]:
    """Rows of links, one for each thing in which the light curves differ."""
    return [
        {
            "name": one.name,
            "all": (_address(request, **{one.name: None}), not one.chosen),
            "options": [
                (option, _address(request, **{one.name: option}), option == one.chosen) for option in one.options
            ],
        }
        for one in choice.choosers if len(one.options) > 1
    ]  # fmt: skip


def _api_url(found: Source) -> str:
    return (
        f"{reverse('light-curves-list')}?{urlencode({'catalog': found.catalog.name, 'source': found.name})}"
    )
