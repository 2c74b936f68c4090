"""Files that ``discover_histos`` has seen, by place and by content."""

from django.db import models
from django.db.models import Q

from project.models import Job


class FoundFile(models.Model):
    """One file at one place. ``copy_of`` is the place where the same content was seen first, and is loaded from.

    ``size`` and ``modified`` (ns) tell whether it must be read again to know its content.
    """

    path = models.CharField(max_length=4096)
    place = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the path")
    size = models.BigIntegerField(help_text="bytes")
    modified = models.BigIntegerField(help_text="nanoseconds since 1970")
    sha256 = models.CharField(max_length=64, db_index=True)
    reader = models.CharField(max_length=64, blank=True)
    datasets = models.JSONField(default=list, help_text="what its histograms are loaded into")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    copy_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="copies")
    problem = models.CharField(max_length=500, blank=True, help_text="why it was not queued")
    seen = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("sha256",), condition=Q(copy_of=None), name="content_is_found_once"
            ),
        )

    def __str__(self) -> str:
        return self.path
