from django.contrib import admin

from project.admin import MachineMade
from runs.models import Certification, Lumisection, Run


@admin.register(Run)
class RunAdmin(MachineMade):
    list_display = ("number", "experiment", "start_time", "era", "recorded_luminosity", "simulated")
    search_fields = ("=number",)


@admin.register(Lumisection)
class LumisectionAdmin(MachineMade):
    list_display = ("__str__", "start_time", "recorded_luminosity", "pileup")
    search_fields = ("=run__number",)
    search_help_text = "a run's number"


@admin.register(Certification)
class CertificationAdmin(MachineMade):
    list_display = ("run", "first", "last", "flag", "status", "source", "version")
    search_fields = ("=run__number", "=flag")
    search_help_text = "a run's number or a flag"
