"""Keys of a row that SQLite hands over as one number: its driver makes an object of each value, which takes longer than
the rest of an export's work on it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import AutoField, BigIntegerField, Func, Model

BITS = 63
Widths = Sequence[tuple[str, int]]
"""Columns of keys that are never missing, and in how many bits each fits."""


class Packed(Func):
    """The keys in the columns of ``widths`` in one number, the first on top; NULL where one does not fit."""

    output_field = BigIntegerField()

    def __init__(self, widths: Widths) -> None:
        super().__init__(*(name for name, _ in widths))
        self._bits = [bits for _, bits in widths]

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        columns = [compiler.compile(expression)[0] for expression in self.source_expressions]
        packed = columns[0]
        for column, bits in zip(columns[1:], self._bits[1:], strict=True):
            packed = f"(({packed} << {bits}) | {column})"
        return self._where_all_fit(columns, packed), []

    def _where_all_fit(self, columns: list[str], packed: str) -> str:
        # A reference that no constraint holds may point nowhere, and must not become another key.
        targets: list[Any] = [one.target for one in self.source_expressions]  # type: ignore[attr-defined]
        loose = [not getattr(target, "db_constraint", True) for target in targets]
        fit = [
            f"{column} BETWEEN 0 AND {(1 << bits) - 1}"
            for column, bits, is_loose in zip(columns, self._bits, loose, strict=True)
            if is_loose
        ]
        return f"CASE WHEN {' AND '.join(fit)} THEN {packed} END" if fit else packed


def unpacked(numbers: Sequence[int], widths: Widths) -> dict[str, np.ndarray]:
    """The columns that ``Packed`` put together; raises TypeError where it could not."""
    left = np.array(numbers, np.int64)
    columns = {}
    for name, bits in reversed(widths):
        columns[name] = left & ((1 << bits) - 1)
        left >>= bits
    return columns


def widths_of(model: type[Model], names: Sequence[str]) -> Widths:
    """Those of the columns ``names`` that are worth packing; what it knows holds while nothing is written."""
    tables = _tables(model, names) if connection.vendor == "sqlite" else {}
    if len(tables) < 2:
        return []
    widths, left = [], BITS
    for name, (low, high) in zip(tables, _ranges(tables), strict=True):
        bits = max(1, (high or 0).bit_length())
        if bits <= left and (low or 0) >= 0:
            widths.append((name, bits))
            left -= bits
    return widths if len(widths) > 1 else []


def _tables(model: type[Model], names: Sequence[str]) -> dict[str, type[Model]]:
    """For each column of keys the table that has the highest of them."""
    tables = {}
    for name in names:
        field: Any = model._meta.get_field(name)
        key = field.target_field if field.many_to_one else field
        if key.primary_key and isinstance(key, AutoField) and not field.null:
            tables[name] = key.model
    return tables


def _ranges(tables: Mapping[str, type[Model]]) -> list[tuple[int | None, int | None]]:
    """The lowest and the highest key of each; one statement, which the indices answer."""
    quote = connection.ops.quote_name
    asked = []
    for table in tables.values():
        meta: Any = table._meta
        key, name = quote(meta.pk.column), quote(meta.db_table)
        asked += [f"(SELECT {extreme}({key}) FROM {name})" for extreme in ("MIN", "MAX")]  # noqa: S608
    with connection.cursor() as cursor:
        found = cursor.execute(f"SELECT {', '.join(asked)}").fetchone()
    return list(zip(found[::2], found[1::2], strict=True))
