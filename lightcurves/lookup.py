"""Natural keys to row ids, in batches: a set of keys in, a dict of ids out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet

from lightcurves.keys import light_curve_key, possible_sources, source_key, split_source_key

BATCH_KEYS = 5_000
CURVE = ("source__catalog__name", "source__name", "survey__name", "band", "season", "reduction")

Sources = Iterable[tuple[str, str]]


def source_ids(sources: QuerySet, keys: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for catalog, names in _batches(split_source_key(str(key)) for key in keys):
        found = sources.filter(catalog__name=catalog, name__in=names).order_by().values_list("name", "pk")
        ids |= {source_key(catalog, name): pk for name, pk in found}
    return ids


def light_curve_ids(curves: QuerySet, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    wanted = {str(key) for key in keys}
    ids: dict[str, tuple[int, int]] = {}
    for catalog, names in _batches(source for key in wanted for source in possible_sources(key)):
        of_these = curves.filter(source__catalog__name=catalog, source__name__in=names).order_by()
        for *parts, pk, source in of_these.values_list(*CURVE, "pk", "source_id"):
            if (key := light_curve_key(*parts)) in wanted:
                ids[key] = pk, source
    return ids


def _batches(sources: Sources) -> Iterator[tuple[str, list[str]]]:
    """A catalogue and some names in it at a time, each once."""
    by_catalog: dict[str, dict[str, None]] = {}
    for catalog, name in sources:
        by_catalog.setdefault(catalog, {})[name] = None
    for catalog, names in by_catalog.items():
        rest = iter(names)
        while batch := list(islice(rest, BATCH_KEYS)):
            yield catalog, batch
