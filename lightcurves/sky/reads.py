"""Reads of where sources lie: the density of the sky, counted by the database in one pass."""

import hashlib
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Case, Count, F, FloatField, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Least

from lightcurves.sky.density import Box, Density, Grid, box_around, filled
from lightcurves.sky.zones import WholePart
from project.models import SourceFile

KEPT_SECONDS = 3600
WHOLE_SKY: Box = (0.0, 360.0, -90.0, 90.0)


def read_density(sources: QuerySet, n: int, box: Box | None) -> Density:
    """As ``density.density`` of the positions of ``sources``; kept until anything is loaded."""
    if box is not None:
        Grid(box, n)
    located = sources.filter(ra__isnull=False).order_by()
    key = _key(located, n, box)
    kept = cache.get(key)
    if kept is None:
        kept = _count(located, Grid(box or _box(located), n))
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _key(sources: QuerySet, n: int, box: Box | None) -> str:
    """Names what is counted, and the state of all that was loaded: a change of either is another key."""
    files = (
        SourceFile.objects.values("state").order_by("state").annotate(Count("id"), Max("id"), Max("finished"))
    )
    newest = sources.model._base_manager.aggregate(newest=Max("id"))
    state = [str(sources.query), n, box, list(files), newest]
    return "sky-density-" + hashlib.sha256(repr(state).encode()).hexdigest()


def _box(sources: QuerySet) -> Box:
    degrees = sources.values_list(WholePart(F("ra")), flat=True).distinct()
    south, north = sources.aggregate(south=Min("dec"), north=Max("dec")).values()
    return WHOLE_SKY if south is None else box_around(np.array(list(degrees)), south, north)


def _count(sources: QuerySet, grid: Grid) -> Density:
    low, high, south, north = grid.box
    inside = Q(ra__gte=low, ra__lte=high) if low < high else Q(ra__gte=low) | Q(ra__lte=high)
    along: Any = F("ra") - low
    if low > high:
        along = Case(When(ra__lt=low, then=F("ra") + 360.0 - low), default=along, output_field=FloatField())
    column = _cell(along, grid.ra_step, grid.n)
    row = _cell(F("dec") - south, grid.dec_step, grid.m)
    found = sources.filter(inside, dec__gte=south, dec__lte=north).values_list(row * grid.n + column)
    cells = np.array(list(found.annotate(Count("id"))), dtype=int).reshape(-1, 2)
    return filled(grid, cells[:, 0], cells[:, 1])


def _cell(offset: Any, step: float, cells: int) -> Any:
    """What lies on the last edge belongs to the last cell."""
    return Least(WholePart(offset / step), Value(cells - 1))
