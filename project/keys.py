"""Comparisons of keys that an index can answer."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Func, Value


class Beyond(Func):
    """``(a, b) > (x, y)``: rows beyond a given one, as one comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(self, columns: tuple[str, ...], values: list[Any], sign: str) -> None:
        super().__init__(*columns, *map(Value, values))
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        sides = [
            ", ".join(sql for sql, _ in half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :])
        ]
        return f"({sides[0]}) {self.sign} ({sides[1]})", [value for _, values in parts for value in values]


class OneOf(Func):
    """Whether a column holds one of some keys; on PostgreSQL one parameter, so that the statement stays the same."""

    output_field = BooleanField()

    def __init__(self, column: str, keys: list[int]) -> None:
        super().__init__(column)
        self.keys = keys

    @staticmethod
    def values_of(keys: list[int]) -> list[Any]:
        """The parameters of the statement."""
        return [f"{{{','.join(map(str, keys))}}}"] if connection.vendor == "postgresql" else keys

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        if not self.keys:
            raise EmptyResultSet
        column, params = compiler.compile(self.source_expressions[0])
        among = f"IN ({', '.join(['%s'] * len(self.keys))})"
        if connection.vendor == "postgresql":
            among = "= ANY(%s::bigint[])"
        return f"{column} {among}", [*params, *self.values_of(self.keys)]
