"""Pages that start work on a set: trials and comparisons."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from detections import tasks
from detections.detectors.pyod_adapter import PREFIX, pyod_models
from detections.metrics import METRICS
from detections.models import SampleSet, Trial
from detections.page_forms import Box, Form
from detections.trials.bodies import ComparisonBody, TrialsBody
from detections.trials.forms import detectors_of, offered
from detections.views.samples import light_set
from project.access import role_required

SEEDS = [
    Box("seed", "Seed", "number", 0),
    Box(
        "alarm_fraction",
        "Share to flag",
        "number",
        0.01,
        "of all scored; the threshold can be moved afterwards",
    ),
]


@require_http_methods(["GET", "POST"])
@role_required("expert")
def new_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Run detectors on a set."""
    chosen = light_set(pk)
    post = request.POST if request.method == "POST" else None
    form = Form(SEEDS, post)
    if post is not None:
        fields = form.checked(TrialsBody, sample_set=chosen.name, detectors=detectors_of(chosen, post))
        if fields is not None:
            fields["sample_set"] = chosen.name
            job = form.start(request, tasks.run_trials, f"trial of {chosen.name}", **fields)
            if job is not None:
                return redirect("job", job.pk)
    context = {
        "form": form,
        "set": chosen,
        "detectors": offered(chosen, post),
        "named": post.get("named", "") if post is not None else "",
        "pyod": [PREFIX + name for name in sorted(pyod_models())],
    }
    return render(request, "detections/new_trial.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@role_required("expert")
def new_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge the trials of a set against its truth."""
    chosen = light_set(pk)
    trials = list(
        Trial.objects.light().filter(sample_set=chosen, state=Trial.State.DONE).order_by("-id")[:200]
    )
    post = request.POST if request.method == "POST" else None
    form = Form(_boxes(), post)
    if post is not None:
        picked = {"trials": post.getlist("trials")} if "trials" in post else {}
        fields = form.checked(ComparisonBody, sample_set=chosen.name, **picked)
        if fields is not None:
            fields["sample_set"] = chosen.name
            job = form.start(request, tasks.compare_trials, f"compare {chosen.name}", **fields)
            if job is not None:
                return redirect("job", job.pk)
    context = {"form": form, "set": chosen, "trials": trials, "picked": _picked(post, chosen, trials)}
    return render(request, "detections/new_comparison.html", context, status=form.status)


def _boxes() -> list[Box]:
    return [
        Box("metric", "Sort by", "select", "average_precision", choices=tuple(METRICS), required=True),
        Box("far", "False-alarm rate", "number", 0.01, "of the efficiency, between 0 and 1"),
        Box("k", "k", "number", 100, "of precision and recall at k"),
        Box("n_boot", "Redraws", "number", 200, "of whole groups, for the intervals"),
        Box("seed", "Seed", "number", 0),
    ]


def _picked(post: object, chosen: SampleSet, trials: list[Trial]) -> set[int]:
    """The newest of each detector, unless something else was picked before."""
    if post is not None:
        return {int(one) for one in post.getlist("trials") if one.isdigit()}  # type: ignore[attr-defined]
    newest: dict[str, int] = {}
    for trial in trials:
        newest.setdefault(trial.detector, trial.pk)
    return set(newest.values())
