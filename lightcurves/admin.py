from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from lightcurves.models import Catalog, LightCurve, Source, Survey
from project.admin import MachineMade, SiteAdmin

VECTORS = ("time", "value", "error", "flag")


@admin.register(Catalog)
class CatalogAdmin(SiteAdmin):
    list_display = ("name", "title", "simulated")
    fields = ("name", "title", "simulated")
    readonly_fields = ("name", "simulated")


@admin.register(Survey)
class SurveyAdmin(SiteAdmin):
    list_display = ("name", "title", "time_system")
    fields = ("name", "title", "time_system")
    readonly_fields = ("name", "time_system")


@admin.register(Source)
class SourceAdmin(MachineMade):
    list_display = ("name", "catalog", "ra", "dec", "mag")
    list_filter = ("catalog",)
    search_fields = ("=name",)
    search_help_text = "a source's whole name"


@admin.register(LightCurve)
class LightCurveAdmin(MachineMade):
    list_display = ("source", "survey", "band", "season", "n_points", "time_min", "time_max")
    list_filter = ("survey",)
    search_fields = ("=source__name",)
    search_help_text = "a source's whole name"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer(*VECTORS)
