"""The monitoring element of an ML4DQM row: name, ROOT class and binning. No Django."""

import math

from histos.readers.base import RowError
from histos.readers.ml4dqm_plain import ELEMENT
from histos.records import Axis, Element

ROOT_CLASSES = {3: "TH1F", 4: "TH1S", 5: "TH1D", 6: "TH2F", 7: "TH2S", 8: "TH2D"}
MAX_CELLS = 10**7
MAX_INTEGER = 2**31 - 1  # what an integer column of a database holds
KEPT = 1 << 14  # elements; a file that changes its binning row by row must not fill the memory


class Elements:
    """Elements by what the columns ELEMENT say; equal ones are the same object, so that identities may be compared.

    ``of`` gives two: the element of whole counts and its twin of fractional ones (storage ``double``).
    """

    def __init__(self) -> None:
        self._by_text: dict[tuple[bytes, ...], tuple[Element, Element]] = {}
        self._by_value: dict[Element, tuple[Element, Element]] = {}

    def __len__(self) -> int:
        return len(self._by_text)

    def of(self, texts: tuple[bytes, ...]) -> tuple[Element, Element]:
        known = self._by_text.get(texts)
        if known is None:
            known = self._remember(texts, parse_element(dict(zip(ELEMENT, texts, strict=True))))
        return known

    def _remember(self, key: tuple[bytes, ...], element: Element) -> tuple[Element, Element]:
        if len(self._by_text) >= KEPT:
            self._by_text.clear()
            self._by_value.clear()
        pair = self._by_value.setdefault(element, (element, element._replace(storage="double")))
        return self._by_text.setdefault(key, pair)


def parse_element(texts: dict[str, bytes]) -> Element:
    """The element whose columns hold ``texts``, with storage ``int64``."""
    root_class = ROOT_CLASSES.get(whole_number(texts["metype"], "metype"), "")
    if not root_class:
        raise RowError(f"unknown metype {_text(texts['metype'])}, expected 3 to 8")
    axes = [_axis(texts, "X")]
    if root_class.startswith("TH2"):
        axes.append(_axis(texts, "Y"))
    elif texts["Ybins"].strip() and whole_number(texts["Ybins"], "Ybins") > 1:
        raise RowError(f"metype is a {root_class}, but Ybins is {_text(texts['Ybins'])}")
    element = Element(_name(texts["hname"]), tuple(axes), "int64", root_class)
    if element.cells > MAX_CELLS:
        raise RowError(f"absurd binning: {element.cells} cells, at most {MAX_CELLS}")
    return element


def whole_number(text: bytes, column: str, lowest: int = 0) -> int:
    """An integer of at least ``lowest``; ``100.0`` is one too, since pandas writes them so."""
    if text.isdigit() and len(text) < 10:
        value = int(text)
    else:
        exact = number(text, column)
        if not exact.is_integer() or exact > MAX_INTEGER:
            raise RowError(f"{column} is not a whole number: {_text(text)}")
        value = int(exact)
    if value < lowest:
        raise RowError(f"{column} is {value}, expected at least {lowest}")
    return value


def number(text: bytes, column: str) -> float:
    """A finite number from ``text``."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
        if text.strip().lower() not in (b"nan", b"-nan"):
            raise RowError(f"{column} is not a number: {_text(text)}") from None
    if not math.isfinite(value) or b"_" in text:
        raise RowError(f"{column} is not a finite number: {_text(text)}")
    return value


def _axis(texts: dict[str, bytes], letter: str) -> Axis:
    lower, upper = (number(texts[letter + end], letter + end) for end in ("min", "max"))
    bins = whole_number(texts[f"{letter}bins"], f"{letter}bins", lowest=1)
    if not lower < upper:
        raise RowError(f"reversed axis range: {letter}min {lower:g} is not below {letter}max {upper:g}")
    if not math.isfinite(upper - lower):
        raise RowError(f"axis range too wide: {letter}min {lower:g} to {letter}max {upper:g}")
    return Axis(lower, upper, bins)


def _name(text: bytes) -> str:
    try:
        name = text.decode().strip()
    except UnicodeDecodeError:
        raise RowError("hname is not UTF-8") from None
    if not name or not name.isprintable():
        raise RowError(f"hname is {'not printable' if name else 'empty'}")
    return name


def _text(text: bytes) -> str:
    return repr(text[:40].decode("utf-8", "replace"))
