"""Uploading a data file: refused when it is not what it says, loaded by a job, removed when it is loaded."""

import gzip
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from detections.loading.kinds import KINDS
from histos.models import LumisectionHistogram
from lightcurves.models import LightCurve, Source
from project.errors import UserError
from project.jobs import services
from project.models import Job, SourceFile
from project.uploads import storage
from project.uploads.inspection import Limits, inspect
from project.uploads.names import clean_name, type_of
from runs.models import Certification, Lumisection
from tests.conftest import ROOT
from tests.histos.csv_files import write

pytestmark = pytest.mark.django_db
URL = "/api/v1/files/"
DATA = ROOT / "tests" / "data"
STARS = b"name,ra,dec,mag\nA,10,20,15.5\nB,11,21,16\n"
CATALOG = {
    "kind": "catalog",
    "reader": "catalog-csv",
    "options": {"catalog": "MINE", "reading": {"ra": "ra", "dec": "dec"}},
}


@pytest.fixture(autouse=True)
def folder(client: Client, expert: Any, settings: Any, tmp_path: Path) -> Path:
    client.force_login(expert)
    settings.LUMISIFT_UPLOAD_DIR = tmp_path / "uploads"
    return settings.LUMISIFT_UPLOAD_DIR


def kept(folder: Path) -> list[Path]:
    return list(folder.glob("*/*")) if folder.exists() else []


def send(client: Client, content: bytes = STARS, name: str = "stars.csv", **more: Any) -> Any:
    body = {**CATALOG, **more, "file": SimpleUploadedFile(name, content)}
    return client.post(
        URL, {key: json.dumps(one) if isinstance(one, dict) else one for key, one in body.items()}
    )


def worked(answer: Any, state: str = "succeeded") -> Job:
    assert answer.status_code == 202, answer.content
    job = services.claim()
    assert job is not None
    services.work_on(job)
    assert job.state == state, (job.error, job.log)
    return job


def packed(content: bytes) -> bytes:
    # Without a time: these bytes are in the names of tests, which every worker must find the same.
    return gzip.compress(content, mtime=0)


def as_parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def test_it_is_loaded_by_a_job_and_then_removed(client: Client, folder: Path) -> None:
    answer = send(client, name="../../etc/my stars.csv")
    (path,) = kept(folder)
    assert path.name == "my_stars.csv"
    assert (path.parent.stat().st_mode & 0o077, folder.stat().st_mode & 0o077) == (0, 0)
    shown = answer.json()
    assert (shown["state"], shown["owner"]) == ("queued", "expert")
    assert str(folder) not in answer.content.decode()
    job = worked(answer)
    assert job.result["stored"] == 2
    assert kept(folder) == []
    assert not list(folder.iterdir())
    row = client.get(URL).json()["results"][0]
    assert (row["name"], row["stored"], row["size"]) == ("my_stars.csv", 2, len(STARS))
    assert SourceFile.objects.get().sha256
    assert set(Source.objects.values_list("name", flat=True)) == {"A", "B"}


def test_every_kind_of_data_is_taken(client: Client, tmp_path: Path) -> None:
    runs, curves = DATA / "runs", DATA / "lightcurves"
    histograms = write(tmp_path / "h.csv").read_bytes()
    table = json.loads((curves / "table.options.json").read_text())
    sent = [
        ("h.csv.gz", packed(histograms), "histograms", "ml4dqm-csv", {"dataset": "ZeroBias"}),
        ("dials.parquet", (DATA / "histos" / "dials-parquet.parquet").read_bytes(), "histograms", "dials-parquet",
         {"dataset": "/ZeroBias/Run2023C-PromptReco-v1/DQMIO"}),
        ("omsdata.json", (runs / "oms-columnar.json").read_bytes(), "runs", "oms-columnar", {"era": "Run2018A"}),
        ("golden.json", (runs / "golden-json.json").read_bytes(), "certifications", "golden-json", {"version": "1"}),
        ("c.csv", (curves / "table.csv").read_bytes(), "light-curves", "table",
         {"catalog": "C", "survey_name": "S", "reading": {name: str(one) for name, one in table.items()}}),
        ("s.parquet", as_parquet(name=["A"], ra=[1.0], dec=[2.0]), "catalog", "catalog-csv", CATALOG["options"]),
    ]  # fmt: skip
    for name, content, kind, reader, options in sent:
        job = worked(send(client, content, name, kind=kind, reader=reader, options=options))
        assert job.result["stored"] > 0, kind
    for model in (LumisectionHistogram, Lumisection, Certification, LightCurve, Source):
        assert model._default_manager.exists(), model
    assert set(KINDS) == {kind for _, _, kind, _, _ in sent}
    assert Certification.objects.values_list("source", flat=True)[0] == "golden.json"


def test_a_refused_file_fails_the_job_and_is_kept_for_another_try(client: Client, folder: Path) -> None:
    job = worked(send(client, b"id,x\n1,2\n"), "failed")
    assert "stars.csv, line 1: no column 'name'" in job.error
    assert len(kept(folder)) == 1
    again = services.claim() or services.rerun(job)
    services.work_on(services.claim() or again)
    storage.remove(job.kwargs["upload"])
    gone = services.rerun(job)
    services.work_on(services.claim() or gone)
    gone.refresh_from_db()
    assert "upload it again" in gone.error


def test_a_file_can_be_checked_without_storing_anything(client: Client, folder: Path) -> None:
    options = {**CATALOG["options"], "dry_run": True}
    assert worked(send(client, options=options)).result["stored"] == 2
    assert not Source.objects.exists()
    assert kept(folder) == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "pictures"}, "kind", "catalog"),
    ({"reader": "ogle9"}, "reader", "no reader"),
    ({"reader": "table"}, "reader", "no reader"),
    ({"options": "["}, "options", "not JSON"),
    ({"options": "[]"}, "options", "object"),
    ({"options": {}}, "options.catalog", "required"),
    ({"options": {"catalog": "x" * 65}}, "options.catalog", "64"),
    ({"options": {"catalog": "a\0b"}}, "options", "NUL"),
    ({"options": {"catalog": "a\u202eb"}}, "options.catalog", "printed"),
    ({"options": {"catalog": "C", "path": "/etc/passwd"}}, "options.path", "unknown field"),
    ({"options": {"catalog": "C", "paths": ["/etc/passwd"]}}, "options.paths", "unknown field"),
    ({"options": {"catalog": "C", "policy": "sum"}}, "options.policy", "replace"),
    ({"options": {"catalog": "C", "reading": {"memory": "1"}}}, "options", "not for an upload"),
    ({"options": {"catalog": "C", "reading": {"ra": "ra"}}}, "options", "belong together"),
    ({"kind": "light-curves", "reader": "table", "options": {"catalog": "C", "survey_name": "S",
      "reading": {"memory": "999999999999"}}}, "options", "not for an upload"),
    ({"kind": "light-curves", "reader": "table", "options": {"catalog": "C", "survey_name": "S", "reading": {}}},
     "options", "unit"),
    ({"kind": "runs", "reader": "oms-columnar", "options": {"luminosity_unit": "kg"}}, "options", "luminosity_unit"),
    ({"path": "/etc/passwd"}, "path", "unknown field"),
    ({"name": "stars.exe"}, "file", "only .csv.gz"),
    ({"name": "stars"}, "file", "only .csv.gz"),
    ({"name": "stars.zip", "content": b"PK\x03\x04"}, "file", "only .csv.gz"),
    ({"name": "stars.csv", "content": b"PK\x03\x04\0\0"}, "file", "something else"),
    ({"name": "stars.csv", "content": packed(STARS)}, "file", "holds csv.gz"),
    ({"name": "stars.csv.gz", "content": STARS}, "file", "holds csv"),
    ({"name": "stars.parquet", "content": b"PAR1" + STARS}, "file", "something else"),
    ({"name": "stars.csv", "content": b"\x89PNG\r\n\x1a\n\0"}, "file", "something else"),
    ({"name": "stars.csv", "content": b"name\n\xff\xfe"}, "file", "something else"),
    ({"name": "stars.json", "content": b"{}"}, "file", "not as json"),
    ({"content": b""}, "file", "empty"),
    ({"content": b" \n"}, "file", "something else"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "field", "says"), WRONG)
def test_what_is_wrong_is_told_by_field_and_nothing_is_kept(
    client: Client, folder: Path, more: dict[str, Any], field: str, says: str
) -> None:
    answer = send(client, **more)
    assert answer.status_code == 400, answer.content
    assert any(says in reason for reason in answer.json()["errors"][field]), answer.json()
    assert kept(folder) == []
    assert not Job.objects.exists()


def test_a_form_without_a_file_or_of_another_type_is_refused(client: Client) -> None:
    answer = client.post(URL, {"kind": "catalog", "reader": "catalog-csv"})
    assert (answer.status_code, "file" in answer.json()["errors"]) == (400, True)
    assert client.post(URL, {}, content_type="application/json").status_code == 415
    assert client.post(URL, b"nonsense", content_type="multipart/form-data; boundary=x").status_code == 400
    assert client.post(URL, b"nonsense", content_type="multipart/form-data").status_code == 400


def test_a_file_larger_than_allowed_is_refused(client: Client, folder: Path, settings: Any) -> None:
    settings.LUMISIFT_MAX_UPLOAD_MB = 1
    rows = b"name,ra,dec,mag\n" + b"A,10,20,15.5\n" * 100_000
    answer = send(client, rows)
    assert (answer.status_code, answer.json()["errors"]["file"]) == (400, ["stars.csv: larger than 1 MB"])
    assert kept(folder) == []
    far_more = send(client, rows * 3)
    assert (far_more.status_code, far_more["Content-Type"]) == (413, "application/problem+json")


def test_a_bomb_is_stopped_before_a_reader_meets_it(client: Client, settings: Any) -> None:
    settings.LUMISIFT_MAX_UNPACKED_MB = 2
    rows = b"name,ra,dec,mag\n" + b"A,10,20,15.5\n" * 1_000_000
    job = worked(send(client, packed(rows), "stars.csv.gz"), "failed")
    assert job.error == "stars.csv.gz: more than 2 MB unpacked"
    assert not SourceFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"name\n" + b"x" * 20_000, "a line is longer than 16,384 bytes"),
        ("a.csv", b"name\n" + b"x\n" * 40_000 + b"\0", "holds NUL"),
        ("a.csv.gz", packed(STARS)[:-10], "damaged gzip"),
        ("a.csv.gz", packed(STARS) + b"x" * 20, "damaged gzip"),
        ("a.parquet", b"PAR1" + b"x" * 100 + b"PAR1", "no sound Parquet"),
        ("a.parquet", as_parquet(name=[["A"]]), "expected numbers or text"),
        ("a.parquet", as_parquet(name=[[1.0]]), "expected numbers or text"),
        ("a.parquet", as_parquet(name=["x" * 5_000]), "longer than 4,096 bytes"),
    ],
)
def test_what_no_reader_should_meet_is_found_first(
    client: Client, name: str, content: bytes, says: str
) -> None:
    assert says in worked(send(client, content, name), "failed").error
    assert not SourceFile.objects.exists()


def test_lists_are_of_numbers_and_bounded_as_they_are_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(as_parquet(data=[[1.0] * 200_000]))
    assert path.stat().st_size < 10_000
    inspect(path, "parquet", Limits(unpacked=2 << 20, lists=True))
    with pytest.raises(UserError, match="more than 1 MB unpacked"):
        inspect(path, "parquet", Limits(unpacked=1 << 20, lists=True))
    path.write_bytes(as_parquet(data=[["text"]]))
    with pytest.raises(UserError, match="expected numbers or text"):
        inspect(path, "parquet", Limits(unpacked=1 << 20, lists=True))


def test_a_load_that_takes_too_long_is_refused(client: Client, settings: Any, monkeypatch: Any) -> None:
    answer = send(client)
    now = iter(range(0, 10**9, 1_000))
    monkeypatch.setattr("project.uploads.work.time.monotonic", lambda: next(now))
    settings.LUMISIFT_MAX_UPLOAD_SECONDS = 2_500
    job = worked(answer, "failed")
    assert "took longer than 2500 s" in job.error
    assert not Source.objects.visible().exists()


def test_json_is_bounded_and_holds_no_nul(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": "\\u0000"}')
    with pytest.raises(UserError, match="NUL"):
        inspect(path, "json", Limits(unpacked=1 << 20))
    with pytest.raises(UserError, match="JSON of more than"):
        inspect(path, "json", Limits(unpacked=1 << 20, at_once=4))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.csv", "a.csv"), ("../../a.csv", "a.csv"), ("..\\..\\a.csv", "a.csv"), (".htaccess", "htaccess"),
        ("-rf", "rf"), ("a b;c$(d).csv", "a_b_c__d_.csv"), ("\u202egnp.csv", "_gnp.csv".lstrip("_")), ("", "upload"),
        ("...", "upload"), ("x" * 300 + ".csv.gz", "x" * 113 + ".csv.gz"), ("ä.csv", "csv"), ("a\0b.csv", "a_b.csv"),
    ],
)  # fmt: skip
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean
    assert storage.REFERENCE.fullmatch(f"{'0' * 32}/{clean}")


def test_a_reference_leads_nowhere_else(folder: Path) -> None:
    folder.mkdir()
    (folder.parent / "secret.csv").write_text("x")
    for reference in ("../secret.csv", "/etc/passwd", f"{'0' * 32}/../../secret.csv", f"{'0' * 32}/.x", ""):
        with pytest.raises(UserError, match="is no upload"):
            storage.path_of(reference)
        storage.remove(reference)
    assert (folder.parent / "secret.csv").exists()


def test_a_letter_cut_in_two_is_text_all_the_same() -> None:
    from project.uploads.names import HEAD

    text = b"x" * (HEAD - 1) + "é".encode()
    assert type_of("a.csv", text[:HEAD], b"") == "csv"
    with pytest.raises(UserError):
        type_of("a.csv", b"x\xff", b"")


def test_what_was_left_behind_is_swept_away(client: Client, folder: Path) -> None:
    waiting, forgotten, _ = (
        storage.keep([b"x"], f"{name}.csv") for name in ("waiting", "forgotten", "recent")
    )
    old = time.time() - storage.KEPT_SECONDS - 1
    for reference in (waiting, forgotten):
        os.utime(folder / reference, (old, old))
    Job.objects.create(task="x", kwargs={"upload": waiting})
    Job.objects.create(task="x", kwargs={"upload": forgotten}, state="failed")
    send(client)
    assert {path.name for path in kept(folder)} == {"waiting.csv", "recent.csv", "stars.csv"}


def test_what_comes_broken_leaves_nothing(folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise OSError("the client went away")

    with pytest.raises(OSError, match="went away"):
        storage.keep(chunks(), "a.csv")
    assert list(folder.iterdir()) == []
