"""VOTable documents, written row by row (IVOA VOTable 1.1, which Simple Cone Search 1.03 asks for). No Django."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "text/xml;content=x-votable"
NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.1"
PART_ROWS = 500
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<VOTABLE version="1.1" xmlns="{NAMESPACE}">\n'
    '<COOSYS ID="ICRS" system="ICRS"/>\n'
)


@dataclass(frozen=True)
class Field:
    """One column; ``datatype`` is ``double``, or ``char`` and ``unicodeChar`` for texts."""

    name: str
    datatype: str
    ucd: str
    unit: str = ""
    description: str = ""

    def element(self) -> str:
        given = {"name": self.name, "datatype": self.datatype, "ucd": self.ucd, "unit": self.unit}
        if self.datatype != "double":
            given["arraysize"] = "*"
        if self.ucd.startswith("POS_EQ_"):
            given["ref"] = "ICRS"
        attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items() if value)
        return f"<FIELD {attributes}><DESCRIPTION>{escape(self.description)}</DESCRIPTION></FIELD>\n"


def document(
    fields: Sequence[Field], rows: Iterable[Sequence[Any]], title: str, infos: Sequence[str] = ()
) -> Iterator[bytes]:
    """A table in parts of some rows; None is an empty cell, a number keeps all its digits."""
    head = [HEAD, f'<RESOURCE type="results">\n<DESCRIPTION>{escape(title)}</DESCRIPTION>\n', *infos]
    yield "".join(
        [*head, "<TABLE>\n", *(field.element() for field in fields), "<DATA><TABLEDATA>\n"]
    ).encode()
    part: list[str] = []
    for row in rows:
        part.append(f"<TR>{''.join(map(_cell, row))}</TR>\n")
        if len(part) == PART_ROWS:
            yield "".join(part).encode()
            part.clear()
    yield "".join([*part, "</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n"]).encode()


def info(name: str, value: str, text: str = "") -> str:
    return f"<INFO name={quoteattr(name)} value={quoteattr(value)}>{escape(text)}</INFO>\n"


def error(message: str) -> bytes:
    """A document that says why there is no table, as Simple Cone Search wants it."""
    wrong = f'<INFO ID="Error" name="Error" value={quoteattr(message)}/>\n'
    status = f'<RESOURCE type="results">{info("QUERY_STATUS", "ERROR", message)}</RESOURCE>\n'
    return f"{HEAD}{wrong}{status}</VOTABLE>\n".encode()


def _cell(value: Any) -> str:
    return (
        "<TD/>" if value is None else f"<TD>{escape(value if isinstance(value, str) else repr(value))}</TD>"
    )
