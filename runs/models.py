"""When data were taken, and whether they were good."""

from django.db import models
from django.db.models import F, Q

from project.models import SourceFile
from runs.golden.model import LumiMask as LumiMask
from runs.querysets import CertificationQuerySet, FillQuerySet, LumisectionQuerySet, RunQuerySet

ATTRIBUTES = 'what else is told of it, by name: a value, or {"value": 95.2, "unit": "kHz"}'


class Fill(models.Model):
    """One fill of the accelerator with beam, in which runs are taken; a run knows its number."""

    experiment = models.CharField(max_length=64, default="CMS")
    number = models.IntegerField()
    start_time = models.DateTimeField(null=True, blank=True)
    end_time = models.DateTimeField(null=True, blank=True)
    energy = models.FloatField(null=True, blank=True, help_text="GeV")
    peak_pileup = models.FloatField(
        null=True, blank=True, help_text="highest mean interactions per bunch crossing"
    )
    delivered_luminosity = models.FloatField(null=True, blank=True, help_text="pb⁻¹")
    recorded_luminosity = models.FloatField(null=True, blank=True, help_text="pb⁻¹")
    attributes = models.JSONField(default=dict, blank=True, help_text=ATTRIBUTES)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = FillQuerySet.as_manager()

    class Meta:
        ordering = ("experiment", "number")
        constraints = (
            models.UniqueConstraint(fields=("experiment", "number"), name="fill_once_per_experiment"),
            models.CheckConstraint(condition=Q(number__gte=1), name="fill_number_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.experiment} fill {self.number}"


class Run(models.Model):
    """One continuous period of data taking of an experiment."""

    experiment = models.CharField(max_length=64, default="CMS")
    number = models.BigIntegerField()
    start_time = models.DateTimeField(null=True, blank=True)
    end_time = models.DateTimeField(null=True, blank=True)
    fill_number = models.IntegerField(null=True, blank=True)
    era = models.CharField(max_length=64, blank=True)
    energy = models.FloatField(null=True, blank=True, help_text="GeV")
    b_field = models.FloatField(null=True, blank=True, help_text="tesla")
    recorded_luminosity = models.FloatField(null=True, blank=True, help_text="pb⁻¹")
    attributes = models.JSONField(default=dict, blank=True, help_text=ATTRIBUTES)
    simulated = models.BooleanField(default=False)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("experiment", "number")
        constraints = (
            models.UniqueConstraint(fields=("experiment", "number"), name="run_once_per_experiment"),
            models.CheckConstraint(condition=Q(number__gte=0), name="run_number_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.experiment} {self.number}"


class Lumisection(models.Model):
    """The smallest numbered slice of a run that is judged."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="lumisections", db_index=False)
    number = models.IntegerField()
    start_time = models.DateTimeField(null=True, blank=True)
    delivered_luminosity = models.FloatField(
        null=True, blank=True, help_text="pb⁻¹; small negatives are noise"
    )
    recorded_luminosity = models.FloatField(
        null=True, blank=True, help_text="pb⁻¹; small negatives are noise"
    )
    pileup = models.FloatField(null=True, blank=True, help_text="mean interactions per bunch crossing")
    flags = models.JSONField(default=dict, blank=True, help_text="detector bits and prescale by name")
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LumisectionQuerySet.as_manager()

    class Meta:
        ordering = ("run", "number")
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="lumisection_once_per_run"),
            models.CheckConstraint(condition=Q(number__gte=1), name="lumisection_number_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.run.number}:{self.number}"


class Certification(models.Model):
    """A flag for a range of lumisections: who said so, why and from what. Absence is not a verdict."""

    class Status(models.TextChoices):
        GOOD = "GOOD"
        BAD = "BAD"
        STANDBY = "STANDBY"
        EXCLUDED = "EXCLUDED"
        NOTSET = "NOTSET"
        EMPTY = "EMPTY"

    run = models.ForeignKey(Run, models.PROTECT, related_name="certifications", db_index=False)
    first = models.IntegerField(help_text="first lumisection of the range")
    last = models.IntegerField(
        null=True, blank=True, help_text="last lumisection; empty: to the end of the run"
    )
    flag = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status)
    source = models.CharField(max_length=255, help_text="where it comes from, e.g. a file's name")
    version = models.CharField(max_length=64, blank=True)
    cause = models.CharField(max_length=255, blank=True)
    comment = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = CertificationQuerySet.as_manager()

    class Meta:
        ordering = ("run", "first")
        indexes = (models.Index(fields=("flag", "source", "version"), name="certification_by_flag"),)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "first", "flag", "source", "version"), name="certification_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first")), name="certification_range_in_order"
            ),
            models.CheckConstraint(condition=Q(first__gte=1), name="certification_from_first_lumisection"),
        )

    def __str__(self) -> str:
        return f"{self.run.number} {self.first}-{self.last or 'end'} {self.flag}={self.status}"
