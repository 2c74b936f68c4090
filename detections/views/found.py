"""The page of one detection: what it is, why it is strange, who else says so, and what people say of it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import ValidationError

from detections.labels.api import LabelBody
from detections.models import Detection, Label, SampleSet
from detections.reasons.binnings import binnings_of
from detections.reasons.figures import detection_figure
from detections.reasons.seen import Seen, SeenHistogram, SeenRow, seen
from detections.reasons.wording import reasons_in_words
from detections.services import add_label, retract_label
from detections.services.labels import NotYours, OtherLabel
from detections.services.things import thing_in, thing_of
from detections.views.heavy import heavy_of
from detections.views.trials import known_classes
from project.access import reader_required, role_required
from project.asked import plain
from project.bodies import checked
from project.errors import UserError

OTHERS = 20
VECTORS = ("truth", "strength", "sigma")
"""Of the set, what the page shows at the place of the detection."""
SCORES = range(Label.LOWEST, Label.HIGHEST + 1)


@require_safe
@reader_required
def detection(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_light(), pk=pk)
    sample_set: SampleSet = found.trial.sample_set
    what = seen(sample_set, [found]).get(found.pk)
    previous, following = _beside(found)
    said = _said_of(found)
    context = {
        "detection": found,
        "trial": found.trial,
        "set": sample_set,
        "figure": detection_figure(found, what),
        "row": what.values.items() if isinstance(what, SeenRow) else (),
        "injected": getattr(what, "before", None) is not None,
        "reasons": reasons_in_words(found, binnings_of(found, what)),
        "known": known_classes(sample_set, [found]).get(found.pk, ""),
        "strength": _strength(found),
        "place": _place(found, what),
        "previous": previous,
        "next": following,
        "others": _others(found),
        "labels": said,
        "mine": next((label for label in said if label.user_id == request.user.pk), None),
        "scores": SCORES,
    }
    return render(request, "detections/detection.html", context)


def _beside(found: Detection) -> tuple[int | None, int | None]:
    """The detections of the same trial ranked just before and after."""
    place = found.trial_id, found.rank
    same = Detection.objects.filter(trial=found.trial_id)

    def before() -> QuerySet:
        return same.filter(rank__lt=found.rank).order_by("-rank").values_list("pk")[:1]

    def after() -> QuerySet:
        return same.filter(rank__gt=found.rank).order_by("rank").values_list("pk")[:1]

    rows = plain("ranked before", place, before), plain("ranked after", place, after)
    previous, following = (row[0][0] if row else None for row in rows)
    return previous, following


def _said_of(found: Detection) -> list[Label]:
    """What stands of all that people said of the thing."""
    thing = thing_in(found.trial.sample_set, found)
    same = Label.objects.filter(key=thing.key, simulated=thing.simulated)
    # Of most things nobody said anything, and what stands of it is a long question.
    return list(same.current().select_related("user").order_by("-id")[:OTHERS]) if same.exists() else []


def _light() -> QuerySet[Detection]:
    rows = Detection.objects.select_related(
        "trial__sample_set__parent", "lumisection__run", "source__catalog"
    )
    heavy = [*heavy_of("trial__sample_set", shown=VECTORS), *heavy_of("trial__sample_set__parent")]
    return rows.defer(*heavy, "trial__top", "trial__histogram", "trial__fitted_on")


def _strength(found: Detection) -> dict[str, float] | None:
    """What was injected here: its strength, and that in units of the sampling noise."""
    strength, sigma = found.trial.sample_set.strength, found.trial.sample_set.sigma
    if strength is None or sigma is None or not strength[found.position] > 0:
        return None
    return {"strength": float(strength[found.position]), "sigma": float(sigma[found.position])}


def _place(found: Detection, what: Seen | None) -> list[tuple[str, str]]:
    """Where the thing itself is shown: words and addresses."""
    if found.lumisection is not None:
        run, number = found.lumisection.run, found.lumisection.number
        places = []
        if isinstance(what, SeenHistogram):
            url = reverse("element-in-run", args=[what.element.pk, run.experiment, run.number])
            state = urlencode({"dataset": what.dataset, "ls": number})
            places.append((f"{what.element.name} along the run", f"{url}?{state}"))
        here = (run.experiment, run.number)
        return [
            *places,
            (f"lumisection {run.number}:{number}", reverse("lumisection", args=[*here, number])),
            (f"run {run.number}", reverse("run", args=here)),
        ]
    if found.source is not None:
        return [
            (f"{found.source.catalog.name} {found.source.name}", reverse("source", args=[found.source_id]))
        ]
    return []


def _others(found: Detection) -> QuerySet[Detection]:
    """What other detectors flagged of the same thing, on the same set."""
    thing = {"lumisection": found.lumisection_id} if found.lumisection_id else {"source": found.source_id}
    same = Detection.objects.filter(key=found.key, trial__sample_set=found.trial.sample_set_id, **thing)
    same = same.exclude(trial=found.trial_id)
    if found.time_start is not None and found.time_end is not None:
        same = same.filter(Q(time_start__lte=found.time_end), Q(time_end__gte=found.time_start))
    same = same.select_related("trial").defer("trial__top", "trial__histogram", "trial__fitted_on")
    return same.order_by("rank")[:OTHERS]


@require_POST
@role_required("shifter")
def label(request: HttpRequest) -> HttpResponse:
    """Say something of what a detection flagged."""
    typed = {
        name: request.POST[name]
        for name in ("detection", "score", "tag", "comment")
        if request.POST.get(name)
    }
    try:
        fields: dict[str, Any] = checked(LabelBody, typed)
    except ValidationError as error:
        reasons: Any = error.detail
        for name, why in reasons.items():
            messages.error(request, f"{name}: {' '.join(map(str, why))}")
        return _back(request)
    found = get_object_or_404(Detection, pk=fields.get("detection"))
    try:
        said = {name: fields[name] for name in ("tag", "comment")}
        add_label(request.user, thing_of(found), score=fields.get("score"), detection=found, **said)
    except UserError as error:
        messages.error(request, str(error))
    return redirect("detection", found.pk)


@require_POST
@role_required("shifter")
def retract(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a label back."""
    said = get_object_or_404(Label, pk=pk)
    try:
        retract_label(said, request.user)
        messages.info(request, "Taken back.")
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    except OtherLabel as error:
        messages.error(request, str(error))
    return redirect("detection", said.detection_id) if said.detection_id else redirect("anomalies")


def _back(request: HttpRequest) -> HttpResponse:
    number = request.POST.get("detection", "")
    known = number.isascii() and number.isdigit() and len(number) < 19
    return redirect("detection", int(number)) if known else redirect("anomalies")
