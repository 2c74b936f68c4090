"""IVOA Simple Cone Search 1.03: what Aladin, TOPCAT and pyvo ask. Nearest first."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from lightcurves.keys import source_key
from lightcurves.models import Source
from lightcurves.sky import votable
from lightcurves.sky.geometry import Cone
from lightcurves.sky.votable import Field
from lightcurves.sky.within import sources_within
from project.exports.response import Streamed
from project.filters import NUMBER, natural
from project.renderers import FormatFirst, OrjsonRenderer

MOST_ROWS = 50_000
READ_ROWS = 1000
NAMES = ("RA", "DEC", "SR", "VERB", "MAXREC")
MAIN = (
    Field("id", "char", "ID_MAIN", description="catalogue:name, the same on every site"),
    Field("ra", "double", "POS_EQ_RA_MAIN", "deg", "right ascension, ICRS"),
    Field("dec", "double", "POS_EQ_DEC_MAIN", "deg", "declination, ICRS"),
)
USUAL = (
    Field("separation", "double", "pos.angDistance", "arcsec", "from the place that was asked for"),
    Field("catalog", "unicodeChar", "meta.bib", description="where the name comes from"),
    Field("name", "unicodeChar", "meta.id", description="in its catalogue"),
    Field("mag", "double", "phot.mag", "mag", "mean magnitude"),
)
ALL = (Field("attributes", "char", "meta.note", description="whatever else its catalogue says, as JSON"),)
FIELDS = {1: MAIN, 2: (*MAIN, *USUAL), 3: (*MAIN, *USUAL, *ALL)}


@dataclass(frozen=True)
class Wanted:
    """``cone`` is None where only the columns are asked for."""

    cone: Cone | None
    verbosity: int
    most: int


class ConeSearch(APIView):
    """Whoever may read the API may ask; a wrong parameter is an error document with status 400."""

    schema = None
    renderer_classes = (OrjsonRenderer,)
    content_negotiation_class = FormatFirst

    def get(self, request: Request) -> HttpResponseBase:
        try:
            wanted = wanted_of(request.query_params)
        except ValueError as error:
            return HttpResponse(votable.error(str(error)), status=400, content_type=votable.MEDIA_TYPE)
        return Streamed(_document(wanted), content_type=votable.MEDIA_TYPE)


def wanted_of(params: Mapping[str, str]) -> Wanted:
    """What the parameters mean, in whatever case they are written; others are left alone, as the IVOA asks."""
    given = {name.upper(): value for name, value in params.items()}
    if missing := [name for name in NAMES[:3] if not given.get(name)]:
        raise ValueError(f"{missing[0]}: missing; RA, DEC and SR are needed, in decimal degrees")
    ra, dec, radius = (_read(name, NUMBER.parse, given[name]) for name in NAMES[:3])
    verbosity = _read("VERB", lambda text: natural(text, 1, 3), given.get("VERB", "2"))
    most = _read("MAXREC", lambda text: natural(text, 0), given.get("MAXREC", str(MOST_ROWS)))
    # The whole circle is allowed to name its own beginning; a radius of 0 asks for the columns alone.
    cone = _read("RA, DEC, SR", lambda place: Cone(*place), (0.0 if ra == 360 else ra, dec, radius or 180.0))
    return Wanted(cone if radius else None, verbosity, min(most, MOST_ROWS))


def _read(name: str, parse: Any, text: Any) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _document(wanted: Wanted) -> Generator[bytes, None, None]:
    fields = FIELDS[wanted.verbosity]
    found = _nearest(wanted)
    infos = [votable.info("QUERY_STATUS", "OK")]
    if len(found) > wanted.most:
        infos = [
            votable.info(
                "QUERY_STATUS", "OVERFLOW", f"only the nearest {wanted.most}: ask for a smaller radius"
            )
        ]
    rows = _rows(found[: wanted.most], len(fields))
    yield from votable.document(fields, rows, "Sources near a place, nearest first", infos)


def _nearest(wanted: Wanted) -> list[tuple[int, float]]:
    """Ids and separations, one more than may come."""
    if wanted.cone is None:
        return []
    return sources_within(wanted.cone, wanted.most + 1)


def _rows(found: Sequence[tuple[int, float]], width: int) -> Iterator[Sequence[Any]]:
    for some in (found[start : start + READ_ROWS] for start in range(0, len(found), READ_ROWS)):
        stored = _stored(Source.objects.visible().filter(pk__in=[pk for pk, _ in some]))
        for pk, separation in some:
            if pk in stored:  # not replaced since
                catalog, name, ra, dec, mag, attributes = stored[pk]
                row = (
                    source_key(catalog, name),
                    ra,
                    dec,
                    separation,
                    catalog,
                    name,
                    mag,
                    json.dumps(attributes),
                )
                yield row[:width]


def _stored(sources: QuerySet) -> dict[int, tuple]:
    columns = ("pk", "catalog__name", "name", "ra", "dec", "mag", "attributes")
    return {pk: tuple(values) for pk, *values in sources.order_by().values_list(*columns)}
