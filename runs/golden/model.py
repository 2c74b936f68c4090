"""Versions of certification files: which lumisections were chosen, from what, by whom, and what they held then."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from runs.masks.names import file_name


class LumiMaskQuerySet(models.QuerySet):
    """Versions are stored whole and never changed."""

    def visible(self) -> "LumiMaskQuerySet":
        return self


class LumiMask(models.Model):
    """One version of a golden, DCS-only or other certification file. Absence from it is not a verdict."""

    class Kind(models.TextChoices):
        GOLDEN = "golden", "golden: good for physics"
        MUON = "muon", "muon: good for muons"
        DCS_ONLY = "dcs-only", "DCS-only: all detectors powered"
        ML = "ml", "by models and thresholds"
        OTHER = "other", "another choice"

    experiment = models.CharField(max_length=64, default="CMS")
    name = models.CharField(max_length=128, help_text="as the file is called, without .json")
    version = models.IntegerField(help_text="counts from 1 for each name")
    kind = models.CharField(max_length=8, choices=Kind)
    ranges = models.TextField(help_text='{"316187": [[1, 1091], [1093, 1100]]}, in order and merged')
    sha256 = models.CharField(max_length=64, help_text="of the ranges as text")
    first_run = models.BigIntegerField(help_text="first run that was looked at")
    last_run = models.BigIntegerField(help_text="last run that was looked at")
    n_runs = models.IntegerField(help_text="runs with any lumisection in it")
    n_lumisections = models.BigIntegerField(
        help_text="lumisections in it; of runs taken whole, those known then"
    )
    n_without_luminosity = models.BigIntegerField(
        help_text="lumisections in it whose luminosity was not known"
    )
    recorded_luminosity = models.FloatField(help_text="pb⁻¹ recorded in it, as known then")
    delivered_luminosity = models.FloatField(help_text="pb⁻¹ delivered in it, as known then")
    recorded_total = models.FloatField(help_text="pb⁻¹ recorded in all runs looked at, as known then")
    faults = models.JSONField(default=list, help_text="what was the matter with it, and put right")
    provenance = models.JSONField(default=dict, help_text="from what, how and by whom it was made")
    comment = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)
    parents = models.ManyToManyField("self", symmetrical=False, related_name="children")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = LumiMaskQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = "lumisection mask"
        constraints = (
            models.UniqueConstraint(fields=("experiment", "name", "version"), name="lumi_mask_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="lumi_mask_version_from_one"),
            models.CheckConstraint(condition=Q(last_run__gte=F("first_run")), name="lumi_mask_runs_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for one that is stored already."""
        if not self._state.adding:
            raise TypeError("a version of a lumisection mask is never changed: store a new one")
        super().save(*args, **kwargs)

    @property
    def file_name(self) -> str:
        """What the file is called among CMS' own."""
        return file_name(self.name, self.kind, self.first_run, self.last_run)

    @property
    def share(self) -> float | None:
        """Part of the recorded luminosity of all runs looked at; None where none is known."""
        return self.recorded_luminosity / self.recorded_total if self.recorded_total > 0 else None
