"""One walk through the site in a real browser: from signing in to a label, and what others may do of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from detections.models import Comparison, Detection, Label, Trial
from project.models import Job

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]
JOB = re.compile(r"/jobs/\d+/$")


def test_an_expert_goes_from_a_run_to_a_label(
    world: dict[str, Any], members: dict[str, Any], worker: Any, visit: Callable[..., Any]
) -> None:
    expert = visit("expert")
    look_at_an_element_of_a_run(expert)
    trial = run_a_trial(expert, world["set"].pk, members["expert"])
    compare(expert, world["set"].pk)
    look_and_label(expert, trial)
    assert expert.complaints == []


def look_at_an_element_of_a_run(expert: Any) -> None:
    page = expert.page
    page.get_by_role("link", name="Runs", exact=True).click()
    page.locator("tr[data-row] a").first.click()
    expect(page).to_have_url(re.compile(r"/runs/[^/]+/\d+/$"))
    expert.plots_are_drawn()
    page.locator("#elements").scroll_into_view_if_needed()
    page.locator(".small-plots a[href*='/histograms/']").first.click()
    expect(page).to_have_url(re.compile(r"/histograms/\d+/[^/]+/\d+/"))
    expert.plots_are_drawn()


def run_a_trial(expert: Any, chosen: int, owner: Any) -> Trial:
    """Started on the page of the set, and watched until its job has ended."""
    page = expert.page
    page.goto(f"/samples/{chosen}/")
    page.get_by_role("link", name="Run detectors").click()
    page.get_by_label(re.compile("^reference_chi2")).check()
    page.get_by_role("button", name="Run", exact=True).click()
    wait_for_the_job(page)
    number = int(page.url.rstrip("/").rpartition("/")[2])
    assert Job.objects.get(pk=number).owner == owner
    return Trial.objects.get(detector="reference_chi2")


def compare(expert: Any, chosen: int) -> None:
    page = expert.page
    page.goto(f"/samples/{chosen}/compare/")
    page.get_by_role("button", name="Compare").click()
    wait_for_the_job(page)
    page.goto(f"/compare/{Comparison.objects.order_by('-id')[0].pk}/")
    expect(page.get_by_role("link", name="reference_chi2").first).to_be_visible()


def wait_for_the_job(page: Any) -> None:
    expect(page).to_have_url(JOB)
    expect(page.locator("#job .pill").first).to_have_text("succeeded", timeout=90_000)


def look_and_label(expert: Any, trial: Trial) -> None:
    """What it found first gets a label with one key, which one key takes back; one key leads to the next."""
    page = expert.page
    page.get_by_role("link", name="reference_chi2").first.click()
    expert.plots_are_drawn()
    page.locator(".detections [data-row] a").first.click()
    expect(page).to_have_url(re.compile(r"/detections/\d+/$"))
    expert.plots_are_drawn()
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="Label as 4")).to_have_class(re.compile("btn-primary"))
    label = Label.objects.get()
    assert (label.score, label.detection) == (4, Detection.objects.get(trial=trial, rank=1))
    page.keyboard.press("u")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Rank 2 of reference_chi2")).to_be_visible()


def test_a_viewer_sees_all_of_it_and_changes_nothing(
    world: dict[str, Any], visit: Callable[..., Any]
) -> None:
    viewer = visit("viewer")
    page = viewer.page
    first = Detection.objects.filter(rank=1).order_by("id")[0]
    chosen, trial = world["set"].pk, first.trial_id
    places = (
        "/runs/", f"/samples/{chosen}/", f"/trials/{trial}/", f"/compare/{world['comparison'].pk}/",
        f"/detections/{first.pk}/",
    )  # fmt: skip
    for path in places:
        assert viewer.open(path).status == 200
        viewer.plots_are_drawn()
        for name in ("Run detectors", "Keep this threshold", "Freeze a new set", "Label as 3"):
            assert page.get_by_role("button", name=name).count() == 0
            assert page.get_by_role("link", name=name).count() == 0
    for path in (f"/samples/{chosen}/trials/new/", f"/samples/{chosen}/compare/", "/samples/new/", "/load/"):
        assert viewer.open(path).status == 403
    assert viewer.complaints == []
    assert not Label.objects.exists()


def test_an_anonymous_visitor_is_asked_to_sign_in_and_comes_back_to_the_page(
    world: dict[str, Any], visit: Callable[..., Any]
) -> None:
    stranger = visit()
    page = stranger.page
    trial = world["trials"][0].pk
    for path in (
        "/",
        "/runs/",
        f"/trials/{trial}/",
        f"/compare/{world['comparison'].pk}/",
        "/jobs/",
        "/profile/",
    ):
        page.goto(path)
        expect(page).to_have_url(re.compile(r"/login/\?next="))
    page.goto(f"/trials/{trial}/")
    page.fill("[name=username]", "viewer")
    page.fill("[name=password]", "secret")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(re.compile(rf"/trials/{trial}/$"))
