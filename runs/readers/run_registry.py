"""Answers of the Run Registry: what was said of the lumisections of every dataset. No Django."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from project.records import BadRow, Passed, ReaderError
from runs.readers.base import Reader, RowError
from runs.readers.json_pages import MAX_BYTES, pages
from runs.readers.values import whole
from runs.records import CertificationRecord

START, END, RUN = "start", "end", "run_number"
NO_VALUE = {"", "NO VALUE FOUND"}

Said = tuple[str, str, str]


class RunRegistryJson(Reader):
    """Datasets, each with its ``lumisections``: ranges with ``start`` and ``end``, or one entry a lumisection.

    ``{"run_number": 316187, "name": "/PromptReco/Collisions2018A/DQM", "lumisections": [{"start": 1, "end": 50,
    "tracker-pixel": {"status": "GOOD", "cause": "", "comment": ""}}]}``: the flag is ``tracker-pixel``, the
    version the dataset's name. Neighbouring ranges of which the same was said are one. Pages of datasets, lists of
    them, one a line, and ranges alone in a file whose name holds the run are all read. A dataset of which only a
    summary is told is passed over. The line of a record is its place among all ranges of the file, from 1.
    """

    name = "runregistry-json"
    summary = "CMS Run Registry answers: datasets and lumisection ranges with status, cause and comment"
    signature = re.compile(rb'"(?:lumisections|datasets)"\s*:|"status"\s*:\s*"[A-Z]')

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes

    def read(self, path: Path) -> Iterator[CertificationRecord | BadRow | Passed]:
        line = 0  # each its own, so that what is wrong with one of them touches no other
        for dataset in _datasets(Path(path), self.max_bytes):
            for record in _records(dataset):
                line += 1
                yield record._replace(line=line)


def _records(dataset: dict[str, Any]) -> Iterator[CertificationRecord | BadRow | Passed]:
    name = str(dataset.get("name") or "")
    try:
        run, flags = whole(dataset.get(RUN), RUN), _flags(dataset.get("lumisections"))
    except RowError as error:
        yield BadRow(0, f"dataset {name[:80]!r}, run {dataset.get(RUN)!r:.20}: {error}")
        return
    if flags is None:
        yield Passed(0, f"run {run}, dataset {name[:80]}: no ranges of lumisections are told")
        return
    for flag, ranges in flags.items():
        for first, last, (status, cause, comment) in _merged(ranges):
            yield CertificationRecord(0, run, first, last, flag, status, cause, comment, name)


def _datasets(path: Path, max_bytes: int) -> Iterator[dict[str, Any]]:
    alone: list[dict[str, Any]] = []
    for page in pages(path, max_bytes):
        if not isinstance(page, dict):
            raise ReaderError(f"{path.name}: JSON, but not an answer of the Run Registry")
        if isinstance(page.get("datasets"), list):
            yield from (one for one in page["datasets"] if isinstance(one, dict))
        elif RUN in page:
            yield page
        elif START in page and END in page:
            alone.append(page)
        else:
            raise ReaderError(f"{path.name}: JSON, but neither datasets nor ranges of the Run Registry")
    if alone:
        yield {RUN: _run_of(path.name), "name": "", "lumisections": alone}


def _run_of(name: str) -> int:
    found = set(re.findall(r"(?<!\d)\d{6}(?!\d)", name))
    if len(found) != 1:
        raise ReaderError(f"{name}: ranges without a run: the file's name must hold its number, once")
    return int(found.pop())


def _flags(told: Any) -> dict[str, list[tuple[int, int, Said]]] | None:
    """By flag its ranges in order; None where only a summary is told, or nothing."""
    if isinstance(told, dict) and all(key.isdigit() for key in told):
        told = [{START: int(key), END: int(key), **_entry(one)} for key, one in told.items()]
    if not isinstance(told, list):
        return None
    flags: dict[str, list[tuple[int, int, Said]]] = {}
    for place, one in enumerate(told, 1):
        entry = _entry(one)
        first, last = whole(entry.get(START, place), START), whole(entry.get(END, place), END)
        if last < first:
            raise RowError(f"range {first} to {last} is reversed")
        for flag, said in entry.items():
            if isinstance(said, dict) and "status" in said:
                flags.setdefault(flag, []).append((first, last, _said(said)))
    return {flag: sorted(ranges) for flag, ranges in flags.items()}


def _entry(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise RowError(f"{one!r:.60} is nothing said of lumisections")
    return one


def _said(triplet: dict[str, Any]) -> Said:
    """Status, cause and comment, each on one line."""
    status, cause, comment = (
        " ".join(str(triplet.get(name) or "").split()) for name in ("status", "cause", "comment")
    )
    return "NOTSET" if status.upper() in NO_VALUE else status.upper(), cause, comment


def _merged(ranges: list[tuple[int, int, Said]]) -> Iterator[tuple[int, int, Said]]:
    kept: tuple[int, int, Said] | None = None
    for first, last, said in ranges:
        if kept and kept[2] == said and first == kept[1] + 1:
            kept = (kept[0], last, said)
            continue
        if kept:
            yield kept
        kept = (first, last, said)
    if kept:
        yield kept
