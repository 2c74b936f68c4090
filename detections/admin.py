from typing import ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from detections.models import (
    Comparison,
    Detection,
    Label,
    Proposal,
    ProposalEvent,
    SampleSet,
    ScoreBlock,
    Trial,
)
from detections.presenting import Shown
from project.admin_tables import NOTHING, MachineMade, by_id
from runs.models import Run


@admin.register(SampleSet)
class SampleSetAdmin(MachineMade):
    exclude = ("events",)
    list_display = (
        "name", "world", "split", "n_samples", "n_scores", "n_groups", "parent", "simulated", "created",
    )  # fmt: skip
    related = ("parent", "owner")
    list_filter = ("world", "simulated")
    search_help_text = "a part of a name, or a whole hash"

    def matches(self, term: str) -> Q:
        return Q(name__icontains=term) | Q(hash=term.lower())


@admin.register(Trial)
class TrialAdmin(MachineMade):
    exclude = ("top", "histogram")
    list_display = (
        "detector", "sample_set", "state", "n_scored", "fit_seconds", "score_seconds", "created", "page",
    )  # fmt: skip
    related = ("sample_set", "job", "owner")
    list_filter = ("state",)
    search_help_text = "a detector, a part of a sample set's name, or a whole hash of the inputs"

    def matches(self, term: str) -> Q:
        sets = list(SampleSet.objects.filter(name__icontains=term).values_list("pk", flat=True))
        return Q(detector__iexact=term) | Q(inputs=term.lower()) | Q(sample_set_id__in=sets)

    @admin.display(description="page")
    def page(self, trial: Trial) -> str:
        return format_html('<a href="{}">open</a>', reverse("trial", args=[trial.pk]))


class OfTrial(MachineMade):
    related: ClassVar[tuple[str, ...]] = ("trial__sample_set",)
    search_help_text = "a trial's id"

    def matches(self, term: str) -> Q:
        return by_id("trial_id", term)


@admin.register(ScoreBlock)
class ScoreBlockAdmin(OfTrial):
    list_display = ("trial", "number", "maximum")
    found_ordering = ("trial_id", "number")


@admin.register(Detection)
class DetectionAdmin(OfTrial):
    list_display = ("rank", "trial", "key", "score", "extent")
    related = ("trial__sample_set", "lumisection__run", "source", "light_curve__source")
    found_ordering = ("trial_id", "rank")


@admin.register(Comparison)
class ComparisonAdmin(MachineMade):
    exclude = ("results",)
    readonly_fields = ("page", "table")
    list_display = ("id", "sample_set", "created", "page")
    related = ("sample_set", "trials__sample_set", "owner")
    search_help_text = "an id, a part of a sample set's name, or a whole hash of the inputs"

    def matches(self, term: str) -> Q:
        sets = list(SampleSet.objects.filter(name__icontains=term).values_list("pk", flat=True))
        return Q(inputs=term.lower()) | Q(sample_set_id__in=sets) | by_id("pk", term)

    @admin.display(description="page")
    def page(self, comparison: Comparison) -> str:
        return format_html('<a href="{}">open</a>', reverse("comparison", args=[comparison.pk]))

    @admin.display(description="table")
    def table(self, comparison: Comparison) -> str:
        return render_to_string("detections/admin_table.html", {"shown": Shown(comparison.results)})


@admin.register(Label)
class LabelAdmin(MachineMade):
    """Append-only, as everywhere: a label is taken back by another row."""

    list_display = ("key", "score", "tag", "user", "created", "retracts")
    related = ("user", "retracts", "detection", "lumisection__run", "source", "light_curve__source")
    search_help_text = "a thing's whole key, a whole tag, or a whole user name"

    def matches(self, term: str) -> Q:
        users = list(get_user_model().objects.filter(username=term).values_list("pk", flat=True))
        return Q(key=term) | Q(tag=term) | Q(user_id__in=users)


@admin.register(Proposal)
class ProposalAdmin(MachineMade):
    """Decided on its page, where every step leaves an event."""

    list_display = ("run", "flag", "first", "last", "state", "user", "decided_by", "created", "page")
    related = ("run", "user", "decided_by")
    list_filter = ("state",)
    search_help_text = "a run's number"

    def matches(self, term: str) -> Q:
        if by_id("number", term) == NOTHING:
            return NOTHING
        return Q(run_id__in=list(Run.objects.filter(number=int(term)).values_list("pk", flat=True)))

    @admin.display(description="page")
    def page(self, proposal: Proposal) -> str:
        return format_html('<a href="{}">open</a>', reverse("proposal", args=[proposal.pk]))


@admin.register(ProposalEvent)
class ProposalEventAdmin(MachineMade):
    """Append-only."""

    list_display = ("proposal_id", "kind", "user", "created")
    related = ("user", "proposal__run")
    search_help_text = "a proposal's id"

    def matches(self, term: str) -> Q:
        return by_id("proposal_id", term)
