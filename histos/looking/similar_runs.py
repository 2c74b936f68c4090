"""Which other run to compare with: the nearest that hold the element, and the one taken under the likest conditions."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from histos.looking.run_conditions import OF_EACH, looked_at
from histos.looking.similarity import Conditions, in_words, most_similar
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from runs.models import Certification, Lumisection, Run

NEARBY, CONSIDERED = 8, 16
"""Runs before this one, and after it, that are offered, and those among which the likest is looked for."""
TRIGGER, PRESCALES = "hlt_key", ("prescale_name", "prescale_index")
"""Names of OMS."""
GOLDEN = "golden"


def nearby(element: MonitoringElement, run: Run, dataset: Dataset, each_side: int = NEARBY) -> list[Run]:
    """Of the runs nearest in number those that hold the element, in order: most do."""
    runs = Run.objects.visible().of(run.experiment)
    sides = (
        runs.filter(number__lt=run.number).order_by("-number"),
        runs.filter(number__gt=run.number).order_by("number"),
    )
    nearest = [pk for side in sides for pk in side.values_list("pk", flat=True)[:each_side]]
    return list(holding(Run.objects.filter(pk__in=nearest), element, dataset).order_by("number"))


def holding(runs: QuerySet, element: MonitoringElement, dataset: Dataset) -> QuerySet:
    """Those of ``runs`` that hold the element: of each without it every lumisection is asked, so give it few."""
    lumisections = Lumisection.objects.order_by().filter(run=OuterRef(OuterRef("pk"))).values("pk")
    held = LumisectionHistogram.objects.filter(
        element=element, dataset=dataset, lumisection_id__in=lumisections
    )
    return runs.filter(Exists(held.visible()))


def certified() -> QuerySet:
    """Certifications that call a run golden, or a part of it."""
    return Certification.objects.visible().filter(flag=GOLDEN, status=Certification.Status.GOOD)


def proposed(element: MonitoringElement, run: Run, dataset: Dataset) -> tuple[Run, str] | None:
    """The run that was taken under the likest conditions, and in words why; None where no other holds the element."""
    others = nearby(element, run, dataset, CONSIDERED)
    if not others:
        return None
    known = conditions([run, *others])
    here = known[run.pk]
    best = most_similar(here, [known[one.pk] for one in others])
    chosen = next(one for one in others if best is not None and one.number == best.run)
    return chosen, in_words(here, known[chosen.pk])


def conditions(runs: list[Run]) -> dict[int, Conditions]:
    """By row id: four queries, of a few lumisections of each run."""
    keys = [run.pk for run in runs]
    golden = set(certified().filter(run__in=keys).values_list("run", flat=True))
    pileups, prescales = _looked_at(runs)
    return {
        run.pk: Conditions(
            run=run.number, fill=run.fill_number, energy=run.energy, b_field=run.b_field, golden=run.pk in golden,
            pileup=float(np.median(pileups[run.pk])) if pileups[run.pk] else None,
            trigger=_told(run.attributes.get(TRIGGER)),
            prescale=prescales[run.pk].most_common(1)[0][0] if prescales[run.pk] else "",
        )
        for run in runs
    }  # fmt: skip


def _looked_at(runs: list[Run]) -> tuple[dict[int, list[float]], dict[int, Counter[str]]]:
    pileups: dict[int, list[float]] = defaultdict(list)
    prescales: dict[int, Counter[str]] = defaultdict(Counter)
    for run, pileup, flags in looked_at(runs, OF_EACH).values_list("run", "pileup", "flags"):
        if pileup and pileup > 0:
            pileups[run].append(pileup)
        name = next((str(flags[one]) for one in PRESCALES if flags.get(one) not in (None, "")), "")
        if name:
            prescales[run][name] += 1
    return pileups, prescales


def _told(attribute: Any) -> str:
    """An attribute of OMS as text: it comes as it is, or with its unit."""
    value = attribute.get("value") if isinstance(attribute, dict) else attribute
    return "" if value is None else str(value)
