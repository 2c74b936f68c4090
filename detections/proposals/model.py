"""The proposal of a certification, and its history."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from detections.proposals.querysets import ProposalQuerySet
from runs.models import Run


class Proposal(models.Model):
    """What is to be said of one run under one flag: proposed, then signed or rejected; a signature may be undone.

    What is proposed never changes; to propose something else is another row. ``ranges`` hold what is said of the
    lumisections, and are silent on all others.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        SIGNED = "signed"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        UNDONE = "undone"

    class Origin(models.TextChoices):
        RANGE = "range", "a range that somebody chose"
        TRIALS = "trials", "scores of trials and their thresholds"
        FILE = "file", "a file of ranges"

    run = models.ForeignKey(Run, models.PROTECT, related_name="proposals", db_index=False)
    flag = models.CharField(max_length=64)
    ranges = models.JSONField(
        help_text="first, last (null: to the end of the run) and status of each, in order, none overlapping"
    )
    first = models.IntegerField(help_text="first lumisection of which something is said")
    last = models.IntegerField(
        null=True, blank=True, help_text="last lumisection of which something is said; empty: to the end"
    )
    cause = models.CharField(max_length=64, blank=True, help_text="reason code of what is not good")
    comment = models.TextField(blank=True)
    origin = models.CharField(max_length=8, choices=Origin)
    evidence = models.JSONField(
        default=dict, help_text="trials with thresholds and versions, or the file with its SHA-256"
    )
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals")
    decided = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="who signed, rejected, withdrew or undid it last",
    )
    self_signed = models.BooleanField(default=False, help_text="signed by who proposed it")
    client_key = models.CharField(
        max_length=64, blank=True, help_text="of who sends it: sent twice, it is stored once"
    )
    created = models.DateTimeField(auto_now_add=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("run", "flag", "id"), name="proposal_of_run_and_flag"),
            models.Index(fields=("state", "id"), name="proposal_state"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("user", "client_key", "run", "flag"),
                condition=~Q(client_key=""),
                name="proposal_sent_once",
            ),
            models.CheckConstraint(condition=Q(first__gte=1), name="proposal_from_first_lumisection"),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first")), name="proposal_range_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk}: {self.flag} of run {self.run.number}"


class ProposalEvent(models.Model):
    """What somebody did with a proposal. Append-only."""

    class Kind(models.TextChoices):
        PROPOSED = "proposed"
        COMMENTED = "commented"
        SIGNED = "signed"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        UNDONE = "undone"

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    comment = models.TextField(blank=True)
    before = models.JSONField(
        default=list, help_text="what stood of this run and flag before it was signed, or undone"
    )
    client_key = models.CharField(max_length=64, blank=True, help_text="sent twice, it is stored once")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("proposal", "id"), name="event_of_proposal"),)
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "kind"), condition=~Q(kind="commented"), name="proposal_decided_once"
            ),
            models.UniqueConstraint(
                fields=("user", "client_key"), condition=~Q(client_key=""), name="proposal_event_sent_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes a new row; an old one is never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("what was done with a proposal is never deleted")
