"""Reads of tokens."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ApiTokenQuerySet(models.QuerySet):
    def of(self, user: Any) -> Self:
        """Those of a user, the newest first: what a profile lists."""
        return self.filter(user=user).order_by("-id")

    def live(self) -> Self:
        """Neither revoked nor expired."""
        return self.filter(Q(revoked__isnull=True), expires__gt=timezone.now())
