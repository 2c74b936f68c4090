"""Values of related tables (the name of an element, the number of a run), read once per thing, not once per row."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.db.models import Model

from project.bulk import raw_rows
from project.exports.chunks import Values

MOST_KEPT = 50_000
FEW, SPARSE, LEAST_AHEAD = 32, 4, 1024


def column_of(path: str) -> str:
    """The column of the own table that holds the value at ``path``, or the key of the row that holds it."""
    step, _, rest = path.partition("__")
    return f"{step}_id" if rest else path


class Related:
    """What ``paths`` want of related tables; the statement that reads the rows then joins nothing."""

    def __init__(self, model: type[Model], paths: Iterable[str]) -> None:
        self._model = model
        self._wanted: dict[str, list[str]] = {}
        for path in paths:
            step, _, rest = path.partition("__")
            if rest and rest not in self._wanted.setdefault(step, []):
                self._wanted[step].append(rest)
        self._kept: dict[str, dict[Any, tuple]] = {step: {} for step in self._wanted}
        self._ahead: dict[str, int] = {}

    def of(self, columns: Mapping[str, Values]) -> dict[str, tuple[list[Any], np.ndarray]]:
        """By path, the values that the keys in ``columns`` lead to, as the driver gives them, and for each row the
        place of its value among them, -1 where it has none.
        """
        found = {}
        for step, rests in self._wanted.items():
            keys, places = _different(columns[f"{step}_id"])
            held = self._held(step, keys)
            for at, rest in enumerate(rests):
                found[f"{step}__{rest}"] = [held[key][at] for key in keys], places
        return found

    def _held(self, step: str, keys: list[Any]) -> dict[Any, tuple]:
        kept = self._kept[step]
        missing = [key for key in keys if key is not None and key not in kept]
        if not missing:
            return kept
        if len(kept) > MOST_KEPT:
            kept = self._kept[step] = {key: kept[key] for key in keys if key in kept}
        table: Any = self._model._meta.get_field(step).related_model
        rows = table._default_manager.filter(**self._wanted_ids(step, missing)).order_by()
        kept.update((row[0], row[1:]) for row in raw_rows(rows.values_list("pk", *self._wanted[step])))
        return kept

    def _wanted_ids(self, step: str, missing: list[Any]) -> dict[str, Any]:
        """Keys that lie close together, as those of lumisections do, are read ahead, further each time."""
        lowest, highest = min(missing), max(missing)
        if len(missing) < FEW or highest - lowest > SPARSE * len(missing):
            return {"pk__in": missing}
        further = max(4 * self._ahead.get(step, 0), highest - lowest, LEAST_AHEAD)
        ahead = self._ahead[step] = min(further, MOST_KEPT)
        return {"pk__gte": lowest, "pk__lte": highest + ahead}


def _different(keys: Values) -> tuple[list[Any], np.ndarray]:
    """The different keys, and for each row the place of its own."""
    if isinstance(keys, np.ndarray):
        lowest, highest = int(keys.min()), int(keys.max())
        if highest - lowest <= SPARSE * len(keys):
            return _counted(keys - lowest, lowest, highest)
    import pyarrow as pa

    encoded = pa.array(keys, pa.int64()).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.fill_null(-1).to_numpy()


def _counted(above: np.ndarray, lowest: int, highest: int) -> tuple[list[int], np.ndarray]:
    """The same of keys that lie close together, by how much they are ``above`` the lowest."""
    there = np.zeros(highest - lowest + 1, bool)
    there[above] = True
    return (np.flatnonzero(there) + lowest).tolist(), (np.cumsum(there, dtype=np.int32) - 1)[above]
