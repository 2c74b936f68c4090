"""NUL and control characters are refused at every door where they cannot be meant, and nothing is half-stored."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from project.api import LISTS
from project.filters import TEXT, parameters
from project.models import FileProblem, SourceFile
from project.registry_api import Registry
from tests.project.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
DATA = Path(__file__).parent.parent / "data"
CONTROLS = {"NUL": "\0", "escape": "\x1b", "bell": "\x07", "delete": "\x7f"}
LINES = ("comment", "error", "log")
"""Texts of people in lines, and what programs said."""


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for one in pair for text in texts(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in texts(one))


def stored() -> Iterator[tuple[str, str]]:
    """Every text in the tables of this project, with the column that holds it."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(
            field, models.CharField | models.TextField | models.JSONField
        ) and field.name not in LINES]  # fmt: skip
        for row in model._default_manager.all():
            for field in fields:
                yield from (
                    (f"{model.__name__}.{field.name}", text) for text in texts(getattr(row, field.name))
                )


def assert_clean() -> None:
    dirty = [(where, text) for where, text in stored() if any(c in text for c in CONTROLS.values())]
    assert not dirty, dirty


TABLE = {name: name for name in ("time", "value", "error", "band", "unit", "id")} | {"unit": "uJy"}
CATALOG = ("load_catalog", "catalog-csv", "--catalog", "c")
CURVES = ("load_lightcurves", "table", "--catalog", "c", "--survey-name", "s")
RUNS = ("load_runs", "oms-columnar")
HISTOGRAMS = ("load_histos", "ml4dqm-csv", "--dataset", "ZeroBias")
HEADER = (
    "fromrun,fromlumi,hname,fromrun,fromlumi,metype,hname,histo,entries,Xmax,Xmin,Xbins,Ymax,Ymin,Ybins\n"
)


def histogram(name: str) -> str:
    return f'1,1,{name},1,1,3,{name},"[0, 1, 2, 0]",3,2,0,2,1,0,1\n'


def oms(**columns: Any) -> str:
    return json.dumps({"run_number": [1], "lumisection_number": [1], **columns})


FILES = {
    "source": (CATALOG, lambda c: f"name,ra,dec\nA,1,1\nB{c}b,2,2\n"),
    "attribute": (CATALOG, lambda c: f"name,ra,dec,type\nA,1,1,x\nB,2,2,y{c}y\n"),
    "attribute's name": (CATALOG, lambda c: f"name,ra,dec,ty{c}pe\nA,1,1,x\n"),
    "element": (HISTOGRAMS, lambda c: HEADER + histogram("good") + histogram(f"b{c}ad")),
    "flag": (RUNS, lambda c: oms(**{f"fl{c}ag": [True]})),
    "value of a flag": (RUNS, lambda c: oms(flag=[f"o{c}n"])),
    "run": (("load_certifications", "golden-json"), lambda c: json.dumps({"1": [[1, 2]], f"2{c}": [[1, 2]]})),
}


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("where", FILES)
def test_in_a_file(where: str, control: str, tmp_path: Path) -> None:
    (command, reader, *options), content = FILES[where]
    path = tmp_path / "file.txt"
    path.write_text(content(CONTROLS[control]), newline="")
    option = "--survey" if "catalog" in command else "--reader"
    with pytest.raises((CommandError, SystemExit)):
        call_command(command, str(path), option, reader, *options, stdout=io.StringIO(), stderr=io.StringIO())
    file = SourceFile.objects.get()
    assert file.state != SourceFile.State.LOADING
    assert file.error or FileProblem.objects.exists(), "refused without a reason"
    assert_clean()


@pytest.mark.parametrize("control", [one for one in CONTROLS if one != "NUL"])
@pytest.mark.parametrize(
    "words",
    [
        ("load_catalog", "FILE", "--survey", "catalog-csv", "--catalog", "c{}c"),
        ("load_histos", "FILE", "--reader", "ml4dqm-csv", "--dataset", "Zero{}Bias"),
        ("load_runs", "FILE", "--reader", "oms-columnar", "--experiment", "CM{}S"),
        ("load_certifications", "FILE", "--reader", "golden-json", "--flag", "gol{}den"),
        ("freeze_samples", "s{}et", "--world", "catalog", "--catalog", "ogle3", "--columns", "mag"),
        ("run_trial", "s{}et", "constant"),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_in_a_command(words: tuple[str, ...], control: str, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text({"load_catalog": "name\nA\n", "load_histos": HEADER + histogram("a")}.get(words[0], "{}"))
    before = rows()
    given = [str(path) if word == "FILE" else word.format(CONTROLS[control]) for word in words]
    with pytest.raises((CommandError, SystemExit)):
        call_command(*given, stdout=io.StringIO(), stderr=io.StringIO())
    assert rows() == before


FREEZE = {"name": "n", "world": "catalog", "recipe": {"catalog": "ogle3", "columns": ["mag"]}}
TRIAL = {"sample_set": "set", "detector": "constant"}
SCORES = {
    "sample_set": "set", "model": "m", "revision": "1", "scores": {"key": ["ogle3:LMC-1"], "score": [1.0]},
}  # fmt: skip
LABEL = {"source": "ogle3:LMC-1", "score": 3}
BODIES = [
    ("sample-sets", FREEZE | {"name": "n#"}),
    ("sample-sets", FREEZE | {"world": "catalog#"}),
    ("sample-sets", FREEZE | {"recipe": {"catalog": "ogle3#", "columns": ["mag"]}}),
    ("sample-sets", FREEZE | {"recipe": {"catalog": "ogle3", "columns": ["mag#"]}}),
    ("sample-sets", FREEZE | {"recipe": {"catalog": "ogle3", "columns": ["mag"], "more#": 1}}),
    ("sample-sets", {"parent": "set#", "name": "child"}),
    ("trials", TRIAL | {"detector": "constant#"}),
    ("trials", TRIAL | {"params": {"a#": 1}}),
    ("trials", TRIAL | {"detector": "isolation_forest", "params": {"max_samples": "a#"}}),
    ("trials", SCORES | {"model": "m#"}),
    ("trials", SCORES | {"revision": "1#"}),
    ("trials", SCORES | {"scores": {"key": ["ogle3:LMC-1#"], "score": [1.0]}}),
    ("comparisons", {"sample_set": "set#"}),
    ("comparisons", {"sample_set": "set", "metric": "roc_auc#"}),
    ("labels", LABEL | {"tag": "t#"}),
    ("labels", LABEL | {"comment": "c#"}),
    ("labels", LABEL | {"client_key": "k#"}),
    ("labels", {"source": "ogle3:LMC-1#", "score": 3}),
]


def filled(value: Any, control: str) -> Any:
    return json.loads(json.dumps(value).replace("#", json.dumps(control)[1:-1]))


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("control", CONTROLS)
def test_in_what_programs_send(control: str, client: Client, expert: Any) -> None:
    make_world(expert)
    client.force_login(expert)
    before = rows()
    for name, body in BODIES:
        sent = filled(body, CONTROLS[control])
        answer = client.post(f"/api/v1/{name}/", sent, content_type="application/json")
        assert answer.status_code == 400, (sent, answer.content)
        assert answer.json()["errors"], sent
    assert rows() == before


@pytest.mark.parametrize("control", CONTROLS)
def test_in_an_upload(control: str, client: Client, expert: Any, tmp_path: Path, settings: Any) -> None:
    settings.LUMISIFT_UPLOAD_DIR = tmp_path
    client.force_login(expert)
    before, character = rows(), CONTROLS[control]
    good = {"kind": "catalog", "reader": "catalog-csv", "options": {"catalog": "c"}}
    for wrong in (
        {"kind": f"catalog{character}"},
        {"reader": f"catalog-csv{character}"},
        {"options": {"catalog": f"c{character}"}},
        {"options": {"catalog": "c", "reading": {"id": f"name{character}"}}},
    ):
        sent = good | wrong
        form = {
            **sent,
            "options": json.dumps(sent["options"]),
            "file": SimpleUploadedFile("a.csv", b"name\nA\n"),
        }
        answer = client.post("/api/v1/files/", form)
        assert answer.status_code == 400, (wrong, answer.content)
    assert rows() == before
    assert not list(tmp_path.rglob("*.csv"))


FORMS = {
    "/profile/tokens/": {"name": "a#b", "scope": "read", "days": "3"},
    "/samples/new/": {
        "name": "a#b", "world": "catalog", "catalog": "ogle3", "columns": "mag", "split": "cross", "folds": "2",
    },
    "/load/": {"kind": "catalog", "reader": "catalog-csv", "catalog": "c#c"},
}  # fmt: skip


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("path", FORMS)
def test_in_a_form(path: str, control: str, client: Client, expert: Any) -> None:
    make_world(expert)
    client.force_login(expert)
    before = rows()
    assert client.post(path, filled(FORMS[path], CONTROLS[control])).status_code == 400
    assert rows() == before


def test_nul_in_a_question(client: Client, viewer: Any) -> None:
    make_world(viewer)
    client.force_login(viewer)
    for name, resource in LISTS.items():
        if issubclass(resource, Registry):
            continue
        for one in parameters(resource.filters):
            if one.filter.kind is TEXT:
                answer = client.get(f"/api/v1/{name}/", {one.name: "a\0b"})
                assert (answer.status_code, [*answer.json()["errors"]]) == (400, [one.name])
    assert client.get("/search/", {"q": "a\0b"}).status_code == 200
