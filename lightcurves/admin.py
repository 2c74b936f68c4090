from django.contrib import admin
from django.db.models import Q

from lightcurves.models import Catalog, LightCurve, Source, Survey
from project.admin_tables import MachineMade, SiteAdmin

MOST_NAMESAKES = 1000


def named(term: str) -> Q:
    """Sources of this name in any catalogue: with the catalogues named too, the unique index answers."""
    return Q(catalog_id__in=list(Catalog.objects.values_list("pk", flat=True)), name=term)


def of_source(term: str) -> Q:
    """Rows of the sources of this name."""
    return Q(
        source_id__in=list(Source.objects.filter(named(term)).values_list("pk", flat=True)[:MOST_NAMESAKES])
    )


@admin.register(Catalog)
class CatalogAdmin(SiteAdmin):
    list_display = ("name", "title", "simulated")
    fields = ("name", "title", "simulated")
    readonly_fields = ("name", "simulated")
    contains = ("name", "title")
    search_help_text = "a part of a name or title"


@admin.register(Survey)
class SurveyAdmin(SiteAdmin):
    list_display = ("name", "title", "time_system")
    fields = ("name", "title", "time_system")
    readonly_fields = ("name", "time_system")
    contains = ("name", "title")
    search_help_text = "a part of a name or title"


@admin.register(Source)
class SourceAdmin(MachineMade):
    list_display = ("name", "catalog", "ra", "dec", "mag")
    list_filter = ("catalog",)
    related = ("catalog", "file")
    found_ordering = ("catalog_id", "name")
    search_help_text = "a source's whole name"

    def matches(self, term: str) -> Q:
        return named(term)


@admin.register(LightCurve)
class LightCurveAdmin(MachineMade):
    list_display = ("source", "survey", "band", "season", "n_points", "time_min", "time_max")
    list_filter = ("survey",)
    related = ("source", "survey", "file")
    search_help_text = "a source's whole name"

    def matches(self, term: str) -> Q:
        return of_source(term)
