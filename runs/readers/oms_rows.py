"""Columns of OMS into runs and lumisections. No Django."""

import math
from collections.abc import Iterator
from typing import Any

from project.records import BadRow
from runs.readers.base import RowError
from runs.readers.values import is_simple, moment, number, whole
from runs.records import LumisectionRecord, RunRecord

RUN, LUMISECTION, FILL, START = "run_number", "lumisection_number", "fill_number", "start_time"
DELIVERED, RECORDED = "delivered_lumi_per_lumisection", "recorded_lumi_per_lumisection"
PILEUP = "pileup"

_NOT_FLAGS = {RUN, LUMISECTION, START, DELIVERED, RECORDED, PILEUP}

Columns = dict[str, list[Any]]


class OmsRows:
    """The rows of ``columns``, luminosities times ``factor``. The line of a record is its place, from 1."""

    def __init__(self, columns: Columns, factor: float, era: str) -> None:
        self._columns = columns
        self._factor = factor
        self._era = era
        self._flags = [name for name in columns if name not in _NOT_FLAGS]

    def records(self) -> Iterator[RunRecord | LumisectionRecord | BadRow]:
        """Every run before its lumisections, runs in the order in which they first appear."""
        places: dict[int, list[int]] = {}
        for place, value in enumerate(self._columns[RUN]):
            try:
                places.setdefault(whole(value, RUN), []).append(place)
            except RowError as error:
                yield BadRow(place + 1, str(error))
        for run, of_run in places.items():
            yield from self._run(run, of_run)

    def _run(self, run: int, places: list[int]) -> Iterator[RunRecord | LumisectionRecord | BadRow]:
        lumisections: dict[int, LumisectionRecord] = {}
        for place in places:
            try:
                lumisection = self._lumisection(run, place)
            except RowError as error:
                yield BadRow(place + 1, f"run {run}: {error}")
                continue
            if lumisections.setdefault(lumisection.number, lumisection) is not lumisection:
                yield BadRow(place + 1, f"run {run}: lumisection {lumisection.number} is there twice")
        if lumisections:
            yield self._summary(run, list(lumisections.values()))
            yield from lumisections.values()

    def _summary(self, run: int, lumisections: list[LumisectionRecord]) -> RunRecord:
        recorded = [ls.recorded_luminosity for ls in lumisections if ls.recorded_luminosity is not None]
        return RunRecord(
            line=lumisections[0].line,
            number=run,
            fill_number=_main_fill(lumisections),
            era=self._era,
            recorded_luminosity=math.fsum(recorded) if recorded else None,
        )

    def _lumisection(self, run: int, place: int) -> LumisectionRecord:
        if self._value(FILL, place) is not None:
            whole(self._value(FILL, place), FILL)
        return LumisectionRecord(
            line=place + 1,
            run=run,
            number=whole(self._value(LUMISECTION, place), LUMISECTION),
            start_time=moment(self._value(START, place), START),
            delivered_luminosity=number(self._value(DELIVERED, place), DELIVERED, self._factor),
            recorded_luminosity=number(self._value(RECORDED, place), RECORDED, self._factor),
            pileup=number(self._value(PILEUP, place), PILEUP),
            flags={name: flag for name in self._flags if is_simple(flag := self._columns[name][place])},
        )

    def _value(self, name: str, place: int) -> Any:
        return self._columns[name][place] if name in self._columns else None


def _main_fill(lumisections: list[LumisectionRecord]) -> int | None:
    """The fill in which most was recorded: a run may begin in one fill and end in the next."""
    recorded: dict[int, float] = {}
    for lumisection in lumisections:
        fill = (lumisection.flags or {}).get(FILL)
        if fill is not None:
            recorded[fill] = recorded.get(fill, 0.0) + (lumisection.recorded_luminosity or 0.0)
    return max(recorded, key=lambda fill: recorded[fill], default=None)
