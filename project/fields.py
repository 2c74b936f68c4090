"""VectorField: a NumPy vector in a binary column."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import models

from project.vectors import VectorError, decode, encode

if TYPE_CHECKING:
    _Binary = models.BinaryField[Any, Any]
else:
    _Binary = models.BinaryField


class VectorField(_Binary):
    """A one-dimensional array, stored as ``project.vectors`` says; what comes back is read-only.

    ``dtype`` fixes the stored type (times need ``<f8``); without it the narrowest exact one is chosen per
    value.
    """

    description = "a vector of numbers"
    # Comparing an array with an empty value compares every element; null is checked apart.
    empty_values = ()

    def __init__(self, *args: Any, dtype: str | None = None, **kwargs: Any) -> None:
        self.dtype = None if dtype is None else np.dtype(dtype)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.dtype is None else {**kwargs, "dtype": self.dtype.str}

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> np.ndarray | None:
        return None if value is None else decode(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, bytes | memoryview):
            try:
                value = encode(value, self.dtype)
            except VectorError as error:
                raise ValidationError({self.name: str(error)}) from error
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: Any) -> str:
        return json.dumps(np.asarray(self.value_from_object(obj)).tolist())

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return np.asarray(json.loads(value))
        except ValueError as error:
            raise ValidationError({self.name: f"not a list of numbers: {error}"}) from error
