"""Certification JSON: which lumisections are good, as golden and DCS-only files say. No Django."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from project.records import BadRow
from runs.masks.mask import Range, merge_ranges
from runs.masks.names import DCS_ONLY, GOLDEN, ML, MUON, kind_of, stem_of
from runs.masks.parse import good_ranges, pairs_of, run_number
from runs.readers.base import Reader
from runs.readers.json_file import load_object
from runs.records import CertificationRecord


class _CertificationJson(Reader):
    """``{"316187": [[1, 1091], [1093, 1100]]}``: ranges inclusive, ``[[-1]]`` the whole run.

    Ranges are sorted, and those that touch or overlap are one. A run named twice keeps the ranges of both and
    is reported, since other programs read only the last. An absent run is not good, and not bad either.
    """

    flag: ClassVar[str]
    signature = re.compile(rb'\A[\s\xef\xbb\xbf]*\{\s*(?:"\d+"\s*:\s*\[|\}\s*\Z)')

    @classmethod
    def knows(cls, name: str, head: bytes) -> bool:
        """All of them look alike: the name tells which it is."""
        return super().knows(name, head) and kind_of(stem_of(name)) == cls.flag

    def read(self, path: Path) -> Iterator[CertificationRecord | BadRow]:
        path = Path(path)
        pairs, lines = load_object(path, pairs_of)
        ranges: dict[int, list[Range]] = {}
        first_line: dict[int, int] = {}
        for line, (key, value) in zip(lines, pairs, strict=True):
            run = run_number(key)
            if run is None:
                yield BadRow(line, f"run {key!r} is not a run number")
                continue
            if run in ranges:
                yield BadRow(line, f"run {run} is named twice, its ranges are joined")
            first_line.setdefault(run, line)
            good, reasons = good_ranges(value)
            ranges.setdefault(run, []).extend(good)
            yield from (BadRow(line, f"run {run}: {text} {why}") for text, why in reasons)
        for run, parts in ranges.items():
            for first, last in merge_ranges(parts):
                yield CertificationRecord(first_line[run], run, first, last, self.flag, "GOOD")


class GoldenJson(_CertificationJson):
    name = "golden-json"
    summary = "CMS golden JSON: lumisections certified good for physics"
    flag = GOLDEN


class DcsJson(_CertificationJson):
    name = "dcs-json"
    summary = "CMS DCS-only JSON: lumisections with all detectors powered"
    flag = DCS_ONLY


class MuonJson(_CertificationJson):
    name = "muon-json"
    summary = "CMS muon JSON: lumisections certified good for analyses of muons alone"
    flag = MUON


class MlJson(_CertificationJson):
    name = "ml-json"
    summary = "ML JSON: lumisections that detectors of anomalies did not flag"
    flag = ML
