"""Where sources lie, as the database answers it: zones of declination, cones and separations."""

import math
import sqlite3
from collections.abc import Callable
from itertools import chain
from math import cos, radians, sin
from typing import Any

from django.db.models import F, FloatField, Func, IntegerField, Lookup, SmallIntegerField
from django.db.models.expressions import Col

from lightcurves.sky.geometry import ARCSEC, ZONES_PER_DEGREE, Cone

MOST_ZONES = 400
"""Of a cone that is looked up zone by zone: 33 degrees. A higher one is read as one range of them."""
TINY = 1e-30
"""Degrees that PostgreSQL is told are none: it refuses products that underflow."""

Sql = tuple[str, tuple[Any, ...]]


class WholePart(Func):
    """A number without its decimals."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS integer)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="TRUNC(%(expressions)s)::integer", **context)


class ZoneField(SmallIntegerField):
    """The zone of declination a source lies in; its lookup ``cone`` takes a ``Cone`` and is exact."""


ZONE = WholePart((F("dec") + 90.0) * ZONES_PER_DEGREE)


class Separation(Func):
    """Arcseconds from a place (degrees) to the place in two columns."""

    output_field = FloatField()

    def __init__(self, ra: Any, dec: Any, cone: Cone) -> None:
        super().__init__(ra, dec)
        self.cone = cone

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        columns, params = self._columns(compiler)
        return self._formula(columns, params, "%s")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        columns, params = self._columns(compiler)
        guarded = [f"(CASE WHEN ABS({column}) < {TINY} THEN 0 ELSE {column} END)" for column in columns]
        return self._formula(guarded, params, "%s::float8")

    def _formula(self, columns: list[str], params: list[Any], value: str) -> Sql:
        """``lightcurves.sky.geometry.separation``, word for word; a ``value`` stands where a parameter goes."""
        ra, dec = columns
        ra0, dec0 = (0.0 if abs(angle) < TINY else angle for angle in (self.cone.ra, self.cone.dec))
        across, north, south = f"RADIANS({ra} - {value})", f"RADIANS({dec})", radians(dec0)
        sql = (
            f"DEGREES(ATAN2(SQRT(POWER(COS({north}) * SIN({across}), 2) + POWER(SIN({north} - {value})"
            f" + {value} * COS({north}) * POWER(SIN({across} / 2), 2), 2)),"
            f" {value} * SIN({north}) + {value} * COS({north}) * COS({across}))) * {ARCSEC}"
        )
        return sql, (*params, ra0, south, 2 * sin(south), ra0, sin(south), cos(south), ra0)

    def _columns(self, compiler: Any) -> tuple[list[str], list[Any]]:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        return [sql for sql, _ in parts], [value for _, values in parts for value in values]


@ZoneField.register_lookup
class InCone(Lookup):
    """``zone__cone=Cone(…)``: what the index finds around it, then decided by the separation."""

    lookup_name = "cone"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        cone: Cone = self.rhs
        get_field = self.lhs.target.model._meta.get_field
        ra, dec = (Col(self.lhs.alias, get_field(name)) for name in ("ra", "dec"))
        near, params = _near(cone, *(compiler.compile(column)[0] for column in (self.lhs, ra, dec)))
        apart, more = compiler.compile(Separation(ra, dec, cone))
        return f"(({near}) AND {apart} <= %s)", (*params, *more, cone.radius * ARCSEC)


def _near(cone: Cone, zone: str, ra: str, dec: str) -> Sql:
    """A box around the cone, as the index (zone, ra, dec) holds it; two boxes across RA 0."""
    first, last = cone.zone_range
    if last - first < MOST_ZONES:
        zones, bounds = f"{zone} IN ({', '.join(['%s'] * (last - first + 1))})", [*range(first, last + 1)]
    else:
        zones, bounds = f"{zone} BETWEEN %s AND %s", [first, last]
    box, params = f"{zones} AND {dec} BETWEEN %s AND %s", [*bounds, *cone.dec_range]
    ranges = cone.ra_ranges
    if not ranges:
        return box, tuple(params)
    boxes = [f"({box} AND {ra} BETWEEN %s AND %s)"] * len(ranges)
    return " OR ".join(boxes), tuple(chain.from_iterable([*params, *pair] for pair in ranges))


MATHS: dict[str, tuple[int, Callable[..., float]]] = {
    "RADIANS": (1, math.radians), "DEGREES": (1, math.degrees), "SIN": (1, sin), "COS": (1, cos),
    "SQRT": (1, math.sqrt), "ATAN2": (2, math.atan2), "POWER": (2, math.pow),
}  # fmt: skip


def teach_sqlite(connection: Any, **named: Any) -> None:
    """Give a new connection to a SQLite that was built without mathematics the functions of ``Separation``."""
    if connection.vendor != "sqlite":
        return
    plain = connection.connection
    try:
        plain.execute("SELECT ATAN2(SIN(RADIANS(1)), 1)").fetchall()
    except sqlite3.OperationalError:
        for name, (arguments, function) in MATHS.items():
            plain.create_function(name, arguments, _of_known(function), deterministic=True)


def _of_known(function: Callable[..., float]) -> Callable[..., float | None]:
    """As SQL has it: what is not known stays so."""
    return lambda *values: None if None in values else function(*values)
