"""What load_catalog and load_lightcurves promise on the command line."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lightcurves.models import Catalog, LightCurve, Source
from lightcurves.surveys import SURVEYS
from project.models import Job, SourceFile

DATA = Path(__file__).parents[1] / "data" / "lightcurves"
CURVES = ["--catalog", "SKY", "--survey-name", "EYE", "--id-column", "star", "--time-column", "when"]
CURVES += ["--value-column", "flux", "--error-column", "err", "--band-column", "filter", "--unit", "uJy"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    """Calls a command with --json: what its last line says, its exit code, and what it said besides."""

    def run(*arguments):
        code = 0
        try:
            call_command(*map(str, arguments), "--json")
        except SystemExit as ended:
            code = ended.code
        except CommandError as error:
            code = error.returncode
        captured = capsys.readouterr()
        return json.loads(captured.out.splitlines()[-1]), code, captured.err

    return run


def test_a_catalogue_is_stored_then_known(run):
    command = ("load_catalog", DATA / "ogle3.txt", "--survey", "ogle3", "--catalog", "OGLE-III")
    first, code, _ = run(*command)
    assert (first["stored"], first["known"], code) == (3, 0, 0)
    again, code, _ = run(*command)
    assert (again["stored"], again["known"], code) == (0, 3, 0)
    assert Job.objects.filter(state=Job.State.SUCCEEDED).count() == 2


def test_columns_are_named_by_flags(run):
    result, code, _ = run("load_lightcurves", DATA / "table.csv", *CURVES, "--flag-column", "quality")
    assert (result["refused"], result["conflicts"]) == (0, 0)
    assert result["stored"] == LightCurve.objects.count() > 0
    assert code == (1 if result["rejected"] else 0)
    assert set(LightCurve.objects.values_list("survey__name", flat=True)) == {"EYE"}


def test_without_a_file_the_packaged_ones_are_read(run):
    result, code, _ = run(
        "load_lightcurves", "--survey", "macho", "--catalog", "MACHO", "--survey-name", "MACHO"
    )
    assert (result["stored"], result["files"], code) == (19, 10, 0)


def test_simulated_is_said_of_a_new_catalogue(run):
    run("load_catalog", DATA / "catalog-csv.csv", "--catalog", "MADE", "--simulated")
    assert Catalog.objects.get().simulated


def test_broken_rows_are_listed_and_leave_an_exit_code(run, write, capsys):
    path = write("name,ra,dec", "a,10,5", *(f"b{number},10,99" for number in range(30)))
    command = ("load_catalog", path, "--catalog", "SKY", "--ra-column", "ra", "--dec-column", "dec")
    result, code, _ = run(*command)
    assert (result["stored"], result["rejected"], code) == (1, 30, 1)
    assert result["problems"][0]["line"] == 3
    with pytest.raises(SystemExit, match="1"):
        call_command(*map(str, command))
    listed = capsys.readouterr().out.splitlines()
    assert "file.csv, line 3: rejected: no position" in listed[0]
    assert "10 more" in listed[20]


def test_conflicts_leave_an_exit_code_until_replaced(run, write):
    command = ("load_catalog", "--catalog", "SKY", "--mag-column", "mag")
    run(*command, write("name,mag", "a,15"))
    changed = write("name,mag", "a,16")
    result, code, _ = run(*command, changed)
    assert (result["conflicts"], code) == (1, 1)
    result, code, _ = run(*command, changed, "--replace")
    assert (result["stored"], result["conflicts"], code) == (1, 0, 0)
    assert Source.objects.get().mag == 16


def test_a_dry_run_stores_nothing(run):
    result, code, _ = run(
        "load_catalog", DATA / "ogle3.txt", "--survey", "ogle3", "--catalog", "O", "--dry-run"
    )
    assert (result["stored"], result["dry_run"], code) == (3, True, 0)
    assert not Source.objects.exists()
    assert not SourceFile.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["load_catalog", "--catalog", "SKY"], "no file named: survey catalog-csv reads files of yours"),
        (["load_catalog", "x.csv", "--catalog", "a:b"], "a name has no colon"),
        (["load_catalog", "x.csv", "--catalog", "SKY", "--ra-column", "ra"], "ra and dec belong together"),
        (["load_catalog", "--survey", "ogle3", "--catalog", "O", "--sep", ";"], "has no option sep"),
        (
            ["load_lightcurves", "x.csv", "--catalog", "C", "--survey-name", "S"],
            "unit of the values",
        ),
        (
            [
                "load_lightcurves",
                "x",
                "--catalog",
                "C",
                "--survey-name",
                "S",
                "--unit",
                "adu",
                "--zero-point",
                "much",
            ],
            "zero_point is 'much', expected float",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run, arguments, reason):
    result, code, _ = run(*arguments)
    assert reason in result["error"]
    assert "\n" not in result["error"]
    assert code == 1


def test_a_file_that_is_not_there_is_refused(run):
    result, code, _ = run("load_catalog", "nowhere.csv", "--catalog", "SKY")
    assert (result["refused"], code) == (1, 1)
    assert "nowhere.csv: No such file" in result["refusals"][0]


def test_a_new_survey_brings_its_flags_with_it(run, monkeypatch):
    from dataclasses import dataclass

    from lightcurves.surveys.base import option
    from lightcurves.surveys.catalog_csv import CatalogCsvSurvey

    @dataclass(frozen=True, kw_only=True)
    class Ours(CatalogCsvSurvey):
        name = "ours"
        epoch: float = option(2000.0, "epoch of the positions")

    monkeypatch.setitem(SURVEYS, "ours", Ours)
    path = DATA / "catalog-csv.csv"
    result, code, _ = run("load_catalog", path, "--survey", "ours", "--epoch", "1950", "--catalog", "SKY")
    assert (result["stored"], code) == (3, 0)
    assert SourceFile.objects.get().options["epoch"] == 1950


def test_real_crts_light_curves(run, real_data):
    crts = real_data / "crts"
    command = ["load_lightcurves", crts / "CRTS_subset_500.csv", "--catalog", "CRTS", "--survey-name", "CRTS"]
    command += [
        "--id-column",
        "ID",
        "--time-column",
        "MJD",
        "--value-column",
        "Mag",
        "--error-column",
        "Magerr",
    ]
    result, code, _ = run(*command, "--unit", "mag", "--band", "V")
    assert (result["stored"], code) == (500, 0)
    series = LightCurve.objects.of_catalog("CRTS").as_series()
    assert (len(series), series.n_scores) == (500, 53_654)
    assert (series.lengths.min(), series.lengths.max()) == (1, 472)
    result, code, _ = run(*command, "--unit", "mag", "--band", "V")
    assert (result["stored"], result["known"], code) == (0, 500, 0)


def test_real_ztf_light_curves(run, real_data):
    command = [
        "load_lightcurves",
        real_data / "ztf" / "ZTF_lightcurve.csv",
        "--catalog",
        "ZTF",
        "--unit",
        "abmag",
    ]
    command += [
        "--id-column",
        "oid",
        "--time-column",
        "mjd",
        "--value-column",
        "mag",
        "--error-column",
        "magerr",
    ]
    command += ["--flag-column", "catflags", "--band-column", "filtercode", "--ra-column", "ra"]
    result, code, _ = run(*command, "--dec-column", "dec", "--survey-name", "ZTF")
    assert (result["stored"], code) == (5, 0)
    assert sum(LightCurve.objects.values_list("n_points", flat=True)) == 1852
    assert set(LightCurve.objects.values_list("band", "unit")) == {
        (band, "uJy") for band in ("zg", "zr", "zi")
    }


def test_the_site_adds_surveys_features_and_its_injections(settings, monkeypatch):
    from django.apps import apps

    from lightcurves import features, injections, surveys

    for module, name in ((surveys, "SURVEYS"), (features, "FEATURES"), (injections, "INJECTIONS")):
        registry = getattr(module, name)
        for key in list(registry):
            monkeypatch.delitem(registry, key)
    settings.LUMISIFT_EXTRA_SURVEYS = ["lightcurves.surveys.ogle3.Ogle3Survey"]
    settings.LUMISIFT_EXTRA_FEATURES = ["lightcurves.features.location.Median"]
    settings.LUMISIFT_EXTRA_INJECTIONS = ["lightcurves.injections.dip.DIP", "histos.injections.shift.SHIFT"]
    apps.get_app_config("lightcurves").ready()
    assert list(surveys.SURVEYS) == ["ogle3"]
    assert list(features.FEATURES) == ["median"]
    assert list(injections.INJECTIONS) == ["dip"]
