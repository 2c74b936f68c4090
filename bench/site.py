"""The site of the scratch database, served by processes of its own, and the addresses a visitor finds on it."""

import re
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from bench.versions import ROOT

WAIT = 60.0
LASTS = 3.0
LINK = re.compile(r'(?:href|data-figure|hx-get)="([^"#]+)"')
ELSEWHERE = ("/admin/", "/static/", "/api/", "/logout/", "/login/")
FORMS = ("/samples/new/", "/load/", "/profile/", "/login/")
"""Pages that no link of the overview leads to."""
MOST_PAGES = 400
API = tuple(
    f"/api/v1/{name}/?page_size=100"
    for name in ("runs", "lumisections", "monitoring-elements", "lumisection-histograms", "sources", "detections")
)  # fmt: skip


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(environment: dict[str, str], workers: int) -> Iterator[int]:
    """The port on which ``workers`` processes serve the site of ``environment`` to everybody on this machine."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--log-level", "warning", "--workers", str(workers)],
        cwd=ROOT, env={**environment, "LUMISIFT_PUBLIC_READ": "true"},
    )  # fmt: skip
    try:
        end = time.monotonic() + WAIT
        while not _answers(port):
            assert process.poll() is None, "the site ended"
            assert time.monotonic() < end, "the site does not start"
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(WAIT)


def _answers(port: int) -> bool:
    visitor = Visitor(port)
    try:
        return visitor.get("/").status == 200
    except OSError:
        return False
    finally:
        visitor.close()


class Answer(NamedTuple):
    status: int
    content: bytes
    milliseconds: float


class Visitor:
    """Somebody on one lasting connection; with the cookie of a session, signed in."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=WAIT)
        self._last = 0.0
        self._headers = {"Accept": "text/html, application/json"}
        if cookie:
            self._headers["Cookie"] = f"sessionid={cookie}"

    def get(self, path: str) -> Answer:
        if time.perf_counter() - self._last > LASTS:
            self._connection.close()  # the site closes one that nobody used for 5 s; the next request opens another
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        content = response.read()
        self._last = time.perf_counter()
        return Answer(response.status, content, 1e3 * (self._last - began))

    def close(self) -> None:
        self._connection.close()


def addresses(visitor: Visitor, of_a_kind: int = 1) -> dict[str, list[str]]:
    """What links from the overview lead to, by kind; up to ``of_a_kind`` of each."""
    found: dict[str, list[str]] = {"/": ["/"]}
    waiting, asked = deque(["/"]), 0
    while waiting and asked < MOST_PAGES:
        path = waiting.popleft()
        asked += 1
        answer = visitor.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        for link in LINK.findall(answer.content.decode(errors="replace")):
            parts = urlsplit(urljoin(f"http://127.0.0.1:{visitor.port}{path}", unescape(link)))
            if parts.port != visitor.port or parts.path.startswith(ELSEWHERE) or parts.path.endswith(".csv"):
                continue
            there = found.setdefault(kind_of(parts.path), [])
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            if len(there) < of_a_kind and address not in there:
                there.append(address)
                waiting.append(address)
    return found


def kind_of(path: str) -> str:
    """What addresses differ by once numbers and names are left out: ``/trials/N/``."""
    return re.sub(r"(?<=^/detectors/)[^/]+|\d+", "N", path)


def of_links(visitor: Visitor) -> dict[str, str]:
    """The address of one page of every kind."""
    firsts = {kind: paths[0] for kind, paths in addresses(visitor).items()}
    pages = {kind: path for kind, path in firsts.items() if not is_data(path)}
    return pages | {path: path for path in FORMS}


def is_data(path: str) -> bool:
    """Whether it is what a script asks for, not a page."""
    return path.partition("?")[0].endswith(".json")
