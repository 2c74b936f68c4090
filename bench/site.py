"""The site of the scratch database, served by processes of its own, and the addresses a visitor finds on it."""

import re
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from bench.versions import ROOT

WAIT = 60.0
LINK = re.compile(r'(?:href|data-figure|hx-get)="([^"#]+)"')
ELSEWHERE = ("/admin/", "/static/", "/api/", "/logout/", "/login/")
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
    try:
        return get(port, "/")[0] == 200
    except (URLError, ConnectionError):
        return False


def get(port: int, path: str) -> tuple[int, str]:
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": "text/html, application/json"})
    try:
        with urlopen(request, timeout=WAIT) as response:  # noqa: S310
            return response.status, response.read().decode(errors="replace")
    except HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def addresses(port: int, of_a_kind: int = 1) -> dict[str, list[str]]:
    """What links from the overview lead to, by kind; up to ``of_a_kind`` of each."""
    found: dict[str, list[str]] = {"/": ["/"]}
    waiting, asked = deque(["/"]), Counter[str]()
    while waiting and sum(asked.values()) < MOST_PAGES:
        path = waiting.popleft()
        asked[path] += 1
        status, text = get(port, path)
        assert status == 200, f"{path}: {status}"
        for link in LINK.findall(text):
            parts = urlsplit(urljoin(f"http://127.0.0.1:{port}{path}", unescape(link)))
            if parts.port != port or parts.path.startswith(ELSEWHERE) or parts.path.endswith(".csv"):
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
