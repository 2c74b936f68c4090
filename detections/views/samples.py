"""Pages of sample sets: what was frozen, its truth, its trials; and making new ones."""

import numpy as np
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from detections import tasks
from detections.api import SampleSetResource
from detections.models import SampleSet, Trial
from detections.page_forms import Form
from detections.sets.bodies import FreezeBody, InjectBody
from detections.sets.forms import boxes_for, injection_boxes
from detections.views.heavy import HEAVY
from project.access import reader_required, role_required
from project.listing import Listing

SHOWN = (
    "id", "name", "world", "kind", "split", "parent", "n_samples", "n_scores", "n_groups", "classes", "simulated",
    "created",
)  # fmt: skip
FILTERS = {"name": "Name", "world": "World", "simulated": "Simulated"}
LISTED = 100


@require_safe
@reader_required
def samples(request: HttpRequest) -> HttpResponse:
    listing = Listing(SampleSetResource, request.GET, SHOWN, filters=FILTERS)
    counts = trial_counts([row["id"] for row in listing.rows])
    for row in listing.rows:
        row["n_trials"] = counts.get(row["id"], 0)
        row["world_words"] = SampleSet.World(row["world"]).label
    return render(request, "detections/samples.html", {"listing": listing}, status=listing.status)


def trial_counts(ids: list[int]) -> dict[int, int]:
    counted = (
        Trial.objects.filter(sample_set__in=ids).order_by().values_list("sample_set").annotate(Count("pk"))
    )
    return dict(counted)


@require_safe
@reader_required
def sample_set(request: HttpRequest, pk: int) -> HttpResponse:
    """One set: how it was chosen, what is known to be wrong in it, and what was done with it."""
    found = light_set(pk, "parent")
    trials = Trial.objects.light().filter(sample_set=found).select_related("owner").order_by("-id")
    context = {
        "set": found,
        "truth": truth_of(found),
        "trials": trials[:LISTED],
        "children": found.children.only("name", "created", "simulated").order_by("-id"),
        "comparisons": found.comparisons.only("created").order_by("-id")[:LISTED],
        "splits": dict(SampleSet.Split.choices),
    }
    return render(request, "detections/sample_set.html", context)


def light_set(pk: int, *related: str) -> SampleSet:
    rows: QuerySet[SampleSet] = SampleSet.objects.select_related(*related).defer(*HEAVY)
    return get_object_or_404(
        rows.defer(*HEAVY, *(f"{name}__{field}" for name in related for field in HEAVY)), pk=pk
    )


def truth_of(found: SampleSet) -> list[tuple[str, int]]:
    """How many scores each class of the truth has."""
    truth = SampleSet.objects.values_list("truth", flat=True).get(pk=found.pk)
    if truth is None:
        return []
    counts = np.bincount(truth, minlength=len(found.classes) + 1)[1:]
    return list(zip(found.classes, counts.tolist(), strict=True))


@require_http_methods(["GET", "POST"])
@role_required("expert")
def new_set(request: HttpRequest) -> HttpResponse:
    """Freeze a choice of what the tables hold."""
    world = request.GET.get("world", "")
    world = world if world in SampleSet.World.values else SampleSet.World.HISTOGRAMS
    form = Form(boxes_for(world), request.POST if request.method == "POST" else None)
    fields = form.checked(FreezeBody, world=str(world)) if request.method == "POST" else None
    if fields is not None:
        job = form.start(request, tasks.freeze_samples, f"freeze {fields['name']}", **fields)
        if job is not None:
            return redirect("job", job.pk)
    context = {"form": form, "world": world, "worlds": SampleSet.World.choices}
    return render(request, "detections/new_set.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@role_required("expert")
def inject(request: HttpRequest, pk: int) -> HttpResponse:
    """Inject anomalies into a copy of a set."""
    parent = light_set(pk)
    form = Form(injection_boxes(parent), request.POST if request.method == "POST" else None)
    fields = form.checked(InjectBody, parent=parent.name) if request.method == "POST" else None
    if fields is not None:
        job = form.start(
            request, tasks.inject, f"inject into {parent.name}", **fields | {"parent": parent.name}
        )
        if job is not None:
            return redirect("job", job.pk)
    return render(request, "detections/inject.html", {"form": form, "set": parent}, status=form.status)
