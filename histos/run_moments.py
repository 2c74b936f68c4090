"""Moments of run-level histograms, as CMS' per-run CSV files hold them: no bins, only what describes them."""

from django.db import models

from project.models import SourceFile
from project.querysets import LoadedQuerySet
from runs.models import Run


class RunMoments(models.Model):
    """Entries and moments of one element over one whole run, of which the bins are not known.

    ``path`` is the place as the file gives it, run number and cycle included; ``element`` the same without them
    (``Tracking/TrackParameters/generalTracks/GeneralProperties/Chi2_GenTk``), equal from run to run: what a trend
    follows. ``kurtosis`` is ROOT's, 0 for a normal distribution. A moment that is not known is null.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="moments", db_index=False)
    dataset = models.ForeignKey("histos.Dataset", models.PROTECT, related_name="+", db_index=False)
    element = models.CharField(max_length=512)
    path = models.CharField(max_length=512)
    entries = models.FloatField()
    mean = models.FloatField(null=True)
    rms = models.FloatField(null=True)
    skewness = models.FloatField(null=True)
    kurtosis = models.FloatField(null=True)
    file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )

    objects = LoadedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "run moments"
        constraints = (models.UniqueConstraint(fields=("run", "dataset", "path"), name="run_moments_once"),)
        indexes = (models.Index(fields=("element", "dataset", "run"), name="run_moments_by_element"),)

    def __str__(self) -> str:
        return f"{self.element} {self.run.number}"
