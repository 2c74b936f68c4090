"""Which samples are fitted on and which are scored: by group, never by row. No Django."""

from dataclasses import replace
from hashlib import blake2b

import numpy as np

from project.distinct import Distinct
from project.errors import UserError
from project.samples import FIT, SCORE, Samples

HOLDOUT, CROSS, TRANSDUCTIVE = "holdout", "cross", "transductive"


def split(parts: list[Samples], how: str, *, folds: int, fit_fraction: float, seed: int) -> list[Samples]:
    """Roles and folds for every part; a group has the same ones in all parts.

    ``cross``: groups are dealt into ``folds`` (0: every group is one by itself), each fold is scored by a detector
    fitted on the others, so that no group is judged by what it taught. ``holdout``: a ``fit_fraction`` of the groups is
    only fitted on, the rest only scored. Roles already taken away stay away.
    """
    if how == TRANSDUCTIVE:
        return parts
    names, codes = _coded(parts)
    if len(names) < 2:
        raise UserError(f"a {how} split needs at least two groups, there is {len(names)}: use transductive")
    order = _shuffled(names, seed)
    if how == CROSS:
        folds = folds or len(names)
        if not 2 <= folds <= len(names):
            raise UserError(f"{folds} folds of {len(names)} groups: choose from 2 to {len(names)}")
        number = np.empty(len(names), np.int16)
        number[order] = np.arange(len(names)) % folds
        return [replace(part, folds=number[code]) for part, code in zip(parts, codes, strict=True)]
    if how != HOLDOUT:
        raise UserError(f"there is no split {how!r}: choose from {HOLDOUT}, {CROSS}, {TRANSDUCTIVE}")
    n_fit = min(max(round(fit_fraction * len(names)), 1), len(names) - 1)
    role = np.full(len(names), SCORE)
    role[order[:n_fit]] = FIT
    return [
        replace(part, roles=_only(part.roles, role[code])) for part, code in zip(parts, codes, strict=True)
    ]


def _coded(parts: list[Samples]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The names of all groups, and for every part the places of its groups among them."""
    names, code = Distinct.of(np.concatenate([part.groups for part in parts]))
    return names, np.split(code, np.cumsum([len(part) for part in parts])[:-1])


def _only(roles: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    return (roles & allowed).astype(np.uint8)


def _shuffled(names: np.ndarray, seed: int) -> np.ndarray:
    """An order of the groups that depends on their names and the seed alone, so that two sites agree."""
    keys = [blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest() for name in names.tolist()]
    return np.argsort(np.frombuffer(b"".join(keys), ">u8"), kind="stable")


def rounds(samples: Samples, how: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """(rows to fit on, rows to score) of each round."""
    fit, score = (samples.roles & FIT) > 0, (samples.roles & SCORE) > 0
    if how == TRANSDUCTIVE:
        return [(score, score)]
    if how != CROSS:
        return [(fit, score)]
    return [
        (fit & (samples.folds != fold), score & (samples.folds == fold))
        for fold in np.unique(samples.folds[score])
    ]
