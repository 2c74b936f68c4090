"""The read API of catalogues, sources and light curves."""

from typing import ClassVar

from lightcurves.models import Catalog, LightCurve, Source
from project.filters import EXACT, INTEGER, NAMES, NUMBER, RANGE, TEXT, TRUTH, Filter
from project.query import Query
from project.resource import Resource, same

LIMITS = ("gte", "lte")


class CatalogResource(Resource):
    """Where the names of sources come from."""

    model = Catalog
    columns: ClassVar = same("id name title simulated")
    filters: ClassVar = {"name": Filter("name"), "simulated": Filter("simulated", TRUTH, EXACT)}
    orderings: ClassVar = {"id": ("id",), "name": ("name",)}


class SourceResource(Resource):
    """Things in the sky, and machines (which have no position)."""

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
    }
    orderings: ClassVar = {"id": ("id",), "name": ("catalog_id", "name")}

    def order_for(self, query: Query) -> str:
        return "name" if query.asked & {"catalog", "name"} else "id"


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
    filters: ClassVar = {
        "source": Filter("name", TEXT, NAMES, "source_id", Source),
        "catalog": Filter("catalog__name", TEXT, NAMES, "source_id", Source),
        "survey": Filter("survey__name"),
        "band": Filter("band"),
        "unit": Filter("unit"),
        "n_points": Filter("n_points", INTEGER, RANGE),
        "time_min": Filter("time_min", NUMBER, LIMITS),
        "time_max": Filter("time_max", NUMBER, LIMITS),
    }
    orderings: ClassVar = {"id": ("id",), "source": ("source_id", "survey_id", "band", "season", "reduction")}

    def order_for(self, query: Query) -> str:
        return "source" if query.asked & {"source", "catalog"} else "id"
