"""Looking at histograms in a real browser: keys, the jump box, and that the address is the state."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from histos.models import MonitoringElement
from runs.models import Run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def places(world: dict[str, Any]) -> dict[str, Any]:
    first, second = Run.objects.order_by("number")[:2]
    flat = MonitoringElement.objects.filter(dimension=1).order_by("name").first()
    assert flat is not None
    where = f"{first.experiment}/{first.number}"
    return {
        "tree": f"/histograms/of/{where}/", "element": f"/histograms/{flat.pk}/{where}/", "name": flat.name,
        "second": second.number, "first": first.number,
    }  # fmt: skip


def test_keys_walk_through_lumisections_runs_and_folders(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    page = viewer.page
    viewer.open(places["tree"])
    page.locator(".folders a").first.click()
    expect(page).to_have_url(re.compile("folder=Simulated"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("folder=Simulated.*ls=1$"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_contain_text("lumisection 2")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_contain_text("lumisection 1")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".crumbs b")).to_have_text("all elements")
    page.keyboard.press("w")
    expect(page).not_to_have_url(re.compile("ls="))
    page.keyboard.press(">")
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(places["second"]))
    page.keyboard.press("<")
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(places["first"]))
    assert viewer.complaints == []


def test_the_jump_box_goes_to_what_is_typed_and_keeps_the_view(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    page = visit("viewer").page
    page.goto(f"{places['tree']}?folder=Simulated/&across=3")
    page.keyboard.press("b")
    expect(page.locator("#jump")).to_be_focused()
    page.keyboard.type(f"{places['second']}:4")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/{places['second']}/\?.*folder=Simulated.*across=3&ls=4$"))
    expect(page.locator(".across-3")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/\?folder=Simulated/&across=3$"))


def test_a_copied_address_shows_a_colleague_the_same(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    page = viewer.page
    viewer.open(places["element"])
    viewer.plots_are_drawn()
    for name in ("ratio", "per pb⁻¹", "5 LS", "rms"):
        page.locator("#controls").get_by_role("link", name=name, exact=True).click()
        page.wait_for_load_state("networkidle")
    page.get_by_label("reference: average of").select_option("similar")
    expect(page.locator("#why")).to_contain_text("pile-up")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"ls=\d+"))
    title = page.locator("#histogram h2").inner_text()
    assert re.match(r"Lumisections \d+ to \d+ together", title)
    colleague = visit("expert")
    colleague.open(page.url)
    colleague.plots_are_drawn()
    assert colleague.page.locator("#histogram h2").inner_text() == title
    chosen = colleague.page.locator("#controls [aria-current=true]").all_inner_texts()
    assert {"ratio", "per pb⁻¹", "5 LS", "rms"} <= set(chosen)
    assert colleague.complaints == viewer.complaints == []


def test_a_click_on_the_heat_map_shows_that_lumisection(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    page = viewer.page
    viewer.open(f"{places['element']}?ls=2&merge=2")
    viewer.plots_are_drawn()
    box = page.locator("#in-run .xy").first.bounding_box()
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"])
    expect(page.locator("#histogram h2")).not_to_contain_text("1 to 2", timeout=5_000)
    expect(page.locator("#histogram h2")).to_contain_text("together")
    assert "merge=2" in page.url
    assert viewer.complaints == []


def test_what_is_missing_comes_onto_the_page_of_a_run(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    viewer.open(f"/runs/{places['tree'].removeprefix('/histograms/of/')}")
    for block, part in (("#health", "li"), ("#elements", "svg")):
        viewer.page.locator(block).scroll_into_view_if_needed()
        expect(viewer.page.locator(f"{block} {part}").first).to_be_visible()
    viewer.open("/histograms/missing/")
    expect(viewer.page.locator("td[id^=line-] span").first).to_contain_text("elements")
    assert viewer.complaints == []


def test_trends_from_run_to_run_are_drawn_and_lead_to_the_runs(
    places: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    viewer.open(places["element"])
    viewer.page.get_by_role("link", name="over many runs").click()
    viewer.plots_are_drawn()
    viewer.page.get_by_role("link", name="kurtosis").click()
    viewer.plots_are_drawn()
    expect(viewer.page).to_have_url(re.compile("trend=kurtosis"))
    assert viewer.complaints == []
