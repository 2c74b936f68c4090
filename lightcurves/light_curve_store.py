"""Where light curves go: rows of vectors, and their sources where those are not known yet."""

from typing import Any, NamedTuple

import numpy as np
from django.db.models import Model

from lightcurves.ensure import adopt, checked_name, ensure_catalog, ensure_survey
from lightcurves.models import Catalog, LightCurve, Source, Survey
from lightcurves.querysets import LightCurveQuerySet
from lightcurves.record_checks import TOLERANCE, VECTORS, check_curve, distance
from lightcurves.records import LightCurveRecord
from project import bulk
from project.loading import CONFLICT, Outcome, Row, insert_or_compare
from project.models import SourceFile
from project.vectors import decode, encode

VALUES = ("unit", *VECTORS, "n_points", "time_min", "time_max")
KEY = ("source_id", "band", "season")
FIELDS = ("source", "band", "season", "survey", "reduction", *VALUES, "file")


class Known(NamedTuple):
    """A source that is stored."""

    pk: int
    ra: float | None
    dec: float | None


class LightCurveStore:
    """Stores light-curve records of one survey under the sources of one catalogue.

    A source that is missing is made, with the position its light curve came with. One that is there keeps its
    own: a light curve that came with another position (more than an arcsecond away) is a conflict.
    """

    tables: tuple[type[Model], ...] = (LightCurve, Source, Survey, Catalog)
    policies = ("keep", "replace")

    def __init__(
        self,
        catalog: str,
        survey: str,
        *,
        time_system: str = "",
        reduction: str = "",
        simulated: bool = False,
    ) -> None:
        self.catalog = checked_name("catalog", catalog)
        self.survey = checked_name("survey", survey)
        self.time_system = time_system
        self.reduction = checked_name("reduction", reduction) if reduction else ""
        self.simulated = simulated
        self._ids: tuple[int, int] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What makes the load of a file into this store another load than into another one."""
        names = ("catalog", "survey", "reduction", "simulated")
        return {name: getattr(self, name) for name in names}

    def forget(self) -> None:
        self._ids = None

    def prepare(self, record: LightCurveRecord) -> Row:
        check_curve(record)
        blobs = [encode(record.time, "<f8"), *(encode(getattr(record, name)) for name in VECTORS[1:])]
        span = (len(record.time), float(record.time[0]), float(record.time[-1]))
        values = (record.unit, *blobs, *span, record.ra, record.dec)
        return Row(record.line, (record.source, record.band, record.season), values, sum(map(len, blobs)))

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        sources = self._resolve(rows, file)
        moved = {id(row): reason for row in rows if (reason := displaced(row, sources))}

        def insert(rows: list[Row]) -> None:
            bulk.insert(LightCurve, FIELDS, [self._values(row, sources, file) for row in rows])

        outcome = insert_or_compare(
            [row for row in rows if id(row) not in moved],
            insert,
            lambda rows: self._existing(rows, sources),
            file,
            same_curve,
            spell,
        )
        for row in rows:
            if id(row) in moved:
                outcome.add(row.line, CONFLICT, moved[id(row)])
        return outcome

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        """Replace the light curves, and the positions of sources, that differ."""
        sources = self._resolve(rows, file)
        there = self._existing(rows, sources)
        settled = 0
        for row in rows:
            file_id, values = there.get(row.key, (None, ()))
            moved = displaced(row, sources)
            if file_id == file.pk or not (moved or (values and not same_curve(values, row.values))):
                continue
            if moved:
                Source.objects.filter(pk=sources[row.key[0]].pk).update(ra=row.values[-2], dec=row.values[-1])
            self._put(row, sources, file)
            settled += 1
        return settled

    def _put(self, row: Row, sources: dict[str, Known], file: SourceFile) -> None:
        """Replace the light curve, which keeps its id, or insert it where there is none."""
        there = self._curves([sources[row.key[0]].pk]).filter(band=row.key[1], season=row.key[2])
        if not there.update(**dict(zip(VALUES, row.values, strict=False)), file=file):
            bulk.insert(LightCurve, FIELDS, [self._values(row, sources, file)])

    def _values(self, row: Row, sources: dict[str, Known], file: SourceFile) -> tuple:
        source, band, season = row.key
        survey = self._names(file)[1]
        return (sources[source].pk, band, season, survey, self.reduction, *row.values[:-2], file.pk)

    def _names(self, file: SourceFile) -> tuple[int, int]:
        if self._ids is None:
            catalog = ensure_catalog(self.catalog, file, simulated=self.simulated)
            self._ids = catalog, ensure_survey(self.survey, file, time_system=self.time_system)
        return self._ids

    def _resolve(self, rows: list[Row], file: SourceFile) -> dict[str, Known]:
        """The sources of a batch by name, those that are missing made: a constant number of queries."""
        catalog = self._names(file)[0]
        positions: dict[str, tuple] = {}
        for row in rows:
            positions.setdefault(row.key[0], row.values[-2:])
        known = self._sources(catalog, list(positions), file)
        missing = [name for name in positions if name not in known]
        if missing:
            places = ((name, *positions[name]) for name in missing)
            new = [
                Source(catalog_id=catalog, name=name, ra=ra, dec=dec, file=file) for name, ra, dec in places
            ]
            Source.objects.bulk_create(new, ignore_conflicts=True)
            known |= self._sources(catalog, missing, file)
        return known

    @staticmethod
    def _sources(catalog: int, names: list[str], file: SourceFile) -> dict[str, Known]:
        there = Source.objects.filter(catalog_id=catalog, name__in=names).order_by()
        found = list(there.values_list("name", "pk", "ra", "dec", "file_id"))
        adopt(Source, [(pk, file_id) for _, pk, _, _, file_id in found], file)
        return {name: Known(pk, ra, dec) for name, pk, ra, dec, _ in found}

    def _curves(self, sources: list[int]) -> LightCurveQuerySet:
        """The stored light curves of these sources that this store may know again."""
        survey = self._ids[1] if self._ids else 0
        return LightCurve.objects.filter(source_id__in=sources, survey_id=survey, reduction=self.reduction)

    def _existing(self, rows: list[Row], sources: dict[str, Known]) -> dict[tuple, tuple[int | None, tuple]]:
        names = {sources[row.key[0]].pk: row.key[0] for row in rows}
        there = self._curves(list(names)).order_by().values_list(*KEY, "file_id", "unit", *VECTORS)
        return {
            (names[pk], band, season): (file_id, tuple(values))
            for pk, band, season, file_id, *values in bulk.raw_rows(there)
        }


def spell(key: tuple) -> str:
    """A light curve in words: source, band, and season where there is one."""
    return " ".join(part for part in key if part)


def same_curve(a: tuple, b: tuple) -> bool:
    """Whether two rows of values hold the same unit and vectors."""
    return a[0] == b[0] and all(
        bytes(mine) == bytes(theirs) or np.array_equal(decode(mine), decode(theirs), equal_nan=True)
        for mine, theirs in zip(a[1:5], b[1:5], strict=True)
    )


def displaced(row: Row, sources: dict[str, Known]) -> str:
    """Why the position a light curve came with is not that of its source; "" where it may be."""
    known = sources[row.key[0]]
    apart = distance((known.ra, known.dec), row.values[-2:])
    if apart <= TOLERANCE:
        return ""
    return f"{row.key[0]} is stored already {apart:.3g} arcsec away, at {known.ra:.6f} {known.dec:+.6f}"
