"""Roles. Who may do what at which address is the table of ``test_permissions``."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from project.access import ROLES, has_role, role_of
from project.models import Job
from runs.models import Run

pytestmark = pytest.mark.django_db


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


def test_cancelling_a_job_ends_it_and_twice_is_a_conflict(client: Client, expert: Any) -> None:
    job = Job.objects.create(task="some.task")
    client.force_login(expert)
    answer = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert answer.json()["state"] == "cancelled"
    again = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")


def test_a_page_of_many_parts_asks_once_for_the_role(client: Client, member: Callable[..., Any]) -> None:
    Run.objects.create(number=5)
    client.force_login(member("shifter"))
    with CaptureQueriesContext(connection) as queries:
        assert b"Propose a flag" in client.get("/runs/CMS/5/").content
    assert sum("auth_user_groups" in one["sql"] for one in queries.captured_queries) == 1
