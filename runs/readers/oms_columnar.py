"""OMS lumisections as tools keep them on disk: a JSON object of equally long columns. No Django."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from project.records import BadRow, ReaderError
from runs.readers.base import Reader
from runs.readers.json_file import MAX_BYTES, load_object
from runs.readers.oms_rows import LUMISECTION, RUN, Columns, OmsRows
from runs.records import LumisectionRecord, RunRecord

# pb⁻¹ in one unit
LUMINOSITY_UNITS = {"/fb": 1e3, "/pb": 1.0, "/nb": 1e-3, "/ub": 1e-6}


class OmsColumnar(Reader):
    """Lumisections of OMS, ``{"run_number": [...], "lumisection_number": [...]}``; line is the place.

    The files do not name their unit of luminosity. ``/pb`` is the default because with it the colliding
    bunches that follow from pile-up, 23.31 s and 80 mb come out as 2, 8, 62, 386, 818 on the files of 2024,
    the numbers in their ``prescale_name``. Small negative luminosities are the luminometers' noise and kept.

    ``flags`` holds the detector bits and every other simple column. A run may span fills: it gets the one in
    which most was recorded. Its ``era`` is that of a file name like ``omsdata_Run2024A-v1.json``, or given.
    """

    name = "oms-columnar"
    summary = "CMS OMS per-lumisection table, columnar JSON: runs, luminosity, pile-up, detector bits"
    signature = re.compile(rb'\A[\s\xef\xbb\xbf]*\{\s*"[A-Za-z]\w*"\s*:\s*\[\s*[-\dtfnN"]')

    def __init__(
        self, *, luminosity_unit: str = "/pb", era: str | None = None, max_bytes: int = MAX_BYTES
    ) -> None:
        if luminosity_unit not in LUMINOSITY_UNITS:
            known = ", ".join(LUMINOSITY_UNITS)
            raise ValueError(f"luminosity_unit is {luminosity_unit!r}, expected one of {known}")
        self.luminosity_unit = luminosity_unit
        self.era = era
        self.max_bytes = max_bytes

    def read(self, path: Path) -> Iterator[RunRecord | LumisectionRecord | BadRow]:
        path = Path(path)
        columns = _checked(load_object(path, _parse, self.max_bytes), path.name)
        era = _era(path.name) if self.era is None else self.era
        yield from OmsRows(columns, LUMINOSITY_UNITS[self.luminosity_unit], era).records()


def _era(name: str) -> str:
    found = re.search(r"Run(20\d\d[A-Z])", name)
    return found[1] if found else ""


def _parse(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        # Python and JavaScript tools write NaN, which is no JSON.
        if b"NaN" not in content:
            raise
        return json.loads(content)


def _checked(columns: dict[str, Any], name: str) -> Columns:
    if isinstance(columns.get("data"), list) and RUN not in columns:
        raise ReaderError(
            f"{name}: an answer of the OMS API (JSON:API), not a table of columns: oms-json reads it"
        )
    missing = [column for column in (RUN, LUMISECTION) if column not in columns]
    if missing:
        raise ReaderError(f"{name}: missing column {', '.join(missing)}")
    scalars = [column for column, values in columns.items() if not isinstance(values, list)]
    if scalars:
        raise ReaderError(f"{name}: column {', '.join(scalars)} is not a list")
    rows = len(columns[RUN])
    uneven = [f"{column} ({len(values)})" for column, values in columns.items() if len(values) != rows]
    if uneven:
        raise ReaderError(f"{name}: columns of unequal length: {RUN} ({rows}) and {', '.join(uneven)}")
    return columns
