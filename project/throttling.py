"""How often somebody may fail at a door: a growing wait per user name and per address, kept in the database.

A try is counted before it is checked and given back when it was right, so that a hundred at one moment are no way
around it. What is kept is a keyed hash of the name or address: people type passwords into the field for the name.
"""

import logging
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from unicodedata import normalize

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled

from project.models import FailedTries

NAME, ADDRESS, TOKEN = FailedTries.Kind.NAME, FailedTries.Kind.ADDRESS, FailedTries.Kind.TOKEN
FREE = {NAME: 5, ADDRESS: 20, TOKEN: 20}
"""Failures in a row that cost no wait; a control room shares one address."""
FIRST_WAIT, LONGEST_WAIT = 10, 900
"""Seconds; each failure more doubles the wait."""
FORGOTTEN = timedelta(days=1)
CUSTOMER_BITS = 64
"""Of an IPv6 address: who has one has all that begin with these."""

logger = logging.getLogger(__name__)


class TooManyTries(Exception):
    """``seconds`` until the next try is looked at. Says the same whether or not there is such an account."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        minutes = -(-self.seconds // 60)
        super().__init__(
            f"Too many tries failed. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again."
        )


class Tries:
    """One try at a door, for each of ``keys``: ``begin`` counts it, ``succeeded`` gives it back."""

    def __init__(self, *keys: tuple[FailedTries.Kind, str]) -> None:
        self.keys = [(kind, hashed(kind, value)) for kind, value in keys if value]

    def begin(self) -> None:
        """Raises TooManyTries where one of the keys has to wait; the keys after it are not counted then."""
        for kind, key in self.keys:
            if wait := _count(kind, key, timezone.now()):
                raise TooManyTries(wait)

    def succeeded(self) -> None:
        """A name begins anew. An address gets this one try back: somebody else there may be guessing."""
        for kind, key in self.keys:
            row = FailedTries.objects.filter(kind=kind, key=key)
            if kind == NAME:
                row.delete()
            elif not row.filter(failures__lte=1).delete()[0]:
                row.update(failures=F("failures") - 1, blocked_until=None)


def wait_after(failures: int, kind: FailedTries.Kind) -> int:
    """Seconds to wait after so many failures in a row."""
    beyond = failures - FREE[kind]
    return 0 if beyond < 0 else int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond, 20)))


def _count(kind: FailedTries.Kind, key: str, now: datetime) -> float:
    """Count one more try, or give the seconds until one is allowed."""
    with transaction.atomic():
        row, made = FailedTries.objects.select_for_update().get_or_create(
            kind=kind, key=key, defaults={"last": now}
        )
        if row.blocked_until and row.blocked_until > now:
            return (row.blocked_until - now).total_seconds()
        row.failures = 1 if row.last < now - FORGOTTEN else row.failures + 1
        wait = wait_after(row.failures, kind)
        row.last, row.blocked_until = now, now + timedelta(seconds=wait) if wait else None
        row.save()
    if made:
        FailedTries.objects.filter(last__lt=now - FORGOTTEN).delete()
    if wait:
        logger.warning("%d failures in a row by one %s: it waits %d s", row.failures, kind.label, wait)
    return 0


def hashed(kind: FailedTries.Kind, value: str) -> str:
    plain = normalize("NFKC", value).casefold() if kind == NAME else value
    return salted_hmac(f"lumisift.tries.{kind}", plain, algorithm="sha256").hexdigest()


def address_of(request: HttpRequest) -> str:
    """Who asks; behind ``LUMISIFT_PROXIES`` proxies what the outermost of them saw. Empty where nobody knows."""
    seen = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    # Each proxy adds whom it saw at the end; what stands before those was written by the client, who may lie.
    if 0 < settings.LUMISIFT_PROXIES <= len(forwarded):
        seen = forwarded[-settings.LUMISIFT_PROXIES]
    try:
        address = ip_address(seen.strip())
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), CUSTOMER_BITS), strict=False))


def token_failed(request: HttpRequest) -> None:
    """Count a wrong token. Raises Throttled, 429 with the seconds to wait, where too many came from this address."""
    try:
        Tries((TOKEN, address_of(request))).begin()
    except TooManyTries as refused:
        raise Throttled(refused.seconds) from refused
