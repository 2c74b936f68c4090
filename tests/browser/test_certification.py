"""The walk of a certification in a real browser: a range on the strip, a proposal, a signature, and undoing it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from detections.models import Proposal
from runs.models import Certification, Lumisection, Run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]


def standing(run: Run) -> list[tuple]:
    rows = Certification.objects.filter(run=run, flag="golden").order_by("source", "first")
    return list(rows.values_list("first", "last", "status", "cause", "source"))


def brush(visitor: Any, start: float, end: float) -> None:
    """Drag over a share of the plot of a run."""
    box = visitor.page.locator("#run-plot .nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    visitor.page.mouse.move(box["x"] + start * box["width"], y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + end * box["width"], y, steps=8)
    visitor.page.mouse.up()


def test_a_shifter_proposes_an_expert_signs_and_undoing_restores_what_stood(
    world: dict[str, Any], visit: Callable[..., Any]
) -> None:
    Lumisection.objects.update(recorded_luminosity=0.1)
    run = Run.objects.order_by("number")[0]
    Certification.objects.create(
        run=run, first=1, last=40, flag="golden", status="GOOD", source="golden.json"
    )
    before = standing(run)
    shifter, expert, viewer = visit("shifter"), visit("expert"), visit("viewer")
    one = propose_on_the_strip(shifter, run)
    refused(viewer, one)
    sign_with_one_key(expert, one)
    first, last, _ = one.ranges[0]
    assert (first, last, "BAD", "dead-region", "lumisift") in standing(run)
    held = {str(run.number): [[1, first - 1], [last + 1, 40]]}
    assert export(expert, run, "golden.json, lumisift") == held
    expert.open(f"/certification/{one.pk}/")
    shown = visit("viewer")
    shown.open(f"/runs/{run.experiment}/{run.number}/")
    expect(shown.page.locator("#certifications ~ table").first).to_contain_text("signed by expert")
    expert.page.keyboard.press("u")
    expect(expert.page.locator("#state")).to_have_text("undone")
    assert standing(run) == before
    assert export(expert, run, "golden.json") == {str(run.number): [[1, 40]]}
    for visitor in (shifter, expert, viewer, shown):
        assert visitor.complaints == []


def propose_on_the_strip(shifter: Any, run: Run) -> Proposal:
    """What is dragged over is what is proposed, with the luminosity that it costs."""
    page = shifter.page
    shifter.open(f"/runs/{run.experiment}/{run.number}/")
    shifter.plots_are_drawn()
    brush(shifter, 0.25, 0.5)
    chosen = page.locator("#range h2")
    expect(chosen).to_have_text(re.compile(r"Lumisections \d+ to \d+"))
    first, last = map(int, re.findall(r"\d+", chosen.inner_text()))
    assert 1 < first < last < 40
    page.keyboard.press("p")
    expect(page.locator("#change")).to_contain_text(f"It costs {(last - first + 1) / 10:.3g}".rstrip("0"))
    expect(page.locator("[name=first]")).to_have_value(str(first))
    page.select_option("[name=cause]", "dead-region")
    page.fill("[name=comment]", "a hole in the first layer")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page).to_have_url(re.compile(r"/certification/\d+/$"))
    shifter.plots_are_drawn()
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    one = Proposal.objects.get()
    assert one.ranges == [[first, last, "BAD"]]
    return one


def refused(viewer: Any, one: Proposal) -> None:
    """A viewer sees the proposal, and can do nothing with it: neither on the page nor over the API."""
    page = viewer.page
    assert viewer.open(f"/certification/{one.pk}/").status == 200
    viewer.plots_are_drawn()
    assert page.locator("main form").count() == 0
    for path in ("propose/", "propose/trials/", "propose/file/"):
        assert viewer.open(f"/certification/{path}").status == 403
    headers = written_by(page)
    for path in ("sign/", "reject/", "undo/", "withdraw/", "comment/"):
        for base in (f"/certification/{one.pk}/", f"/api/v1/proposals/{one.pk}/"):
            answer = page.request.post(base + path, headers=headers, data={})
            assert answer.status == 403, base + path
    body = {"experiment": one.run.experiment, "run": one.run.number, "status": "GOOD"}
    assert page.request.post("/api/v1/proposals/", headers=headers, data=body).status == 403
    assert Proposal.objects.get().state == "proposed"


def written_by(page: Any) -> dict[str, str]:
    """What a request that writes carries."""
    token = next((each["value"] for each in page.context.cookies() if each["name"] == "csrftoken"), "")
    return {"X-CSRFToken": token}


def export(expert: Any, run: Run, sources: str) -> dict[str, Any]:
    """The golden JSON of what stands, whose page says from what it was made."""
    page = expert.page
    body = {"operands": ["flag=golden"], "experiment": run.experiment}
    made = page.request.post("/api/v1/lumi-masks/", headers=written_by(page), data=body)
    assert made.status == 201, made.text()
    pk = made.json()["id"]
    expert.open(f"/golden/{pk}/")
    expect(page.locator("main")).to_contain_text(f"certified GOOD for golden by {sources};")
    held: dict[str, Any] = page.request.get(f"/golden/{pk}/download/").json()
    return held


def sign_with_one_key(expert: Any, one: Proposal) -> None:
    """From the overview to the proposal, whose histograms and scores are there, and one key signs."""
    page = expert.page
    expert.open("/")
    page.get_by_role("link", name=re.compile("^golden of run")).click()
    expert.plots_are_drawn()
    expect(page.locator("h1")).to_contain_text(str(one.run.number))
    page.keyboard.press("s")
    expect(page.locator("#state")).to_have_text("signed")


def test_keys_walk_the_worklist(world: dict[str, Any], visit: Callable[..., Any]) -> None:
    """j and k walk, o opens, p proposes the interval one is at, s signs the proposal one is at."""
    Lumisection.objects.update(recorded_luminosity=0.1)
    expert = visit("expert")
    page = expert.page
    expert.open("/certification/")
    assert page.locator(".worklist [data-row]").count() > 1
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile(r"/certification/$"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".worklist [data-row]").nth(1).locator("th a").inner_text()
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile("/certification/propose/"))
    first = re.findall(r"\d+", second)[1]
    expect(page.locator("[name=first]")).to_have_value(first)
    page.select_option("[name=cause]", "shape")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page).to_have_url(re.compile(r"/certification/\d+/$"))
    expert.open("/certification/?state=proposed&decided=true&trial=999999")
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.get_by_text("Signed: it holds from now on.")).to_be_visible()
    assert Proposal.objects.get().self_signed
    assert expert.complaints == []
