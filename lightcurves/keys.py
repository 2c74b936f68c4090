"""Natural keys as sample ids: the same on every site. No Django.

A source is ``<catalog>:<name>``, a light curve
``<catalog>:<source>:<survey>:<band>[:<season>[:<reduction>]]``. Only a source's name may hold a colon.
"""


def source_key(catalog: str, name: str) -> str:
    return f"{catalog}:{name}"


def light_curve_key(
    catalog: str, source: str, survey: str, band: str, season: str = "", reduction: str = ""
) -> str:
    tail = (season, reduction) if reduction else (season,) if season else ()
    return ":".join((catalog, source, survey, band, *tail))


def split_source_key(key: str) -> tuple[str, str]:
    """Catalogue and name; ValueError where it is no key of a source."""
    catalog, colon, name = key.partition(":")
    if not (catalog and colon and name):
        raise ValueError(f"{key!r} is not <catalog>:<name>")
    return catalog, name


def possible_sources(key: str) -> list[tuple[str, str]]:
    """Catalogue and name of the sources whose light curve ``key`` may be: two to four parts taken off."""
    catalog, *rest = key.split(":")
    if len(rest) < 3:
        raise ValueError(f"{key!r} is not <catalog>:<source>:<survey>:<band>")
    return [(catalog, ":".join(rest[:-tail])) for tail in (2, 3, 4) if len(rest) > tail]
