"""What the search box understands of runs: ``316187``, ``316187:120``, ``CMS 316187``, an era."""

import re

from django.urls import reverse
from django.utils.http import urlencode

from project.search import MOST, Hit
from runs.models import Lumisection, Run

RUN = re.compile(r"(?:(?P<experiment>.+?)[\s:]+)??(?P<run>\d{1,18})(?:\s*:\s*(?P<ls>\d{1,9}))?", re.ASCII)
EXAMPLES = (
    ("316187", "a run"),
    ("316187:120", "a lumisection of a run"),
    ("CMS 316187", "a run of one experiment"),
    ("Run2018A", "the runs of an era"),
)


def find(text: str) -> list[Hit]:
    """Runs and lumisections by number, exactly; eras by how they begin."""
    found = RUN.fullmatch(text)
    if found is None:
        return _eras(text)
    experiment, number, ls = found["experiment"], int(found["run"]), found["ls"]
    return (_lumisections(experiment, number, int(ls)) if ls else _runs(experiment, number)) or _eras(text)


def _runs(experiment: str | None, number: int) -> list[Hit]:
    rows = Run.objects.visible().filter(number=number)
    if experiment:
        rows = rows.filter(experiment__iexact=experiment)
    return [
        Hit("run", f"{run.experiment} {number}", reverse("run", args=[run.experiment, number]), _note(run), exact=True)
        for run in rows.order_by("experiment")[:MOST]
    ]  # fmt: skip


def _note(run: Run) -> str:
    start = f"{run.start_time:%Y-%m-%d}" if run.start_time else ""
    return " ".join(filter(None, (run.era, start, "simulated" if run.simulated else "")))


def _lumisections(experiment: str | None, number: int, ls: int) -> list[Hit]:
    rows = Lumisection.objects.visible().filter(run__number=number, number=ls)
    if experiment:
        rows = rows.filter(run__experiment__iexact=experiment)
    experiments = rows.order_by("run__experiment").values_list("run__experiment", flat=True)[:MOST]
    return [
        Hit(
            "lumisection",
            f"{name} {number}:{ls}",
            reverse("lumisection", args=[name, number, ls]),
            exact=True,
        )
        for name in experiments
    ]


def _eras(text: str) -> list[Hit]:
    rows = Run.objects.visible().filter(era__istartswith=text).exclude(era="").order_by("era")
    eras = rows.values_list("era", flat=True).distinct()[:MOST]
    return [
        Hit(
            "era",
            era,
            f"{reverse('runs')}?{urlencode({'era': era})}",
            "its runs",
            era.lower() == text.lower(),
        )
        for era in eras
    ]
