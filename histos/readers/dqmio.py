"""DQMIO and nanoDQMIO: CMS' ROOT files of monitoring elements per lumisection and run. No Django, no ROOT."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from histos.readers.base import Reader, RowError
from histos.readers.root_elements import CLASSES, RootElements
from histos.readers.root_files import Rows, is_root, opened
from histos.readers.root_streams import StreamError, text
from histos.records import HistogramRecord
from project.records import BadRow, Passed, ReaderError

TREES = ("Ints", "Floats", "Strings", "TH1Fs", "TH1Ss", "TH1Ds", "TH2Fs", "TH2Ss", "TH2Ds", "TH3Fs", "TProfiles",
         "TProfile2Ds", "TH1Is", "TH2Is")  # fmt: skip
"""Trees by the number that ``Indices.Type`` holds; since CMSSW 13 one stands in between, which moves those after it."""
POLYGONS, POLYGONS_AT = "TH2Polys", 9
NOTHING_STORED = 1000
INDEX = ("Run", "Lumi", "Type", "FirstIndex", "LastIndex")
MOST = 2**31 - 1


class Stretch(NamedTuple):
    """Rows ``first`` to ``last`` (inclusive) of one tree belong to one lumisection, or with 0 to the whole run."""

    run: int
    lumisection: int
    tree: str
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class Dqmio(Reader):
    """DQMIO and nanoDQMIO ROOT files, all TH1, TH2 and profiles with flow bins; lumisection 0 is the whole run.

    The line of a record is its place among all rows of the file's ``Indices``. Integers, floats, texts and TH3F, which
    are no histograms of one or two axes, are counted and passed over.
    """

    name = "dqmio"
    summary = "CMS DQMIO and nanoDQMIO (.root), read without ROOT: histograms per lumisection and per run"
    patterns = ("*DQMIO*.root",)

    def recognises(self, path: Path) -> bool:
        if not is_root(path):
            return False
        try:
            with opened(path) as file:
                return "Indices" in file.keys(recursive=False, cycle=False)
        except ReaderError:
            return False

    def read(self, path: Path) -> Iterator[HistogramRecord | BadRow | Passed]:
        path = Path(path)
        with opened(path) as file:
            names = file.keys(recursive=False, cycle=False)
            stretches = index(file, names, path.name)
            self._read, self._all = 0, sum(stretch.size for stretch in stretches)
            trees = {
                tree: Tree(file[tree], tree, path.name) for tree in {s.tree for s in stretches} & {*names}
            }
            yield from self._records(stretches, trees)

    def _records(self, stretches: list[Stretch], trees: dict[str, "Tree"]) -> Iterator[Any]:
        elements = RootElements()
        passed: Counter[str] = Counter()
        line = 1
        for stretch in stretches:
            if stretch.tree in trees and stretch.tree[:-1] in CLASSES:
                yield from self._histograms(stretch, line, trees[stretch.tree], elements)
            else:
                passed[stretch.tree] += stretch.size
            line += stretch.size
            self._read = line - 1
        for tree, number in sorted(passed.items()) if not self.elements else ():
            yield Passed(0, f"{number:,} {tree}: not a histogram of one or two axes")

    def _histograms(
        self, stretch: Stretch, first_line: int, tree: "Tree", elements: RootElements
    ) -> Iterator[Any]:
        run, lumisection, root_class = stretch.run, stretch.lumisection, stretch.tree[:-1]
        for line, row in enumerate(range(stretch.first, stretch.last + 1), first_line):
            name = ""
            try:
                name = tree.name(row)
                if not self.wants(name):
                    continue
                element, entries, counts = elements.take(name, root_class, tree.values[row])
                yield HistogramRecord(line, run, lumisection, element, entries, counts)
            except RowError as error:
                where = f"run {run} LS {lumisection} {name or root_class}"
                yield BadRow(line, f"{where}: {error}")


class Tree:
    """One of the trees: names and streamed histograms by row."""

    def __init__(self, tree: Any, name: str, file: str) -> None:
        missing = {"FullName", "Value"} - set(tree.keys(recursive=False))
        if missing:
            raise ReaderError(f"{file}: not DQMIO, {name} has no branch {', '.join(sorted(missing))}")
        self.values = Rows(tree["Value"])
        self._names = Rows(tree["FullName"])
        self._known: dict[bytes, str] = {}

    def name(self, row: int) -> str:
        """The full name of the element, ``PixelPhase1/Tracks/PXBarrel/charge_PXLayer_1``."""
        data = bytes(self._names[row])
        known = self._known.get(data)
        if known is None:
            known = self._known[data] = _full_name(data)
        return known


def _full_name(data: bytes) -> str:
    try:
        name, _ = text(data, 0)
    except (StreamError, IndexError) as error:
        raise RowError(f"its name cannot be read: {error}") from error
    if not name or not name.isprintable():
        raise RowError(f"its name is {name[:40]!r}")
    return name


def index(file: Any, names: list[str], file_name: str) -> list[Stretch]:
    """What ``Indices`` says, in its order. ReaderError where it leads out of the trees."""
    if "Indices" not in names:
        raise ReaderError(f"{file_name}: not DQMIO, there is no tree Indices: try --reader root")
    tree = file["Indices"]
    if missing := [branch for branch in INDEX if branch not in tree]:
        raise ReaderError(f"{file_name}: not DQMIO, Indices has no branch {', '.join(missing)}")
    columns = tree.arrays(list(INDEX), library="np")
    kinds = dict(enumerate(_trees(names)))
    sizes = {name: file[name].num_entries for name in set(kinds.values()) & set(names)}
    # The last row of nothing is -1, written without a sign.
    rows = zip(*(columns[branch].astype(np.int64).tolist() for branch in INDEX), strict=True)
    return [
        _stretch(row, kinds, sizes, f"{file_name}: Indices, row {number}")
        for number, row in enumerate(rows, 1)
        if row[2] < NOTHING_STORED and row[4] >= row[3]
    ]


def _trees(names: list[str]) -> tuple[str, ...]:
    if POLYGONS in names:
        return (*TREES[:POLYGONS_AT], POLYGONS, *TREES[POLYGONS_AT:])
    return TREES


def _stretch(row: tuple[int, ...], kinds: dict[int, str], sizes: dict[str, int], where: str) -> Stretch:
    run, lumisection, kind, first, last = row
    if not 0 < run <= MOST or not 0 <= lumisection <= MOST:
        raise ReaderError(f"{where}: run {run}, lumisection {lumisection}")
    tree = kinds.get(kind, f"things of type {kind}")
    if tree in sizes and not 0 <= first <= last < sizes[tree]:
        raise ReaderError(f"{where}: rows {first} to {last} of {tree}, which has {sizes[tree]}")
    return Stretch(run, lumisection, tree, first, last)
