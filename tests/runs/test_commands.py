"""load_runs and load_certifications as somebody types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from runs.models import Certification, Lumisection, Run

pytestmark = pytest.mark.django_db
Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def oms(tmp_path: Path) -> Path:
    path = tmp_path / "omsdata_Run2024B-v1.json"
    columns = {
        "run_number": [1, 1, 2],
        "lumisection_number": [1, 2, 1],
        "recorded_lumi_per_lumisection": [10.0, 20.0, None],
        "pileup": [50.0, 51.0, 52.0],
        "cms_active": [True, True, False],
    }
    path.write_text(json.dumps(columns))
    return path


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "golden.json"
    path.write_text('{"1": [[1, 2], [5, 9]],\n "7": [[-1]]}')
    return path


def test_runs_are_stored_then_known(command: Command, oms: Path) -> None:
    for stored, known in ((5, 0), (0, 5)):
        code, result = command("load_runs", oms, "--reader", "oms-columnar")
        assert (code, result["stored"], result["known"]) == (0, stored, known)
    assert [(run.number, run.era, run.recorded_luminosity) for run in Run.objects.all()] == [
        (1, "2024B", 30.0), (2, "2024B", None),
    ]  # fmt: skip
    assert Lumisection.objects.last().flags == {"cms_active": False}


def test_unit_and_era_can_be_told(command: Command, oms: Path) -> None:
    command("load_runs", oms, "--reader", "oms-columnar", "--luminosity-unit", "/nb", "--era", "mine")
    assert Run.objects.first().era == "mine"
    assert Run.objects.first().recorded_luminosity == pytest.approx(0.03)


def test_a_wrong_unit_is_one_line(command: Command, oms: Path) -> None:
    with pytest.raises(
        CommandError, match=r"^reader oms-columnar: luminosity_unit is 'pints', expected one of"
    ):
        command("load_runs", oms, "--reader", "oms-columnar", "--luminosity-unit", "pints")


def test_an_option_the_reader_does_not_have_is_one_line(command: Command, golden: Path) -> None:
    with pytest.raises(CommandError, match=r"^reader golden-json does not take luminosity_unit"):
        command("load_runs", golden, "--reader", "golden-json", "--luminosity-unit", "/pb")


def test_runs_cannot_be_read_from_certifications(command: Command, golden: Path) -> None:
    code, result = command("load_runs", golden, "--reader", "golden-json")
    assert (code, result["stored"], result["refused"]) == (1, 0, 1)
    assert "neither a run nor a lumisection" in result["refusals"][0]
    assert not Run.objects.exists()


def test_a_conflict_leaves_with_1_and_replace_settles_it(command: Command, oms: Path) -> None:
    command("load_runs", oms, "--reader", "oms-columnar")
    oms.write_text(oms.read_text().replace("51.0", "99.0"))
    code, result = command("load_runs", oms, "--reader", "oms-columnar")
    assert (code, result["conflicts"], result["known"]) == (1, 1, 4)
    assert result["problems"][0]["reason"] == "run 1 LS 2 is stored already with other values"
    code, result = command("load_runs", oms, "--reader", "oms-columnar", "--replace")
    assert (code, result["conflicts"], result["stored"]) == (0, 0, 1)


def test_certifications_are_stored_then_known(command: Command, golden: Path) -> None:
    for stored, known in ((3, 0), (0, 3)):
        code, result = command("load_certifications", golden, "--reader", "golden-json", "--version", "v1")
        assert (code, result["stored"], result["known"]) == (0, stored, known)
    last = Certification.objects.last()
    assert (last.run.number, last.first, last.last, last.flag, last.version) == (7, 1, None, "golden", "v1")
    assert last.source == "golden.json"


def test_a_flag_can_be_told(command: Command, golden: Path) -> None:
    command("load_certifications", golden, "--reader", "dcs-json", "--flag", "mine")
    assert set(Certification.objects.values_list("flag", flat=True)) == {"mine"}


def test_a_dry_run_writes_nothing(command: Command, golden: Path, oms: Path) -> None:
    assert command("load_certifications", golden, "--reader", "golden-json", "--dry-run")[1]["stored"] == 3
    assert command("load_runs", oms, "--reader", "oms-columnar", "--dry-run")[1]["stored"] == 5
    assert not Run.objects.exists()


def golden_share() -> float:
    """Of the recorded luminosity, small negative ones included, the part in golden lumisections."""
    good: dict[int, list[tuple[int, int]]] = {}
    for run, first, last in Certification.objects.filter(flag="golden").values_list("run", "first", "last"):
        good.setdefault(run, []).append((first, last))
    rows = list(Lumisection.objects.values_list("run", "number", "recorded_luminosity"))
    golden = sum(
        recorded
        for run, ls, recorded in rows
        if any(first <= ls <= last for first, last in good.get(run, ()))
    )
    return golden / sum(recorded for *_, recorded in rows)


def test_the_real_files(command: Command, real_data: Path) -> None:
    oms, folder = real_data / "cms/oms/omsdata_Run2024B-v1.json", real_data / "cms/golden"
    code, result = command("load_runs", oms, "--reader", "oms-columnar")
    assert (code, result["stored"]) == (0, 72 + 14_987)
    assert (Run.objects.count(), Lumisection.objects.count()) == (72, 14_987)
    assert command("load_certifications", folder / "Cert_Collisions2024_378981_386951_Golden.json")[0] == 0
    assert golden_share() == pytest.approx(0.217, abs=0.0005)
    code, _ = command("load_certifications", folder / "json_DCSONLY_2018.txt", "--reader", "dcs-json")
    assert code == 0
    dcs = Certification.objects.filter(flag="dcs-only")
    assert dcs.values("run").distinct().count() == 681
