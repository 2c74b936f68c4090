"""Who is signed in: Django's own sessions and accounts, read on every request by statements that are built once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from project.asked import by_key


class SessionStore(db.SessionStore):
    """As Django's, in the database."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        # No key of ours holds NUL, which PostgreSQL refuses to look for.
        found = by_key(self.model, self.session_key) if "\0" not in (self.session_key or "") else None
        if found and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None


class Accounts(ModelBackend):
    """As Django's."""

    def get_user(self, user_id: Any) -> Any:
        user = by_key(get_user_model(), user_id)
        return user if user and self.user_can_authenticate(user) else None
