"""Opening a frozen set: the same samples again, read from the tables, injected again where it has a parent."""

from dataclasses import replace
from typing import Any

import numpy as np

from detections.models import SampleSet
from detections.services.freezing import hash_of, keys_of, unpacked
from detections.services.opened import Opened
from detections.services.worlds import Chosen, choose
from project.errors import UserError


def open_set(sample_set: SampleSet) -> Opened:
    """Read a set again. An error says what changed when the data are no longer those that were frozen."""
    if sample_set.parent is not None:
        from detections.services.injecting import injected

        chosen, _ = injected(open_set(sample_set.parent), sample_set.recipe["injection"])
    else:
        chosen = _chosen_again(sample_set)
    if hash_of(chosen, sample_set.split) != sample_set.hash:
        raise UserError(
            f"the data of sample set {sample_set.name!r} changed since it was frozen: freeze it anew"
        )
    return Opened(sample_set, chosen)


def _chosen_again(sample_set: SampleSet) -> Chosen:
    chosen = choose(sample_set.world, sample_set.recipe)
    chosen.recipe = sample_set.recipe
    keys = np.array(unpacked(sample_set.keys))
    found = keys_of(chosen.parts)
    if len(found) != len(keys) or not np.array_equal(found, keys):
        chosen = _only(chosen, np.isin(found, keys), sample_set, len(keys))
    chosen.parts = _with_roles(chosen.parts, sample_set.roles, sample_set.folds)
    return chosen


def _only(chosen: Chosen, kept: np.ndarray, sample_set: SampleSet, expected: int) -> Chosen:
    """Without what was loaded after the set was frozen."""
    if kept.sum() != expected:
        gone = expected - int(kept.sum())
        raise UserError(
            f"{gone:,} of {expected:,} samples of {sample_set.name!r} are no longer there: freeze it anew"
        )
    ends = np.cumsum([len(part) for part in chosen.parts])
    masks = np.split(kept, ends[:-1])
    if chosen.truth is not None:
        chosen.truth = chosen.truth[kept]
    parts = [part.take(mask) for part, mask in zip(chosen.parts, masks, strict=True) if mask.any()]
    return replace(chosen, parts=parts)


def _with_roles(parts: list[Any], roles: np.ndarray, folds: np.ndarray) -> list[Any]:
    ends = np.cumsum([len(part) for part in parts])[:-1]
    cut = zip(parts, np.split(roles, ends), np.split(folds, ends), strict=True)
    return [replace(part, roles=role, folds=fold) for part, role, fold in cut]
