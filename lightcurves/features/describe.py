"""Series turned into a table of features."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from project.samples import Series, Table

from .base import Curve, Feature


def describe(samples: Series, features: Sequence[type[Feature]]) -> Table:
    """One row per series, one column per feature, NaN where a feature is not defined.

    Steps whose time or value is not finite are left out; ids, groups, roles and folds stay as they are.
    """
    X = np.full((len(samples), len(features)), np.nan)
    bounds = np.asarray(samples.offsets).tolist()
    for row, (start, stop) in enumerate(pairwise(bounds)):
        curve = _curve(samples, slice(start, stop))
        X[row] = [feature.of(curve) for feature in features]
    kept = {name: getattr(samples, name) for name in ("ids", "groups", "roles", "folds")}
    return Table(X=X, columns=tuple(feature.name for feature in features), **kept)


def _curve(samples: Series, steps: slice) -> Curve:
    time, value, error = samples.times[steps], samples.values[steps], samples.errors[steps]
    sound = np.isfinite(time) & np.isfinite(value)
    if sound.all():
        return Curve(time, value, error)
    return Curve(time[sound], value[sound], error[sound])
