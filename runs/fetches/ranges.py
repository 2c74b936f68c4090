"""Which runs a fetch is about: by number, or since when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from project.errors import UserError
from runs.models import Run

LAST, OVERLAP = "last", timedelta(days=2)
"""Since the last run that is known here, and so much before it: what was going on then may have changed."""
DAYS = re.compile(r"(\d{1,4})d\Z")


@dataclass(frozen=True)
class FetchRange:
    """Runs ``first`` to ``last``, or those that began since a moment (UTC): one of the two."""

    first: int = 0
    last: int = 0
    since: datetime | None = None

    @property
    def label(self) -> str:
        """For the name of a file."""
        return f"since-{self.since:%Y%m%dT%H%M%S}" if self.since else f"{self.first}-{self.last}"


def range_of(since: str, runs: Sequence[int] | None, experiment: str) -> FetchRange:
    """From what was asked for: a date, ``7d``, ``last``, or two numbers. UserError where it is none or both."""
    if bool(since) == bool(runs):
        raise UserError("say which runs: --since 2024-06-01 (or 7d, or last), or --runs FIRST LAST")
    if not runs:
        return FetchRange(since=_moment(since, experiment))
    first, last = runs
    if not 1 <= first <= last < 2**31:
        raise UserError(f"runs {first} to {last} are no range: the first and the last number, in order")
    return FetchRange(first, last)


def _moment(since: str, experiment: str) -> datetime:
    if since == LAST:
        return _of_last_run(experiment) - OVERLAP
    if days := DAYS.match(since):
        return timezone.now() - timedelta(days=int(days[1]))
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        raise UserError(f"since {since!r}: neither a date such as 2024-06-01, nor 7d, nor last") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _of_last_run(experiment: str) -> datetime:
    known = Run.objects.visible().filter(experiment=experiment, simulated=False, start_time__isnull=False)
    last = known.order_by("-start_time").values_list("start_time", flat=True).first()
    if last is None:
        raise UserError(
            f"no run of {experiment} is known yet: fetch the first ones with --since DATE or --runs"
        )
    return last


def first_run_since(since: datetime, experiment: str) -> int:
    """The lowest number of the runs that are known to have begun since. UserError where there is none."""
    known = Run.objects.visible().filter(experiment=experiment, simulated=False, start_time__gte=since)
    first = known.order_by("number").values_list("number", flat=True).first()
    if first is None:
        raise UserError(
            f"no run of {experiment} since {since:%Y-%m-%d %H:%M} is known: fetch_oms brings them"
        )
    return first
