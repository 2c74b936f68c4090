"""Asks a running site its pages and its API, and says which answer was not right.

python scripts/check_site.py http://127.0.0.1:8000 [--wait]
"""

import json
import re
import sys
import time
from collections import Counter, deque
from html import unescape
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

WAIT = 30.0
LISTS = ("runs", "lumisections", "monitoring-elements", "lumisection-histograms", "sources", "light-curves",
         "detectors", "sample-sets", "trials", "detections", "comparisons", "jobs", "files")  # fmt: skip
LEAST_COMPARISONS = 3
OF_A_KIND = 3
"""Pages asked of each kind, such as ``/trials/N/``: the demonstration has thousands of some."""
MOST_PAGES = 200
LINK = re.compile(r'(?:href|data-figure|hx-get)="([^"#]+)"')
ELSEWHERE = ("/admin/", "/static/", "/api/", "/logout/")


def answer(address: str) -> tuple[int, str]:
    request = Request(address, headers={"Accept": "text/html, application/json"})  # noqa: S310  it is http
    try:
        with urlopen(request, timeout=60) as response:  # noqa: S310
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def wait(site: str) -> bool:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            return answer(f"{site}/")[0] == 200
        except URLError:
            time.sleep(0.2)
    return False


class Check:
    """Collects what was wrong, so that one run tells everything."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.asked = 0
        self.wrong: list[str] = []

    def page(self, path: str, *contains: str, status: int = 200) -> str:
        self.asked += 1
        code, text = answer(self.site + path)
        if code != status:
            self.wrong.append(f"{path}: {code} instead of {status}")
        self.wrong += [f"{path}: says nothing of {word!r}" for word in contains if word not in text]
        return text

    def list_(self, name: str) -> list[dict[str, Any]]:
        path = f"/api/v1/{name}/"
        try:
            rows = json.loads(self.page(path, '"results"'))["results"]
        except (ValueError, KeyError, TypeError):
            self.wrong.append(f"{path}: is no list")
            return []
        if not rows:
            self.wrong.append(f"{path}: is empty")
        return list(rows)

    def links(self) -> None:
        """Every kind of page that a visitor can reach by following links from the overview."""
        waiting, kinds = deque(["/"]), Counter({"/": OF_A_KIND})
        while waiting and self.asked < MOST_PAGES:
            path = waiting.popleft()
            for link in LINK.findall(self.page(path)):
                found = urlsplit(urljoin(self.site + path, unescape(link)))
                if found.netloc != urlsplit(self.site).netloc or found.path.startswith(ELSEWHERE):
                    continue
                kind = kind_of(found.path, found.query)
                kinds[kind] += 1
                if kinds[kind] <= OF_A_KIND:
                    waiting.append(found.path + (f"?{found.query}" if found.query else ""))

    def everything(self) -> None:
        self.page("/", "Lumisift", "/compare/")
        comparisons = sorted(set(re.findall(r'href="(/compare/\d+/)"', self.page("/compare/", "ogle3"))))
        if len(comparisons) < LEAST_COMPARISONS:
            self.wrong.append(f"/compare/: {len(comparisons)} comparisons, expected {LEAST_COMPARISONS}")
        for path in comparisons:
            self.page(path, "chance", "robust_z", "isolation_forest", "<svg")
            self.page(f"{path}table.csv", "robust_z")
        for name in LISTS:
            self.list_(name)
        self.page("/api/v1/runs/?nonsense=1", "nonsense", status=400)
        self.page("/api/schema/", "openapi")
        self.page("/api/docs/", "Lumisift")
        self.page("/login/", "password")
        self.page("/no-such-page/", status=404)
        self.links()


def kind_of(path: str, query: str) -> str:
    """What pages differ by once their numbers and names are left out: ``/runs/A/N/ trial``."""
    shape = re.sub(r"\d+", "N", path)
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    return f"{shape} {' '.join(names)}"


def main() -> int:
    site = sys.argv[1].rstrip("/")
    if "--wait" in sys.argv:
        return 0 if wait(site) else 1
    check = Check(site)
    check.everything()
    for wrong in check.wrong:
        sys.stderr.write(f"{wrong}\n")
    sys.stdout.write(f"asked {check.asked} pages: {len(check.wrong) or 'nothing'} wrong\n")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
