"""Who may do what: nothing goes by a plain account, nothing is open to strangers, nothing is cached for another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from histos.models import LumisectionHistogram
from project.access import ROLES
from project.tokens import services as tokens
from runs.models import Certification, Lumisection, Run
from tests.project.addresses import addresses
from tests.project.world import make_world

pytestmark = pytest.mark.django_db
TABLES = (Run, Lumisection, LumisectionHistogram, Certification)


@pytest.mark.parametrize("role", ["", *ROLES])
def test_nobody_deletes_or_changes_what_was_measured_over_the_api(
    role: str, client: Client, member: Callable[..., Any]
) -> None:
    """A plain account could delete a run there, and with it all that hangs on it: 204."""
    world = make_world()
    client.force_login(member(role, is_superuser=role == "admin"))
    before = [table.objects.count() for table in TABLES]
    for table, name in zip(
        TABLES, ("runs", "lumisections", "lumisection-histograms", "certifications"), strict=True
    ):
        url = f"/api/v1/{name}/{world[table].pk}/"
        for ask in (client.delete, client.put, client.patch):
            assert ask(url, content_type="application/json").status_code in (403, 405), url
    assert [table.objects.count() for table in TABLES] == before


def test_certifications_trials_and_what_starts_them_are_closed_to_strangers(client: Client) -> None:
    """Certification pages and the form that creates a task were open to anybody."""
    world = make_world()
    for one in addresses():
        if one.name.endswith(
            ("certification", "proposals", "worklist", "trial-new", "comparison-new", "load", "sign")
        ):
            for ask in (client.get, client.post):
                assert ask(one.url(world)).status_code in (302, 401, 403, 405), one.name
    for name in ("certifications", "trials", "sample-sets", "comparisons"):
        for ask in (client.get, client.post):
            assert ask(f"/api/v1/{name}/").status_code == 401, name


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("url", ["/runs/", "/api/v1/runs/", "/api/v1/runs/?format=csv", "/"])
def test_no_shared_cache_gives_the_answer_of_one_to_another(
    url: str, public: bool, client: Client, expert: Any, settings: Any
) -> None:
    """Answers were cached for a workspace, whoever had asked."""
    settings.LUMISIFT_PUBLIC_READ = public
    token = tokens.make(expert, "cache", "read")[1]
    for answer in (client.get(url), client.get(url, headers={"authorization": f"Bearer {token}"})):
        assert answer["Cache-Control"].startswith(("private", "max-age=0", "no-"))
        varied = {one.strip() for one in answer["Vary"].split(",")}
        assert {"Cookie", "Authorization"} <= varied
