"""The text of a token: ``lsf_`` + a public id + ``_`` + the secret. Only a hash of the secret is kept."""

import hashlib
import re
import secrets
from typing import NamedTuple

PREFIX = "lsf_"
SECRET_BYTES = 32
FORM = re.compile(r"lsf_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


class Parts(NamedTuple):
    public_id: str
    secret: str

    @property
    def text(self) -> str:
        return f"{PREFIX}{self.public_id}_{self.secret}"


def new_parts() -> Parts:
    """A public id to look it up by, and 32 random bytes nobody can guess."""
    return Parts(secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES))


def parts_of(text: str) -> Parts | None:
    """The token taken apart; None where it cannot be one."""
    found = FORM.fullmatch(text)
    return Parts(*found.groups()) if found else None


def digest(secret: str) -> str:
    """What is stored. One round is enough: the secret is random, no dictionary holds it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(secret: str, stored: str) -> bool:
    """Whether ``stored`` is the digest of ``secret``, in a time that does not tell how much of it fits."""
    return secrets.compare_digest(digest(secret), stored)
