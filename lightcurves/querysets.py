"""Reads of sources and light curves. What is being loaded is left out; take no slice before."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from lightcurves import lookup, series, source_table
from lightcurves.sky import reads as sky_reads
from lightcurves.sky.density import CELLS, Box, Density
from lightcurves.sky.geometry import Cone
from lightcurves.sky.zones import Separation
from project.querysets import LoadedQuerySet
from project.samples import Series, Table


class SourceQuerySet(LoadedQuerySet):
    def of_catalog(self, name: str) -> Self:
        return self.filter(catalog__name=name)

    def in_cone(self, ra: float, dec: float, radius: float) -> Self:
        """Sources at most ``radius`` away from a place (all degrees), nearest first; exact everywhere.

        Each comes with its ``separation`` in arcseconds. ValueError where there is no such cone.
        """
        cone = Cone(ra, dec, radius)
        return self.filter(zone__cone=cone).nearest_to(cone)

    def nearest_to(self, cone: Cone) -> Self:
        """Each with its ``separation`` from the centre in arcseconds, in that order; machines have none."""
        apart = Separation("ra", "dec", cone)
        return self.annotate(separation=apart).order_by("separation", "id")

    def density(self, n: int = CELLS, box: Box | None = None) -> Density:
        """How many lie where on the sky, in ``n`` cells along RA: of ``box``, else of all there are.

        Counted by the database, and kept until something is loaded.
        """
        return sky_reads.read_density(self, n, box)

    def as_table(self, columns: Sequence[str], *, complete: bool = True) -> tuple[Table, dict[str, int]]:
        """One row per source in order of ids (``<catalog>:<name>``), and how many lack each column.

        A column is ``ra``, ``dec``, ``mag`` or an attribute that holds numbers, ``log10(name)``, or a
        difference ``a - b`` of two such. Sources that lack one are left out, and counted under the first they
        lack; with ``complete=False`` they stay, with NaN.
        """
        return source_table.read_table(self.visible(), columns, complete)[:2]

    def numbers_of(self, columns: Sequence[str]) -> dict[int, list[float]]:
        """Of a few sources, by id, their values of such columns; NaN where one is missing."""
        return source_table.read_numbers(self.visible(), columns)

    def as_labelled_table(self, columns: Sequence[str], label: str | None) -> source_table.Labelled:
        """``as_table`` and, for each of its rows, the attribute ``label`` as text ("" without), in one pass."""
        return source_table.read_table(self.visible(), columns, True, label)

    def attribute_of(self, name: str, ids: Sequence[str] | np.ndarray | None = None) -> np.ndarray:
        """An attribute as texts, "" where it is missing: of the sources ``ids``, else of all by id."""
        return source_table.read_labels(self.visible(), name, ids)

    def ids_of(self, keys: Sequence[str]) -> dict[str, int]:
        """Row ids by natural key, ``<catalog>:<name>``, in batches; a key of no source is left out."""
        return lookup.source_ids(self.visible(), keys)


class LightCurveQuerySet(LoadedQuerySet):
    def of_catalog(self, name: str) -> Self:
        return self.filter(source__catalog__name=name)

    def of_survey(self, name: str) -> Self:
        return self.filter(survey__name=name)

    def in_band(self, *bands: str) -> Self:
        return self.filter(band__in=bands)

    def as_series(self, *, good_only: bool = True) -> Series:
        """In order of ids, which ``keys.light_curve_key`` spells; groups are sources: one query.

        ``good_only`` leaves out points whose flag is not 0; a light curve without a good one stays, empty.
        """
        return series.read_series(self.visible(), good_only)

    def as_table(self, features: Sequence[str] = (), *, good_only: bool = True) -> Table:
        """One row of features (all where none is named) per light curve; NaN where one is not defined."""
        return series.read_features(self.visible(), features, good_only)

    def ids_of(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Row ids of light curves and of their sources by natural key, in batches."""
        return lookup.light_curve_ids(self.visible(), keys)
