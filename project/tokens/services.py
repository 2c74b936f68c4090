"""The only writers of tokens: make one, revoke one, note that one was used."""

import logging
from datetime import timedelta
from typing import Any

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from project.errors import UserError
from project.models import ApiToken
from project.tokens.secrets import digest, new_parts

logger = logging.getLogger(__name__)
DAYS, MOST_DAYS = 90, 366
MOST_LIVE = 50
"""Tokens of one user that may be live at once: more are forgotten ones."""
LONGEST_NAME = 64
NOTED_EVERY = timedelta(minutes=1)


def make(user: Any, name: str, scope: str = ApiToken.Scope.READ, days: int = DAYS) -> tuple[ApiToken, str]:
    """A new token of ``user`` and its text, which is shown once and kept nowhere. UserError says what is wrong."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise UserError(f"name: a token needs a name of 1 to {LONGEST_NAME} characters that can be printed")
    if scope not in ApiToken.Scope.values:
        raise UserError(f"scope: {scope!r} is not one of {', '.join(ApiToken.Scope.values)}")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise UserError(f"days: a token lives for 1 to {MOST_DAYS} days, not {days!r}")
    if ApiToken.objects.of(user).live().count() >= MOST_LIVE:
        raise UserError(f"name: you have {MOST_LIVE} live tokens already: revoke one first")
    parts = new_parts()
    token = ApiToken.objects.create(
        user=user, name=name, scope=scope, public_id=parts.public_id, digest=digest(parts.secret),
        expires=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    return token, parts.text


def revoke(token: ApiToken) -> None:
    """From now on nobody is let in by it; its row stays, so that what it did can be traced."""
    ApiToken.objects.filter(pk=token.pk, revoked__isnull=True).update(revoked=timezone.now())
    token.refresh_from_db()


def note_use(token: ApiToken) -> None:
    """Remember when it was last used, to the minute: a script that asks a thousand times writes once."""
    now = timezone.now()
    if token.last_used and token.last_used > now - NOTED_EVERY:
        return
    due = Q(last_used__isnull=True) | Q(last_used__lte=now - NOTED_EVERY)
    try:
        ApiToken.objects.filter(due, pk=token.pk).update(last_used=now)
    except OperationalError:
        # Whoever reads must not fail because somebody else writes.
        logger.warning("the use of token %s was not noted: the database is busy", token.public_id)
