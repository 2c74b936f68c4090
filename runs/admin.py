from django.contrib import admin
from django.db.models import Q

from project.admin_tables import NOTHING, MachineMade, by_id
from runs.models import Certification, Fill, LumiMask, Lumisection, Run


def of_run(term: str) -> Q:
    """Rows of the run that a number names."""
    if by_id("number", term) == NOTHING:
        return NOTHING
    return Q(run_id__in=list(Run.objects.filter(number=int(term)).values_list("pk", flat=True)))


def lumisection(term: str) -> Q:
    """``316187``: the lumisections of a run; ``316187:120``: one of them."""
    run, _, number = term.partition(":")
    return of_run(run) & by_id("number", number) if number else of_run(run)


@admin.register(Fill)
class FillAdmin(MachineMade):
    list_display = ("number", "experiment", "start_time", "peak_pileup", "recorded_luminosity")
    related = ("file",)
    search_help_text = "a fill's number"

    def matches(self, term: str) -> Q:
        return by_id("number", term)


@admin.register(Run)
class RunAdmin(MachineMade):
    list_display = ("number", "experiment", "start_time", "era", "recorded_luminosity", "simulated")
    related = ("file",)
    search_help_text = "a run's number"

    def matches(self, term: str) -> Q:
        return by_id("number", term)


@admin.register(Lumisection)
class LumisectionAdmin(MachineMade):
    list_display = ("__str__", "start_time", "recorded_luminosity", "pileup")
    related = ("run", "file")
    found_ordering = ("run_id", "number")
    search_help_text = "a run's number, or a lumisection: 316187:120"

    def matches(self, term: str) -> Q:
        return lumisection(term)


@admin.register(Certification)
class CertificationAdmin(MachineMade):
    list_display = ("run", "first", "last", "flag", "status", "source", "version")
    related = ("run", "file")
    found_ordering = ("run_id", "first", "flag", "source", "version")
    search_help_text = "a run's number"

    def matches(self, term: str) -> Q:
        return of_run(term)


@admin.register(LumiMask)
class LumiMaskAdmin(MachineMade):
    list_display = ("__str__", "experiment", "kind", "n_runs", "recorded_luminosity", "owner", "created")
    related = ("owner",)
    contains = ("name",)
    search_help_text = "a part of a name"
