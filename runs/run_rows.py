"""Records of fills, runs and lumisections as rows to be stored, checked."""

from typing import Any

from project.loading import Row
from project.records import check_plain
from runs.kinds import FILL, LUMISECTION, RUN
from runs.models import Run
from runs.records import FillRecord, LumisectionRecord, RunRecord

Record = FillRecord | RunRecord | LumisectionRecord


def row_of(record: Record) -> Row:
    """ValueError with the reason where it cannot be stored."""
    if isinstance(record, RunRecord):
        return _run(record)
    if isinstance(record, FillRecord):
        _from(record.number, 1)
        _check(record.attributes or {}, "attribute")
        return Row(record.line, (FILL, record.number), (*record[2:-1], record.attributes or {}))
    if isinstance(record, LumisectionRecord):
        _from(record.number, 1)
        _check(record.flags or {}, "flag")
        key = (RUN, record.run, LUMISECTION, record.number)
        return Row(record.line, key, (*record[3:-1], record.flags or {}))
    raise ValueError(f"{type(record).__name__} is neither a run nor a lumisection")


def _run(record: RunRecord) -> Row:
    _from(record.number, 0)
    longest = Run._meta.get_field("era").max_length or 0
    if len(record.era) > longest:
        raise ValueError(f"era has {len(record.era)} characters, at most {longest}")
    check_plain({"era": record.era}, "what is told of a run,")
    _check(record.attributes or {}, "attribute")
    return Row(record.line, (RUN, record.number), (*record[2:-1], record.attributes or {}))


def _from(number: int, least: int) -> None:
    if number < least:
        raise ValueError(f"number {number} is too small")


def _check(values: dict[str, Any], what: str) -> None:
    check_plain(values, what)
    for inner in values.values():
        if isinstance(inner, dict):
            _check(inner, what)
