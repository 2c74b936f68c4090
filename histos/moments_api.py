"""Moments of run-level histograms over the API."""

from typing import ClassVar

from histos.models import Dataset, RunMoments
from project.filters import EXACT, INTEGER, NAMES, NUMBER, RANGE, TEXT, Filter
from project.query import Query
from project.resource import Resource
from runs.models import Run


class RunMomentsResource(Resource):
    """Entries, mean, RMS, skewness and kurtosis of an element over a whole run whose bins are not known."""

    model = RunMoments
    columns: ClassVar = {
        "id": "id",
        "experiment": "run__experiment",
        "run": "run__number",
        "dataset": "dataset__name",
        **{name: name for name in ("element", "path", "entries", "mean", "rms", "skewness", "kurtosis")},
    }
    filters: ClassVar = {
        "run": Filter("number", INTEGER, RANGE, "run_id", Run),
        "experiment": Filter("experiment", TEXT, EXACT, "run_id", Run),
        "element": Filter("element", TEXT, NAMES),
        "path": Filter("path", TEXT, EXACT),
        "dataset": Filter("name", TEXT, NAMES, "dataset_id", Dataset),
        "primary_dataset": Filter("primary_dataset", TEXT, NAMES, "dataset_id", Dataset),
        **{name: Filter(name, NUMBER, ("gte", "lte")) for name in ("entries", "mean", "rms")},
    }
    orderings: ClassVar = {
        "id": ("id",),
        "run": ("run_id", "dataset_id", "path"),
    }

    def order_for(self, query: Query) -> str:
        return "run" if query.asked & {"run", "experiment"} else "id"
