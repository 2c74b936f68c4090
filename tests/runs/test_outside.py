"""Links from runs to the sites of their experiment."""

from typing import Any

import pytest
from django.test import Client

from runs.models import Lumisection, Run
from runs.outside import links_out

pytestmark = pytest.mark.django_db
SETTINGS = ("LUMISIFT_OMS_PAGES", "LUMISIFT_RUNREGISTRY_PAGES", "LUMISIFT_DQMGUI_PAGES")


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    for name in SETTINGS:
        setattr(settings, name, f"https://{name.lower().replace('_', '-')}.example")


def test_a_cms_run_leads_to_its_pages_elsewhere() -> None:
    found = links_out(Run(number=316187), 120, "/ZeroBias/Run2018A-UL/DQMIO", "PixelPhase1/Tracks/charge")
    assert [one.label for one in found] == ["OMS", "Run Registry", "DQM GUI"]
    assert all("316187" in one.url for one in found)
    assert "dataset=/ZeroBias/Run2018A-UL/DQMIO" in found[2].url
    assert "root=PixelPhase1/Tracks;focus=PixelPhase1/Tracks/charge" in found[2].url
    assert "lumisection 120" in found[0].what
    assert "dataset" not in links_out(Run(number=316187), None, "ZeroBias")[2].url


@pytest.mark.parametrize("run", [Run(number=1, experiment="firefox"), Run(number=1, simulated=True)])
def test_no_other_experiment_has_such_links(run: Run) -> None:
    assert links_out(run) == []


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_setting_is_no_link(settings: Any, name: str) -> None:
    setattr(settings, name, "")
    assert len(links_out(Run(number=1))) == 2


def test_what_a_name_holds_cannot_leave_its_place_in_the_address() -> None:
    (dqm,) = [one for one in links_out(Run(number=1), None, "", "a;b=c/<&d") if one.label == "DQM GUI"]
    assert dqm.url.endswith("root=a%3Bb%3Dc;focus=a%3Bb%3Dc/%3C%26d")


def test_pages_of_runs_and_lumisections_carry_the_links(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    run = Run.objects.create(number=316187)
    Lumisection.objects.create(run=run, number=120)
    for url in ("/runs/CMS/316187/", "/runs/CMS/316187/120/"):
        text = client.get(url).content.decode()
        assert text.count('rel="noopener external"') == 3
        assert 'target="_blank"' in text
    Run.objects.update(experiment="firefox")
    assert "noopener" not in client.get("/runs/firefox/316187/").content.decode()
