"""fetch_oms and fetch_runregistry against local services that answer in their formats, and fail as they do."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from project.models import Job, SourceFile
from runs.models import Certification, Fill, Lumisection, Run
from runs.services import load_certifications, load_runs
from tests.services import Answer, LocalService, Oms, RunRegistry, serving

pytestmark = pytest.mark.django_db
Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("runs.fetches.fetching.patient", lambda reporter: lambda seconds: None)
    settings.LUMISIFT_FETCH_PER_SECOND, settings.LUMISIFT_FETCH_TRIES = 1000, 3


def things() -> dict[str, list[dict[str, Any]]]:
    """Two fills, three runs of 12 lumisections; the last run goes on."""
    runs = [
        {"run_number": run, "fill_number": 9800 + run // 2, "start_time": f"2024-03-0{run + 1}T12:00:00Z",
         "end_time": f"2024-03-0{run + 1}T13:00:00Z" if run < 3 else None, "recorded_lumi": 1.5 * run,
         "hlt_key": "/cdaq/physics/v1", "l1_rate": 95_000.5, "energy": 6800}
        for run in (1, 2, 3)
    ]  # fmt: skip
    fills = [{"fill_number": fill, "delivered_lumi": 0.5, "peak_pileup": 60.5} for fill in (9800, 9801)]
    lumisections = [
        {"run_number": run, "lumisection_number": number, "recorded_lumi_per_lumisection": 1e5 * number,
         "pileup": 50.0 + number, "bpix_ready": number > 2}
        for run in (1, 2, 3) for number in range(1, 13)
    ]  # fmt: skip
    return {"runs": runs, "fills": fills, "lumisections": lumisections}


@pytest.fixture
def oms(settings: Any) -> Iterator[LocalService]:
    with serving(Oms(things())) as service:
        settings.LUMISIFT_OMS_URL = service.url
        yield service


def asked(service: LocalService, what: str) -> list[Any]:
    found = [one for one in service.asked if one.path == what]
    service.asked = [one for one in service.asked if one.path != what]
    return found


# OMS


def test_fills_runs_and_lumisections_come_in_our_units(command: Command, oms: LocalService) -> None:
    code, result = command("fetch_oms", "--runs", 1, 3)
    assert (code, result["stored"], result["runs"], result["asked"]) == (0, 2 + 3 + 36, 3, 3)
    run = Run.objects.get(number=2)
    assert (run.recorded_luminosity, run.energy, run.fill_number) == (3.0, 6800.0, 9801)
    assert run.attributes == {"hlt_key": "/cdaq/physics/v1", "l1_rate": {"value": 95_000.5, "unit": "Hz"}}
    assert [(fill.number, fill.delivered_luminosity) for fill in Fill.objects.all()] == [
        (9800, 500.0),
        (9801, 500.0),
    ]
    last = Lumisection.objects.get(run=run, number=12)
    assert (last.recorded_luminosity, last.pileup, last.flags) == (
        pytest.approx(1.2),
        62.0,
        {"bpix_ready": True},
    )


def test_every_page_is_asked_for_once_in_order(command: Command, oms: LocalService) -> None:
    """Ten a page, whatever is asked for: twelve lumisections take two."""
    command("fetch_oms", "--runs", 1, 2)
    offsets = [
        (one.params["filter[run_number][EQ]"], one.params["page[offset]"])
        for one in asked(oms, "lumisections")
    ]
    assert offsets == [("1", "0"), ("1", "10"), ("2", "0"), ("2", "10")]


def test_a_second_fetch_stores_nothing_and_asks_only_for_what_goes_on(
    command: Command, oms: LocalService
) -> None:
    command("fetch_oms", "--runs", 1, 3)
    oms.asked.clear()
    code, result = command("fetch_oms", "--runs", 1, 3)
    assert (code, result["stored"], result["conflicts"], result["asked"]) == (0, 0, 0, 1)
    assert {one.params["filter[run_number][EQ]"] for one in asked(oms, "lumisections")} == {"3"}
    assert command("fetch_oms", "--runs", 1, 3, "--again")[1]["asked"] == 3
    assert (Run.objects.count(), Lumisection.objects.count(), Fill.objects.count()) == (3, 36, 2)


def test_a_run_that_was_updated_takes_its_new_values_and_lumisections(
    command: Command, oms: LocalService
) -> None:
    command("fetch_oms", "--runs", 1, 3)
    now = oms.answering.things
    now["runs"][2] |= {
        "end_time": "2024-03-04T13:00:00Z",
        "recorded_lumi": 9.0,
        "hlt_key": "/cdaq/physics/v2",
    }
    now["lumisections"].append({"run_number": 3, "lumisection_number": 13, "pileup": 44.0})
    now["lumisections"][-2]["pileup"] = 43.0
    code, result = command("fetch_oms", "--runs", 1, 3)
    assert (code, result["stored"], result["conflicts"]) == (0, 3, 0)
    run = Run.objects.get(number=3)
    assert (run.recorded_luminosity, run.attributes["hlt_key"]) == (9.0, "/cdaq/physics/v2")
    assert run.end_time is not None
    assert list(run.lumisections.order_by("number").values_list("pileup", flat=True))[-2:] == [43.0, 44.0]
    assert command("fetch_oms", "--runs", 1, 3)[1]["asked"] == 0


def test_what_a_file_said_otherwise_is_a_conflict_that_replace_settles(
    command: Command, oms: LocalService, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"run_number": [1], "lumisection_number": [1], "pileup": [12.5]}')
    load_runs([path])
    code, result = command("fetch_oms", "--runs", 1, 1)
    assert (code, result["conflicts"]) == (1, 1)
    assert result["problems"][0]["reason"] == "run 1 LS 1 is stored already with other values"
    assert Lumisection.objects.get(number=1).pileup == 12.5
    assert command("fetch_oms", "--runs", 1, 1, "--again", "--replace")[0] == 0
    assert Lumisection.objects.get(number=1).pileup == 51.0


def test_a_fetch_that_broke_off_goes_on_where_it_was(command: Command, oms: LocalService) -> None:
    """Lumisections come before their run, so a run that is known has all of them."""
    real = oms.answering
    oms.answering = lambda one: Answer({}, 503) if one.path == "fills" else real(one)
    with pytest.raises(CommandError, match=r"^OMS \(127.+ answers 503 Service Unavailable; tried 3 times$"):
        command("fetch_oms", "--runs", 1, 2)
    assert Lumisection.objects.count() == 24
    assert not Run.objects.exclude(recorded_luminosity=None).exists()
    oms.answering = real
    code, result = command("fetch_oms", "--runs", 1, 2)
    assert (code, result["known"], result["asked"]) == (0, 24, 2)


@pytest.mark.parametrize(
    "fault",
    [
        Answer({}, 429, {"Retry-After": "0"}), Answer({}, 500), Answer({"data": [{}, {}]}, cut=9),
        Answer(b'{"data": [{"id"'),
    ],
    ids=["429", "500", "truncated", "cut JSON"],
)  # fmt: skip
def test_what_passes_does_not_show(command: Command, oms: LocalService, fault: Answer) -> None:
    oms.faults = [fault, fault]
    assert command("fetch_oms", "--runs", 1, 3)[1]["stored"] == 41


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Answer(b"<html>CERN Single Sign-On</html>"), "answers with a web page .+ set LUMISIFT_OMS_TOKEN"),
        (Answer({"data": {"id": 7}}), "answers with JSON that is no page of runs"),
        (Answer({}, 401), "refuses us"),
    ],
)
def test_no_answer_is_one_line_and_stores_nothing(
    command: Command, oms: LocalService, fault: Answer, says: str
) -> None:
    oms.faults = [fault]
    with pytest.raises(CommandError, match=says) as refused:
        command("fetch_oms", "--runs", 1, 3)
    assert "\n" not in str(refused.value)
    assert not Run.objects.exists()
    assert Job.objects.get().state == "failed"


def test_a_page_that_comes_again_and_again_ends(command: Command, oms: LocalService) -> None:
    page = {"data": [{"type": "runs", "attributes": {"run_number": 1}}], "links": {"next": "more"}}
    oms.answering = lambda one: Answer(page)
    with pytest.raises(CommandError, match="gives the same page of runs again and again"):
        command("fetch_oms", "--runs", 1, 3)


def test_since_takes_a_date_days_or_the_last_run(command: Command, oms: LocalService) -> None:
    with pytest.raises(CommandError, match="no run of CMS is known yet"):
        command("fetch_oms", "--since", "last")
    assert command("fetch_oms", "--since", "2024-03-03")[1]["runs"] == 2
    assert asked(oms, "runs")[0].params["filter[start_time][GE]"] == "2024-03-03T00:00:00Z"
    command("fetch_oms", "--since", "last")
    assert asked(oms, "runs")[0].params["filter[start_time][GE]"] == "2024-03-02T12:00:00Z"
    assert command("fetch_oms", "--since", "1d")[1]["runs"] == 0
    for wrong in ("noon", "7 days"):
        with pytest.raises(CommandError, match=f"since '{wrong}': neither a date"):
            command("fetch_oms", "--since", wrong)
    with pytest.raises(CommandError, match="runs 5 to 3 are no range"):
        command("fetch_oms", "--runs", 5, 3)


def test_a_dry_run_asks_and_writes_nothing(command: Command, oms: LocalService) -> None:
    code, result = command("fetch_oms", "--runs", 1, 3, "--dry-run")
    assert (code, result["stored"], result["dry_run"]) == (0, 41, True)
    assert not any(model.objects.exists() for model in (Run, Fill, Lumisection, SourceFile))


def test_answers_that_were_saved_are_read_by_the_same_reader(
    command: Command, oms: LocalService, tmp_path: Path
) -> None:
    command("fetch_oms", "--runs", 1, 3, "--save", tmp_path, "--dry-run")
    saved = sorted(tmp_path.iterdir())
    assert [path.name for path in saved] == [
        "oms-fills-9800-9801.jsonl", "oms-lumisections-1-3.jsonl", "oms-runs-1-3.jsonl",
    ]  # fmt: skip
    assert command("load_runs", *saved)[1]["stored"] == 41
    assert Run.objects.get(number=1).attributes["hlt_key"] == "/cdaq/physics/v1"


def test_attributes_that_are_missing_are_unknown(command: Command, oms: LocalService) -> None:
    oms.answering.things = {
        "runs": [{"run_number": 1}], "fills": [], "lumisections": [{"run_number": 1, "lumisection_number": 1}],
    }  # fmt: skip
    code, result = command("fetch_oms", "--runs", 1, 1)
    assert (code, result["rejected"]) == (0, 0)
    assert Lumisection.objects.get().pileup is None
    assert Run.objects.get().recorded_luminosity is None


# Run Registry

GOOD = {"status": "GOOD", "cause": "", "comment": ""}
BAD = {"status": "BAD", "cause": "HV", "comment": "trip of a sector"}
DATASETS = [
    {"run_number": run, "name": name, "class": "Collisions24", "dataset_attributes": {"tracker_state": "OPEN"},
     "lumisections": [{"start": 1, "end": 40, "tracker-pixel": GOOD, "dt-dt": GOOD},
                      {"start": 41, "end": 60, "tracker-pixel": BAD, "dt-dt": GOOD}]}
    for run in (1, 2) for name in ("online", "/PromptReco/Collisions2024B/DQM")
]  # fmt: skip


@pytest.fixture
def registry(settings: Any) -> Iterator[LocalService]:
    with serving(RunRegistry(deepcopy(DATASETS))) as service:
        settings.LUMISIFT_RUNREGISTRY_URL = service.url
        yield service


def said(flag: str = "tracker-pixel", run: int = 1) -> list[tuple]:
    rows = Certification.objects.filter(flag=flag, run__number=run, version__startswith="/Prompt")
    return list(rows.order_by("first").values_list("first", "last", "status", "cause", "comment"))


def test_flags_come_with_status_cause_and_comment(command: Command, registry: LocalService) -> None:
    code, result = command("fetch_runregistry", "--runs", 1, 2)
    assert (code, result["stored"], result["datasets"]) == (0, 12, 4)
    assert said() == [(1, 40, "GOOD", "", ""), (41, 60, "BAD", "HV", "trip of a sector")]
    assert said("dt-dt") == [(1, 60, "GOOD", "", "")]
    assert set(Certification.objects.values_list("source", "version")) == {
        ("Run Registry", "online"), ("Run Registry", "/PromptReco/Collisions2024B/DQM"),
    }  # fmt: skip
    assert command("fetch_runregistry", "--runs", 1, 2)[1]["known"] == 12


def test_ranges_that_were_edited_take_the_place_of_the_old_ones(
    command: Command, registry: LocalService
) -> None:
    """Also where there are fewer now: what was said before must not stay beside it."""
    command("fetch_runregistry", "--runs", 1, 2)
    registry.answering.datasets[1]["lumisections"] = [
        {"start": 1, "end": 60, "tracker-pixel": GOOD, "dt-dt": GOOD}
    ]
    code, result = command("fetch_runregistry", "--runs", 1, 2)
    assert (code, result["stored"], result["known"], result["conflicts"]) == (0, 1, 10, 0)
    assert said() == [(1, 60, "GOOD", "", "")]
    assert len(said(run=2)) == 2
    registry.answering.datasets[1]["lumisections"] = DATASETS[1]["lumisections"]
    command("fetch_runregistry", "--runs", 1, 2)
    assert said() == [(1, 40, "GOOD", "", ""), (41, 60, "BAD", "HV", "trip of a sector")]


def test_what_others_said_is_never_touched(command: Command, registry: LocalService, tmp_path: Path) -> None:
    golden = tmp_path / "golden.json"
    golden.write_text('{"1": [[1, 60]]}')
    load_certifications([golden])
    command("fetch_runregistry", "--runs", 1, 2)
    registry.answering.datasets = registry.answering.datasets[:1]
    command("fetch_runregistry", "--runs", 1, 2)
    assert Certification.objects.count() == 13


def test_datasets_are_chosen_by_wildcard(command: Command, registry: LocalService) -> None:
    assert command("fetch_runregistry", "--runs", 1, 2, "--datasets", "/Prompt*")[1]["stored"] == 6
    assert not Certification.objects.filter(version="online").exists()


def test_since_means_the_runs_that_are_known(
    command: Command, registry: LocalService, oms: LocalService
) -> None:
    with pytest.raises(
        CommandError, match=r"^no run of CMS since 2024-03-03 00:00 is known: fetch_oms brings them"
    ):
        command("fetch_runregistry", "--since", "2024-03-03")
    command("fetch_oms", "--runs", 1, 3)
    assert command("fetch_runregistry", "--since", "2024-03-03")[1]["datasets"] == 2


def test_an_error_in_a_good_answer_is_one_line(command: Command, registry: LocalService) -> None:
    registry.faults = [Answer({"err": "unknown\ncolumn"})]
    with pytest.raises(CommandError, match=r"^Run Registry \(127.+ refuses: unknown column$"):
        command("fetch_runregistry", "--runs", 1, 2)


def test_what_the_registry_does_not_spell_right_is_rejected_alone(
    command: Command, registry: LocalService
) -> None:
    registry.answering.datasets[0]["lumisections"][0] |= {"tracker-pixel": {"status": "SO SO"}}
    code, result = command("fetch_runregistry", "--runs", 1, 2)
    assert (code, result["stored"], result["rejected"]) == (1, 11, 1)
    assert "status 'SO SO' is none of GOOD, BAD" in result["problems"][0]["reason"]


def test_saved_answers_of_the_registry_are_loaded_as_a_file(
    command: Command, registry: LocalService, tmp_path: Path
) -> None:
    command("fetch_runregistry", "--runs", 1, 2, "--save", tmp_path, "--dry-run")
    (saved,) = tmp_path.iterdir()
    assert command("load_certifications", saved)[1]["stored"] == 12
    assert set(Certification.objects.values_list("source", flat=True)) == {"runregistry-1-2.jsonl"}


def test_a_folder_that_is_not_there_is_one_line(
    command: Command, registry: LocalService, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="nowhere is no folder to keep the answers in"):
        command("fetch_runregistry", "--runs", 1, 2, "--save", tmp_path / "nowhere")
