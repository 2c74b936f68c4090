"""Sources as a matrix of numbers, or as labels."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db.models import QuerySet

from lightcurves.attributes import as_labels, as_numbers, chunks
from lightcurves.columns import Column, parse_column
from lightcurves.keys import source_key
from project.errors import UserError
from project.samples import Table

MEASURED = ("ra", "dec", "mag")  # columns of their own in the database; the rest are attributes


class Labelled(NamedTuple):
    """A table, how many sources were left out for lack of each column, and a label for each row that stayed."""

    table: Table
    left_out: dict[str, int]
    labels: np.ndarray


def read_table(
    sources: QuerySet, columns: Sequence[str], complete: bool, label: str | None = None
) -> Labelled:
    """Columns and, in the same pass over the database, the attribute ``label``, "" where it is missing."""
    parsed = _parsed(columns)
    names = dict.fromkeys(term.name for column in parsed for term in column.terms)
    ids, values, labels = _read(sources, list(names), label)
    X = np.column_stack([column.of(values) for column in parsed])
    left_out: dict[str, int] = {}
    if complete:
        lacking = np.isnan(X)
        rows = lacking.any(axis=1)
        counts = np.bincount(lacking[rows].argmax(axis=1), minlength=len(columns)).tolist()
        left_out = {name: count for name, count in zip(columns, counts, strict=True) if count}
        ids, X, labels = ids[~rows], X[~rows], labels[~rows]
    return Labelled(Table(ids=ids, groups=ids, X=X, columns=tuple(columns)), left_out, labels)


def read_labels(sources: QuerySet, name: str, ids: Sequence[str] | np.ndarray | None) -> np.ndarray:
    labels: dict[str, str] = {}
    for keys, _, values in _chunks(sources, (), [name]):
        labels.update(zip(keys, as_labels([row[0] for row in orjson.loads(values)]), strict=True))
    try:
        return np.array(
            [labels[key] for key in (sorted(labels) if ids is None else map(str, ids))], dtype=str
        )
    except KeyError as error:
        raise UserError(f"there is no source {error.args[0]!r} here") from error


def read_numbers(sources: QuerySet, columns: Sequence[str]) -> dict[int, list[float]]:
    """Of a few sources, by id, their values of the columns; NaN where one is missing or no number.

    They are found by their ids, where ``read_table`` goes through a whole catalogue in order.
    """
    parsed = _parsed(columns)
    rows = list(sources.values_list("pk", "attributes", *MEASURED))
    held = [{**row[1], **dict(zip(MEASURED, row[2:], strict=True))} for row in rows]
    names = {term.name for column in parsed for term in column.terms}
    values = {name: np.array([_number(one.get(name)) for one in held], dtype=float) for name in names}
    X = np.column_stack([column.of(values) for column in parsed])
    return dict(zip((row[0] for row in rows), X.tolist(), strict=True))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def _parsed(columns: Sequence[str]) -> list[Column]:
    if not columns:
        raise UserError("a table of sources needs at least one column")
    try:
        return [parse_column(text) for text in columns]
    except ValueError as error:
        raise UserError(str(error)) from error


def _read(
    sources: QuerySet, names: list[str], label: str | None
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Sorted ids, the values of each name, NaN where there is none, and the labels, "" where none is asked for."""
    fields = [name for name in names if name in MEASURED]
    wanted = [name for name in names if name not in MEASURED]
    ids, blocks, labels = [np.empty(0, "U1")], [np.empty((0, len(names)))], [np.empty(0, "U1")]
    for keys, rows, values in _chunks(sources, fields, [*wanted, label] if label else wanted):
        ids.append(np.array(keys))
        measured = np.array(rows, dtype=float).reshape(len(rows), len(fields))
        numbers, texts = _numbers_and_labels(values, wanted, label)
        blocks.append(np.hstack([measured, numbers]))
        labels.append(texts)
    every, X, texts = np.concatenate(ids), np.concatenate(blocks), np.concatenate(labels)
    named = dict(zip([*fields, *wanted], X.T, strict=True))
    if len(every) and (unknown := [name for name, column in named.items() if np.isnan(column).all()]):
        raise UserError(f"no source here has a number for {', '.join(unknown)}")
    if (every[1:] < every[:-1]).any():
        order = np.argsort(every)
        every, texts = every[order], texts[order]
        named = {name: column[order] for name, column in named.items()}
    return every, named, texts


def _numbers_and_labels(values: str, names: list[str], label: str | None) -> tuple[np.ndarray, np.ndarray]:
    rows = orjson.loads(values)
    texts = as_labels([row[len(names)] for row in rows]) if label else [""] * len(rows)
    try:
        return as_numbers([row[: len(names)] for row in rows], names), np.array(texts, dtype=str)
    except ValueError as error:
        raise UserError(str(error)) from error


def _chunks(
    sources: QuerySet, fields: Sequence[str], names: list[str]
) -> Iterator[tuple[list[str], list[Any], str]]:
    """Natural keys, the values of ``fields`` and the attributes ``names`` of some sources at a time."""
    for catalog, rows, values in chunks(sources, fields, names):
        yield [source_key(catalog, row[0]) for row in rows], [row[1:] for row in rows], values
