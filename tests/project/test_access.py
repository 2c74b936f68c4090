"""Who may see and do what: one row per page and endpoint. An address without a row fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from detections.models import Comparison, SampleSet, Trial
from project.access import ROLES, has_role, role_of
from project.api import LISTS
from project.models import Job, SourceFile

pytestmark = pytest.mark.django_db

WHO = ("anonymous", "viewer", "shifter", "expert", "admin", "public")
PAGE = (302, 200, 200, 200, 200, 200)
READ = (401, 200, 200, 200, 200, 200)
MISSING = (401, 404, 404, 404, 404, 404)
OPEN = (200,) * 6
EXPERTS = (401, 403, 403, 200, 200, 401)
STAFF = (302, 302, 302, 302, 200, 302)

TABLE: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "overview": ("get", {}, PAGE),
    "comparisons": ("get", {}, PAGE),
    "comparison": ("get", {"pk": "comparison"}, PAGE),
    "comparison-csv": ("get", {"pk": "comparison"}, PAGE),
    "trial": ("get", {"pk": "trial"}, PAGE),
    "login": ("get", {}, OPEN),
    "logout": ("post", {}, (302,) * 6),
    "schema": ("get", {}, READ),
    "api-docs": ("get", {}, PAGE),
    "api-root": ("get", {}, READ),
    "admin:index": ("get", {}, STAFF),
    "trials-scores": ("get", {"id": "trial"}, READ),
    "files-problems": ("get", {"id": "file"}, READ),
    "jobs-cancel": ("post", {"id": "job"}, EXPERTS),
    **{f"{name}-list": ("get", {}, READ) for name in LISTS},
    **{f"{name}-detail": ("get", {"id": 987654321}, MISSING) for name in LISTS},
}


@pytest.fixture
def things() -> dict[str, int]:
    sample_set = SampleSet.objects.create(
        name="set", hash="h", world="histograms", kind="histograms", recipe={}, split="holdout", n_samples=0,
        n_scores=0, n_groups=0, n_fit=0, n_score=0, keys=b"", groups=b"", roles=[], folds=[],
    )  # fmt: skip
    trial = Trial.objects.create(sample_set=sample_set, detector="constant", inputs="i", code_version="1")
    comparison = Comparison.objects.create(sample_set=sample_set, inputs="i")
    file = SourceFile.objects.create(name="a.csv", reader="ml4dqm-csv", state="complete")
    job = Job.objects.create(task="some.task")
    return {"trial": trial.pk, "comparison": comparison.pk, "file": file.pk, "job": job.pk}


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if not isinstance(pattern, URLResolver):
            yield prefix + (pattern.name or str(pattern.pattern))
        elif pattern.namespace == "admin":
            yield "admin:index"
        else:
            yield from names(pattern, prefix)


def test_every_address_has_a_row() -> None:
    assert set(names(get_resolver())) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_each_role_may_do_what_the_table_says(
    name: str, client: Client, member: Callable[..., Any], things: dict[str, int], settings: Any
) -> None:
    method, kwargs, expected = TABLE[name]
    url = reverse(name, kwargs={key: things.get(value, value) for key, value in kwargs.items()})
    got = []
    for who in WHO:
        settings.LUMISIFT_PUBLIC_READ = who == "public"
        Job.objects.update(state=Job.State.QUEUED)
        client.logout()
        if who in ROLES:
            client.force_login(member(who, is_staff=who == "admin"))
        got.append(getattr(client, method)(url).status_code)
    assert dict(zip(WHO, got, strict=True)) == dict(zip(WHO, expected, strict=True))


@pytest.mark.parametrize("name", [f"{name}-{kind}" for name in LISTS for kind in ("list", "detail")])
def test_nothing_is_written_over_the_api(name: str, client: Client, admin: Any) -> None:
    url = reverse(name, kwargs={"id": 1} if name.endswith("-detail") else {})
    methods = ("post", "put", "patch", "delete")
    assert {getattr(client, method)(url).status_code for method in methods} == {401}
    client.force_login(admin)
    assert {getattr(client, method)(url).status_code for method in methods} == {405}


def test_a_sign_in_leads_back_to_the_page(client: Client, member: Callable[..., Any]) -> None:
    member("viewer")
    to_login = client.get("/compare/?x=1")
    assert to_login["Location"] == "/login/?next=/compare/%3Fx%3D1"
    answer = client.post(
        to_login["Location"], {"username": "viewer", "password": "secret", "next": "/compare/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/compare/")


def test_roles_include_the_ones_before(member: Callable[..., Any], admin_user: Any) -> None:
    shifter = member("shifter")
    assert [has_role(shifter, role) for role in ROLES] == [True, True, False, False]
    assert role_of(member()) == "viewer"
    assert role_of(admin_user) == "admin"


def test_staff_without_the_role_sees_no_tables(client: Client, member: Callable[..., Any]) -> None:
    client.force_login(member("viewer", is_staff=True))
    assert client.get("/admin/runs/run/").status_code == 403


def test_cancelling_a_job_ends_it_and_twice_is_a_conflict(client: Client, expert: Any) -> None:
    job = Job.objects.create(task="some.task")
    client.force_login(expert)
    answer = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert answer.json()["state"] == "cancelled"
    again = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")
