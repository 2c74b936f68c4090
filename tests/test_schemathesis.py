"""The API keeps to its own description: no 500 and nothing undocumented, whatever is asked, by whomever.

LUMISIFT_EXAMPLES says how many requests are made up for each operation and each of three visitors.
"""

import os
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

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EXAMPLES = int(os.environ.get("LUMISIFT_EXAMPLES", "10"))
VISITORS = (
    "expert",
    pytest.param("anonymous", marks=pytest.mark.sqlite_only),
    pytest.param("public", marks=pytest.mark.sqlite_only),
)
"""``public``: anonymous, on a site with LUMISIFT_PUBLIC_READ."""
NOT_SAID = {"cursor", "after", "limit", "page_size", "cone"}
"""Parameters of which one excludes another; the cursor, which only the site makes; places on the sky, in many ways."""
UHI = "a UHI histogram has no fields"

api = schemathesis.openapi.from_dict(
    SchemaGenerator().get_schema(request=None, public=True), config=SchemathesisConfig()
)
api.app = application


@pytest.fixture(params=VISITORS)
def headers(
    request: pytest.FixtureRequest, expert: Any, settings: Any, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """What the visitor sends along, to a small world of one of everything."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.LUMISIFT_UPLOAD_DIR = tmp_path
    settings.LUMISIFT_PUBLIC_READ = request.param == "public"
    make_world(expert)
    token = tokens.make(expert, "fuzz", "write")[1]
    # The connection holds the test's transaction, and is no request's to close.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {token}"} if request.param == "expert" else {}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@api.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_operation(case: Any, headers: dict[str, str]) -> None:
    FailedTries.objects.all().delete()
    answer = case.call(headers=headers)
    left_out = [positive_data_acceptance] if cannot_be_said(answer) else []
    if site.LUMISIFT_PUBLIC_READ:
        left_out.append(ignored_auth)
    case.validate_response(answer, headers=headers, excluded_checks=left_out)


def cannot_be_said(answer: Any) -> bool:
    """Whether a request is refused for what no description of single parameters can tell.

    What goes together, what was given out before, and, of what is written, what is there to be named.
    """
    if answer.status_code != 400:
        return False
    if answer.request.method != "GET" or UHI in answer.text:
        return True
    return set(answer.json().get("errors", ())) <= NOT_SAID
