"""Faults in lumisections whose elements are judged together: each hits one element."""

from dataclasses import replace
from typing import Any

import numpy as np

from histos.injections import LINEAR, Injected, inject
from project.samples import Together


def share_of(fraction: float, elements: int) -> float:
    """The fraction of each element's histograms that makes ``fraction`` of the lumisections."""
    return fraction / max(elements, 1)


def inject_together(part: Together, recipe: dict[str, Any], strength: Any) -> Injected:
    """As for single elements; what happened to a lumisection is the clearest of what happened to its elements."""
    share = share_of(recipe["fraction"], len(part.elements))
    how = (recipe["kinds"], share, strength, recipe["seed"], recipe.get("measure", LINEAR))
    found = [inject(_with_roles(part, number), *how) for number in range(len(part.elements))]
    n = len(part)
    kind, truth = np.full(n, "", dtype="U32"), np.zeros(n, bool)
    amount, sigma, changed = np.zeros(n), np.full(n, -1.0), np.zeros(n, int)
    for one, rows in zip(found, part.rows, strict=True):
        here = np.flatnonzero(rows >= 0)
        own = rows[here]
        clearer = (one.kind[own] != "") & (one.sigma[own] > sigma[here])
        at, from_ = here[clearer], own[clearer]
        kind[at], truth[at], amount[at] = one.kind[from_], one.truth[from_], one.strength[from_]
        sigma[at], changed[at] = one.sigma[from_], one.changed[from_]
    samples: Any = replace(part, elements=tuple(one.samples for one in found))
    nowhere = np.full(n, -1)
    return Injected(samples, truth, kind, amount, np.maximum(sigma, 0), changed, nowhere, nowhere)


def _with_roles(part: Together, number: int) -> Any:
    """One element with the roles of its lumisections; rows of others have none, and stay as they are."""
    element, rows = part.elements[number], part.rows[number]
    roles = np.zeros(len(element), np.uint8)
    roles[rows[rows >= 0]] = part.roles[rows >= 0]
    return replace(element, roles=roles)
