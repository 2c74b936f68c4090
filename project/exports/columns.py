"""What the columns of an export hold, told by the same description that the API's JSON has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from project.fields import VectorField
from project.paths import field_at

KINDS = {"integer": "whole", "number": "number", "boolean": "truth", "string": "text"}
LISTS = {"integer": "wholes", "number": "numbers", "string": "texts"}


@dataclass(frozen=True)
class Column:
    """``kind``: whole, number, truth, text, moment, json, a list (wholes, numbers, texts), or vector.

    A vector comes as stored bytes, a list as what NumPy takes, json as text or as what JSON can hold.
    """

    name: str
    kind: str

    def of_values(self) -> "Column":
        """The same column of values that are decoded already."""
        return Column(self.name, "numbers") if self.kind == "vector" else self


def columns_of(resource: Any, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns ``names`` of a resource."""
    described = resource.item_schema()["properties"]
    return tuple(Column(name, _kind(resource, name, described[name])) for name in names)


def _kind(resource: Any, name: str, schema: dict[str, Any]) -> str:
    if _is_stored_vector(resource, name):
        return "vector"
    if schema.get("format") == "date-time":
        return "moment"
    if schema.get("type") == "array":
        return LISTS.get(schema.get("items", {}).get("type", ""), "json")
    return KINDS.get(schema.get("type", ""), "json")


def _is_stored_vector(resource: Any, name: str) -> bool:
    path = resource.columns[name]
    if not path or "__" in path or name in resource.values:
        return False
    return isinstance(field_at(resource.model, path)[0], VectorField)
