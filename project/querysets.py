"""Reads that every app shares."""

from typing import Self

from django.db import models

from project.models import SourceFile


def loading_file_ids() -> list[int]:
    """Ids of the files that are being loaded now: few, and mostly none."""
    return list(SourceFile.objects.filter(state=SourceFile.State.LOADING).values_list("id", flat=True))


class LoadedQuerySet(models.QuerySet):
    """Rows that came from a file (field ``file``); ``visible`` hides those whose file is not complete yet."""

    def visible(self) -> Self:
        """The files are asked for in the statement itself: between two statements a load could begin or end,
        and a reader would see half of it.
        """
        return self.exclude(
            file_id__in=SourceFile.objects.filter(state=SourceFile.State.LOADING).values("id")
        )
