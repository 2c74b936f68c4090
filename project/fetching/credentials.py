"""Who we are for a service: nobody, a token that is given, or one that a sign-on makes of an id and a secret."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from project.fetching.errors import FetchError
from project.fetching.service import Service

EARLY = 30.0
"""Seconds before its end a token counts as over, so that it does not end on its way."""

Form = Callable[[Mapping[str, str]], Any]


class Credentials:
    """``sign_on`` sends a form to where tokens are made; None where none is needed."""

    def __init__(self, service: Service, sign_on: Form | None) -> None:
        self._service = service
        self._sign_on = None if service.token else sign_on
        self._token = service.token
        self._over = float("inf") if service.token else 0.0
        self._renewed = False

    def header(self) -> dict[str, str]:
        """What is sent with a request. Raises FetchError when there is no token to be had."""
        if self._sign_on and time.monotonic() >= self._over:
            self._make(self._sign_on)
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def renew(self) -> bool:
        """Whether a refused token is worth another try: one of a sign-on may have ended early, once."""
        if self._sign_on is None or self._renewed:
            return False
        self._renewed, self._over = True, 0.0
        return True

    def advice(self) -> str:
        """What to do when we are refused."""
        setting = self._service.setting or "its setting"
        if self._token and not self._sign_on:
            return f"is {setting}_TOKEN right, and not over?"
        if self._sign_on:
            return f"are LUMISIFT_SSO_CLIENT_ID, LUMISIFT_SSO_CLIENT_SECRET and {setting}_AUDIENCE right?"
        return f"set {setting}_TOKEN, or LUMISIFT_SSO_CLIENT_ID and LUMISIFT_SSO_CLIENT_SECRET"

    def _make(self, sign_on: Form) -> None:
        who = self._service.sign_on
        assert who is not None  # noqa: S101 a form to sign on comes from there
        made = sign_on({
            "grant_type": "client_credentials", "client_id": who.client_id,
            "client_secret": who.client_secret, "audience": who.audience,
        })  # fmt: skip
        token = made.get("access_token") if isinstance(made, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise FetchError(f"the sign-on for {self._service.name} gives no access_token")
        lasts = made.get("expires_in")
        self._token = token
        self._over = time.monotonic() + (lasts if isinstance(lasts, int | float) else 0.0) - EARLY
