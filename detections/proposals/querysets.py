"""Reads of proposals."""

from typing import Self

from django.db import models
from django.db.models import Max, Q

from project.models import SourceFile
from runs.models import Run


class ProposalQuerySet(models.QuerySet):
    def visible(self) -> Self:
        """Those of runs whose file is loaded completely."""
        loading = SourceFile.objects.filter(state=SourceFile.State.LOADING).values("id")
        return self.exclude(run__in=Run.objects.filter(file_id__in=loading).order_by().values("id"))

    def open(self) -> Self:
        """Those that wait for a decision."""
        return self.filter(state="proposed")

    def standing(self) -> Self:
        """Those that are signed, in the order of their signatures: each lies over those before it."""
        signature = Max("events__id", filter=Q(events__kind="signed"))
        return self.filter(state="signed").annotate(signature=signature).order_by("signature")

    def overlapping(self, first: int, last: int | None) -> Self:
        """Those that say something of lumisections from ``first`` to ``last`` (None: the end of the run)."""
        rows = self.filter(Q(last__isnull=True) | Q(last__gte=first))
        return rows if last is None else rows.filter(first__lte=last)

    def with_people(self) -> Self:
        return self.select_related("run", "user", "decided_by")
