"""Whatever stands in the query string, the answer is a page, a file, or a 400 that names the parameter."""

import base64
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.api import LISTS
from project.filters import parameters
from project.query import EXPORTS, read
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db

NASTY = [
    "", "\0", "a\0b", "x" * 10_000, "9" * 10_000, "-1", "0", "1", "1.5", "1e999", "-1e-999", "nan", "inf", "1_000", "²",
    "١", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "2147483648", "null", "true",
    "' OR 1=1 --", "%", "_", "\\", "\ud7ff", "\uffff", "😀", "\u202e", "1,2", ",", ",".join("1" * 1001), "[]", "{}",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2018-05-01", "T", "id", "-id", "--id", "csv",
    "npz", "uhi", "=1", "\t", " ", " 1", "1 ", "../../etc/passwd", "<script>", "counts", "id,id", "time,value",
]  # fmt: skip
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.integers().map(str), st.floats().map(str))
CURSORS = st.builds(
    lambda value: base64.urlsafe_b64encode(orjson.dumps(value)).decode(),
    st.tuples(
        st.sampled_from(["id", "-id", "element", "run", "number", "name", 3]),
        st.sampled_from([True, False, 0, None]),
        st.lists(
            st.one_of(
                st.integers(-(2**63), 2**64 - 1),
                st.sampled_from(["", "a\0", "9" * 30, "CMS", None, True, 1.5, [], {}, "\ud7ff"]),
            ),
            max_size=5,
        ),
    ),
)
COMMON = ("page_size", "cursor", "after", "limit", "ordering", "fields", "format")


def names_of(resource: Any) -> list[str]:
    return [*COMMON, *(one.name for one in parameters(resource.filters)), "unknown", "id", ""]


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A list, and up to four parameters of it."""
    name = draw(st.sampled_from(sorted(LISTS)))
    given_names = draw(st.lists(st.sampled_from(names_of(LISTS[name])), min_size=1, max_size=4))
    return name, [(one, draw(CURSORS if one == "cursor" else VALUES)) for one in given_names]


@pytest.fixture
def signed_in(client: Client, viewer: Any) -> Client:
    client.force_login(viewer)
    element = MonitoringElement.objects.create(name="e", binning="h", dimension=1, axes=[], storage="int64")
    LumisectionHistogram.objects.create(
        lumisection=Lumisection.objects.create(run=Run.objects.create(number=1), number=1),
        dataset=Dataset.objects.create(name="d", primary_dataset="d"),
        element=element, entries=1, counts=[1],
    )  # fmt: skip
    return client


def check(client: Client, name: str, query: list[tuple[str, str]]) -> None:
    answer = client.get(f"/api/v1/{name}/?{urlencode(query, errors='surrogatepass')}")
    if answer.status_code == 200:
        content = b"".join(answer)
        assert content or "csv" not in answer["Content-Type"]
        return
    assert answer.status_code == 400, (query, answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem["errors"]) <= {key for key, _ in query}
    assert all(reason for reasons in problem["errors"].values() for reason in reasons)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(queries())
def test_no_parameters_break_a_list(signed_in: Client, query: tuple[str, list[tuple[str, str]]]) -> None:
    check(signed_in, *query)


@pytest.mark.parametrize(
    "name", ["lumisection-histograms", "runs", "sources", "jobs", "labels", "detections"]
)
def test_every_nasty_value_is_refused_by_name_or_answered(name: str, signed_in: Client) -> None:
    for parameter in names_of(LISTS[name]):
        for value in NASTY:
            refused = refused_parameters(LISTS[name], parameter, value)
            assert refused <= {parameter}
            if not refused:
                check(signed_in, name, [(parameter, value)])


def refused_parameters(resource: Any, parameter: str, value: str) -> set[str]:
    asked = QueryDict(mutable=True)
    asked[parameter] = value
    try:
        read(resource, asked)
    except ValidationError as error:
        return set(dict(error.detail))  # type: ignore[arg-type]
    return set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["lumisection-histograms", "runs", "monitoring-elements"]), CURSORS)
def test_a_made_up_cursor_is_a_page_or_refused(signed_in: Client, name: str, cursor: str) -> None:
    for format_ in ("json", "csv"):
        check(signed_in, name, [("cursor", cursor), ("format", format_)])


TOGETHER = {
    "format=csv&page_size=5": "page_size",
    "limit=5": "limit",
    "format=arrow&limit=0": "limit",
    "after=1&cursor=WyJpZCIsZmFsc2UsWzFdXQ==": "after",
    "after=99999": "after",
    "format=csv&after=99999": "after",
    "format=csv&cursor=WyJpZCIsdHJ1ZSxbMV1d": "cursor",
    "cursor=": "cursor",
    "format=csv&fields=secret": "fields",
    "format=parquet&ordering=entries": "ordering",
}


@pytest.mark.parametrize("query", TOGETHER)
def test_what_cannot_be_exported_is_told_before_the_first_byte(query: str, signed_in: Client) -> None:
    answer = signed_in.get(f"/api/v1/lumisection-histograms/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) == [TOGETHER[query]]


@pytest.mark.parametrize("format_", EXPORTS)
def test_one_thing_is_no_file(format_: str, signed_in: Client) -> None:
    pk = LumisectionHistogram.objects.get().pk
    answer = signed_in.get(f"/api/v1/lumisection-histograms/{pk}/?format={format_}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["format"]
