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

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        (ra, before), (dec, after) = (compiler.compile(expression) for expression in self.source_expressions)
        sql, values = apart(self.cone, ra, dec, connection.vendor)
        return sql, (*before, *after, *values)


def apart(cone: Cone, ra: str, dec: str, vendor: str) -> Sql:
    """``lightcurves.sky.geometry.separation``, word for word, in arcseconds, of the columns ``ra`` and ``dec``."""
    value = "%s"
    if vendor == "postgresql":
        value = "%s::float8"
        ra, dec = (f"(CASE WHEN ABS({column}) < {TINY} THEN 0 ELSE {column} END)" for column in (ra, dec))
    ra0, dec0 = (0.0 if abs(angle) < TINY else angle for angle in (cone.ra, cone.dec))
    across, north, south = f"RADIANS({ra} - {value})", f"RADIANS({dec})", radians(dec0)
    sql = (
        f"DEGREES(ATAN2(SQRT(POWER(COS({north}) * SIN({across}), 2) + POWER(SIN({north} - {value})"
        f" + {value} * COS({north}) * POWER(SIN({across} / 2), 2), 2)),"
        f" {value} * SIN({north}) + {value} * COS({north}) * COS({across}))) * {ARCSEC}"
    )
    return sql, (ra0, south, 2 * sin(south), ra0, sin(south), cos(south), ra0)


@ZoneField.register_lookup
class InCone(Lookup):
    """``zone__cone=Cone(…)``: what the index finds around it, then decided by the separation."""

    lookup_name = "cone"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        cone: Cone = self.rhs
        get_field = self.lhs.target.model._meta.get_field
        ra, dec = (Col(self.lhs.alias, get_field(name)) for name in ("ra", "dec"))
        box, params = near(cone, *(compiler.compile(column)[0] for column in (self.lhs, ra, dec)))
        separation, more = compiler.compile(Separation(ra, dec, cone))
        return f"(({box}) AND {separation} <= %s)", (*params, *more, cone.radius * ARCSEC)


def near(cone: Cone, zone: str, ra: str, dec: str) -> Sql:
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
