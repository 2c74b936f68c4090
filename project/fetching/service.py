"""A service as the settings describe it: where it is, who we are there, and how patient we are."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from project.errors import UserError


@dataclass(frozen=True)
class Limits:
    """How long one answer may take (s), how often it is asked for, how many requests a second, how large (bytes)."""

    seconds: float = 60.0
    tries: int = 5
    per_second: float = 2.0
    max_bytes: int = 64 << 20
    backoff: float = 1.0
    """Seconds before the second attempt; doubled before each further one."""


@dataclass(frozen=True)
class SignOn:
    """Where a client's id and secret are exchanged for a token (OAuth 2 client credentials, RFC 6749 section 4.4)."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    audience: str


@dataclass(frozen=True)
class Service:
    """``url`` is what every path is added to; ``setting`` begins the names of its settings."""

    name: str
    url: str
    setting: str = ""
    token: str = field(default="", repr=False)
    sign_on: SignOn | None = None
    ca_file: str = ""
    limits: Limits = Limits()

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def missing(self) -> str:
        """What is to be set before it can be asked; empty where nothing is. CERN's services answer nobody unknown."""
        unknown = not self.token and self.sign_on is None
        if unknown and (urlsplit(self.url).hostname or "").endswith(".cern.ch"):
            return f"{self.setting}_TOKEN, or LUMISIFT_SSO_CLIENT_ID and LUMISIFT_SSO_CLIENT_SECRET"
        return ""

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"


NAMES = {"oms": ("OMS", "LUMISIFT_OMS"), "runregistry": ("Run Registry", "LUMISIFT_RUNREGISTRY")}


def service(key: str) -> Service:
    """The service that the settings call ``key``; UserError where there is none."""
    if key not in NAMES:
        raise UserError(f"no service is called {key!r}; there are: {', '.join(NAMES)}")
    name, prefix = NAMES[key]
    said = {part: getattr(settings, f"{prefix}_{part}") for part in ("URL", "TOKEN", "AUDIENCE")}
    sign_on = None
    if settings.LUMISIFT_SSO_CLIENT_ID:
        sign_on = SignOn(
            settings.LUMISIFT_SSO_URL, settings.LUMISIFT_SSO_CLIENT_ID, settings.LUMISIFT_SSO_CLIENT_SECRET,
            said["AUDIENCE"],
        )  # fmt: skip
    ca_file = settings.LUMISIFT_FETCH_CA_FILE
    return Service(name, said["URL"], prefix, said["TOKEN"], sign_on, ca_file, _limits())


def _limits() -> Limits:
    return Limits(
        seconds=settings.LUMISIFT_FETCH_SECONDS,
        tries=settings.LUMISIFT_FETCH_TRIES,
        per_second=settings.LUMISIFT_FETCH_PER_SECOND,
        max_bytes=settings.LUMISIFT_FETCH_MAX_MB << 20,
    )
