from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from detections.models import Comparison, Detection, SampleSet, ScoreBlock, Trial
from detections.presenting import Shown
from project.admin import MachineMade

OF_SET = ("keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")


class WithoutVectors(MachineMade):
    """Of a sample set that a row points to, only what a list shows is read."""

    heavy: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer(*self.heavy)


@admin.register(SampleSet)
class SampleSetAdmin(WithoutVectors):
    heavy = OF_SET
    exclude = ("events",)
    list_display = (
        "name",
        "world",
        "split",
        "n_samples",
        "n_scores",
        "n_groups",
        "parent",
        "simulated",
        "created",
    )
    list_select_related = False
    list_filter = ("world", "simulated")
    search_fields = ("name", "=hash")


@admin.register(Trial)
class TrialAdmin(WithoutVectors):
    heavy = ("top", "histogram", "fitted_on", *(f"sample_set__{name}" for name in OF_SET))
    exclude = ("top", "histogram")
    list_display = (
        "detector",
        "sample_set",
        "state",
        "n_scored",
        "fit_seconds",
        "score_seconds",
        "created",
        "page",
    )
    list_select_related = ("sample_set",)
    list_filter = ("state",)
    search_fields = ("=detector", "=inputs", "=sample_set__name")

    @admin.display(description="page")
    def page(self, trial: Trial) -> str:
        return format_html('<a href="{}">open</a>', reverse("trial", args=[trial.pk]))


@admin.register(ScoreBlock)
class ScoreBlockAdmin(WithoutVectors):
    heavy = ("scores",)
    list_display = ("trial_id", "number", "maximum")
    list_select_related = False
    search_fields = ("=trial__id",)
    search_help_text = "a trial's id"


@admin.register(Detection)
class DetectionAdmin(WithoutVectors):
    list_display = ("rank", "trial_id", "key", "score", "extent")
    list_select_related = False
    list_filter = ("extent",)
    search_fields = ("=trial__id",)
    search_help_text = "a trial's id"


@admin.register(Comparison)
class ComparisonAdmin(WithoutVectors):
    heavy = ("results", *(f"sample_set__{name}" for name in OF_SET))
    exclude = ("results",)
    readonly_fields = ("page", "table")
    list_display = ("id", "sample_set", "created", "page")
    list_select_related = ("sample_set",)
    search_fields = ("=inputs", "=sample_set__name")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_fields(request, obj), "page", "table"]

    @admin.display(description="page")
    def page(self, comparison: Comparison) -> str:
        return format_html('<a href="{}">open</a>', reverse("comparison", args=[comparison.pk]))

    @admin.display(description="table")
    def table(self, comparison: Comparison) -> str:
        return render_to_string("detections/admin_table.html", {"shown": Shown(comparison.results)})
