"""The histograms of a frozen set as a matrix: what a detector sees of them, and not which of them are faults."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from detections.models import SampleSet
from detections.services.freezing import keys_of, unpacked
from detections.services.worlds import choose
from histos.injections import LINEAR, inject
from histos.matrix import Block
from project.errors import UserError
from project.samples import HistogramSequence

MOST_VALUES = 1 << 24
"""Of the counts of an element, which are read at once to be injected: 134 MB."""
ROWS_AT_ONCE = 1000
ROLES = {"1": "fit", "2": "score", "3": "fit and score"}


@dataclass
class OfSet:
    """One element of a set; anomalies that were injected into it are in the counts. ``further``: role and fold."""

    sample_set: SampleSet
    part: HistogramSequence
    dtype: np.dtype = field(default_factory=lambda: np.dtype("<f8"))

    @cached_property
    def _numbers(self) -> np.ndarray:
        return np.array([key.rsplit(":", 2)[1:] for key in self.part.ids.tolist()], np.int64).reshape(-1, 2)

    @property
    def runs(self) -> np.ndarray:
        return self._numbers[:, 0]

    @property
    def lumisections(self) -> np.ndarray:
        return self._numbers[:, 1]

    @cached_property
    def further(self) -> dict[str, np.ndarray]:
        return {"role": self.part.roles.astype(np.int64), "fold": self.part.folds.astype(np.int64)}

    @property
    def shape(self) -> tuple[int, ...]:
        return self.part.shape

    @property
    def edges(self) -> dict[str, np.ndarray]:
        return {f"edges_{name}": edges for name, edges in zip("xyz", self.part.edges, strict=False)}

    @cached_property
    def description(self) -> dict[str, Any]:
        return {
            "sample_set": self.sample_set.name, "hash": self.sample_set.hash, "element": self.part.element,
            "split": self.sample_set.split, "roles": ROLES, "shape": list(self.shape), "dtype": self.dtype.name,
            "rows": len(self.part),
        }  # fmt: skip

    def blocks(self) -> Iterator[Block]:
        for start in range(0, len(self.part), ROWS_AT_ONCE):
            cut = slice(start, start + ROWS_AT_ONCE)
            counts = np.asarray(self.part.counts[cut], self.dtype)
            further = {name: values[cut] for name, values in self.further.items()}
            yield Block(self.runs[cut], self.lumisections[cut], self.part.entries[cut], counts, further)


def part_of(sample_set: SampleSet, element: str) -> HistogramSequence:
    """The histograms of ``element`` in the set, of the only one where none is named; no other is read.

    Raises UserError, also where the data are no longer those that were frozen.
    """
    if sample_set.kind != HistogramSequence.kind:
        raise UserError(f"a set of the kind {sample_set.kind} is no matrix of histograms of one element")
    root = sample_set.parent or sample_set
    labels = {label.rpartition("@")[0]: label for label in root.recipe["elements"]}
    name = element or next(iter(labels))
    if name not in labels or (not element and len(labels) > 1):
        raise UserError(f"name one element of the set: {', '.join(labels)[:400]}")
    part, ours = _frozen(root, name, labels[name])
    if sample_set.parent is not None:
        part = _injected(sample_set, part, ours)
    return replace(part, roles=np.asarray(sample_set.roles)[ours], folds=np.asarray(sample_set.folds)[ours])


def _frozen(root: SampleSet, name: str, label: str) -> tuple[HistogramSequence, np.ndarray]:
    """The part as it was frozen, without injections, and its places among the samples of the set."""
    (part,) = choose(root.world, {**root.recipe, "elements": [label]}).parts
    keys = np.array(unpacked(root.keys))
    ours = np.flatnonzero([key.partition(" ")[2] == name for key in keys.tolist()])
    found = keys_of([part])
    kept = np.isin(found, keys[ours])
    if not isinstance(part, HistogramSequence) or not np.array_equal(found[kept], keys[ours]):
        raise UserError(f"the data of sample set {root.name!r} changed since it was frozen: freeze it anew")
    return replace(
        part.take(kept), roles=np.asarray(root.roles)[ours], folds=np.asarray(root.folds)[ours]
    ), ours


def _injected(child: SampleSet, part: HistogramSequence, ours: np.ndarray) -> HistogramSequence:
    recipe = child.recipe["injection"]
    strength = tuple(recipe["strength"]) if recipe["strength"] else None
    how = (recipe["kinds"], recipe["fraction"], strength, recipe["seed"], recipe.get("measure", LINEAR))
    result = inject(part, *how)
    if not np.array_equal(result.truth, np.asarray(child.truth)[ours] > 0):
        raise UserError(f"the data of sample set {child.name!r} changed since it was made: inject anew")
    return result.samples
