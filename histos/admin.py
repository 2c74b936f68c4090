from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from histos.models import Dataset, LightCurveHistogram, LumisectionHistogram, MonitoringElement, RunHistogram
from project.admin import MachineMade, SiteAdmin


@admin.register(Dataset)
class DatasetAdmin(MachineMade):
    list_display = ("name", "primary_dataset", "era", "processing_version", "tier")
    search_fields = ("name",)


@admin.register(MonitoringElement)
class MonitoringElementAdmin(SiteAdmin):
    """Titles and axis labels are what a person may add to an element."""

    list_display = ("name", "dimension", "storage", "root_class", "title")
    search_fields = ("name",)
    fields = ("name", "binning", "dimension", "axes", "storage", "root_class", "title", "x_label", "y_label")
    readonly_fields = fields[:6]


class HistogramAdmin(MachineMade):
    search_fields = ("=element__name",)
    search_help_text = "an element's whole name"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("counts")


@admin.register(LumisectionHistogram)
class LumisectionHistogramAdmin(HistogramAdmin):
    list_display = ("id", "element", "lumisection", "dataset", "entries")
    list_select_related = ("element", "lumisection__run", "dataset")


@admin.register(RunHistogram)
class RunHistogramAdmin(HistogramAdmin):
    list_display = ("id", "element", "run", "dataset", "entries")


@admin.register(LightCurveHistogram)
class LightCurveHistogramAdmin(MachineMade):
    list_display = ("id", "light_curve", "kind")
    list_select_related = ("light_curve__source",)
