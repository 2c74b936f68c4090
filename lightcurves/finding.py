"""What the search box understands of the sky: names of sources and catalogues, positions and cones."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from lightcurves.models import Catalog, Source
from lightcurves.sky.cone_text import cone_text, looks_like_cone, parse_cone
from project.search import MOST, Hit

SHORTEST = 3
"""Letters of a name that is completed."""
MOST_CATALOGS = 50
EXAMPLES = (
    ("OGLE-LMC-CEP-0001", "a source, by its whole name or how it begins"),
    ("OGLE-III:OGLE-LMC-CEP-0001", "a source of one catalogue"),
    ("5h23m34s -69d45m", "the sources within 30″ of a position"),
    ('80.89 -69.75 120"', "the sources in a cone"),
)


def find(text: str) -> list[Hit]:
    """A cone where two angles were typed, else sources by name, exactly or by how it begins."""
    if looks_like_cone(text):
        return _cone(text)
    catalogs = dict(Catalog.objects.visible().values_list("pk", "name")[:MOST_CATALOGS])
    named = _named(text, catalogs) or _named(text.upper(), catalogs)
    hits = _catalogs(text, catalogs) + [_hit(source, catalogs, True) for source in named]
    return hits or _beginning(text, catalogs)


def _cone(text: str) -> list[Hit]:
    """What is wrong with it the page of sources says, beside the field."""
    try:
        cone, note, exact = cone_text(parse_cone(text)), "sources there, nearest first", True
    except ValueError as error:
        cone, note, exact = text, str(error), False
    return [Hit("position", cone, f"{reverse('sources')}?{urlencode({'cone': cone})}", note, exact)]


def _catalogs(text: str, catalogs: dict[int, str]) -> list[Hit]:
    same = (name for name in catalogs.values() if name.lower() == text.lower())
    address = reverse("sources")
    return [Hit("catalogue", name, f"{address}?{urlencode({'catalog': name})}", exact=True) for name in same]


def _named(text: str, catalogs: dict[int, str]) -> list[Source]:
    """By the index of catalogue and name, which is why all catalogues are named."""
    return list(_sources().filter(catalog_id__in=list(catalogs), name=text)[:MOST]) or _of_one(text, catalogs)


def _of_one(text: str, catalogs: dict[int, str]) -> list[Source]:
    catalog, _, name = text.partition(":")
    ids = [pk for pk, known in catalogs.items() if known.lower() == catalog.lower()]
    return list(_sources().filter(catalog_id__in=ids, name=name.strip())[:MOST]) if ids and name else []


def _beginning(text: str, catalogs: dict[int, str]) -> list[Hit]:
    """A catalogue at a time: in each the index holds the names in order."""
    found: list[Source] = []
    for begin in dict.fromkeys((text, text.upper())) if len(text) >= SHORTEST else ():
        for pk in catalogs:
            if len(found) < MOST:
                # The first names from there on; how a database sorts signs may put others among them.
                after = _sources().filter(catalog_id=pk, name__gte=begin).order_by("name")[:MOST]
                found += [source for source in after if source.name.startswith(begin)]
    return [_hit(source, catalogs, False) for source in found[:MOST]]


def _sources() -> QuerySet:
    return Source.objects.visible().only("name", "catalog_id", "mag")


def _hit(source: Source, catalogs: dict[int, str], exact: bool) -> Hit:
    note = catalogs[source.catalog_id] + ("" if source.mag is None else f", {source.mag:g} mag")
    return Hit("source", source.name, reverse("source", args=[source.pk]), note, exact)
