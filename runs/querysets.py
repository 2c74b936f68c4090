"""Reads of fills, runs, lumisections and certifications."""

from collections.abc import Callable, Iterable
from typing import Any, Self

import numpy as np
from django.db.models import Count, Max, Min, Q, QuerySet

from project.asked import plain
from project.bulk import raw_rows
from project.querysets import LoadedQuerySet


class FillQuerySet(LoadedQuerySet):
    def of_run(self, experiment: str, number: int | None) -> Self:
        """The fill that a run names, which may not be known here."""
        return self.visible().filter(experiment=experiment, number=number)


class RunQuerySet(LoadedQuerySet):
    def of(self, experiment: str) -> Self:
        return self.filter(experiment=experiment)

    def neighbours(self, experiment: str, number: int) -> tuple[int | None, int | None]:
        """The numbers of the runs before and after this one, of the same experiment."""
        return _neighbours("runs", (experiment, number), lambda: self.visible().of(experiment))


class LumisectionQuerySet(LoadedQuerySet):
    def of_run(self, number: int, experiment: str = "CMS") -> Self:
        return self.filter(run__experiment=experiment, run__number=number)

    def neighbours(self, run_id: int, number: int) -> tuple[int | None, int | None]:
        """The numbers of the lumisections before and after this one, of the same run."""
        return _neighbours("lumisections", (run_id, number), lambda: self.visible().filter(run=run_id))

    def spans(self, run_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
        """By run the unbroken ranges of its lumisections: first and last number. Two queries, and one where none
        has a gap, whatever the number of runs.
        """
        wanted = list(run_ids)

        def there() -> QuerySet:
            return self.visible().filter(run__in=wanted).order_by()

        def ends() -> QuerySet:
            of_each: QuerySet = (
                there().values("run").annotate(n=Count("id"), first=Min("number"), last=Max("number"))
            )
            return of_each.values_list("run", "n", "first", "last")

        found: dict[int, list[tuple[int, int]]] = {}
        broken = []
        for run, n, first, last in plain(("spans", len(wanted)), wanted, ends):
            found[run] = [(first, last)]
            if n != last - first + 1:
                broken.append(run)
        if broken:
            rows: QuerySet = (
                there().filter(run__in=broken).order_by("run", "number").values_list("run", "number")
            )
            found |= _unbroken(np.array(raw_rows(rows)))
        return found


class CertificationQuerySet(LoadedQuerySet):
    def covering(self, lumisection: int) -> Self:
        """Those whose range holds this lumisection number."""
        return self.filter(first__lte=lumisection).filter(Q(last__gte=lumisection) | Q(last__isnull=True))


def _neighbours(
    what: str, place: tuple[Any, ...], rows: Callable[[], LoadedQuerySet]
) -> tuple[int | None, int | None]:
    """The numbers beside the last of ``place`` among ``rows()``, which ``what`` and the rest of ``place`` tell."""
    number = place[-1]

    def below() -> Any:
        return rows().filter(number__lt=number).order_by("-number").values_list("number")[:1]

    def above() -> Any:
        return rows().filter(number__gt=number).order_by("number").values_list("number")[:1]

    before, after = plain((what, "below"), place, below), plain((what, "above"), place, above)
    return before[0][0] if before else None, after[0][0] if after else None


def _unbroken(rows: np.ndarray) -> dict[int, list[tuple[int, int]]]:
    """By run the first and last of neighbouring numbers; ``rows`` (n, 2) are run and number, in order."""
    steps = np.diff(rows, axis=0)
    edges = np.flatnonzero((steps[:, 0] != 0) | (steps[:, 1] != 1)) + 1
    firsts, lasts = np.append(0, edges), np.append(edges, len(rows)) - 1
    found: dict[int, list[tuple[int, int]]] = {}
    for (run, first), last in zip(rows[firsts].tolist(), rows[lasts, 1].tolist(), strict=True):
        found.setdefault(run, []).append((first, last))
    return found
