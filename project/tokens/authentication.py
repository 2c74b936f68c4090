"""``Authorization: Bearer lsf_…``: who a program is, and how much of its user's right the token carries."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from project.models import ApiToken
from project.throttling import token_failed
from project.tokens.secrets import parts_of, same
from project.tokens.services import note_use

UNKNOWN = "0" * 64


class TokenAuthentication(BaseAuthentication):
    """The right is the smaller of two: the user's role, and the token's scope."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """The user and the token; None where another way to sign in is meant. A wrong token is never passed over."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = self._token(text.strip(), request)
        if token.scope == ApiToken.Scope.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied("This token may only read: make one with the scope write.")
        note_use(token)
        return token.user, token

    def _token(self, text: str, request: Request) -> ApiToken:
        parts = parts_of(text)
        found = (
            ApiToken.objects.select_related("user").filter(public_id=parts.public_id if parts else "").first()
        )
        # Compared even when there is nothing to compare with: the time must not tell which ids exist.
        genuine = same(parts.secret if parts else "", found.digest if found else UNKNOWN)
        if found is None or not genuine:
            token_failed(request)
            raise AuthenticationFailed("There is no such token.")
        if found.revoked is not None:
            raise AuthenticationFailed("This token was revoked.")
        if found.expires <= timezone.now():
            raise AuthenticationFailed(f"This token expired on {found.expires:%Y-%m-%d}: make a new one.")
        if not found.user.is_active:
            raise AuthenticationFailed("The account of this token is not active.")
        return found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="lumisift"'


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lsf_…",
            "description": "Made on the profile page, shown once, with the scope read or write. It never gives more "
            "than the role of its user.",
        }
