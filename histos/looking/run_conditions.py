"""Under which conditions runs were taken, from a few lumisections of each: pile-up, luminosity, detector bits."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from histos.looking.elements_in import evenly
from runs.figure_rows import bit_names
from runs.models import Lumisection, Run

OF_EACH = 12
"""Lumisections of each run, evenly spaced, that are read."""


def looked_at(runs: list[Run], each: int) -> QuerySet:
    """A few lumisections of every run, evenly spaced."""
    spans = Lumisection.objects.spans(run.pk for run in runs)
    asked = [
        Q(run=run, number__in=evenly(np.arange(ranges[0][0], ranges[-1][1] + 1), each))
        for run, ranges in spans.items()
    ]
    rows = Lumisection.objects.visible().order_by()
    return rows.filter(reduce(or_, asked)) if asked else rows.none()


def conditions_of(runs: list[Run]) -> dict[str, Any]:
    """Pile-up (median), recorded luminosity and detector bits of each run, from a few of its lumisections."""
    pileups: dict[int, list[float]] = defaultdict(list)
    flags: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for run, pileup, told in looked_at(runs, OF_EACH).values_list("run", "pileup", "flags"):
        if pileup and pileup > 0:
            pileups[run].append(pileup)
        flags[run].append(told)
    names = bit_names([one for told in flags.values() for one in told])
    shares = {name: np.array([_share(flags[run.pk], name) for run in runs]) for name in names}
    return {
        "pileup": np.array(
            [np.median(pileups[run.pk]) if pileups[run.pk] else np.nan for run in runs], float
        ),
        "luminosity": np.array(
            [np.nan if run.recorded_luminosity is None else run.recorded_luminosity for run in runs], float
        ),
        "bits": {name: share for name, share in shares.items() if np.nanmin(share, initial=1.0) < 1},
    }


def _share(told: Iterable[dict[str, Any]], name: str) -> float:
    known = [bool(one[name]) for one in told if one.get(name) is not None]
    return sum(known) / len(known) if known else np.nan
