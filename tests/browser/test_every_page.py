"""Every page of the site in a real browser: anybody can use it, on a narrow and a wide screen, in both themes.

The pages come from the table of addresses, so a new one is looked at by itself; one that wants to be asked something
has a line in ``ASKED``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
from django.test import Client

from detections.models import Comparison, Detection, SampleSet, Trial
from histos.models import MonitoringElement, RunMoments
from runs.models import Certification, Run
from tests.project.addresses import VALUES, addresses
from tests.project.world import World, make_world

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
"""What may differ on a wide light screen; the rest was asked on a narrow one."""
GRAVE = ("serious", "critical")
NARROW, WIDE = {"width": 400, "height": 850}, {"width": 1400, "height": 900}
ASKED: dict[str, tuple[str, ...]] = {
    "certification": ("?decided=true&state=proposed",),
    "element-in-run": ("?ls=3&log=1&trial={trial}",),
    "golden-diff": ("", "?a=flag%3Dgolden&b=flag%3Dtracker&experiment={experiment}"),
    "golden-work": ("", "?of=flag%3Dgolden&of=flag%3Dtracker&experiment={experiment}"),
    "propose": ("", "?experiment={experiment}&run={number}&first=3&last=9&status=BAD"),
    "propose-trials": ("", "?trial={trial}"),
    "run": ("?first=3&last=9",),
    "run-elements": ("", "?ls=3"),
    "run-trend": ("?element={moments}&dataset={dataset}",),
    "search": ("?q=nothing",),
}
"""What a page is asked; ``("",)`` where it has no line here."""
SETTLED = """() => document.readyState === "complete"
    && !document.querySelector(".htmx-request, [hx-trigger=load], .plot-big[data-figure]:not([data-drawn])")"""
KEYS = """() => [...document.querySelectorAll("[data-key]")].filter(one => one.offsetParent && !one.disabled)
    .map(one => one.dataset.key).filter((key, at, all) => all.indexOf(key) !== at)"""
"""Keys that more than one thing on a page answers to."""
FEW = "document.querySelectorAll('[data-row]:nth-of-type(n+4)').forEach(row => row.remove())"
"""The lines of a list are like its first ones; judging the colours of each takes most of the time."""
AXE = """async ({rules, exclude}) => (await axe.run({exclude}, {runOnly: rules})).violations"""


@dataclass(frozen=True)
class Site:
    """``things`` are what the addresses lead to, ``values`` what they and the questions are filled with."""

    things: World
    values: dict[str, Any]

    def pages(self, client: Client) -> Iterator[str]:
        """The address of every page, with each question of ``ASKED``; what answers with no page is passed over."""
        for address in addresses():
            if not address.named or address.route.startswith(("admin/", "api/v1/")):
                continue
            for asked in ASKED.get(address.name, ("",)):
                path = address.url(self.things, self.values) + asked.format(**self.values)
                answer = client.get(path)
                if b"<!doctype html" in answer.content[:200] and not address.route.endswith(".json"):
                    assert answer.status_code == 200, (
                        f"{path}: {answer.status_code}; say in ASKED what it is asked"
                    )
                    yield path


@pytest.fixture
def site(world: dict[str, Any], members: dict[str, Any]) -> Site:
    """One of everything, and where there is more to see, what was simulated."""
    run, trial = Run.objects.order_by("number")[0], world["trials"][0]
    shown = trial.detections.order_by("rank").first()
    flat = MonitoringElement.objects.filter(dimension=1).order_by("name").first()
    things = make_world(members["expert"]).things
    things |= {
        MonitoringElement: flat, Trial: trial, Detection: shown, SampleSet: world["set"],
        Comparison: world["comparison"], Run: run,
    }  # fmt: skip
    for flag, last in (("golden", 20), ("tracker", 30)):
        Certification.objects.create(run=run, first=1, last=last, flag=flag, status="GOOD", source="a.json")
    values = {"experiment": run.experiment, "number": run.number, "ls": 3, "trial": trial.pk}
    held = {"moments": things[RunMoments].element, "dataset": "ZeroBias"}
    return Site(World(things), {**VALUES, **values, **held})


def complaints_of(visitor: Any, path: str, axe: str) -> list[str]:
    """What is wrong with a page: opened on a narrow dark screen, then made wide and light."""
    page, heard = visitor.page, len(visitor.complaints)
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    page.goto(path)
    page.wait_for_function(SETTLED)
    width = page.evaluate("document.documentElement.scrollWidth")
    wrong = [f"{width} px wide"] if width > NARROW["width"] else []
    wrong += [f"two do something on {key}" for key in page.evaluate(KEYS)]
    page.evaluate(FEW)
    page.evaluate(axe)
    wrong += barriers(page)
    wrong += page.eval_on_selector_all("[data-drawn=failed]", "plots => plots.map(plot => plot.textContent)")
    page.eval_on_selector_all(".plot-big", "plots => plots.forEach(plot => plot.remove())")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    wrong += barriers(page, COLOURS)
    return [f"{path}: {one}" for one in wrong + visitor.complaints[heard:]]


def barriers(page: Any, rules: Any = RULES) -> list[str]:
    found = page.evaluate(AXE, {"rules": rules, "exclude": [[".swagger-ui"]]})
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]


def test_every_page_is_for_everybody_on_any_screen(
    site: Site, client: Client, members: dict[str, Any], visit: Callable[..., Any]
) -> None:
    client.force_login(members["expert"])
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    # Else a colour is judged on its way from one theme to the other.
    expert = visit("expert", reduced_motion="reduce")
    paths = [*site.pages(client), "/no-such-page/"]
    wrong = [one for path in paths for one in complaints_of(expert, path, axe)]
    assert not wrong, "\n".join(wrong)
