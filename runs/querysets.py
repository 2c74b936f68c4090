"""Reads of runs, lumisections and certifications."""

from typing import Self

from django.db.models import Q

from project.querysets import LoadedQuerySet


class RunQuerySet(LoadedQuerySet):
    def of(self, experiment: str) -> Self:
        return self.filter(experiment=experiment)


class LumisectionQuerySet(LoadedQuerySet):
    def of_run(self, number: int, experiment: str = "CMS") -> Self:
        return self.filter(run__experiment=experiment, run__number=number)


class CertificationQuerySet(LoadedQuerySet):
    def covering(self, lumisection: int) -> Self:
        """Those whose range holds this lumisection number."""
        return self.filter(first__lte=lumisection).filter(Q(last__gte=lumisection) | Q(last__isnull=True))
