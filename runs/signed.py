"""Certifications that people sign here: kept beside those of files, under a source of their own."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from project import bulk
from runs.models import Certification, Run
from runs.querysets import CertificationQuerySet
from runs.states import SIGNED_HERE, Span, overlaid

END = 2**31 - 1
"""Stands for the end of a run while ranges are laid over each other."""


class Signed(NamedTuple):
    """What one signature says of lumisections ``first`` to ``last`` (None: the end of the run)."""

    first: int
    last: int | None
    status: str
    cause: str
    comment: str
    when: datetime


def laid_over(layers: Iterable[Signed]) -> list[Signed]:
    """What holds where several are laid over each other, the last on top: no two of the result overlap."""
    said = list(layers)
    spans = overlaid([Span(one.first, one.last or END, str(n)) for n, one in enumerate(said)], END)
    return [
        said[int(span.state)]._replace(first=span.first, last=None if span.last == END else span.last)
        for span in spans
        if span.state.isdigit()
    ]


def set_signed(run: Run, flag: str, layers: Iterable[Signed]) -> list[Signed]:
    """Let exactly ``layers``, the last on top, be what is signed here of a run and flag; returns what holds.

    Inside a transaction of the caller, who keeps others from the same run and flag.
    """
    holds = laid_over(layers)
    with transaction.atomic():
        signed_rows(run, flag).delete()
        bulk.insert(
            Certification,
            ("run", "flag", "source", "version", "first", "last", "status", "cause", "comment", "created", "file"),
            [(run.pk, flag, SIGNED_HERE, "", *one[:5], bulk.timestamp(one.when), None) for one in holds],
        )  # fmt: skip
    return holds


def signed_rows(run: Run, flag: str) -> CertificationQuerySet:
    """The certifications that are signed here of a run and flag, in order."""
    return Certification.objects.filter(run=run, flag=flag, source=SIGNED_HERE).order_by("first")
