"""Histograms of monitoring elements per lumisection and per run, and histograms of light curves."""

from django.db import models

from histos.found_files import FoundFile
from histos.querysets import HistogramQuerySet
from histos.run_moments import RunMoments
from lightcurves.models import LightCurve
from project.fields import VectorField
from project.models import SourceFile
from project.querysets import LoadedQuerySet
from runs.models import Lumisection, Run

__all__ = [
    "Dataset", "FoundFile", "LightCurveHistogram", "LumisectionHistogram", "MonitoringElement", "RunHistogram",
    "RunMoments",
]  # fmt: skip


class Dataset(models.Model):
    """The stream and processing of a histogram, ``/ZeroBias/Run2018A-UL/DQMIO``, or a bare ``ZeroBias``."""

    name = models.CharField(max_length=255, unique=True)
    primary_dataset = models.CharField(max_length=128, db_index=True)
    era = models.CharField(max_length=64, blank=True)
    processing_version = models.CharField(max_length=128, blank=True)
    tier = models.CharField(max_length=32, blank=True)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LoadedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class MonitoringElement(models.Model):
    """A named histogram definition with its binning; re-binned, it is another element."""

    class Storage(models.TextChoices):
        COUNT = "int64"
        WEIGHT = "double"
        WEIGHTED = "weighted"
        MEAN = "mean"

    name = models.CharField(max_length=255)
    binning = models.CharField(max_length=64, help_text="hash of the axes and the storage")
    dimension = models.PositiveSmallIntegerField()
    axes = models.JSONField(
        help_text="x first: lower, upper, bins; edges where irregular; flow false where unknown"
    )
    storage = models.CharField(
        max_length=8, choices=Storage, default=Storage.COUNT, help_text="UHI storage kind"
    )
    root_class = models.CharField(max_length=16, blank=True)
    title = models.CharField(max_length=255, blank=True)
    x_label = models.CharField(max_length=128, blank=True)
    y_label = models.CharField(max_length=128, blank=True)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LoadedQuerySet.as_manager()

    class Meta:
        ordering = ("name", "binning")
        constraints = (models.UniqueConstraint(fields=("name", "binning"), name="element_once_per_binning"),)

    def __str__(self) -> str:
        return self.name


class LumisectionHistogram(models.Model):
    """The histogram of one monitoring element in one lumisection, flow bins included, y slow.

    A load resolves what its rows point to itself, and keeps it from being removed: checking it again row by row
    would cost PostgreSQL more than half of what it does with a row.
    """

    lumisection = models.ForeignKey(
        Lumisection, models.PROTECT, related_name="histograms", db_index=False, db_constraint=False
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    element = models.ForeignKey(
        MonitoringElement, models.PROTECT, related_name="histograms", db_index=False, db_constraint=False
    )
    entries = models.FloatField()
    counts = VectorField()
    file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )

    objects = HistogramQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("lumisection", "dataset", "element"), name="lumisection_histogram_once"
            ),
        )
        indexes = (models.Index(fields=("element", "dataset", "lumisection"), name="histogram_by_element"),)

    def __str__(self) -> str:
        return f"{self.element.name} {self.lumisection}"


class RunHistogram(models.Model):
    """The histogram of one monitoring element over a whole run."""

    run = models.ForeignKey(
        Run, models.PROTECT, related_name="histograms", db_index=False, db_constraint=False
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    element = models.ForeignKey(
        MonitoringElement, models.PROTECT, related_name="run_histograms", db_constraint=False
    )
    entries = models.FloatField()
    counts = VectorField()
    file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )

    objects = HistogramQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "dataset", "element"), name="run_histogram_once"),
        )

    def __str__(self) -> str:
        return f"{self.element.name} {self.run.number}"


class LightCurveHistogram(models.Model):
    """The distribution of a light curve's values or of its time steps."""

    class Kind(models.TextChoices):
        VALUE = "value"
        TIME_STEP = "time-step"

    light_curve = models.ForeignKey(LightCurve, models.CASCADE, related_name="histograms", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    edges = VectorField(dtype="<f8", help_text="value: the light curve's unit; time-step: log10 of days")
    counts = VectorField(help_text="with under- and overflow")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("light_curve", "kind"), name="light_curve_histogram_once_per_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.light_curve} {self.kind}"
