"""Versions of certification files over the API."""

from typing import Any

import pytest
from django.test import Client

from runs.models import LumiMask
from tests.runs.mask_world import certify, make_runs

pytestmark = pytest.mark.django_db
URL = "/api/v1/lumi-masks/"


@pytest.fixture(autouse=True)
def _world(client: Client, expert: Any) -> None:
    client.force_login(expert)
    make_runs()
    certify("golden", (1, 1, 10, "GOOD"), (2, 1, 4, "GOOD"))


def post(client: Client, status: int, **body: Any) -> dict[str, Any]:
    answer = client.post(URL, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_version_is_made_from_what_is_certified_and_read_again(client: Client) -> None:
    made = post(client, 201, operands=["flag=golden"], name="mine", kind="golden")
    assert made["ranges"] == {"1": [[1, 10]], "2": [[1, 4]]}
    assert (made["recorded_luminosity"], made["recorded_total"], made["version"]) == (13.0, 25.0, 1)
    assert made["owner"] == "expert"
    assert client.get(f"{URL}{made['id']}/").json() == made
    listed = client.get(f"{URL}?name=mine").json()["results"][0]
    assert "ranges" not in listed
    assert listed["sha256"] == made["sha256"]
    assert post(client, 200, operands=["flag=golden"], name="mine", kind="golden")["id"] == made["id"]


def test_ranges_are_validated_without_storing(client: Client) -> None:
    would = post(client, 200, ranges={"1": [[5, 9], [1, 4]]}, dry_run=True, first_run=1, last_run=1)
    assert (would["id"], would["version"], would["ranges"]) == (None, None, {"1": [[1, 9]]})
    assert [fault["range"] for fault in would["faults"]] == ["[1, 4]", "[5, 9]"]
    assert (
        "run 1, range [9, 5]: is reversed"
        in post(client, 400, ranges={"1": [[9, 5]]}, dry_run=True)["detail"]
    )
    assert not LumiMask.objects.exists()


def test_versions_are_put_together(client: Client) -> None:
    one = post(client, 201, ranges={"1": [[1, 6]]}, name="one")["id"]
    other = post(client, 201, ranges={"1": [[4, 9]]}, name="other")["id"]
    operands = [f"mask={one}", f"mask={other}"]
    expected = {"all": [[4, 6]], "any": [[1, 9]], "less": [[1, 3]]}
    for do, ranges in expected.items():
        made = post(client, 201, operands=operands, do=do, name=do)
        assert made["ranges"] == {"1": ranges}
        assert made["provenance"]["operation"] == do
        assert LumiMask.objects.get(pk=made["id"]).parents.count() == 2


def test_changes_between_two_versions_are_told_with_their_luminosity(client: Client) -> None:
    one = post(client, 201, ranges={"1": [[1, 10]], "2": [[1, 10]]}, name="a")["id"]
    other = post(client, 201, ranges={"1": [[1, 10]], "2": [[1, 9]], "3": [[1, 1]]}, name="a")["id"]
    found = client.get(f"{URL}{one}/changes/?to={other}").json()
    assert (found["removed"]["lumisections"], found["removed"]["recorded_luminosity"]) == (1, 2.0)
    assert (found["added"]["lumisections"], found["added"]["without_luminosity"]) == (1, 1)
    assert [run["run"] for run in found["runs"]] == [2, 3]


def test_validation_is_against_the_runs_known_now(client: Client) -> None:
    one = post(client, 201, ranges={"1": [[1, 12]], "7": [[1, 2]]}, name="a")["id"]
    found = client.get(f"{URL}{one}/validation/").json()
    assert found["valid"]
    assert [(fault["run"], fault["range"]) for fault in found["faults"]] == [("7", ""), ("1", "[11, 12]")]


def test_the_file_is_downloaded(client: Client) -> None:
    one = post(client, 201, ranges={"1": [[-1]]}, name="Cert_Collisions24_000001_000003_Golden")["id"]
    answer = client.get(f"{URL}{one}/download/")
    assert answer.json() == {"1": [[-1]]}
    assert 'filename="Cert_Collisions24_000001_000003_Golden.json"' in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "operands"),
        ({"operands": ["flag=golden"], "ranges": {"1": [[1, 2]]}}, "operands"),
        ({"operands": ["flag=none"]}, "operands"),
        ({"operands": []}, "operands"),
        ({"operands": ["flag=golden"] * 40}, "operands"),
        ({"ranges": []}, "ranges"),
        ({"operands": ["flag=golden"], "do": "xor"}, "do"),
        ({"operands": ["flag=golden"], "kind": "x"}, "kind"),
        ({"operands": ["flag=golden"], "name": "a\nb"}, "name"),
        ({"operands": ["flag=golden"], "first_run": 0}, "first_run"),
        ({"operands": ["flag=golden"], "colour": 1}, "colour"),
    ],
)
def test_a_wrong_body_is_a_400_that_names_the_field(client: Client, body: dict[str, Any], field: str) -> None:
    assert list(post(client, 400, **body)["errors"]) == [field]
    assert not LumiMask.objects.exists()


def test_a_file_of_the_list_holds_the_ranges_as_text(client: Client) -> None:
    post(client, 201, ranges={"1": [[1, 2]]}, name="a")
    answer = client.get(f"{URL}?format=csv&fields=name,ranges")
    assert b'""1"": [[1, 2]]' in b"".join(answer)


def test_only_experts_make_versions(client: Client, member: Any) -> None:
    client.force_login(member("shifter"))
    assert "expert" in post(client, 403, operands=["flag=golden"])["detail"]
    for method in (client.put, client.patch, client.delete):
        assert method(f"{URL}1/", content_type="application/json").status_code == 405
