"""The read API of catalogues, sources and light curves."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from lightcurves.models import Catalog, LightCurve, Source
from lightcurves.sky.cone_text import parse_cone
from lightcurves.sky.nearest import CONE, NearestPage, cone_of
from project.filters import EXACT, INTEGER, NAMES, NUMBER, RANGE, TEXT, TRUTH, Filter, Kind
from project.query import Query, read
from project.resource import TABLE_FORMATS, Resource, same

LIMITS = ("gte", "lte")
PLACE = Kind(
    parse_cone,
    {
        "type": "string",
        "example": "80.89,-69.75,30arcsec",
        "description": 'such as 80.89 -69.75 30", 5h23m34s -69d45m (30" then) or 05:23:34 -69:45:00 2\'',
    },
)
SEPARATION = {
    "type": "number",
    "description": "arcsec from the centre of the cone, in every row of a list with cone= and no ordering=",
}


class CatalogResource(Resource):
    """Where the names of sources come from."""

    model = Catalog
    columns: ClassVar = same("id name title simulated")
    filters: ClassVar = {"name": Filter("name"), "simulated": Filter("simulated", TRUTH, EXACT)}
    orderings: ClassVar = {"id": ("id",), "name": ("name",)}


class SourceResource(Resource):
    """Things in the sky, and machines (which have no position); those in a cone come nearest first."""

    model = Source
    columns: ClassVar = {
        "id": "id",
        "catalog": "catalog__name",
        **same("name ra dec mag attributes"),
    }
    filters: ClassVar = {
        "catalog": Filter("name", TEXT, NAMES, "catalog_id", Catalog),
        "name": Filter("name"),
        "ra": Filter("ra", NUMBER, LIMITS),
        "dec": Filter("dec", NUMBER, LIMITS),
        "mag": Filter("mag", NUMBER, LIMITS),
        "cone": Filter(CONE, PLACE, EXACT),
    }
    orderings: ClassVar = {"id": ("id",), "name": ("catalog_id", "name")}

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        schema = super().item_schema()
        return {**schema, "properties": {**schema["properties"], "separation": SEPARATION}}

    def order_for(self, query: Query) -> str:
        return "name" if query.asked & {"catalog", "name"} else "id"

    def answer(self, request: Request, visible: Any, name: str) -> HttpResponseBase:
        query = read(self, request.query_params)
        if cone_of(query) is None:
            return super().answer(request, visible, name)
        paths = self._paths(query)
        page = NearestPage(query).fetch(visible, paths)
        rows = zip(self.shaped(query, paths, page.rows), page.separations, strict=True)
        results = [{**row, "separation": separation} for row, separation in rows]
        return Response(
            {"next": self._link(page.next), "previous": self._link(page.previous), "results": results}
        )


class LightCurveResource(Resource):
    """Light curves; the vectors only come when ``fields=`` names them, or one light curve is asked for."""

    model = LightCurve
    columns: ClassVar = {
        "id": "id",
        "catalog": "source__catalog__name",
        "source": "source__name",
        "survey": "survey__name",
        **same("band season reduction unit n_points time_min time_max time value error flag"),
    }
    single: ClassVar = ("time", "value", "error", "flag")
    formats: ClassVar = ("json", *TABLE_FORMATS, "npz")
    filters: ClassVar = {
        "source": Filter("name", TEXT, NAMES, "source_id", Source),
        "catalog": Filter("catalog__name", TEXT, NAMES, "source_id", Source),
        "cone": Filter(CONE, PLACE, EXACT, "source_id", Source),
        "survey": Filter("survey__name"),
        "band": Filter("band"),
        "unit": Filter("unit"),
        "n_points": Filter("n_points", INTEGER, RANGE),
        "time_min": Filter("time_min", NUMBER, LIMITS),
        "time_max": Filter("time_max", NUMBER, LIMITS),
    }
    orderings: ClassVar = {"id": ("id",), "source": ("source_id", "survey_id", "band", "season", "reduction")}

    def order_for(self, query: Query) -> str:
        return "source" if query.asked & {"source", "catalog", "cone"} else "id"
