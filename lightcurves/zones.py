"""Where sources lie, as the database answers it: zones of declination, cones and separations."""

from functools import lru_cache
from itertools import chain
from math import cos, radians, sin
from typing import Any

from django.db.models import F, FloatField, Func, IntegerField, Lookup, SmallIntegerField
from django.db.models.expressions import Col

from lightcurves.sky import ARCSEC, ZONES_PER_DEGREE, Cone, separation

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
    function = "SKY_SEPARATION"

    def __init__(self, ra: Any, dec: Any, cone: Cone) -> None:
        super().__init__(ra, dec)
        self.cone = cone

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        columns, params = self._columns(compiler)
        return f"{self.function}({', '.join(columns)}, %s, %s)", (*params, self.cone.ra, self.cone.dec)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        """``lightcurves.sky.separation``, word for word."""
        columns, params = self._columns(compiler)
        ra, dec = (f"(CASE WHEN ABS({column}) < {TINY} THEN 0 ELSE {column} END)" for column in columns)
        ra0, dec0 = (0.0 if abs(angle) < TINY else angle for angle in (self.cone.ra, self.cone.dec))
        across, north, south = f"RADIANS({ra} - %s::float8)", f"RADIANS({dec})", radians(dec0)
        sql = (
            f"DEGREES(ATAN2(SQRT(POWER(COS({north}) * SIN({across}), 2) + POWER(SIN({north} - %s::float8)"
            f" + %s::float8 * COS({north}) * POWER(SIN({across} / 2), 2), 2)),"
            f" %s::float8 * SIN({north}) + %s::float8 * COS({north}) * COS({across}))) * {ARCSEC}"
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


def teach_sqlite(connection: Any, **named: Any) -> None:
    """Give a new connection to SQLite, which knows no spheres, the function that ``Separation`` calls."""
    if connection.vendor == "sqlite":
        # Asked for the same source again, to filter, to order and to show.
        remembered = lru_cache(1)(_separation)
        connection.connection.create_function(Separation.function, 4, remembered, deterministic=True)


def _separation(ra: float | None, dec: float | None, ra0: float, dec0: float) -> float | None:
    return None if ra is None or dec is None else separation(ra, dec, ra0, dec0) * ARCSEC
