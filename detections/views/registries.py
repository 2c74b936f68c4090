"""Pages of what this site knows to do: detectors, metrics, injections, with their documentation."""

import inspect
from typing import Any

import orjson
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detections.detectors import DetectorError, get_detector
from detections.detectors.pyod_adapter import PREFIX, pyod_models
from detections.injection_pictures import picture
from detections.metrics import METRICS
from detections.models import Comparison, Trial
from detections.registries_api import DetectorResource, InjectionResource, MetricResource
from detections.services.outside import PREFIX as OUTSIDE
from project.access import reader_required

NEWEST, MOST = 20, 200
WORLDS = {"histograms": "of lumisection histograms", "light-curves": "of light curves and series"}


@require_safe
@reader_required
def detectors(request: HttpRequest) -> HttpResponse:
    context = {
        "detectors": DetectorResource().entries(),
        "metrics": MetricResource().entries(),
        "pyod": [(PREFIX + name, name) for name in sorted(pyod_models())],
    }
    return render(request, "detections/detectors.html", context)


@require_safe
@reader_required
def detector(request: HttpRequest, name: str) -> HttpResponse:
    """What one detector does, what it takes, and how it did wherever it was compared here."""
    if name.startswith(OUTSIDE):
        return _outside_model(request, name)
    try:
        found = get_detector(name)
        entry = found.describe()
    except DetectorError as error:
        if name not in {PREFIX + model for model in pyod_models()}:
            raise Http404(str(error)) from error
        return render(request, "detections/detector_missing.html", {"name": name, "why": error})
    trials = Trial.objects.light().filter(detector=name).select_related("sample_set")
    context = {
        "detector": entry,
        "words": inspect.cleandoc(found.__doc__ or "").split("\n\n"),
        "trials": trials.only(*SHOWN).order_by("-id")[:NEWEST],
        "results": results_of(name),
    }
    return render(request, "detections/detector.html", context)


def _outside_model(request: HttpRequest, name: str) -> HttpResponse:
    """The revisions of a model whose scores were computed elsewhere."""
    trials = Trial.objects.light().filter(detector=name, outside=True).select_related("sample_set", "owner")
    shown = list(
        trials.only(*SHOWN, "code_version", "outside", "owner__username", "threshold").order_by("-id")[:MOST]
    )
    if not shown:
        raise Http404("no scores of such a model were sent")
    context = {"name": name, "model": name.removeprefix(OUTSIDE), "trials": shown, "most": MOST}
    return render(request, "detections/outside_model.html", context)


SHOWN = (
    "detector", "params", "seed", "state", "created", "n_scored", "fit_seconds", "score_seconds",
    "sample_set__name", "sample_set__simulated",
)  # fmt: skip


def results_of(name: str) -> list[dict[str, Any]]:
    """How the detector did in the newest comparisons it was in: per class, the metric that sorts it."""
    among = Comparison.objects.filter(trials__detector=name).order_by("-id").values_list("id", flat=True)
    rows = Comparison.objects.filter(pk__in=list(among.distinct()[:NEWEST])).select_related("sample_set")
    # The curves of a comparison are a megabyte, and nothing here shows them.
    rows = rows.annotate(classes=KeyTextTransform("classes", "results")).order_by("-id")
    rows = rows.only("created", "sample_set__name", "sample_set__simulated")
    return [found for comparison in rows for found in _of_classes(comparison, name)]


def label_of(metric: str) -> str:
    return METRICS[metric].label if metric in METRICS else metric


def _of_classes(comparison: Any, name: str) -> list[dict[str, Any]]:
    found = []
    for class_, result in orjson.loads(comparison.classes or "{}").items():
        metric = result.get("sort_by", "")
        for place, row in enumerate(result.get("rows", ()), start=1):
            if row["detector"] == name and (row["metrics"].get(metric) or {}).get("value") is not None:
                found.append(
                    {
                        "comparison": comparison, "class": class_, "metric": label_of(metric), "place": place,
                        "of": len(result["rows"]), "estimate": row["metrics"][metric],
                    }
                )  # fmt: skip
    return found


@require_safe
@reader_required
def injections(request: HttpRequest) -> HttpResponse:
    entries = InjectionResource().entries()
    for entry in entries:
        entry["picture"] = picture(entry["world"], entry["name"])
    worlds = [
        (words, [entry for entry in entries if entry["world"] == world]) for world, words in WORLDS.items()
    ]
    return render(request, "detections/injections.html", {"worlds": worlds})
