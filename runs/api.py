"""The read API of fills, runs, lumisections and certifications."""

from typing import ClassVar

from project.filters import EXACT, INTEGER, MOMENT, NUMBER, RANGE, TEXT, TRUTH, Filter, one_of
from project.query import Query
from project.resource import Resource, same
from runs.models import Certification, Fill, Lumisection, Run

BY_RUN = {
    "run": Filter("number", INTEGER, RANGE, "run_id", Run),
    "experiment": Filter("experiment", TEXT, EXACT, "run_id", Run),
}


class FillResource(Resource):
    """Fills of the accelerator, in which runs are taken."""

    model = Fill
    columns: ClassVar = same(
        "id experiment number start_time end_time energy peak_pileup delivered_luminosity "
        "recorded_luminosity attributes"
    )
    single: ClassVar = ("attributes",)
    filters: ClassVar = {
        "experiment": Filter("experiment"),
        "number": Filter("number", INTEGER, RANGE),
        "start_time": Filter("start_time", MOMENT, ("gte", "lte")),
        "peak_pileup": Filter("peak_pileup", NUMBER, ("gte", "lte")),
        "recorded_luminosity": Filter("recorded_luminosity", NUMBER, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "number": ("experiment", "number")}


class RunResource(Resource):
    """Continuous periods of data taking."""

    model = Run
    columns: ClassVar = same(
        "id experiment number start_time end_time fill_number era energy b_field "
        "recorded_luminosity simulated attributes"
    )
    single: ClassVar = ("attributes",)
    filters: ClassVar = {
        "experiment": Filter("experiment"),
        "number": Filter("number", INTEGER, RANGE),
        "era": Filter("era"),
        "fill_number": Filter("fill_number", INTEGER, RANGE),
        "start_time": Filter("start_time", MOMENT, ("gte", "lte")),
        "recorded_luminosity": Filter("recorded_luminosity", NUMBER, ("gte", "lte")),
        "simulated": Filter("simulated", TRUTH, EXACT),
    }
    orderings: ClassVar = {"id": ("id",), "number": ("experiment", "number")}


class LumisectionResource(Resource):
    """The smallest numbered slices of runs that are judged."""

    model = Lumisection
    columns: ClassVar = {
        "id": "id",
        "run": "run__number",
        "experiment": "run__experiment",
        **same("number start_time delivered_luminosity recorded_luminosity pileup flags"),
    }
    filters: ClassVar = {
        **BY_RUN,
        "number": Filter("number", INTEGER, RANGE),
        "start_time": Filter("start_time", MOMENT, ("gte", "lte")),
        "pileup": Filter("pileup", NUMBER, ("gte", "lte")),
        "recorded_luminosity": Filter("recorded_luminosity", NUMBER, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "run": ("run_id", "number")}

    def order_for(self, query: Query) -> str:
        return "run" if query.asked & set(BY_RUN) else "id"


class CertificationResource(Resource):
    """Flags for ranges of lumisections. A range that is not listed is not judged, which does not mean bad."""

    model = Certification
    columns: ClassVar = {
        "id": "id",
        "run": "run__number",
        "experiment": "run__experiment",
        **same("first last flag status source version cause comment created"),
    }
    filters: ClassVar = {
        **BY_RUN,
        "first": Filter("first", INTEGER, RANGE),
        "last": Filter("last", INTEGER, RANGE),
        "flag": Filter("flag"),
        "status": Filter("status", one_of(*Certification.Status.values)),
        "source": Filter("source"),
        "version": Filter("version"),
    }
    orderings: ClassVar = {"id": ("id",), "run": ("run_id", "first", "flag", "source", "version")}

    def order_for(self, query: Query) -> str:
        return "run" if query.asked & set(BY_RUN) else "id"
