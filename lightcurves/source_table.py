"""Sources as a matrix of numbers, or as labels."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet

from lightcurves.attributes import as_labels, as_numbers, chunks
from lightcurves.columns import Column, parse_column
from lightcurves.keys import source_key
from project.errors import UserError
from project.samples import Table

MEASURED = ("ra", "dec", "mag")  # columns of their own in the database; the rest are attributes


def read_table(sources: QuerySet, columns: Sequence[str], complete: bool) -> tuple[Table, dict[str, int]]:
    parsed = _parsed(columns)
    names = dict.fromkeys(term.name for column in parsed for term in column.terms)
    ids, values = _read_numbers(sources, list(names))
    X = np.column_stack([column.of(values) for column in parsed])
    left_out: dict[str, int] = {}
    if complete:
        lacking = np.isnan(X)
        rows = lacking.any(axis=1)
        counts = np.bincount(lacking[rows].argmax(axis=1), minlength=len(columns)).tolist()
        left_out = {name: count for name, count in zip(columns, counts, strict=True) if count}
        ids, X = ids[~rows], X[~rows]
    return Table(ids=ids, groups=ids, X=X, columns=tuple(columns)), left_out


def read_labels(sources: QuerySet, name: str, ids: Sequence[str] | np.ndarray | None) -> np.ndarray:
    labels: dict[str, str] = {}
    for keys, _, values in _chunks(sources, (), [name]):
        labels.update(zip(keys, as_labels(values), strict=True))
    try:
        return np.array(
            [labels[key] for key in (sorted(labels) if ids is None else map(str, ids))], dtype=str
        )
    except KeyError as error:
        raise UserError(f"there is no source {error.args[0]!r} here") from error


def _parsed(columns: Sequence[str]) -> list[Column]:
    if not columns:
        raise UserError("a table of sources needs at least one column")
    try:
        return [parse_column(text) for text in columns]
    except ValueError as error:
        raise UserError(str(error)) from error


def _read_numbers(sources: QuerySet, names: list[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Sorted ids, and the values of each name, NaN where there is none."""
    fields = [name for name in names if name in MEASURED]
    wanted = [name for name in names if name not in MEASURED]
    ids, blocks = [np.empty(0, "U1")], [np.empty((0, len(names)))]
    for keys, rows, values in _chunks(sources, fields, wanted):
        ids.append(np.array(keys))
        measured = np.array(rows, dtype=float).reshape(len(rows), len(fields))
        blocks.append(np.hstack([measured, _numbers(values, wanted)]))
    every, X = np.concatenate(ids), np.concatenate(blocks)
    named = dict(zip([*fields, *wanted], X.T, strict=True))
    if len(every) and (unknown := [name for name, column in named.items() if np.isnan(column).all()]):
        raise UserError(f"no source here has a number for {', '.join(unknown)}")
    if (every[1:] < every[:-1]).any():
        order = np.argsort(every)
        every, named = every[order], {name: column[order] for name, column in named.items()}
    return every, named


def _numbers(values: str, names: list[str]) -> np.ndarray:
    try:
        return as_numbers(values, names)
    except ValueError as error:
        raise UserError(str(error)) from error


def _chunks(
    sources: QuerySet, fields: Sequence[str], names: list[str]
) -> Iterator[tuple[list[str], list[Any], str]]:
    """Natural keys, the values of ``fields`` and the attributes ``names`` of some sources at a time."""
    for catalog, rows, values in chunks(sources, fields, names):
        yield [source_key(catalog, row[0]) for row in rows], [row[1:] for row in rows], values
