"""What every app shares: the files that were loaded, what was wrong in them, long work, and tokens."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from project.tokens.querysets import ApiTokenQuerySet


class SourceFile(models.Model):
    """One load of one file. While it is ``loading`` its rows are invisible: see ``visible`` in the querysets."""

    class State(models.TextChoices):
        LOADING = "loading"
        COMPLETE = "complete"
        REFUSED = "refused"

    name = models.CharField(max_length=255, help_text="file name, without its folder")
    path = models.CharField(max_length=4096, blank=True)
    size = models.BigIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, db_index=True)
    reader = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    identity = models.CharField(max_length=64, db_index=True, help_text="hash of content, reader and options")
    state = models.CharField(max_length=10, choices=State, default=State.LOADING, db_index=True)
    position = models.BigIntegerField(default=0, help_text="rows read so far, good and bad")
    progress = models.FloatField(default=0.0, help_text="fraction of the file that is read, 0 to 1")
    stored = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    conflicts = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    first_ids = models.JSONField(
        default=list, help_text="table and its highest id before this load began, in pairs"
    )
    error = models.TextField(blank=True)
    holder = models.CharField(
        max_length=128, blank=True, help_text="host, process and start time of who loads it"
    )
    lease_until = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("identity",), condition=Q(state="loading"), name="one_load_of_a_file_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="file_progress_between_0_and_1"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.reader}, {self.state})"


class FileProblem(models.Model):
    """A row of a file that was not stored, with its line and the reason; line 0 is of the file as a whole."""

    class Kind(models.TextChoices):
        REJECTED = "rejected"
        CONFLICT = "conflict"
        DUPLICATE = "duplicate"
        PASSED = "passed", "passed over"

    file = models.ForeignKey(SourceFile, models.CASCADE, related_name="problems")
    line = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("file", "line")

    def __str__(self) -> str:
        return f"{self.file.name}, line {self.line}: {self.reason}"


class Job(models.Model):
    """Long work: the only truth about it. Made by a command, a page, the API or a notebook."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    FINISHED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

    task = models.CharField(max_length=200, help_text="dotted path of the task function")
    title = models.CharField(max_length=200, blank=True)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    config_hash = models.CharField(max_length=64, blank=True, db_index=True)
    seed = models.BigIntegerField(null=True)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    foreground = models.BooleanField(
        default=False, help_text="ran in the process that asked for it: no worker takes it up again"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    progress = models.FloatField(default=0.0, help_text="0 to 1")
    stage = models.CharField(max_length=200, blank=True)
    counts = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    log = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rerun_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reruns")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "-priority", "id"), name="job_next"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="job_progress_between_0_and_1"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title or self.task} ({self.state})"

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED


class ApiToken(models.Model):
    """How a program signs in in a user's name. Of the secret only a hash is kept; a revoked one stays as a row."""

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=64, help_text="what it is for")
    public_id = models.CharField(
        max_length=12, unique=True, help_text="the part of the token that is no secret"
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret")
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, help_text="to the minute")
    revoked = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.scope})"


class FailedTries(models.Model):
    """How often in a row somebody failed at a door, under one name or from one address: see ``project.throttling``."""

    class Kind(models.TextChoices):
        NAME = "name", "user name"
        ADDRESS = "address", "address"
        TOKEN = "token", "address with wrong tokens"

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=64, help_text="keyed hash of the name or address")
    failures = models.PositiveIntegerField(default=0)
    last = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "failed tries"
        constraints = (models.UniqueConstraint(fields=("kind", "key"), name="failed_tries_once_per_key"),)

    def __str__(self) -> str:
        return f"{self.failures} failures of one {self.get_kind_display()}"
