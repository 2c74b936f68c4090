"""Sample sets, trials and their scores, detections, comparisons; labels and proposals have files of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from detections.labels.model import Label
from detections.proposals.model import Proposal, ProposalEvent
from detections.querysets import TrialQuerySet
from lightcurves.models import LightCurve, Source
from project.fields import VectorField
from project.models import Job
from runs.models import Lumisection

__all__ = [
    "Comparison", "Detection", "Label", "Proposal", "ProposalEvent", "SampleSet", "ScoreBlock", "Trial",
]  # fmt: skip


class SampleSet(models.Model):
    """A frozen, hashed choice of things. Keys, groups and truth are stored once; trials store scores aligned with it.

    A set made by an injection has a ``parent``, its own truth and its own hash; the data themselves are never changed:
    they are read again and injected again, from the recorded recipe and seed, whenever the set is opened.
    """

    class World(models.TextChoices):
        HISTOGRAMS = "histograms", "lumisection histograms"
        CATALOG = "catalog", "columns of a catalogue"
        LIGHT_CURVES = "light-curves", "light curves"

    class Split(models.TextChoices):
        HOLDOUT = "holdout", "fit on some groups, score the others"
        CROSS = "cross", "score every fold by a detector fitted on the other folds"
        TRANSDUCTIVE = "transductive", "fit on the very rows that are scored"

    name = models.CharField(max_length=128, unique=True)
    hash = models.CharField(
        max_length=64, unique=True, help_text="of natural keys, data, roles, folds and truth"
    )
    world = models.CharField(max_length=16, choices=World)
    kind = models.CharField(max_length=16, help_text="table, histograms or series")
    recipe = models.JSONField(help_text="the choice, in natural keys: enough to make the set again")
    split = models.CharField(max_length=16, choices=Split)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    n_samples = models.BigIntegerField()
    n_scores = models.BigIntegerField()
    n_groups = models.IntegerField()
    n_fit = models.BigIntegerField(help_text="samples with the role fit")
    n_score = models.BigIntegerField(help_text="samples with the role score")
    classes = models.JSONField(default=list, help_text="names of the truth classes; class 1 is the first")
    left_out = models.JSONField(
        default=dict, help_text="what the choice met but could not take: reason to number"
    )
    keys = models.BinaryField(help_text="natural keys, one a line, zlib")
    groups = models.BinaryField(help_text="groups, one a line, zlib")
    roles = VectorField(dtype="|u1")
    folds = VectorField(dtype="<i2")
    truth = VectorField(null=True, help_text="class per score; 0: nothing known to be wrong")
    strength = VectorField(null=True, dtype="<f8", help_text="injected strength per score; NaN without one")
    sigma = VectorField(
        null=True, dtype="<f8", help_text="strength over sampling noise per score, as measured"
    )
    events = models.JSONField(default=list, help_text="injected events of series")
    simulated = models.BooleanField(default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Trial(models.Model):
    """One detector with its parameters, seed and code version on one sample set: one vector of scores."""

    class State(models.TextChoices):
        DONE = "done"
        LEFT_OUT = "left out"

    sample_set = models.ForeignKey(SampleSet, models.PROTECT, related_name="trials")
    detector = models.CharField(max_length=128)
    params = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=0)
    code_version = models.CharField(max_length=80, help_text="of what was uploaded, its revision")
    outside = models.BooleanField(default=False, help_text="computed elsewhere; its scores were uploaded")
    scores_hash = models.CharField(max_length=64, blank=True, help_text="of uploaded scores")
    inputs = models.CharField(
        max_length=64, unique=True, help_text="hash of set, detector, parameters, seed, version"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DONE)
    reason = models.CharField(max_length=500, blank=True, help_text="why the detector was left out")
    transductive = models.BooleanField(default=False, help_text="saw the rows it scores")
    offline = models.BooleanField(default=False, help_text="saw the future of what it scores")
    fitted_on = models.JSONField(default=dict, help_text="number and hash of the keys fitted on, by fold")
    fit_seconds = models.FloatField(default=0.0)
    score_seconds = models.FloatField(default=0.0)
    n_scored = models.BigIntegerField(default=0)
    not_scored = models.JSONField(default=dict, help_text="reason to number")
    threshold = models.FloatField(null=True, help_text="scores from here on are detections")
    top = models.JSONField(default=list, help_text="positions and scores of the 1,000 highest")
    histogram = models.JSONField(default=dict, help_text="edges and counts of the scores")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="trials")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.detector} on {self.sample_set.name}"


class ScoreBlock(models.Model):
    """65,536 scores of a trial, aligned with its sample set; NaN: not scored."""

    SIZE = 65_536

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="blocks", db_index=False)
    number = models.IntegerField()
    maximum = models.FloatField(null=True)
    scores = VectorField(dtype="<f8")

    class Meta:
        ordering = ("trial", "number")
        constraints = (models.UniqueConstraint(fields=("trial", "number"), name="score_block_once"),)

    def __str__(self) -> str:
        return f"{self.trial} block {self.number}"


class Detection(models.Model):
    """One thing or time span a trial flags, with its reasons."""

    class Extent(models.TextChoices):
        WHOLE = "whole", "a whole thing"
        TIME = "time", "a time span"
        BINS = "bins", "bins of a histogram"

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="detections", db_index=False)
    rank = models.IntegerField(help_text="1: the highest score")
    position = models.BigIntegerField(help_text="place in the score vector")
    key = models.CharField(max_length=400)
    score = models.FloatField()
    extent = models.CharField(max_length=8, choices=Extent, default=Extent.WHOLE)
    lumisection = models.ForeignKey(
        Lumisection, models.CASCADE, null=True, blank=True, related_name="detections"
    )
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="detections")
    light_curve = models.ForeignKey(
        LightCurve, models.CASCADE, null=True, blank=True, related_name="detections"
    )
    time_start = models.FloatField(null=True, blank=True, help_text="MJD (UTC)")
    time_end = models.FloatField(null=True, blank=True, help_text="MJD (UTC)")
    reasons = models.JSONField(
        default=list, help_text="bins or columns that drive the score, strongest first"
    )

    class Meta:
        ordering = ("trial", "rank")
        constraints = (
            models.UniqueConstraint(fields=("trial", "rank"), name="detection_rank_once_per_trial"),
            models.CheckConstraint(
                condition=Q(lumisection__isnull=False, source__isnull=True, light_curve__isnull=True)
                | Q(lumisection__isnull=True, source__isnull=False),
                name="detection_of_exactly_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(extent="time") | Q(time_start__isnull=False, time_end__isnull=False),
                name="detection_in_time_has_a_span",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.rank} {self.key}"


class Comparison(models.Model):
    """Several trials on one sample set, judged against its truth: metrics with intervals, chance level beside them."""

    sample_set = models.ForeignKey(SampleSet, models.PROTECT, related_name="comparisons")
    inputs = models.CharField(max_length=64, unique=True, help_text="hash of trials and parameters")
    trials = models.ManyToManyField(Trial, related_name="comparisons")
    params = models.JSONField(default=dict)
    results = models.JSONField(default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"comparison {self.pk} on {self.sample_set.name}"
