"""Timings of two ways of the same work, taken in turn, and the line of the table they become. No Django."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple


class Timing(NamedTuple):
    """Seconds on the wall, and of this process on the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Scale:
    """How much to measure; ``quick`` says whether it runs, not how fast it is."""

    name: str
    repeats: int

    def pick(self, quick: int, normal: int, full: int | None = None) -> int:
        return {"quick": quick, "normal": normal, "full": full or normal}[self.name]


SCALES = {scale.name: scale for scale in (Scale("quick", 1), Scale("normal", 5), Scale("full", 7))}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table.

    ``ratio`` is that of the medians, ``low`` and ``high`` are the extremes of the single pairs, or
    of ours where there is no floor. ``cpu_ratio`` counts this process's time on the processors only.
    """

    work: str
    ours: float
    unit: str = "s"
    floor: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    cpu_ratio: float | None = None
    target: str = ""
    met: bool | None = None
    runs: int = 1
    note: str = ""


def timed(work: Callable[[], Any]) -> Timing:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu)


@dataclass(frozen=True)
class Pairs:
    """Timings of ours and of the floor, taken in turn so that a busy machine slows both."""

    ours: Sequence[Timing]
    floor: Sequence[Timing]

    @property
    def ratios(self) -> list[float]:
        return [ours.wall / floor.wall for ours, floor in zip(self.ours, self.floor, strict=True)]

    def line(self, work: str, most: float | None = None, **more: Any) -> Line:
        """``most``: the largest ratio that meets the target; none where the line is for information."""
        ours, floor = (median(timing.wall for timing in side) for side in (self.ours, self.floor))
        cpu = median(timing.cpu for timing in self.ours) / max(median(t.cpu for t in self.floor), 1e-9)
        return Line(
            work=work, ours=ours, floor=floor, ratio=ours / floor,
            low=min(self.ratios), high=max(self.ratios), cpu_ratio=cpu,
            target="" if most is None else f"≤ {most:g} ×",
            met=None if most is None else ours / floor <= most, runs=len(self.ours), **more,
        )  # fmt: skip


def interleave(ours: Callable[[], Timing], floor: Callable[[], Timing], repeats: int) -> Pairs:
    """Ours, floor, ours, floor …; each prepares what it needs outside its own clock."""
    taken = [(ours(), floor()) for _ in range(repeats)]
    return Pairs([pair[0] for pair in taken], [pair[1] for pair in taken])
