"""The read API of monitoring elements and histograms."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import orjson
from rest_framework.exceptions import ValidationError

from histos.matrix.api import GivesMatrix
from histos.models import Dataset, LightCurveHistogram, LumisectionHistogram, MonitoringElement, RunHistogram
from histos.querysets import edges_along
from histos.uhi import DESCRIBED as UHI
from histos.uhi import to_uhi
from lightcurves.models import LightCurve
from project.filters import EXACT, INTEGER, NAMES, NUMBER, RANGE, TEXT, Filter, one_of
from project.query import Query
from project.resource import TABLE_FORMATS, Resource, same
from runs.models import Lumisection, Run

WHAT = {
    "element": Filter("name", TEXT, NAMES, "element_id", MonitoringElement),
    "element_id": Filter("pk", INTEGER, NAMES, "element_id", MonitoringElement),
    "dimension": Filter("dimension", INTEGER, EXACT, "element_id", MonitoringElement),
    "dataset": Filter("name", TEXT, NAMES, "dataset_id", Dataset),
    "primary_dataset": Filter("primary_dataset", TEXT, NAMES, "dataset_id", Dataset),
    "era": Filter("era", TEXT, NAMES, "dataset_id", Dataset),
}
ELEMENT = {"element", "element_id"}
DATASET = {"dataset", "primary_dataset", "era", "dimension"}
UHI_COLUMNS = ("id", "run", "lumisection", "dataset", "element", "entries")


class DatasetResource(Resource):
    """Streams and processings of histograms: what each dataset name is made of."""

    model = Dataset
    came_from: ClassVar = "file"
    columns: ClassVar = same("id name primary_dataset era processing_version tier")
    filters: ClassVar = {name: Filter(name) for name in ("name", "primary_dataset", "era", "tier")}
    orderings: ClassVar = {"id": ("id",), "name": ("name",)}


class ElementResource(GivesMatrix, Resource):
    """Named histogram definitions with their binning; re-binned, it is another element."""

    model = MonitoringElement
    came_from: ClassVar = "file"
    columns: ClassVar = same("id name binning dimension axes storage root_class title x_label y_label")
    filters: ClassVar = {
        "name": Filter("name"),
        "binning": Filter("binning"),
        "dimension": Filter("dimension", INTEGER, EXACT),
        "storage": Filter("storage", one_of(*MonitoringElement.Storage.values)),
    }
    orderings: ClassVar = {"id": ("id",), "name": ("name", "binning")}


def cells_per_axis(axes: list[dict[str, Any]]) -> list[int]:
    """The shape of counts, slowest axis first, flow bins included."""
    return [axis["bins"] + 2 for axis in reversed(axes)]


def _uhi_of(row: dict[str, Any]) -> dict[str, Any]:
    axes, counts = row.pop("axes"), row.pop("counts")
    return to_uhi(axes, row["storage"], counts, row)


class Histograms(Resource):
    """What histograms of elements share: flattened counts with the axes beside them, or the UHI schema."""

    formats: ClassVar = ("json", "uhi", *TABLE_FORMATS, "npz")
    values: ClassVar = {"shape": cells_per_axis}
    other_forms: ClassVar = {"UhiHistogram": UHI}

    def needed(self, query: Query) -> tuple[str, ...]:
        if query.format != "uhi":
            return query.fields
        if "fields" in self.request.query_params:
            raise ValidationError({"fields": ["a UHI histogram has no fields to choose: leave fields out"]})
        return (*(name for name in UHI_COLUMNS if name in self.columns), "axes", "storage", "counts")

    def shaped(self, query: Query, paths: Sequence[str], rows: Sequence[tuple]) -> Sequence[dict[str, Any]]:
        shown = super().shaped(query, paths, rows)
        return [_uhi_of(row) for row in shown] if query.format == "uhi" else shown

    def in_common(self, texts: dict[str, str]) -> dict[str, np.ndarray]:
        """The edges of each axis, ``edges_x`` and ``edges_y``, where all histograms are binned alike."""
        if "axes" not in texts:
            return {}
        axes = orjson.loads(texts["axes"])
        return {f"edges_{name}": edges_along(axis) for name, axis in zip("xyz", axes, strict=False)}

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        schema = super().item_schema()
        about = "of counts, slowest axis first, flow bins included"
        schema["properties"]["shape"] = {"type": "array", "items": {"type": "integer"}, "description": about}
        return schema


OF_ELEMENT = {
    "dataset": "dataset__name",
    "element": "element__name",
    "element_id": "element_id",
    "entries": "entries",
    "axes": "element__axes",
    "shape": "element__axes",
    "storage": "element__storage",
    "counts": "counts",
}


class LumisectionHistogramResource(Histograms):
    """Histograms of one element in one lumisection; counts hold under- and overflow, x fastest."""

    model = LumisectionHistogram
    columns: ClassVar = {
        "id": "id",
        "experiment": "lumisection__run__experiment",
        "run": "lumisection__run__number",
        "lumisection": "lumisection__number",
        **OF_ELEMENT,
    }
    filters: ClassVar = {
        "run": Filter("run__number", INTEGER, RANGE, "lumisection_id", Lumisection),
        "experiment": Filter("run__experiment", TEXT, EXACT, "lumisection_id", Lumisection),
        "lumisection": Filter("number", INTEGER, RANGE, "lumisection_id", Lumisection),
        **WHAT,
        "entries": Filter("entries", NUMBER, ("gte", "lte")),
    }
    orderings: ClassVar = {
        "id": ("id",),
        "element": ("element_id", "dataset_id", "lumisection_id"),
        "lumisection": ("lumisection_id", "dataset_id", "element_id"),
    }

    def order_for(self, query: Query) -> str:
        if query.asked & ELEMENT:
            return "element"
        if query.asked & {"run", "experiment", "lumisection"}:
            return "lumisection"
        return "element" if query.asked & DATASET else "id"


class RunHistogramResource(Histograms):
    """Histograms of one element over a whole run."""

    model = RunHistogram
    columns: ClassVar = {"id": "id", "experiment": "run__experiment", "run": "run__number", **OF_ELEMENT}
    filters: ClassVar = {
        "run": Filter("number", INTEGER, RANGE, "run_id", Run),
        "experiment": Filter("experiment", TEXT, EXACT, "run_id", Run),
        **WHAT,
        "entries": Filter("entries", NUMBER, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "run": ("run_id", "dataset_id", "element_id")}

    def order_for(self, query: Query) -> str:
        return "run" if query.asked & {"run", "experiment"} else "id"


class LightCurveHistogramResource(Resource):
    """Distributions of a light curve's values or of its time steps."""

    model = LightCurveHistogram
    came_from: ClassVar = "light_curve__file"
    formats: ClassVar = ("json", *TABLE_FORMATS, "npz")
    columns: ClassVar = {
        "id": "id",
        "light_curve": "light_curve_id",
        "source": "light_curve__source__name",
        "band": "light_curve__band",
        "kind": "kind",
        "edges": "edges",
        "counts": "counts",
    }
    filters: ClassVar = {
        "light_curve": Filter("pk", INTEGER, NAMES, "light_curve_id", LightCurve),
        "source": Filter("source__name", TEXT, NAMES, "light_curve_id", LightCurve),
        "kind": Filter("kind", one_of(*LightCurveHistogram.Kind.values)),
    }
    orderings: ClassVar = {"id": ("id",), "light_curve": ("light_curve_id", "kind")}

    def order_for(self, query: Query) -> str:
        return "light_curve" if query.asked & {"light_curve", "source"} else "id"
