"""Columns of OMS into runs and lumisections. No Django."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from project.records import BadRow
from runs.readers.base import RowError
from runs.records import LumisectionRecord, RunRecord

RUN, LUMISECTION, FILL, START = "run_number", "lumisection_number", "fill_number", "start_time"
DELIVERED, RECORDED = "delivered_lumi_per_lumisection", "recorded_lumi_per_lumisection"
PILEUP = "pileup"
MAX_INTEGER = 2**31 - 1  # what an integer column of a database holds

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
                places.setdefault(_whole(value, RUN), []).append(place)
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
            _whole(self._value(FILL, place), FILL)
        return LumisectionRecord(
            line=place + 1,
            run=run,
            number=_whole(self._value(LUMISECTION, place), LUMISECTION),
            start_time=_time(self._value(START, place)),
            delivered_luminosity=_number(self._value(DELIVERED, place), DELIVERED, self._factor),
            recorded_luminosity=_number(self._value(RECORDED, place), RECORDED, self._factor),
            pileup=_number(self._value(PILEUP, place), PILEUP),
            flags={name: flag for name in self._flags if _is_simple(flag := self._columns[name][place])},
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


def _whole(value: Any, name: str) -> int:
    if type(value) is not int:
        raise RowError(f"{name} is not a whole number: {value!r:.60}")
    if not 1 <= value <= MAX_INTEGER:
        raise RowError(f"{name} is {value}, expected 1 to {MAX_INTEGER}")
    return value


def _number(value: Any, name: str, factor: float = 1.0) -> float | None:
    """``value`` times ``factor``; NaN and infinity are what some tools write for an unknown number."""
    if value is None:
        return None
    if type(value) not in (int, float):
        raise RowError(f"{name} is not a number: {value!r:.60}")
    scaled = float(value) * factor
    return scaled if math.isfinite(scaled) else None


def _time(value: Any) -> datetime | None:
    """A moment in UTC from ISO 8601; OMS leaves the zone out at times, and means UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"{START} is not a time: {value!r:.60}") from None


def _is_simple(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str)
