"""What OMS knows of a run, as rows beside the trends of an element: luminosity, pile-up, detector bits that change."""

from typing import Any

import numpy as np

from runs.figure_rows import Row, Timeline, bit_names, bits_rows, measured_rows

MOST_BITS = 12


def rows_beside(rows: list[tuple]) -> list[Row]:
    """``rows`` as ``Timeline.of`` takes them, in order of the lumisection. Bits that never change say nothing here."""
    timeline = Timeline.of(rows)
    if not len(timeline.numbers):
        return []
    names = changing(timeline.flags)[:MOST_BITS]
    timeline.flags = [{name: one.get(name) for name in names} for one in timeline.flags] if names else []
    grid = np.arange(timeline.numbers[0], timeline.numbers[-1] + 1)
    # In single precision: the lines are a pixel thick.
    for name in ("delivered", "recorded", "pileup"):
        setattr(timeline, name, getattr(timeline, name).astype("<f4"))
    return [*measured_rows(timeline), *(bits_rows(timeline, grid) if names else [])]


def changing(flags: list[dict[str, Any]]) -> list[str]:
    """Bits that are on in some lumisections and off in others."""
    found = []
    for name in bit_names(flags):
        values = {one[name] for one in flags if one.get(name) is not None}
        if len(values) > 1:
            found.append(name)
    return found
