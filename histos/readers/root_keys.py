"""Plain ROOT files: histograms as keys, in folders or not, of one run or many. No Django, no ROOT."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from histos.readers.base import Reader, RowError
from histos.readers.root_elements import CLASSES, RootElements
from histos.readers.root_files import is_root, opened
from histos.records import HistogramRecord
from project.records import BadRow, Passed, ReaderError

HARVESTED = re.compile(
    r"(?:^|/)DQMData/Run (?P<run>\d+)/(?P<folder>[^/]+)/"
    r"(?:Run summary|By Lumi Section (?P<first>\d+)-(?P<last>\d+))/(?P<rest>.+)$"
)
"""Where DQM harvesting puts an element: ``DQMData/Run 315257/Tracking/Run summary/TrackParameters/…``."""
PREFIXED = re.compile(r"(?P<folder>(?:.*/)?)run(?P<run>\d{1,9})_ls(?P<first>\d{1,9})_(?P<rest>[^/]+)$")
"""Keys that tell run and lumisection: ``run367094_ls1_PixelPhase1_Tracks_…``."""
FOLDERS = ("TDirectory", "TDirectoryFile")
MOST = 2**31 - 1


class Place(NamedTuple):
    run: int
    lumisection: int
    name: str


class RootKeys(Reader):
    """ROOT files with TH1, TH2 and profiles as keys; run and lumisection come from the key or are said.

    Understood are the folders of DQM harvesting and keys such as ``run367094_ls1_name``. For any other file say
    ``run``, and ``lumisection`` unless the histograms are of the whole run. The line of a record is its place among
    the keys; other objects are counted and passed over.
    """

    name = "root"
    summary = "plain ROOT files (.root) with TH1, TH2 and profiles as keys, such as those of DQM harvesting"
    patterns = ("*.root",)

    def __init__(self, *, run: int | None = None, lumisection: int = 0) -> None:
        if run is not None and not 0 < run <= MOST:
            raise ValueError(f"run {run} is not from 1 to {MOST}")
        if not 0 <= lumisection <= MOST or (run is None and lumisection):
            raise ValueError(f"lumisection {lumisection} of run {run}")
        self._said = run, lumisection

    def recognises(self, path: Path) -> bool:
        if not is_root(path):
            return False
        try:
            with opened(path) as file:
                return "Indices" not in file.keys(recursive=False, cycle=False)
        except ReaderError:
            return False

    def read(self, path: Path) -> Iterator[HistogramRecord | BadRow | Passed]:
        path = Path(path)
        with opened(path) as file:
            kinds = file.classnames(recursive=True, cycle=False)
            if not any(kind in CLASSES for kind in kinds.values()):
                raise ReaderError(f"{path.name}: there is no histogram among its {len(kinds)} keys")
            self._read, self._all = 0, len(kinds)
            yield from self._keys(file, kinds, path.name)

    def _keys(self, file: Any, kinds: dict[str, str], file_name: str) -> Iterator[Any]:
        elements = RootElements()
        passed: Counter[str] = Counter()
        for line, (key, kind) in enumerate(kinds.items(), 1):
            self._read = line
            if kind not in CLASSES:
                passed[kind] += kind not in FOLDERS
                continue
            place = self._place(key, file_name, passed)
            if place is None or not self.wants(place.name):
                continue
            try:
                element, entries, counts = elements.take(
                    place.name, kind, _bytes(file.key(key)), leaf=key.rpartition("/")[2]
                )
                yield HistogramRecord(line, place.run, place.lumisection, element, entries, counts)
            except RowError as error:
                yield BadRow(line, f"{key}: {error}")
        for what, number in sorted((+passed).items()) if not self.elements else ():
            yield Passed(0, f"{number:,} {what}: not a histogram of one or two axes")

    def _place(self, key: str, file_name: str, passed: Counter[str]) -> Place | None:
        """Where the histogram belongs; None for one of several lumisections together."""
        if found := HARVESTED.search(key):
            if found["first"] != found["last"]:
                passed["histograms of several lumisections together"] += 1
                return None
            place = Place(int(found["run"]), int(found["first"] or 0), f"{found['folder']}/{found['rest']}")
        elif found := PREFIXED.match(key):
            place = Place(int(found["run"]), int(found["first"]), found["folder"] + found["rest"])
        elif self._said[0] is not None:
            return Place(self._said[0], self._said[1], key)
        else:
            raise ReaderError(f"{file_name}: {key} names no run: say it with --run")
        if self._said[0] not in (None, place.run):
            raise ReaderError(f"{file_name}: {key} is of run {place.run}, not {self._said[0]}")
        return place


def _bytes(key: Any) -> bytes:
    """The object of a key, unpacked, with its header."""
    chunk, cursor = key.get_uncompressed_chunk_cursor()
    return bytes(chunk.get(0, key.data_uncompressed_bytes, cursor, {}))
