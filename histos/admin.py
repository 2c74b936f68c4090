from typing import ClassVar

from django.contrib import admin
from django.db.models import Q

from histos.models import (
    Dataset,
    FoundFile,
    LightCurveHistogram,
    LumisectionHistogram,
    MonitoringElement,
    RunHistogram,
    RunMoments,
)
from lightcurves.admin import of_source
from lightcurves.models import LightCurve
from project.admin_tables import NOTHING, MachineMade, SiteAdmin, by_id
from runs.admin import lumisection, of_run
from runs.models import Lumisection


def of_element(term: str) -> Q:
    """Histograms of the elements of this name, in any binning."""
    return Q(element_id__in=list(MonitoringElement.objects.filter(name=term).values_list("pk", flat=True)))


@admin.register(Dataset)
class DatasetAdmin(MachineMade):
    list_display = ("name", "primary_dataset", "era", "processing_version", "tier")
    related = ("file",)
    contains = ("name",)
    search_help_text = "a part of a name"


@admin.register(MonitoringElement)
class MonitoringElementAdmin(SiteAdmin):
    """Titles and axis labels are what a person may add to an element."""

    list_display = ("name", "dimension", "storage", "root_class", "title")
    contains = ("name", "title")
    search_help_text = "a part of a name or title"
    fields = ("name", "binning", "dimension", "axes", "storage", "root_class", "title", "x_label", "y_label")
    readonly_fields = fields[:6]


@admin.register(LumisectionHistogram)
class LumisectionHistogramAdmin(MachineMade):
    list_display = ("id", "element", "lumisection", "dataset", "entries")
    related: ClassVar = ("element", "lumisection__run", "dataset", "file")
    found_ordering = ("element_id", "dataset_id", "lumisection_id")
    search_help_text = "an element's whole name, or a lumisection: 316187:120"

    def matches(self, term: str) -> Q:
        _, colon, number = term.rpartition(":")
        if not colon or by_id("pk", number) == NOTHING:
            return of_element(term)
        sections = Lumisection.objects.filter(lumisection(term)).values_list("pk", flat=True)
        return Q(lumisection_id__in=list(sections))


@admin.register(RunHistogram)
class RunHistogramAdmin(MachineMade):
    list_display = ("id", "element", "run", "dataset", "entries")
    related = ("element", "run", "dataset", "file")
    search_help_text = "an element's whole name, or a run's number"

    def matches(self, term: str) -> Q:
        run = of_run(term)
        return of_element(term) if run == NOTHING else run


@admin.register(LightCurveHistogram)
class LightCurveHistogramAdmin(MachineMade):
    list_display = ("id", "light_curve", "kind")
    related = ("light_curve__source",)
    search_help_text = "a source's whole name"

    def matches(self, term: str) -> Q:
        return Q(
            light_curve_id__in=list(LightCurve.objects.filter(of_source(term)).values_list("pk", flat=True))
        )


@admin.register(RunMoments)
class RunMomentsAdmin(MachineMade):
    list_display = ("id", "element", "run", "dataset", "entries", "mean", "rms")
    related = ("run", "dataset", "file")
    search_help_text = "an element's whole name, or a run's number"

    def matches(self, term: str) -> Q:
        run = of_run(term)
        return Q(element=term) if run == NOTHING else run


@admin.register(FoundFile)
class FoundFileAdmin(MachineMade):
    """Files that ``discover_histos`` has seen."""

    list_display = ("path", "reader", "size", "job", "copy_of", "problem", "seen")
    related = ("job", "copy_of")
    search_help_text = "the SHA-256 of a file's content"

    def matches(self, term: str) -> Q:
        return Q(sha256=term)
