"""Bodies of requests that write: every field checked, one that is not known refused, never ignored."""

from collections.abc import Mapping
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from project.records import CONTROL

BREAKS = str.maketrans("", "", "\t\n\r")


class Body(serializers.Serializer):
    """The fields a request may have; one that is not known is refused, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValidationError({"non_field_errors": ["an object of fields is needed"]})
        unknown = [str(name) for name in data if name not in self.fields]
        if unknown:
            known = ", ".join(self.fields) or "none"
            raise ValidationError({name[:100]: [f"unknown field; there is {known}"] for name in unknown[:20]})
        return super().to_internal_value(data)


class Comment(serializers.CharField):
    """A text of people, in lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default": "", "allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if CONTROL.search(text.translate(BREAKS)):
            raise ValidationError("holds a control character")
        return text


@extend_schema_field({"type": "string", "format": "binary"})
class Upload(serializers.FileField):
    """A file of a form."""


class Choice(serializers.ChoiceField):
    """One of a few texts, described without a component of its own."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            raise ValidationError(f"{data!r:.100} is not one of {', '.join(map(str, self.choices))}")
        return data


class Name(serializers.CharField):
    """A text in one line that can be printed: no control characters, no marks that turn the direction of writing."""

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if not text.isprintable():
            raise ValidationError("holds a character that cannot be printed")
        return text


class Words(serializers.ListField):
    """A list of names."""

    child = Name(max_length=400)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 1_000, "allow_empty": False, **kwargs})


@extend_schema_field({"type": "object", "additionalProperties": True, "default": {}})
class Plain(serializers.JSONField):
    """An object of plain values, none of them deep or large; a form sends it as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default": dict, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        try:
            text = data.encode() if isinstance(data, str) else orjson.dumps(data)
            value = orjson.loads(text)
        except (orjson.JSONEncodeError, orjson.JSONDecodeError) as error:
            raise ValidationError(f"not JSON: {error}") from error
        if not isinstance(value, dict):
            raise ValidationError("an object of names and values is needed")
        if len(text) > 20_000 or b"\\u0000" in text:
            raise ValidationError("longer than 20,000 bytes, or holds NUL")
        return value


class WholeNumber(serializers.IntegerField):
    """A whole number of at most 64 bits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -(2**63), "max_value": 2**63 - 1, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        value = float("nan") if isinstance(data, bool) else super().to_internal_value(data)
        if not abs(value) < float("inf"):
            self.fail("invalid")
        return float(value)


def checked(body: type[Body], data: Any, **context: Any) -> dict[str, Any]:
    """The fields of ``data``; ValidationError with the reasons by the path of each wrong one: ``recipe.runs.0``."""
    serializer = body(data=data, context=context)
    if not serializer.is_valid():
        raise ValidationError(flat(serializer.errors))
    return dict(serializer.validated_data)


def flat(errors: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested reasons, by path."""
    if isinstance(errors, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in errors.items():
            own = "" if name == "non_field_errors" else str(name)
            found |= flat(inner, ".".join(part for part in (prefix, own) if part))
        return found
    if isinstance(errors, list) and any(isinstance(one, Mapping | list) for one in errors):
        return flat({str(place): one for place, one in enumerate(errors) if one}, prefix)
    return {prefix or "request": [str(one) for one in (errors if isinstance(errors, list) else [errors])]}
