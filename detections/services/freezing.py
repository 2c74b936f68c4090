"""Freezing a sample set: the choice, its groups, roles and truth, under one hash."""

import hashlib
import json
import zlib
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

from detections.models import SampleSet
from detections.services import splitting
from detections.services.opened import Desk
from detections.services.worlds import Chosen, Recipe, choose
from project.distinct import Distinct
from project.errors import UserError
from project.jobs.reporter import Reporter
from project.samples import FIT, SCORE, HistogramSequence, Samples, Series, Table, Together


def freeze_samples(  # noqa: PLR0913  keyword-only choices of the one who calls
    name: str,
    world: str,
    recipe: Recipe,
    *,
    split: str = splitting.CROSS,
    folds: int = 5,
    fit_fraction: float = 0.5,
    seed: int = 0,
    desk: Desk | None = None,
    owner: Any = None,
    reporter: Reporter | None = None,
) -> tuple[SampleSet, bool]:
    """Freeze what ``recipe`` chooses as ``name``; returns the set and whether it is new.

    The same choice of the same data gives the same hash and is found, not made again; the same name for another choice
    is an error. On a ``desk`` the set stays open for what follows.
    """
    (reporter or Reporter()).update(0.1, f"choosing {world}")
    chosen = choose(world, recipe)
    chosen.parts = splitting.split(chosen.parts, split, folds=folds, fit_fraction=fit_fraction, seed=seed)
    details: dict[str, dict[str, Any]] = {
        "cross": {"folds": folds, "seed": seed},
        "holdout": {"fit_fraction": fit_fraction, "seed": seed},
    }
    chosen.recipe = {**chosen.recipe, "split": {"how": split, **details.get(split, {})}}
    _check_roles(chosen.parts, split)
    (reporter or Reporter()).update(0.7, "writing keys, groups and truth")
    sample_set, new = save_set(name, world, chosen, split=split, owner=owner)
    if desk:
        desk.put(sample_set, chosen)
    return sample_set, new


def _check_roles(parts: list[Samples], how: str) -> None:
    for part in parts:
        for fit, score in splitting.rounds(part, how):
            if not fit.any() or not score.any():
                what = "to fit on" if not fit.any() else "to score"
                raise UserError(
                    f"the split leaves nothing {what}{_of(part)}: choose more groups or another split"
                )


def _of(part: Samples) -> str:
    return f" of {part.element}" if isinstance(part, HistogramSequence) else ""


def save_set(
    name: str, world: str, chosen: Chosen, *, split: str, owner: Any = None, **more: Any
) -> tuple[SampleSet, bool]:
    """Write ``chosen`` as a set; ``more`` are the fields an injection adds."""
    digest = hash_of(chosen, split)
    found = SampleSet.objects.filter(hash=digest).first()
    if found:
        return found, False
    if not name.strip() or len(name) > 128:
        raise UserError("a sample set needs a name of 1 to 128 characters")
    if SampleSet.objects.filter(name=name).exists():
        raise UserError(f"there is a sample set {name!r} of other data or another choice: take another name")
    fields = _fields(chosen) | more
    try:
        with transaction.atomic():
            new = SampleSet.objects.create(
                name=name, hash=digest, world=world, split=split, owner=owner, **fields
            )
    except IntegrityError as error:
        # Somebody else froze the same, or took the name, between the look and the writing.
        found = SampleSet.objects.filter(hash=digest).first()
        if found:
            return found, False
        raise UserError(f"the name {name!r} was taken just now: take another") from error
    return new, True


def _fields(chosen: Chosen) -> dict[str, Any]:
    """What a set stores of its choice."""
    parts, ids, groups = chosen.parts, keys_of(chosen.parts), _joined(chosen.parts, "groups")
    roles = _joined(parts, "roles")
    return {
        "kind": parts[0].kind, "recipe": chosen.recipe, "classes": chosen.classes, "left_out": chosen.left_out,
        "n_samples": len(ids), "n_scores": sum(part.n_scores for part in parts),
        "n_groups": len(Distinct.of(groups).names),
        "n_fit": int(((roles & FIT) > 0).sum()), "n_score": int(((roles & SCORE) > 0).sum()),
        "keys": packed(ids), "groups": packed(groups), "roles": roles, "folds": _joined(parts, "folds"),
        "truth": chosen.truth, "simulated": chosen.simulated,
    }  # fmt: skip


def keys_of(parts: list[Samples]) -> np.ndarray:
    """The natural key of every sample; of histograms, with the element."""
    return np.concatenate([
        np.char.add(part.ids, f" {part.element}") if isinstance(part, HistogramSequence) else part.ids for part in parts
    ])  # fmt: skip


def _joined(parts: list[Samples], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts])


def packed(names: np.ndarray) -> bytes:
    """Names, one a line, compressed."""
    lines = "\n".join(names.tolist())
    if lines.count("\n") != len(names) - 1:
        raise UserError("a natural key holds a line break")
    return zlib.compress(lines.encode(), 1)


def unpacked(blob: bytes | memoryview) -> list[str]:
    return zlib.decompress(bytes(blob)).decode().split("\n")


def hash_of(chosen: Chosen, split: str) -> str:
    """Hash over natural keys, data, groups, roles, folds and truth: two sites with the same data agree."""
    digest = hashlib.sha256(json.dumps([split, chosen.classes, chosen.recipe], sort_keys=True).encode())
    for part in chosen.parts:
        for name in ("ids", "groups"):
            digest.update("\n".join(getattr(part, name).tolist()).encode())
        for array in (part.roles, part.folds, *data_of(part)):
            digest.update(np.ascontiguousarray(array).tobytes())
    if chosen.truth is not None:
        digest.update(np.asarray(chosen.truth, "<i2").tobytes())
    return digest.hexdigest()


def data_of(part: Samples) -> tuple[np.ndarray, ...]:
    """The numbers of a part, in a fixed dtype: what a detector sees."""
    if isinstance(part, Together):
        # Of shared elements only what belongs to these lumisections.
        own = [data_of(part.of(number)) for number in range(len(part.elements))]
        return ((part.rows >= 0).astype("<f8"), *(array for arrays in own for array in arrays))
    if isinstance(part, Table):
        arrays: tuple[np.ndarray, ...] = (part.X,)
    elif isinstance(part, Series):
        arrays = (part.values, part.errors, part.times, part.offsets)
    else:
        arrays = (part.counts, part.entries, *part.edges)
    return tuple(np.asarray(array, "<f8") for array in arrays)
