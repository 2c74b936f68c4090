"""What every page promises to who uses it: keys, themes, narrow screens, and nothing that some people cannot use."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from histos.models import MonitoringElement
from runs.models import Run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]


def test_an_empty_site_says_what_to_do_on_every_list(
    members: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    lists = (
        "/",
        "/runs/",
        "/histograms/",
        "/sources/",
        "/samples/",
        "/anomalies/",
        "/compare/",
        "/files/",
        "/jobs/",
    )
    for path in lists:
        assert viewer.open(path).status == 200
        text = viewer.page.locator("main").inner_text()
        assert "manage.py" in text, path
    assert viewer.complaints == []


def test_keys_lead_through_the_site(world: dict[str, Any], visit: Callable[..., Any]) -> None:
    page = visit("viewer").page
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(r"/runs/$"))
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second).to_have_class("at")
    page.keyboard.press("k")
    expect(page.locator("[data-row]").first).to_have_class("at")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("go to Runs")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_what_is_typed_into_the_search_is_understood(
    world: dict[str, Any], visit: Callable[..., Any]
) -> None:
    page = visit("viewer").page
    run = Run.objects.order_by("id")[0]
    element = MonitoringElement.objects.order_by("id")[0]
    for typed, url in (
        (str(run.number), f"**/runs/{run.experiment}/{run.number}/"),
        (f"{run.number}:3", f"**/runs/{run.experiment}/{run.number}/3/"),
        (element.name, f"**/histograms/{element.pk}/**"),
        ("5h23m34s -69d45m", "**/sources/?cone=**"),
    ):
        page.goto("/")
        page.fill("#search", typed)
        page.keyboard.press("Enter")
        page.wait_for_url(url)


def test_the_theme_is_chosen_and_kept(members: dict[str, Any], visit: Callable[..., Any]) -> None:
    page = visit("viewer", color_scheme="light").page
    theme = "document.documentElement.dataset.bsTheme"
    page.goto("/")
    assert page.evaluate(theme) == "light"
    page.click("#theme")
    page.click("#theme")
    assert page.evaluate(theme) == "dark"
    page.goto("/jobs/")
    assert page.evaluate(theme) == "dark"
    page.click("#theme")
    assert page.evaluate(theme) == "light"


def test_filters_are_in_the_address_and_back_leads_back(
    world: dict[str, Any], visit: Callable[..., Any]
) -> None:
    page = visit("viewer").page
    page.goto("/anomalies/")
    before = page.locator("[data-row]").count()
    page.get_by_label("Detector").fill("robust_z")
    page.get_by_label("Detector").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert "detector=robust_z" in page.url
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.go_back()
    expect(page.locator("[data-row]")).to_have_count(before)
    page.get_by_label("Since").fill("yesterday")
    page.get_by_label("Since").press("Enter")
    expect(page.get_by_text("is not a time such as")).to_be_visible()


def test_the_threshold_slider_updates_the_flags(world: dict[str, Any], visit: Callable[..., Any]) -> None:
    expert = visit("expert")
    page, trial = expert.page, world["trials"][0]
    expert.open(f"/trials/{trial.pk}/")
    expert.plots_are_drawn()
    slider = page.locator("#cut")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#flags")).to_contain_text("5 flagged")
    expect(page.locator(".detections [data-row]")).to_have_count(5)
    page.get_by_role("button", name="Keep this threshold").click()
    expect(page.locator("#messages")).to_contain_text("5 are flagged now")
    assert trial.detections.count() == 5
