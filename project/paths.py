"""Following a path such as ``lumisection__run__number`` through the models."""

from typing import Any

from django.db import models


def field_at(model: type[models.Model], path: str) -> tuple[Any, bool]:
    """The field at the end of ``path`` (``pk`` included), and whether it may be null on the way there."""
    *steps, last = path.split("__")
    nullable = False
    for step in steps:
        relation: Any = model._meta.get_field(step)
        model, nullable = relation.related_model, nullable or relation.null
    field: Any = model._meta.pk if last == "pk" else model._meta.get_field(last)
    return field, nullable or field.null
