"""Values from the environment or a ``.env`` file beside manage.py, each checked: a wrong one refuses to start."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env_file = Path(os.environ.get("LUMISIFT_ENV_FILE", BASE_DIR / ".env"))
if env_file.is_file():
    env.read_env(env_file)

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def boolean(name: str, default: bool) -> bool:
    """A yes or a no; anything else is refused, so that ``DEBUG=maybe`` never means yes."""
    value = env.str(name, default="").strip().lower()
    if value in TRUE or value in FALSE:
        return value in TRUE
    if value:
        raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false: use one of {TRUE + FALSE}")
    return default


def whole(name: str, default: int, lowest: int = 0) -> int:
    value = env.str(name, default=str(default))
    if not value.isascii() or not value.isdigit() or int(value) < lowest:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of at least {lowest}")
    return int(value)


def web_address(name: str, default: str) -> str:
    """The address of another site without its last slash; empty where that site is not to be linked."""
    value = env.str(name, default=default).strip().rstrip("/")
    if value and not value.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name}={value!r} is not an address that begins with https://")
    return value


LOCAL = ("localhost", "127.0.0.1", "::1")


def address(name: str, default: str, credentials: str = "") -> str:
    """The base address of a service; ``credentials``, if there are any, must not travel in the open."""
    value = env.str(name, default=default).rstrip("/")
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        valid = False
    if (
        not valid
        or parts.query
        or parts.fragment
        or parts.username
        or not value.isprintable()
        or " " in value
    ):
        raise ImproperlyConfigured(f"{name}={value!r} is not the address of a service: https://host/path")
    if credentials and parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ImproperlyConfigured(f"{name}={value!r} would send credentials in the open: use https")
    return value


def secret(name: str, of: str = "") -> str:
    """A token, or an id or secret; ``of`` names the setting that needs it."""
    value = env.str(name, default="").strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ImproperlyConfigured(f"{name} holds characters that no token has")
    if of and bool(value) != bool(env.str(of, default="").strip()):
        raise ImproperlyConfigured(f"{of} and {name} are only of use together")
    return value


def readable_file(name: str) -> str:
    value = env.str(name, default="")
    if value and not (BASE_DIR / value).is_file():
        raise ImproperlyConfigured(f"{name}={value!r} is not a file")
    return str(BASE_DIR / value) if value else ""
