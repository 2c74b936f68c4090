"""The label: what a person said of a thing."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from detections.querysets import LabelQuerySet
from lightcurves.models import LightCurve, Source
from runs.models import Lumisection


class Label(models.Model):
    """Append-only: to change one's mind is another row, to take it back a row that ``retracts``.

    ``key`` names the thing for good; the rows it points to may go (a catalogue is loaded anew), the label stays.
    """

    LOWEST, HIGHEST = 0, 5

    key = models.CharField(
        max_length=600,
        help_text="natural key; of a histogram: lumisection, element and dataset, separated by spaces",
    )
    lumisection = models.ForeignKey(Lumisection, models.SET_NULL, null=True, related_name="labels")
    source = models.ForeignKey(Source, models.SET_NULL, null=True, related_name="labels")
    light_curve = models.ForeignKey(LightCurve, models.SET_NULL, null=True, related_name="labels")
    detection = models.ForeignKey(
        "detections.Detection",
        models.SET_NULL,
        null=True,
        related_name="labels",
        help_text="on which it was given",
    )
    simulated = models.BooleanField(
        default=False, help_text="said of a simulated thing, or of one with an anomaly injected"
    )
    score = models.SmallIntegerField(null=True, help_text="how interesting: 0 not at all, 5 very")
    tag = models.CharField(max_length=64, blank=True, help_text="what it is, in a word")
    comment = models.TextField(blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="labels")
    client_key = models.CharField(
        max_length=64, blank=True, help_text="of who sends it: sent twice, it is stored once"
    )
    retracts = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="retractions", db_index=False
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = LabelQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("key", "user", "id"), name="label_of_thing_and_user"),
            models.Index(fields=("tag", "id"), name="label_tag"),
            models.Index(fields=("created",), name="label_created"),
        )
        constraints = (
            models.UniqueConstraint(fields=("retracts",), name="label_retracted_once"),
            models.UniqueConstraint(
                fields=("user", "client_key"), condition=~Q(client_key=""), name="label_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=5), name="label_score_0_to_5"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=False) | ~Q(tag="") | ~Q(comment="") | Q(retracts__isnull=False),
                name="label_says_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.tag or self.score}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes a new row; an old one is never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a label is never deleted: retract it")
