"""Where the records of a catalogue go: sources with their positions and attributes."""

import re
from typing import Any

import orjson
from django.db.models import Exists, Model, OuterRef

from lightcurves.ensure import checked_name, ensure_catalog
from lightcurves.models import Catalog, LightCurve, Source
from lightcurves.record_checks import TOLERANCE, check_source, distance
from lightcurves.records import SourceRecord
from project import bulk
from project.loading import Outcome, Row, insert_or_compare
from project.loading.compare import Existing
from project.models import SourceFile
from project.records import check_plain

FIELDS = ("catalog", "name", "ra", "dec", "mag", "attributes", "file")
NUL = b"\\u0000"  # as JSON writes it; PostgreSQL keeps no such text
SUSPECT = re.compile(rb"\\|\x7f|\xc2[\x80-\x9f]")
"""What JSON in UTF-8 holds wherever a name or a text of it holds a control character."""


class CatalogStore:
    """Stores source records as the sources of one catalogue. ``ra``, ``dec`` in degrees (ICRS).

    A source that a light curve brought, and of which nothing is known but its position, is filled in.
    """

    tables: tuple[type[Model], ...] = (Source, Catalog)
    policies = ("keep", "replace")

    def __init__(self, catalog: str, *, simulated: bool = False) -> None:
        self.catalog = checked_name("catalog", catalog)
        self.simulated = simulated
        self._catalog_id: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What makes the load of a file into this store another load than into another one."""
        return {"catalog": self.catalog, "simulated": self.simulated}

    @property
    def fills(self) -> bool:
        """Whether there are sources that light curves brought."""
        bare = Source.objects.filter(catalog__name=self.catalog, mag=None, attributes={})
        return bare.filter(Exists(LightCurve.objects.filter(source_id=OuterRef("pk")))).exists()

    def forget(self) -> None:
        self._catalog_id = None

    def prepare(self, record: SourceRecord) -> Row:
        check_source(record)
        try:
            attributes = orjson.dumps(record.attributes, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            raise ValueError(f"its attributes cannot be stored: {error}") from error
        if SUSPECT.search(attributes):
            check_plain(record.attributes, "attribute")
            if NUL in attributes:
                raise ValueError("an attribute holds a NUL character")
        values = (record.ra, record.dec, record.mag, attributes)
        return Row(record.line, (record.name,), values, len(attributes))

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        catalog, as_json = self._resolve(file), bulk.json_parameter()

        def insert(rows: list[Row]) -> None:
            bulk.insert(Source, FIELDS, [
                (catalog, row.key[0], *row.values[:3], as_json(row.values[3]), file.pk) for row in rows
            ])  # fmt: skip

        return insert_or_compare(
            rows,
            insert,
            lambda rows: self._existing(rows, catalog),
            file,
            lambda a, b: same_source(a, b) or is_bare(a, b),
        )

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        """Fill in the bare sources and, to replace, put the others' values in the place of what is stored."""
        catalog = self._resolve(file)
        there = self._existing(rows, catalog)
        settled = 0
        for row in rows:
            file_id, stored = there.get(row.key, (file.pk, ()))
            if file_id == file.pk or same_source(stored, row.values):
                continue
            if policy == "replace" or is_bare(stored, row.values):
                new = described(stored, row.values)
                Source.objects.filter(catalog_id=catalog, name=row.key[0]).update(**new, file=file)
                settled += 1
        return settled

    def _resolve(self, file: SourceFile) -> int:
        if self._catalog_id is None:
            self._catalog_id = ensure_catalog(self.catalog, file, simulated=self.simulated)
        return self._catalog_id

    @staticmethod
    def _existing(rows: list[Row], catalog: int) -> Existing:
        there = Source.objects.filter(catalog_id=catalog, name__in=[row.key[0] for row in rows]).order_by()
        found = bulk.raw_rows(there.values_list("name", "file_id", *FIELDS[2:6]))
        return {(name,): (file_id, tuple(values)) for name, file_id, *values in found}


def same_source(a: tuple, b: tuple) -> bool:
    """Whether two rows of values say the same; PostgreSQL gives attributes parsed and in another order."""
    return a[:3] == b[:3] and (a[3] == b[3] or _parsed(a[3]) == _parsed(b[3]))


def is_bare(stored: tuple, new: tuple) -> bool:
    """Whether of the stored source at most a position is known, which ``new`` does not contradict."""
    return stored[2] is None and not _parsed(stored[3]) and distance(stored[:2], new[:2]) <= TOLERANCE


def described(stored: tuple, new: tuple) -> dict[str, Any]:
    """Fields of a source as ``new`` says; a bare one keeps its position where ``new`` has none."""
    ra, dec = stored[:2] if new[0] is None and is_bare(stored, new) else new[:2]
    return {"ra": ra, "dec": dec, "mag": new[2], "attributes": orjson.loads(new[3])}


def _parsed(attributes: Any) -> Any:
    return orjson.loads(attributes) if isinstance(attributes, str | bytes) else attributes
