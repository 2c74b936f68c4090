"""The API keeps to its own description: no 500 and nothing undocumented, whatever is asked, by whomever.

LUMISIFT_EXAMPLES says how many requests are made up for each operation and visitor, beside those at the limits of each
parameter, which an expert always sends and a stranger only where as many as ``THOROUGH`` are made up. Then PostgreSQL
is asked too.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings as site
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from project.models import FailedTries
from project.tokens import services as tokens
from project.wsgi import application
from tests.project.world import make_world

EXAMPLES = int(os.environ.get("LUMISIFT_EXAMPLES", "10"))
THOROUGH = 100
pytestmark = [pytest.mark.slow, pytest.mark.django_db]
if EXAMPLES < THOROUGH:
    pytestmark.append(pytest.mark.sqlite_only)
NOT_SAID = {"cursor", "after", "limit", "page_size", "cone"}
"""Parameters of which one excludes another; the cursor, which only the site makes; places on the sky, in many ways."""
NOT_THERE = re.compile("there is no ").match
UHI = "a UHI histogram has no fields"


def described(limits: bool) -> Any:
    """The API as it describes itself; ``limits``: what lies at the limits of each parameter is sent too."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    config = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": limits}}})
    api = schemathesis.openapi.from_dict(document, config=config)
    api.app = application
    return api


to_experts, to_strangers = described(limits=True), described(limits=EXAMPLES >= THOROUGH)
made_up = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture
def tokens_of(expert: Any, settings: Any, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The token of each role, on a small site with one of everything."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.LUMISIFT_UPLOAD_DIR = tmp_path
    make_world(expert)
    # The connection holds the test's transaction, and is no request's to close.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"expert": tokens.make(expert, "made-up requests", "write")[1]}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# A parameter of pytest's own, without which it gives all operations one and the same name.
@pytest.mark.parametrize("role", ["expert"])
@to_experts.parametrize()
@made_up
def test_what_a_member_asks(case: Any, role: str, tokens_of: dict[str, str]) -> None:
    ask(case, {"Authorization": f"Bearer {tokens_of[role]}"})


@pytest.mark.usefixtures("tokens_of")
@pytest.mark.parametrize("public", [False, True], ids=["closed", "public"])
@to_strangers.parametrize()
@made_up
def test_what_a_stranger_asks(case: Any, public: bool) -> None:
    site.LUMISIFT_PUBLIC_READ = public
    try:
        ask(case, {})
    finally:
        site.LUMISIFT_PUBLIC_READ = False


def ask(case: Any, headers: dict[str, str]) -> None:
    FailedTries.objects.all().delete()
    answer = case.call(headers=headers)
    left_out = [positive_data_acceptance] if cannot_be_said(answer) else []
    if site.LUMISIFT_PUBLIC_READ:
        left_out.append(ignored_auth)
    case.validate_response(answer, headers=headers, excluded_checks=left_out)


def cannot_be_said(answer: Any) -> bool:
    """Whether a request is refused for what no description of single parameters can tell.

    What goes together, what was given out before, and what is there to be named.
    """
    if answer.status_code != 400:
        return False
    if answer.request.method != "GET" or UHI in answer.text:
        return True
    errors = answer.json().get("errors", {})
    return all(name in NOT_SAID or all(map(NOT_THERE, reasons)) for name, reasons in errors.items())
