"""Proposals over the API: who may do what, what is refused by field, what is sent twice."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from detections.models import Proposal, Trial
from runs.models import Certification, Lumisection, Run
from tests.detections.test_from_trials import flag
from tests.detections.trials import make_set, make_trial

pytestmark = pytest.mark.django_db
URL = "/api/v1/proposals/"
BODY = {"run": 5, "first": 2, "last": 3, "status": "BAD", "cause": "beam"}


@pytest.fixture
def run(db: None) -> Run:
    made = Run.objects.create(number=5)
    Lumisection.objects.bulk_create(
        Lumisection(run=made, number=n, recorded_luminosity=0.5) for n in range(1, 9)
    )
    return made


@pytest.fixture
def trial(run: Run) -> Trial:
    keys = [f"CMS:5:{n} e" for n in range(1, 6)]
    return make_trial(make_set("a", keys=keys, runs=[5]), scores=[1, 9, 9, float("nan"), 2])


def post(client: Client, path: str = "", **body: Any) -> Any:
    return client.post(URL + path, body, content_type="application/json")


def test_from_a_proposal_to_a_certification_and_back(run: Run, people: dict[str, Client]) -> None:
    answer = post(people["shifter"], **BODY, comment="a hole", client_key="k")
    assert (answer.status_code, answer["Location"]) == (201, f"{URL}{answer.json()['id']}/")
    one = answer.json()
    assert (one["state"], one["user"], one["ranges"]) == ("proposed", "shifter", [[2, 3, "BAD"]])
    again = post(people["shifter"], **BODY, comment="a hole", client_key="k")
    assert (again.status_code, again.json()["id"]) == (200, one["id"])
    assert post(people["shifter"], **BODY, comment="another", client_key="k").status_code == 409

    signed = post(people["expert"], f"{one['id']}/sign/", comment="yes").json()
    assert (signed["state"], signed["decided_by"], signed["self_signed"]) == ("signed", "expert", False)
    held = people["viewer"].get("/api/v1/certifications/?source=lumisift").json()["results"]
    assert [(row["run"], row["first"], row["last"], row["status"]) for row in held] == [(5, 2, 3, "BAD")]
    assert post(people["expert"], f"{one['id']}/sign/").status_code == 200
    assert post(people["expert"], f"{one['id']}/reject/").status_code == 409

    assert post(people["expert"], f"{one['id']}/undo/").json()["state"] == "undone"
    assert not Certification.objects.exists()
    events = people["viewer"].get(f"/api/v1/proposal-events/?proposal={one['id']}").json()["results"]
    assert [row["kind"] for row in events] == ["proposed", "signed", "undone"]
    assert events[2]["before"] == [[2, 3, "BAD", "beam", held[0]["comment"]]]


def test_roles(run: Run, people: dict[str, Client]) -> None:
    assert post(people["viewer"], **BODY).status_code == 403
    one = post(people["shifter"], **BODY).json()["id"]
    for what in ("sign", "reject", "undo"):
        for who in ("viewer", "shifter"):
            assert post(people[who], f"{one}/{what}/").status_code == 403, (who, what)
    for what in ("withdraw", "comment"):
        assert post(people["viewer"], f"{one}/{what}/", comment="a").status_code == 403
    assert post(Client(), **BODY).status_code == 401
    assert post(people["shifter"], f"{one}/comment/", comment="look again").status_code == 200
    assert post(people["shifter"], f"{one}/withdraw/").json()["state"] == "withdrawn"
    assert Proposal.objects.count() == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"run": 6}, "run"), ({"run": "x"}, "run"), ({"first": 0}, "first"), ({"last": 9}, "last"), ({"first": 4}, "last"),
    ({"status": "bad"}, "status"), ({"status": None}, "status"), ({"cause": ""}, "cause"), ({"cause": "no"}, "cause"),
    ({"cause": "other"}, "comment"), ({"flag": "<b>"}, "flag"), ({"flag": "x" * 65}, "flag"),
    ({"nothing": 1}, "nothing"),
    ({"trial": 999}, "trials"), ({"ranges": [{"first": 1, "status": "BAD"}]}, "ranges"),
    ({"comment": "a\0"}, "comment"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), WRONG, ids=str)
def test_what_is_wrong_is_told_by_field_and_nothing_is_stored(
    change: dict[str, Any], field: str, run: Run, people: dict[str, Client]
) -> None:
    body = {name: value for name, value in {**BODY, **change}.items() if value is not None}
    answer = post(people["shifter"], **body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert field in answer.json()["errors"]
    assert not Proposal.objects.exists()


def test_several_ranges_and_the_whole_run(run: Run, people: dict[str, Client]) -> None:
    ranges = [{"first": 5, "status": "GOOD"}, {"first": 1, "last": 4, "status": "BAD"}]
    several = post(people["shifter"], run=5, cause="beam", ranges=ranges).json()
    assert several["ranges"] == [[1, 4, "BAD"], [5, None, "GOOD"]]
    whole = post(people["shifter"], run=5, status="EXCLUDED", cause="detector-off", flag="pixel").json()
    assert (whole["ranges"], whole["first"], whole["last"]) == ([[1, None, "EXCLUDED"]], 1, None)
    wrong = post(people["shifter"], run=5, cause="beam", ranges=[{"first": 1, "status": "UGLY"}])
    assert list(wrong.json()["errors"]) == ["ranges.0.status"]


def test_a_look_at_trials_stores_nothing_and_proposing_does(
    run: Run, trial: Trial, people: dict[str, Client]
) -> None:
    look = post(people["shifter"], "preview/", trials=[trial.pk])
    assert look.status_code == 200, look.content
    (row,) = look.json()["results"]
    assert row["counts"] == {"good": 2, "bad": 2, "not scored": 4}
    assert row["luminosity_at_stake"] == 1.0
    assert not Proposal.objects.exists()
    body = {"trials": [trial.pk], "thresholds": {str(trial.pk): 8.0}, "cause": "shape", "client_key": "k"}
    made = post(people["shifter"], "from-trials/", **body)
    assert made.status_code == 201
    (one,) = made.json()["results"]
    assert one["evidence"]["trials"][0]["threshold"] == 8.0
    again = post(people["shifter"], "from-trials/", **body)
    assert (again.status_code, again.json()["results"][0]["id"]) == (200, one["id"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"trials": [999]}, "trials"), ({"trials": []}, "trials"), ({"needed": 2}, "needed"), ({"runs": [7]}, "runs"),
        ({"thresholds": {"999": 1}}, "thresholds"), ({"thresholds": {"TRIAL": "x"}}, "thresholds.TRIAL"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_choice_of_trials_is_told_by_field(
    change: dict[str, Any], field: str, trial: Trial, people: dict[str, Client]
) -> None:
    pk = str(trial.pk)
    if "TRIAL" in change.get("thresholds", {}):
        change = {"thresholds": {pk: "x"}}
    answer = post(people["shifter"], "from-trials/", **{"trials": [trial.pk], "cause": "shape", **change})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field.replace("TRIAL", pk)]


def test_a_file_of_ranges_is_proposed_whole_or_not_at_all(run: Run, people: dict[str, Client]) -> None:
    def send(content: bytes) -> Any:
        file = SimpleUploadedFile("golden.json", content)
        return people["shifter"].post(URL + "from-file/", {"file": file, "flag": "golden"})

    good = send(b'{"5": [[1, 3], [5, 8]]}')
    assert good.status_code == 201, good.content
    (one,) = good.json()["results"]
    assert one["ranges"] == [[1, 3, "GOOD"], [5, 8, "GOOD"]]
    for content in (b'{"5": [[1, 9]]}', b'{"5": [[1, 3]], "6": [[1, 2]]}', b"nonsense", b'{"5": [[3, 1]]}'):
        refused = send(content)
        assert refused.status_code == 400
        assert set(refused.json()["errors"]) <= {"file", "last"}
    assert Proposal.objects.count() == 1


def test_the_worklist_takes_its_parameters_and_refuses_others(
    run: Run, trial: Trial, people: dict[str, Client]
) -> None:
    flag(trial, run, 2, 3, 5)
    found = people["viewer"].get(f"{URL}worklist/?trial={trial.pk}&gap=1&order=length").json()
    (row,) = found["results"]
    assert (row["run"], row["first"], row["last"], row["flagged"], row["luminosity"]) == (5, 2, 5, 3, 1.5)
    assert (row["element"], row["best_rank"], found["cut"]) == ("e", 1, False)
    for wrong, name in {
        "gap=-1": "gap", "gap=x": "gap", "order=best": "order", "trial=x": "trial",
        "trial=0": "trial",
        "decided=maybe": "decided", "nothing=1": "nothing", "flag=": "flag", "trial=99999999999999999999": "trial",
    }.items():  # fmt: skip
        answer = people["viewer"].get(f"{URL}worklist/?{wrong}")
        assert answer.status_code == 400, wrong
        assert list(answer.json()["errors"]) == [name]


def test_lists_are_filtered_and_leave_as_files(run: Run, people: dict[str, Client]) -> None:
    for change in ({}, {"flag": "pixel"}, {"first": 5, "last": 6}):
        post(people["shifter"], **BODY | change)
    for query, n in {
        "run=5": 3, "flag=pixel": 1, "first__gte=4": 1, "state=signed": 0, "user=shifter": 3, "user=expert": 0,
        "origin=range": 3, "run=6": 0, "cause=beam": 3, "self_signed=true": 0,
    }.items():  # fmt: skip
        assert len(people["viewer"].get(f"{URL}?{query}").json()["results"]) == n, query
    table = b"".join(people["viewer"].get(f"{URL}?format=csv")).decode()
    assert table.count("\n") == 4
    assert len(people["viewer"].get(f"{URL}?format=parquet").getvalue()) > 1_000
