"""What a cone holds, as fast as the database tells it: one statement that Django does not have to build."""

from typing import Any

from django.db import connection

from lightcurves.models import Source
from lightcurves.sky.geometry import ARCSEC, Cone
from lightcurves.sky.zones import apart, near
from project.bulk import raw_rows_of
from project.querysets import from_loading

APART = {"sqlite": "LIMIT -1", "postgresql": "OFFSET 0"}
"""What keeps a statement inside another one, so that each separation is computed once."""


def sources_within(cone: Cone, most: int | None = None) -> list[tuple[int, float]]:
    """Ids of the visible sources in ``cone`` and their separations (arcseconds) from its centre, nearest first.

    As ``Source.objects.visible().in_cone(…)`` has them, at most the nearest ``most``.
    """
    quote = connection.ops.quote_name
    meta: Any = Source._meta
    columns = (meta.get_field(name).column for name in ("id", "zone", "ra", "dec", "file"))
    pk, zone, ra, dec, file = map(quote, columns)
    separation, first = apart(cone, ra, dec, connection.vendor)
    hidden, second = from_loading(file, quote)
    box, third = near(cone, zone, ra, dec)
    inside = (
        f"SELECT {pk} AS id, {separation} AS separation FROM {quote(meta.db_table)}"  # noqa: S608
        f" WHERE NOT {hidden} AND ({box}) {APART[connection.vendor]}"
    )
    sql = f"SELECT id, separation FROM ({inside}) AS box WHERE separation <= %s ORDER BY 2, 1"  # noqa: S608
    params = [*first, *second, *third, cone.radius * ARCSEC]
    return raw_rows_of((sql, params) if most is None else (f"{sql} LIMIT %s", [*params, most]))
