"""Rows of an ML4DQM CSV as nearly all are written, taken apart by one regular expression. No Django."""

import re
from collections.abc import Callable
from typing import NamedTuple

from histos.readers.ml4dqm_header import COLUMNS, Header

_TEXT = rb'[^",\r\n]*'
_SHAPES = {
    "fromrun": rb"[1-9]\d{0,8}",
    "fromlumi": rb"\d{1,9}",
    "entries": rb"\d{1,15}(?:\.\d*)?",
}
ELEMENT = ("hname", "metype", "Xmax", "Xmin", "Xbins", "Ymax", "Ymin", "Ybins")


class PlainRow(NamedTuple):
    """The fields of a row whose numbers need no further check; ``element`` holds the texts of ELEMENT."""

    run: int
    lumisection: int
    entries: float
    histo: bytes
    element: tuple[bytes, ...]


def plain_rows(header: Header) -> Callable[[bytes], PlainRow | None]:
    """What takes apart a row without blanks whose only quoted field is the list and whose twin columns are equal.

    It gives None for any other row: that one is for the csv module, and for whoever says what is wrong with it.
    """
    pattern = re.compile(_pattern(header))
    match, number = pattern.match, pattern.groupindex
    numbers = [number[name] for name in ("fromrun", "fromlumi", "entries", "histo")]
    texts = [number[name] for name in ELEMENT]

    def taken(row: bytes) -> PlainRow | None:
        found = match(row)
        if found is None:
            return None
        run, lumisection, entries, histo = found.group(*numbers)
        return PlainRow(int(run), int(lumisection), float(entries), histo, found.group(*texts))

    return taken


def _pattern(header: Header) -> bytes:
    first = {second: name for name, _, second in header.twins}
    names = {at: name for name, at in header.at.items() if name in COLUMNS}
    fields = []
    for place in range(header.width):
        if place in first:
            fields.append(b"(?P=%s)" % first[place].encode())
        elif names.get(place) == "histo":
            fields.append(rb'"(?P<histo>\[[^"]*\])"')
        elif place in names:
            name = names[place]
            fields.append(b"(?P<%s>%s)" % (name.encode(), _SHAPES.get(name, _TEXT)))
        else:
            fields.append(_TEXT)
    return b",".join(fields) + rb"[\r\n]*\Z"
