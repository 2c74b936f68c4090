"""How the description of the API tells of proposals: some actions answer several, or what they would be."""

from typing import Any

from project.openapi import Schema
from project.writing import JSON, WritingSchema

NUMBER = {"type": "number", "nullable": True}
SEVERAL: Schema = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": {}}},
}
PREVIEW: Schema = {
    "type": "object",
    "required": ["rule", "thresholds", "results"],
    "properties": {
        "rule": {"type": "string"},
        "thresholds": {"type": "object", "additionalProperties": {"type": "number"}},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "experiment": {"type": "string"},
                    "run": {"type": "integer"},
                    "counts": {
                        "type": "object",
                        "description": "lumisections by state",
                        "additionalProperties": {"type": "integer"},
                    },
                    "luminosity_at_stake": {**NUMBER, "description": "pb⁻¹ recorded in bad lumisections"},
                    "luminosity_good": {**NUMBER, "description": "pb⁻¹ recorded in good lumisections"},
                    "ranges": {"type": "array", "items": {"type": "array", "items": {}}},
                },
            },
        },
    },
}


class ProposalSchema(WritingSchema):
    """Actions named in the view's ``several`` answer what it says there."""

    def _content(self, code: str, problem: Schema) -> Schema:
        several: dict[str, Schema] = self.resource.several
        if code not in ("200", "201") or self.resource.action not in several:
            return super()._content(code, problem)
        return {JSON: {"schema": self._with_items(several[self.resource.action])}}

    def _with_items(self, schema: Schema) -> Schema:
        """A list without items of its own holds things of this resource."""
        if schema["properties"]["results"]["items"]:
            return schema
        items = {"$ref": f"#/components/schemas/{self.resource.named()}"}
        return {**schema, "properties": {"results": {"type": "array", "items": items}}}

    def _parameters_of_action(self) -> list[Any]:
        own = self.resource.action_parameters.get(self.resource.action)
        return list(own) if own and not self._is_detail() else super()._parameters_of_action()
