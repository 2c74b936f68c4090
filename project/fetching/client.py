"""One service, asked until it answers or has failed often enough."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3
from urllib3 import exceptions
from urllib3.response import BaseHTTPResponse

from project.fetching.body import is_page, parsed, said, whole_body
from project.fetching.credentials import Credentials
from project.fetching.errors import FetchError, TryAgainError
from project.fetching.pace import wait_turn
from project.fetching.service import Service

LONGEST_WAIT = 120.0
"""Seconds between two attempts, whatever the service asks for: longer is no business of a running command."""
JITTER = 0.25
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
HEADERS = {
    "Accept": "application/vnd.api+json, application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "Lumisift",
}

Pause = Callable[[float], object]


class Client:
    """Asks ``service``. ``pause`` sleeps; a job gives one that wakes up, and raises, when it is cancelled.

    Tried again, with growing pauses or as long as ``Retry-After`` says: 408, 425, 429, 5xx, no connection, a
    slow answer, one that broke off. Not again: what will not change, such as 404, a certificate that is not
    trusted, a redirect or a web page where JSON should be, which is how a sign-in looks to a program.
    """

    def __init__(self, service: Service, pause: Pause = time.sleep) -> None:
        self.service = service
        self._pause = pause
        self._pool = urllib3.PoolManager(
            cert_reqs="CERT_REQUIRED", ca_certs=service.ca_file or None, retries=False
        )
        sign_on = service.sign_on
        asks = Client(Service(f"the sign-on for {service.name}", sign_on.url, limits=service.limits,
                              ca_file=service.ca_file), pause) if sign_on else None  # fmt: skip
        self._credentials = Credentials(service, asks.form if asks else None)

    def get(self, path: str, params: Sequence[tuple[str, Any]] = ()) -> Any:
        """The parsed answer of ``path`` below the service's address. Raises FetchError."""
        return self._answer("GET", f"{path}?{urlencode(params)}" if params else path)

    def post(self, path: str, body: Any) -> Any:
        """The same for a question that is sent as JSON; it must change nothing, since it may be sent twice."""
        return self._answer("POST", path, orjson.dumps(body), "application/json")

    def form(self, fields: Mapping[str, str]) -> Any:
        """The same for fields of a form, sent to the service's address itself."""
        return self._answer("POST", "", urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def _answer(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        service, limits = self.service, self.service.limits
        url = f"{service.url.rstrip('/')}/{path}" if path else service.url
        sent = {"Content-Type": kind} if kind else {}
        for attempt in range(1, limits.tries + 1):
            headers = {**HEADERS, **sent, **self._credentials.header()}
            wait_turn(service.host, limits.per_second, self._pause)
            try:
                return self._attempt(method, url, body, headers)
            except TryAgainError as failure:
                if attempt == limits.tries:
                    raise FetchError(f"{service} {failure}; tried {_times(attempt)}") from failure
                self._pause(self._delay(attempt, failure))
        raise AssertionError("tries is at least 1")

    def _delay(self, attempt: int, failure: TryAgainError) -> float:
        asked = failure.after or 0.0
        if asked > LONGEST_WAIT:
            raise FetchError(
                f"{self.service} {failure}, and asks to wait {asked:.0f} s: try later"
            ) from failure
        grown = self.service.limits.backoff * 2.0 ** (attempt - 1)
        spread = grown * JITTER * random.random()  # noqa: S311 no secret, so that many do not come at once
        return min(max(asked, grown + spread), LONGEST_WAIT)

    def _attempt(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Any:
        limits = self.service.limits
        deadline = time.monotonic() + limits.seconds
        try:
            response = self._pool.request(
                method, url, body=body, headers=headers, preload_content=False, redirect=False,
                timeout=urllib3.Timeout(connect=min(limits.seconds, 20.0), read=limits.seconds),
            )  # fmt: skip
            try:
                content = whole_body(response, self.service, deadline)
            finally:
                # Closed when it was not read to its end, so that nothing of it is taken for the next answer.
                response.close()
        except exceptions.SSLError as error:
            raise FetchError(
                f"{self.service} has a certificate that is not trusted ({error}): "
                "LUMISIFT_FETCH_CA_FILE names its authority"
            ) from error
        except exceptions.HTTPError as error:
            raise TryAgainError(_in_words(error, limits.seconds)) from error
        return self._judged(response, content)

    def _judged(self, response: BaseHTTPResponse, body: bytes) -> Any:
        """The parsed body of a good answer; what any other one means."""
        status, service = response.status, self.service
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING:
            raise TryAgainError(f"answers {status} {response.reason}{said(body)}", _asked_to_wait(response))
        if status == HTTPStatus.UNAUTHORIZED and self._credentials.renew():
            raise TryAgainError(f"answers {status} {response.reason}{said(body)}", 0.0)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise FetchError(f"{service} refuses us ({status}){said(body)}: {self._credentials.advice()}")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            where = response.headers.get("location", "nowhere").split("?")[0]
            raise FetchError(f"{service} leads elsewhere, to {where}: {self._credentials.advice()}")
        if status >= HTTPStatus.BAD_REQUEST:
            raise FetchError(f"{service} answers {status} {response.reason}{said(body)}")
        if is_page(response, body):
            raise FetchError(
                f"{service} answers with a web page instead of data, perhaps to sign in: {self._credentials.advice()}"
            )
        return parsed(body)


def _asked_to_wait(response: BaseHTTPResponse) -> float | None:
    """Seconds of ``Retry-After``, a number or a date; None where it says nothing we understand."""
    said = response.headers.get("retry-after")
    try:
        return urllib3.Retry().parse_retry_after(said) if said else None
    except exceptions.InvalidHeader:
        return None


def _in_words(error: exceptions.HTTPError, seconds: float) -> str:
    if isinstance(error, exceptions.NewConnectionError):  # a kind of timeout, for urllib3
        return f"cannot be reached ({str(error).rpartition(': ')[2]})"
    if isinstance(error, exceptions.TimeoutError):
        return f"took longer than {seconds:g} s (LUMISIFT_FETCH_SECONDS)"
    if isinstance(error, exceptions.ProtocolError | exceptions.DecodeError):
        return f"broke off its answer ({type(error).__name__})"
    return f"cannot be asked ({type(error).__name__}: {' '.join(str(error).split())[:200]})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
