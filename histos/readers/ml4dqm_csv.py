"""ML4DQM CSV: a histogram of a lumisection per row, as CMS made them for machine learning. No Django."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path

import numpy as np

from histos.readers.base import Reader, RowError
from histos.readers.ml4dqm_counts import parse_counts
from histos.readers.ml4dqm_elements import Elements, number, whole_number
from histos.readers.ml4dqm_header import Header, read_header
from histos.readers.ml4dqm_plain import ELEMENT, PlainRow, plain_rows
from histos.readers.rows import (
    MAX_ROW,
    fraction_read,
    open_plain_or_gzip,
    physical_lines,
    split_fields,
    whole_rows,
)
from histos.records import Element, HistogramRecord
from project.records import BadRow, ReaderError


class Ml4dqmCsv(Reader):
    """ML4DQM CSV, plain or gzip, 1D and 2D, with flow bins; ``fromlumi`` 0 is a histogram of the whole run.

    These histograms count, so a list of whole numbers is stored as ``int64`` however it is written, and one
    with a fraction under the element's ``double`` twin. Which of the two depends on the row alone, never on
    what was read before. The empty histograms of a weighted element would look like counts, so for those say
    ``weighted``: then every row is ``double``. Rows longer than ``max_row_bytes`` are refused unread.
    """

    name = "ml4dqm-csv"
    summary = "CMS ML4DQM CSV (.csv, .csv.gz), 1D and 2D histograms per lumisection"
    patterns = ("*.csv", "*.csv.gz")

    def __init__(self, *, weighted: bool = False, max_row_bytes: int = MAX_ROW) -> None:
        self.weighted = weighted
        self.max_row_bytes = max_row_bytes
        self._fraction: Callable[[], float] = float

    def recognises(self, path: Path) -> bool:
        try:
            with open_plain_or_gzip(Path(path)) as stream:
                return bool(read_header(stream, Path(path)))
        except ReaderError:
            return False

    def done(self) -> float:
        return self._fraction()

    def read(self, path: Path) -> Iterator[HistogramRecord | BadRow]:
        path = Path(path)
        with open_plain_or_gzip(path) as stream:
            self._fraction = fraction_read(stream, path)
            header = read_header(stream, path)
            parser = _RowParser(header, weighted=self.weighted)
            lines = physical_lines(stream, path, 2, self.max_row_bytes)
            for item in whole_rows(lines, header.starts_row, self.max_row_bytes):
                if isinstance(item, BadRow):
                    yield item
                elif not item[1].isspace():
                    yield parser.parse(*item)


class _RowParser:
    """Turns the rows of one file into records; remembers the elements it met."""

    def __init__(self, header: Header, *, weighted: bool) -> None:
        self._header = header
        self._elements = Elements()
        self._weighted = weighted
        self._plain = plain_rows(header)
        self._run, self._lumi, self._histo, self._entries = (
            header.at[column] for column in ("fromrun", "fromlumi", "histo", "entries")
        )
        self._texts = itemgetter(*(header.at[column] for column in ELEMENT))

    def parse(self, line: int, row: bytes) -> HistogramRecord | BadRow:
        try:
            return self._record(line, row)
        except RowError as error:
            return BadRow(line, _reason(str(error), row))

    def _record(self, line: int, row: bytes) -> HistogramRecord:
        run, lumisection, entries, histo, texts = self._plain(row) or self._taken_apart(row)
        counted, weighted = self._elements.of(texts)
        counts = parse_counts(histo)
        if len(counts) != counted.cells:
            raise RowError(_wrong_length(len(counts), counted))
        if self._weighted:
            counts = counts.astype(np.float64)
        element = counted if counts.dtype == np.int64 else weighted
        return HistogramRecord(line, run, lumisection, element, entries, counts)

    def _taken_apart(self, row: bytes) -> PlainRow:
        """The fields of a row however it is written, or what is wrong with them."""
        fields = split_fields(row)
        self._header.check(fields)
        texts = self._texts(fields)
        self._elements.of(texts)  # What is wrong with the element is told before a wrong number.
        run = whole_number(fields[self._run], "fromrun", lowest=1)
        lumisection = whole_number(fields[self._lumi], "fromlumi", lowest=0)
        entries = number(fields[self._entries], "entries")
        if entries < 0:
            raise RowError(f"negative entries: {entries:g}")
        return PlainRow(run, lumisection, entries, fields[self._histo], texts)


def _reason(reason: str, row: bytes) -> str:
    """What else is plainly wrong with the row, in front of what was noticed first."""
    if b"\0" in row:
        reason = f"NUL byte: {reason}"
    return reason if row.endswith(b"\n") else f"truncated last line: {reason}"


def _wrong_length(found: int, element: Element) -> str:
    bins = [axis.bins for axis in element.axes]
    terms = [f"({letter}bins {n} + 2)" for letter, n in zip("XY", bins, strict=False)]
    expected = " * ".join(reversed(terms))
    reason = f"wrong length: {found} values, expected {element.cells} = {expected}"
    if len(bins) == 2 and found == bins[0] + 2:
        return f"metype is a {element.root_class}, but the list is one-dimensional: {reason}"
    if found == np.prod(bins):
        return f"{reason}; the flow bins are missing"
    return reason
