"""Sources and their light curves; knows nothing of runs."""

from django.db import models
from django.db.models import Q

from lightcurves.querysets import LightCurveQuerySet, SourceQuerySet
from lightcurves.sky.zones import ZONE, ZoneField
from project.fields import VectorField
from project.models import SourceFile
from project.querysets import LoadedQuerySet


class Catalog(models.Model):
    """Where a source's name comes from."""

    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=255, blank=True)
    simulated = models.BooleanField(default=False)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LoadedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Survey(models.Model):
    """Who measured a light curve, and in which time system the measurements came."""

    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=255, blank=True)
    time_system = models.CharField(
        max_length=255, default="MJD (UTC)", help_text="of what came in; stored is MJD (UTC)"
    )
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LoadedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """A thing in the sky, or a machine."""

    catalog = models.ForeignKey(Catalog, models.PROTECT, related_name="sources", db_index=False)
    name = models.CharField(max_length=200)
    ra = models.FloatField(null=True, blank=True, help_text="degrees, ICRS")
    dec = models.FloatField(null=True, blank=True, help_text="degrees, ICRS")
    mag = models.FloatField(null=True, blank=True, help_text="mean magnitude")
    zone = models.GeneratedField(expression=ZONE, output_field=ZoneField(null=True), db_persist=True)
    attributes = models.JSONField(default=dict, blank=True)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ("catalog", "name")
        indexes = (models.Index(fields=("zone", "ra", "dec", "file"), name="source_on_the_sky"),)
        constraints = (
            models.UniqueConstraint(fields=("catalog", "name"), name="source_once_per_catalog"),
            models.CheckConstraint(
                condition=Q(ra__isnull=True, dec__isnull=True)
                | Q(ra__gte=0, ra__lt=360, dec__gte=-90, dec__lte=90),
                name="source_position_on_the_sky",
            ),
        )

    def __str__(self) -> str:
        return self.name


class LightCurve(models.Model):
    """One quantity of one source in one band over time, sorted by time."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="light_curves", db_index=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="light_curves")
    band = models.CharField(max_length=32)
    season = models.CharField(max_length=32, blank=True)
    reduction = models.CharField(max_length=64, blank=True)
    unit = models.CharField(max_length=32, default="uJy", help_text="uJy (AB) where a zero point is known")
    time = VectorField(dtype="<f8", help_text="MJD (UTC)")
    value = VectorField(help_text="in the unit of the light curve")
    error = VectorField(help_text="one standard deviation; NaN where unknown")
    flag = VectorField(help_text="0: good")
    n_points = models.IntegerField()
    time_min = models.FloatField()
    time_max = models.FloatField()
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LightCurveQuerySet.as_manager()

    class Meta:
        ordering = ("source", "survey", "band")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "survey", "band", "season", "reduction"), name="light_curve_once_per_source"
            ),
            models.CheckConstraint(condition=Q(n_points__gte=1), name="light_curve_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.source.name} {self.band}"
