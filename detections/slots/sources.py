"""What trials say on the page of a source: spans of its light curves, and the whole of it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from detections.models import Detection, Trial
from detections.reasons.wording import reasons_in_words
from detections.verdicts.scores import CHANCE
from lightcurves.marks import Mark, mark_with
from lightcurves.models import Source
from project.slots import fill

MOST = 200
"""Detections of one source that are looked at, the highest ranks first."""
PARAMETER = "trial"


class TrialMarker:
    """The time spans that one trial flags in the light curves of a source."""

    parameter = PARAMETER

    def marks(self, value: str, source: int) -> list[Mark]:
        spans = [one for one in detections_of(source) if in_time(one)]
        chosen = chosen_trial(value, spans)
        return [_mark(one) for one in spans if one.trial_id == chosen]


def fill_source_pages() -> None:
    """Called once, when the app is ready."""
    mark_with(TrialMarker())
    fill("source.detections", on_source)


def detections_of(source: int) -> list[Detection]:
    """Those of detectors that stand for chance come last."""
    rows = (
        Detection.objects.filter(source=source).select_related("trial__sample_set").order_by("rank", "-trial")
    )
    rows = rows.defer("trial__top", "trial__histogram", "trial__fitted_on", *_heavy())
    return sorted(rows[:MOST], key=lambda one: one.trial.detector in CHANCE)


def _heavy() -> list[str]:
    names = ("recipe", "left_out", "keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")
    return [f"trial__sample_set__{name}" for name in names]


def in_time(detection: Detection) -> bool:
    return detection.extent == Detection.Extent.TIME and detection.light_curve_id is not None


def chosen_trial(value: str, spans: list[Detection]) -> int | None:
    """The trial that was asked for, else the one of the highest rank; ValueError where there is none of that number.

    What was flagged in data with injected anomalies is not in the light curve that is shown: it must be asked for.
    """
    if not value:
        return next((one.trial_id for one in spans if not is_injected(one)), None)
    if not (
        value.isascii()
        and value.isdigit()
        and len(value) <= 18
        and Trial.objects.filter(pk=int(value)).exists()
    ):
        raise ValueError(f"there is no trial {value[:40]!r}")
    return int(value)


def is_injected(detection: Detection) -> bool:
    return detection.trial.sample_set.parent_id is not None


def _mark(one: Detection) -> Mark:
    start, end = one.time_start, one.time_end
    return Mark(one.light_curve_id or 0, start or 0.0, end or 0.0, f"#{one.rank}")


def on_source(request: HttpRequest, source: Source, **about: Any) -> SafeString:
    """Whole-thing detections, and the time spans of the chosen trial; the page says what is wrong with a choice."""
    found = detections_of(source.pk)
    spans = [one for one in found if in_time(one)]
    try:
        chosen = chosen_trial(request.GET.get(PARAMETER, ""), spans)
    except ValueError:
        chosen = None
    context = {
        "whole": [_shown(one) for one in found if not in_time(one)], "most": len(found) == MOST,
        "spans": [_shown(one) for one in spans if one.trial_id == chosen],
        "trials": _choices(request, spans, chosen), "chosen": chosen,
        "injected": any(is_injected(one) for one in spans if one.trial_id == chosen),
    }  # fmt: skip
    return SafeString(render_to_string("detections/on_source.html", context, request))


def _choices(request: HttpRequest, spans: list[Detection], chosen: int | None) -> list[dict[str, Any]]:
    """The trials that flag spans of this source, the highest rank first."""
    first = {one.trial_id: one for one in reversed(spans)}
    kept = {name: str(value) for name, value in request.GET.items() if value and name != PARAMETER}
    return [
        {"trial": one.trial, "rank": one.rank, "injected": is_injected(one), "chosen": one.trial_id == chosen,
         "url": f"?{urlencode(kept | {PARAMETER: str(one.trial_id)})}"}
        for one in sorted(first.values(), key=lambda one: (one.trial.detector in CHANCE, one.rank))
    ]  # fmt: skip


def _shown(one: Detection) -> dict[str, Any]:
    marks = {"injected": is_injected(one), "simulated": one.trial.sample_set.simulated}
    shown = [mark for mark, holds in marks.items() if holds]
    return {"detection": one, "reasons": reasons_in_words(one), "marks": shown}
