"""A histogram in the UHI serialization schema, which hist and boost-histogram open as it is. No Django."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SCHEMA = 1
STORAGES = {"int64": "int", "double": "double"}
NUMBER, WHOLE, FLAG = {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
AXIS = {
    "type": "object",
    "required": ["type", "underflow", "overflow", "circular"],
    "properties": {
        "type": {"type": "string", "enum": ["regular", "variable"]},
        "lower": NUMBER, "upper": NUMBER, "bins": WHOLE, "edges": {"type": "array", "items": NUMBER},
        "underflow": FLAG, "overflow": FLAG, "circular": FLAG,
    },
}  # fmt: skip
VALUES = {"type": "array", "items": {}, "description": "an array for each axis, x outermost"}
DESCRIBED = {
    "type": "object",
    "required": ["uhi_schema", "axes", "storage"],
    "properties": {
        "uhi_schema": WHOLE,
        "writer_info": {"type": "object"},
        "metadata": {"type": "object"},
        "axes": {"type": "array", "items": AXIS},
        "storage": {
            "type": "object",
            "required": ["type", "values"],
            "properties": {"type": {"type": "string", "enum": ["int", "double"]}, "values": VALUES},
        },
    },
}
"""The same for OpenAPI."""


def to_uhi(
    axes: Sequence[Mapping[str, Any]],
    storage: str,
    counts: np.ndarray,
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The UHI dict of ``counts`` (cells,), flow bins included, x fastest; ``axes`` x first, as in an element.

    An axis whose flow bins are not known has none here.

    Counts that are not whole, and the bin contents of a profile or of a weighted histogram, are a ``double``
    storage: their variances are not kept. ``metadata`` takes texts, numbers and booleans.
    """
    shape = [axis["bins"] + 2 for axis in axes]
    values = np.asarray(counts).reshape(shape[::-1]).transpose()
    values = values[tuple(slice(None) if axis.get("flow", True) else slice(1, -1) for axis in axes)]
    kind = STORAGES.get(storage, "double")
    if kind == "int":
        whole = values.dtype.kind in "iu" or bool(np.all(np.isfinite(values) & (values == np.floor(values))))
        kind, values = ("int", values.astype(np.int64)) if whole else ("double", values)
    if kind == "double":
        values = values.astype(np.float64)
    return {
        "uhi_schema": SCHEMA,
        "writer_info": {"lumisift": {"version": "1"}},
        "metadata": dict(metadata or {}),
        "axes": [_axis(axis) for axis in axes],
        "storage": {"type": kind, "values": np.ascontiguousarray(values)},
    }


def _axis(axis: Mapping[str, Any]) -> dict[str, Any]:
    known = bool(axis.get("flow", True))
    flow = {"underflow": known, "overflow": known, "circular": False}
    if axis.get("edges"):
        return {"type": "variable", "edges": [float(edge) for edge in axis["edges"]], **flow}
    lower, upper = float(axis["lower"]), float(axis["upper"])
    return {"type": "regular", "lower": lower, "upper": upper, "bins": axis["bins"], **flow}
