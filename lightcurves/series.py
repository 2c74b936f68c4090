"""Light curves as ragged series, or as features of them."""

from collections.abc import Sequence

import numpy as np
from django.db.models import QuerySet

from lightcurves.features import FEATURES, describe
from lightcurves.keys import light_curve_key, source_key
from lightcurves.lookup import CURVE
from project.bulk import raw_rows
from project.errors import UserError
from project.samples import Series, Table
from project.vectors import decode


def read_series(curves: QuerySet, good_only: bool) -> Series:
    rows = raw_rows(curves.order_by().values_list(*CURVE, "time", "value", "error", "flag"))
    by_key = sorted((light_curve_key(*row[:6]), source_key(*row[:2]), row[6:]) for row in rows)
    lengths = np.zeros(len(by_key), int)
    parts: list[tuple[np.ndarray, ...]] = [(np.empty(0),) * 3]
    for at, (_, _, blobs) in enumerate(by_key):
        time, value, error, flag = (decode(blob) for blob in blobs)
        if good_only and flag.any():
            good = flag == 0
            time, value, error = time[good], value[good], error[good]
        lengths[at] = len(time)
        parts.append((time, value, error))
    times, values, errors = (
        np.concatenate(column).astype(float, copy=False) for column in zip(*parts, strict=True)
    )
    return Series(
        ids=np.array([key for key, _, _ in by_key], dtype=str),
        groups=np.array([group for _, group, _ in by_key], dtype=str),
        values=values,
        errors=errors,
        times=times,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
    )


def read_features(curves: QuerySet, features: Sequence[str], good_only: bool) -> Table:
    names = tuple(features) or tuple(FEATURES)
    if unknown := [name for name in names if name not in FEATURES]:
        raise UserError(f"there is no feature {', '.join(unknown)}; there are {', '.join(FEATURES)}")
    if any(FEATURES[name].unit.startswith("value") for name in names):
        units = sorted(curves.order_by().values_list("unit", flat=True).distinct())
        if len(units) > 1:
            raise UserError(
                f"light curves in {' and '.join(units)} cannot be compared: choose some of one unit"
            )
    return describe(read_series(curves, good_only), names)
