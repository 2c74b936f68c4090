"""What trials say on the pages of runs and lumisections."""

from typing import Any

import orjson
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from detections.models import Detection
from detections.reasons.binnings import binnings_named
from detections.reasons.wording import Binnings, elements_named, in_words
from detections.verdicts.scores import TrialScorer
from histos.api import LumisectionHistogramResource
from project.addresses import numbered
from project.asked import plain
from project.slots import fill
from runs.models import Lumisection, Run
from runs.scores import offer

STRONGEST = 3
"""Detections of each trial that a run's page shows."""
MOST_TRIALS = 20
MOST_ON_ONE = 50
SAID = 3
"""Reasons of one detection that a row of a table has room for."""
COLUMNS = (
    "id", "rank", "key", "score", "reasons", "lumisection__number", "trial", "trial__detector",
    "trial__sample_set__name", "trial__sample_set__parent", "trial__sample_set__simulated",
)  # fmt: skip


def fill_run_pages() -> None:
    """Called once, when the app is ready."""
    offer(TrialScorer())
    fill("run.detections", strongest_in_run)
    fill("run.range", histograms_of_range)
    fill("lumisection.detections", on_lumisection)


def strongest_in_run(request: HttpRequest, run: Run, **about: Any) -> SafeString:
    """The strongest detections of each of the newest trials that flagged something in the run: two queries."""
    # The number of the run comes before how many of each trial are shown.
    rows = plain("strongest in run", (run.pk,), lambda: _strongest(run), after=1)
    named = [dict(zip((*COLUMNS, "flagged"), row, strict=True)) for row in rows]
    trials: dict[int, list[dict[str, Any]]] = {}
    for row in _explained([_shown(row | {"reasons": orjson.loads(row["reasons"])}) for row in named]):
        trials.setdefault(row["trial"], []).append(row)
    context = {"trials": list(trials.values()), "run": run}
    return SafeString(render_to_string("detections/in_run.html", context, request))


def _strongest(run: Run) -> QuerySet:
    in_run = Detection.objects.filter(
        lumisection__in=Lumisection.objects.filter(run=run).order_by().values("pk")
    )
    ranked = in_run.annotate(
        place=Window(RowNumber(), partition_by="trial", order_by="rank"),
        flagged=Window(Count("id"), partition_by="trial"),
    )
    shown = ranked.filter(place__lte=STRONGEST).order_by("-trial", "rank")
    return shown.values_list(*COLUMNS, "flagged")[: STRONGEST * MOST_TRIALS]


def on_lumisection(request: HttpRequest, lumisection: Lumisection, **about: Any) -> SafeString:
    """What trials flag in this lumisection, the newest trial first."""
    rows = Detection.objects.filter(lumisection=lumisection).order_by(F("trial").desc(), "rank")
    found = _explained([_shown(row) for row in rows.values(*COLUMNS)[:MOST_ON_ONE]])
    context = {"detections": found, "most": MOST_ON_ONE}
    return SafeString(render_to_string("detections/on_lumisection.html", context, request))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    element = _element_of(row["key"])
    marks = {"injected": row["trial__sample_set__parent"], "simulated": row["trial__sample_set__simulated"]}
    return row | {"element": element, "marks": [mark for mark, holds in marks.items() if holds]}


def _element_of(key: str) -> str:
    return key.partition(" ")[2] or key


def _explained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With their reasons in words: one query, for the bins are told in the units of their axes."""
    names = {row["key"]: [row["element"], *elements_named(row["reasons"])] for row in rows if row["reasons"]}
    known = binnings_named(dict.fromkeys(name for some in names.values() for name in some))
    address = numbered("detection")
    return [
        row | {"why": _why(row, names.get(row["key"], []), known), "url": address(row["id"])} for row in rows
    ]


def _why(row: dict[str, Any], names: list[str], known: Binnings) -> list[str]:
    return in_words(row["reasons"], {name: known[name] for name in names if name in known}, SAID)


def histograms_of_range(
    request: HttpRequest, run: Run, first: int | None, last: int | None, **about: Any
) -> SafeString:
    """Addresses of the histograms of the range, in every format."""
    asked: dict[str, str | int] = {"experiment": run.experiment, "run": run.number}
    ends = {"lumisection__gte": first, "lumisection__lte": last}
    asked |= {name: number for name, number in ends.items() if number}
    exports = [
        (name, f"{reverse('lumisection-histograms-list')}?{urlencode(asked | {'format': name})}")
        for name in LumisectionHistogramResource.formats
    ]
    return SafeString(render_to_string("detections/range_histograms.html", {"exports": exports}, request))
