"""A real browser on the real pages: Chromium, a served site with a small world in it, and a worker for its jobs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.conftest import ROOT, clean_environment
from tests.detections.conftest import SIZE

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PASSWORD = "secret"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright; where there is none, that is said, not passed over.

    Closed after each file: while Playwright runs, no other event loop can run in this thread.
    """
    from playwright.sync_api import sync_playwright

    path = os.environ.get("LUMISIFT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium: apt-get install chromium")
        pytest.skip("no Chromium here: apt-get install chromium, or LUMISIFT_CHROMIUM=/path/to/it")
    # Playwright waits on an event loop of this thread; the ORM is only called between its calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """One person at the site; whatever the browser complains about is kept in ``complaints``."""

    def __init__(self, chromium: Any, site: str, **screen: Any) -> None:
        self.context = chromium.new_context(
            base_url=site, **{"viewport": {"width": 1400, "height": 900}, **screen}
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)

    def _heard(self, message: Any) -> None:
        # A refused request is the site's answer and is asserted where it is expected.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def _answered(self, answer: Any) -> None:
        # Whatever pages are made of must be there, also what they only ask for ahead.
        if answer.status >= 400 and "/static/" in answer.url:
            self.complaints.append(f"{answer.status}: {answer.url}")

    def sign_in(self, name: str) -> None:
        self.page.goto("/login/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_url("**/")

    def open(self, path: str) -> Any:
        answer = self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        return answer

    def plots_are_drawn(self) -> None:
        """Waits until every big plot of the page is drawn; fails where one could not be."""
        from playwright.sync_api import expect

        expect(self.page.locator(".plot-big[data-figure]:not([data-drawn])")).to_have_count(0, timeout=20_000)
        failed = self.page.eval_on_selector_all(
            ".plot-big[data-drawn=failed]", "plots => plots.map(plot => plot.textContent)"
        )
        assert not failed, failed


@pytest.fixture
def visit(chromium: Any, live_server: LiveServer) -> Iterator[Callable[..., Visitor]]:
    """``visit("expert")`` signs somebody in who has that role; ``visit()`` is anonymous."""
    visitors: list[Visitor] = []

    def come(name: str = "", **screen: Any) -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, **screen))
        if name:
            visitors[-1].sign_in(name)
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture
def world(transactional_db: None, members: dict[str, Any]) -> dict[str, Any]:
    """Simulated runs with histograms, some certified, a set with faults, and two trials compared on it."""
    from detections.services import compare_trials, freeze_samples, inject_samples, run_trial
    from histos.services import HistogramStore
    from histos.simulation import DATASET, EXPERIMENT, simulate
    from project.loading import Load
    from runs.services import RunStore

    path = ROOT / "histos" / "simulated_cms.json"

    def runs() -> Any:
        for run in simulate(**SIZE):
            yield run.run
            yield from run.lumisections

    def histograms() -> Any:
        for run in simulate(**SIZE):
            yield from run.histograms()

    Load(path, "simulated runs", runs, RunStore(EXPERIMENT, simulated=True)).run()
    Load(path, "simulated", histograms, HistogramStore(DATASET, EXPERIMENT, simulated=True)).run()
    recipe = {"dataset": DATASET, "experiment": EXPERIMENT, "elements": ["*"]}
    whole = freeze_samples("sim", "histograms", recipe, folds=2)[0]
    faulty = inject_samples(whole, "sim-faults", fraction=0.2, seed=5)[0]
    trials = [run_trial(faulty, name)[0] for name in ("robust_z", "random")]
    comparison = compare_trials(faulty, n_boot=20)[0]
    return {"set": faulty, "trials": trials, "comparison": comparison, "experiment": EXPERIMENT}


@pytest.fixture
def members(member: Callable[..., Any]) -> dict[str, Any]:
    return {role: member(role) for role in ("viewer", "shifter", "expert")}


@pytest.fixture
def worker(site_environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """A worker in a process of its own, as on a site."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "worker"],
        env=clean_environment(**site_environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    process.terminate()
    process.wait(20)
