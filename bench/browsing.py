"""Pages in Chromium: when their first view is complete, what moves until then, and what sticks out. No Django."""

import os
import shutil
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 400, "height": 800}
PATIENCE = 20_000
SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
COMPLETE = """() => document.readyState === "complete" && !document.querySelector(".htmx-request")
  && [...document.querySelectorAll(".plot-big[data-figure]")].every(
       plot => plot.dataset.drawn || plot.getBoundingClientRect().top > innerHeight)
  && performance.now()"""
SCRIPTS = """() => performance.getEntriesByType("resource")
  .filter(one => one.initiatorType === "script").map(one => [new URL(one.name).pathname, one.decodedBodySize])"""
OURS = tuple(f"/static/{app}/" for app in ("project", "runs", "lightcurves", "histos", "detections"))


@dataclass(frozen=True)
class View:
    """``complete``: ms until nothing of the first view is missing; ``shift``: its cumulative layout shift;
    ``script``: bytes of our own JavaScript.
    """

    complete: float
    shift: float
    script: int


class Chromium:
    """Somebody signed in; a context manager."""

    def __init__(self, port: int, cookie: str) -> None:
        self.site, self._cookie = f"http://127.0.0.1:{port}", cookie

    def __enter__(self) -> "Chromium":
        from playwright.sync_api import sync_playwright

        path = os.environ.get("LUMISIFT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
        assert path, "no Chromium here: apt-get install chromium, or LUMISIFT_CHROMIUM=/path/to/it"
        self._playwright = sync_playwright().start()
        chromium, how = self._playwright.chromium, {"executable_path": path, "args": [*QUIET]}
        # As people have it: only a profile on disk keeps what was compiled of a script that comes again.
        self._profile = TemporaryDirectory(prefix="lumisift-bench-")
        self._usual = self._known(
            chromium.launch_persistent_context(self._profile.name, viewport=WIDE, base_url=self.site, **how)
        )
        self._browser = chromium.launch(**how)
        self._small = self._context(NARROW)
        return self

    def __exit__(self, *error: object) -> None:
        self._usual.close()
        self._browser.close()
        self._playwright.stop()
        self._profile.cleanup()

    def _context(self, size: dict[str, int]) -> Any:
        return self._known(self._browser.new_context(viewport=size, base_url=self.site))

    def _known(self, context: Any) -> Any:
        context.add_cookies([{"name": "sessionid", "value": self._cookie, "url": self.site}])
        context.add_init_script(SHIFTS)
        return context

    def view(self, path: str, fresh: bool = False) -> View:
        """Open the page; ``fresh``: in a browser that has seen nothing of the site."""
        context = self._context(WIDE) if fresh else self._usual
        page = context.new_page()
        try:
            page.goto(path, wait_until="commit")
            complete = page.wait_for_function(COMPLETE, timeout=PATIENCE, polling="raf").json_value()
            page.wait_for_timeout(100)  # a shift is told of a little later
            sizes = dict(page.evaluate(SCRIPTS))
            ours = sum(size for name, size in sizes.items() if name.startswith(OURS))
            return View(complete, page.evaluate("window.shifted"), ours)
        finally:
            page.close()
            if fresh:
                context.close()

    def sticks_out(self, path: str) -> int:
        """By how many px the page is wider than a small screen."""
        page = self._small.new_page()
        try:
            page.goto(path)
            page.wait_for_function(COMPLETE, timeout=PATIENCE)
            return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"))
        finally:
            page.close()
