"""Scores computed elsewhere: aligned by key whatever their order, kept once, judged beside the others."""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from detections.models import Detection, SampleSet, Trial
from detections.querysets import scores_of
from detections.services import compare_trials, open_set, run_trial
from detections.services.freezing import unpacked
from lightcurves.models import Source
from project.samples import Series

pytestmark = pytest.mark.django_db
URL = "/api/v1/trials/"
WHO = {"model": "autoencoder", "revision": "v1.2"}


@pytest.fixture(autouse=True)
def _signed_in(client: Client, expert: Any) -> None:
    client.force_login(expert)


@pytest.fixture
def scored(catalog_set: SampleSet) -> dict[str, list[Any]]:
    """A score for every sample, in an order that is not that of the set."""
    keys = unpacked(catalog_set.keys)
    scores = np.random.default_rng(1).normal(size=len(keys)).tolist()
    order = np.random.default_rng(2).permutation(len(keys))
    return {"key": [keys[i] for i in order], "score": [scores[i] for i in order]}


def as_json(columns: dict[str, list[Any]]) -> bytes:
    return json.dumps(columns).encode()


def as_csv(columns: dict[str, list[Any]]) -> bytes:
    rows = zip(*columns.values(), strict=True)
    lines = [
        ",".join(columns),
        *(",".join("" if cell is None else str(cell) for cell in row) for row in rows),
    ]
    return "\n".join(lines).encode()


def as_parquet(columns: dict[str, list[Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def as_arrow(columns: dict[str, list[Any]], make: Any = pa.ipc.new_stream, **options: Any) -> bytes:
    file, table = io.BytesIO(), pa.table(columns)
    with make(file, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return file.getvalue()


def as_arrow_file(columns: dict[str, list[Any]]) -> bytes:
    return as_arrow(columns, pa.ipc.new_file)


def send(client: Client, content: bytes, **more: Any) -> Any:
    body = {"sample_set": "toy", **WHO, "scores": SimpleUploadedFile("scores", content), **more}
    return client.post(URL, {name: value for name, value in body.items() if value is not None})


def send_json(client: Client, scores: Any, **more: Any) -> Any:
    return client.post(
        URL, {"sample_set": "toy", **WHO, "scores": scores, **more}, content_type="application/json"
    )


def expected(sample_set: SampleSet, columns: dict[str, list[Any]]) -> np.ndarray:
    by_key = dict(zip(columns["key"], columns["score"], strict=True))
    return np.array([by_key[key] for key in unpacked(sample_set.keys)], float)


@pytest.mark.parametrize("form", [as_json, as_csv, as_parquet, as_arrow, as_arrow_file])
def test_a_file_in_any_order_and_form_becomes_a_trial(
    client: Client, catalog_set: SampleSet, scored: dict[str, Any], form: Callable[..., bytes]
) -> None:
    scored["score"][5] = None
    answer = send(client, form(scored), transductive="true")
    assert answer.status_code == 201, answer.content
    trial = Trial.objects.get()
    assert answer["Location"] == f"{URL}{trial.pk}/"
    np.testing.assert_array_equal(scores_of(trial), expected(catalog_set, scored))
    shown = answer.json()
    assert (shown["detector"], shown["code_version"], shown["outside"]) == (
        "outside.autoencoder",
        "v1.2",
        True,
    )
    assert (shown["transductive"], shown["offline"]) == (True, False)
    assert (shown["n_scored"], shown["not_scored"]) == (299, {"not scored by the model": 1})
    assert trial.owner.username == "expert"
    assert shown["top"][0][1] == np.nanmax(scores_of(trial))


def test_what_it_flags_points_to_the_things(
    client: Client, catalog_set: SampleSet, scored: dict[str, Any]
) -> None:
    send_json(client, scored, alarm_fraction=0.1)
    scores = expected(catalog_set, scored)
    flagged = list(Detection.objects.order_by("rank").select_related("source"))
    assert len(flagged) == 30
    assert [one.score for one in flagged] == sorted(scores, reverse=True)[:30]
    assert all(one.key == f"toy:{one.source.name}" for one in flagged)


def test_the_same_scores_are_found_and_others_are_a_conflict(
    client: Client, catalog_set: SampleSet, scored: dict[str, Any]
) -> None:
    first = send_json(client, scored)
    again = send(client, as_csv(scored))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    other = {**scored, "score": [1.0, *scored["score"][1:]]}
    answer = send_json(client, other)
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "another revision" in answer.json()["detail"]
    assert send_json(client, scored, offline=True).status_code == 409
    assert send_json(client, other, revision="v1.3").status_code == 201
    assert Trial.objects.count() == 2


def change(columns: dict[str, Any], *, key: str = "", score: Any = 0.0, at: int = 7) -> dict[str, Any]:
    keys, scores = list(columns["key"]), list(columns["score"])
    keys[at], scores[at] = key or keys[at], score
    return {"key": keys, "score": scores}


WRONG: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda c: change(c, key="toy:nobody"), "1 not of the set: row 8: 'toy:nobody'"),
    (lambda c: change(c, key=c["key"][0]), "1 there twice: row 8"),
    (
        lambda c: {name: values[1:] for name, values in c.items()},
        "1 missing, say null where nothing was scored",
    ),
    (lambda c: {name: values * 2 for name, values in c.items()}, "300 there twice: row 301"),
    (lambda c: {name: values * 3 for name, values in c.items()}, "more rows than the 300 scores"),
    (lambda c: change(c, score="high"), "row 8: score 'high' is not a number"),
    (lambda c: change(c, score=True), "row 8: score True is not a number"),
    (lambda c: {**c, "key": [1, *c["key"][1:]]}, "row 1: key 1 is not a text"),
    (lambda c: {**c, "step": [0] * 300}, "300 not of the set"),
    (lambda c: {**c, "extra": c["key"]}, "an object of the lists"),
    (lambda c: {**c, "score": c["score"][1:]}, "lists of one length"),
    (lambda c: change(c, key="a\0b"), "'a\\x00b'"),
    (lambda c: change(c, key="x" * 10_000), "not a text of 1 to 400"),
    (lambda c: c["score"], "an object of the lists"),
    (lambda c: {}, "an object of the lists"),
]


@pytest.mark.parametrize(("spoil", "says"), WRONG)
def test_scores_that_do_not_fit_are_refused_with_the_first_rows(
    client: Client, scored: dict[str, Any], spoil: Callable[..., Any], says: str
) -> None:
    answer = send_json(client, spoil(scored))
    assert answer.status_code == 400, answer.content
    assert any(says in reason for reason in answer.json()["errors"]["scores"]), answer.json()
    assert not Trial.objects.exists()


@pytest.mark.parametrize("text", ["inf", "-inf", "1e999", "Infinity"])
def test_infinite_scores_are_refused(client: Client, scored: dict[str, Any], text: str) -> None:
    answer = send(client, as_csv(change(scored, score=text)))
    assert answer.status_code == 400
    assert "1 infinite: row 8" in answer.json()["errors"]["scores"][0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"), (b"PK\x03\x04zip", "not one of csv"), (b"\x1f\x8bgzip", "not one of csv"),
        (b"name,score\na,1\n", "one column 'key'"), (b"key,key,score\na,a,1\n", "one column 'key'"),
        (b'key,score\n"a,1\n', "not CSV"), (b"key,score\n\xff,1\n", "not UTF-8"), (b"key,score\na,1,2\n", "3 columns"),
        (b"key,score\n" + b"x" * 5_000, "longer than"), (b"{", "not JSON"), (b"PAR1", "no sound Parquet"),
        (b"ARROW1\0\0", "no sound Arrow"), (b"\xff\xff\xff\xff\x10\0\0\0", "no sound Arrow"),
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_refused(
    client: Client, catalog_set: SampleSet, content: bytes, says: str
) -> None:
    answer = send(client, content)
    assert answer.status_code == 400
    assert says in str(answer.json()["errors"])


def test_what_could_unpack_to_more_than_it_is_is_refused(client: Client, scored: dict[str, Any]) -> None:
    for compression in ("zstd", "lz4"):
        answer = send(client, as_arrow(scored, compression=compression))
        assert "compressed Arrow is not taken" in str(answer.json()["errors"]["scores"])
    repeated = pa.table({"key": pa.array(["x" * 100_000] * 300).dictionary_encode(), "score": [0.0] * 300})
    file = io.BytesIO()
    pq.write_table(repeated, file)
    assert "longer than 400" in str(send(client, file.getvalue()).json()["errors"]["scores"])


@pytest.mark.parametrize("kind", ["parquet", "arrow", "file"])
def test_damaged_bytes_are_told_and_never_more(
    catalog_set: SampleSet, scored: dict[str, Any], kind: str
) -> None:
    from detections.score_files import ScoreFileError, read_scores

    good = {"parquet": as_parquet, "arrow": as_arrow, "file": as_arrow_file}[kind](scored)
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(good)
        for place in rng.integers(0, len(good), 3):
            damaged[place] = rng.integers(0, 256)
        with suppress(ScoreFileError):
            for rows in read_scores(io.BytesIO(bytes(damaged))):
                assert len(rows.keys) == len(rows.scores) == len(rows.steps)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"model": "a b"}, "model"), ({"model": "x" * 101}, "model"), ({"model": "a\u202eb"}, "model"),
        ({"revision": ""}, "revision"), ({"revision": None}, "revision"), ({"revision": "<script>"}, "revision"),
        ({"sample_set": "nowhere"}, "sample_set"), ({"alarm_fraction": -1}, "alarm_fraction"),
        ({"detector": "knn"}, "detector"), ({"model": "v1\n"}, None),
    ],
)  # fmt: skip
def test_who_computed_them_is_checked(
    client: Client, scored: dict[str, Any], more: dict[str, Any], field: str | None
) -> None:
    answer = send(client, as_csv(scored), **more)
    if field is None:  # a text is trimmed, as in every form
        assert answer.json()["detector"] == "outside.v1"
    else:
        assert answer.status_code == 400
        assert field in answer.json()["errors"]


def test_the_steps_of_series_are_named_by_number(client: Client, series_set: SampleSet) -> None:
    (part,) = open_set(series_set).parts
    assert isinstance(part, Series)
    rng = np.random.default_rng(3)
    steps = np.concatenate([np.arange(length) for length in part.lengths])
    keys, scores = np.repeat(part.ids, part.lengths), rng.normal(size=part.n_scores)
    scores[200:204] = 50, 60, 55, 52
    order = rng.permutation(part.n_scores)
    columns = {"key": keys[order].tolist(), "step": steps[order].tolist(), "score": scores[order].tolist()}
    answer = send(client, as_parquet(columns), sample_set="curves", alarm_fraction=0.0)
    assert answer.status_code == 201, answer.content
    np.testing.assert_array_equal(scores_of(Trial.objects.get()), scores)
    first = Detection.objects.get(rank=1)
    assert (first.position, first.extent) == (201, "time")
    assert (first.time_start, first.time_end) == (part.times[200:204].min(), part.times[200:204].max())
    columns["step"][0] = 1_000
    wrong = send(client, as_parquet(columns), sample_set="curves", revision="2").json()["errors"]["scores"]
    assert "1 not of the set: row 1" in wrong[0]
    assert "step" in wrong[1]
    assert (
        send(client, as_csv({n: columns[n] for n in ("key", "score")}), sample_set="curves").status_code
        == 400
    )


def test_they_are_judged_beside_the_built_in_ones(client: Client, catalog_set: SampleSet) -> None:
    keys = unpacked(catalog_set.keys)
    truth = (np.asarray(catalog_set.truth) > 0).astype(float)
    send_json(client, {"key": keys, "score": truth.tolist()})
    run_trial(catalog_set, "random")
    results = compare_trials(catalog_set, n_boot=20)[0].results
    best = results["classes"]["rare"]["rows"][0]
    assert best["detector"] == "outside.autoencoder@v1.2"
    assert best["metrics"]["average_precision"]["value"] == 1.0
    assert results["marks"]["outside.autoencoder@v1.2"] == ["outside"]
    assert "outside.autoencoder@v1.2" not in results["costs"]


def test_constant_scores_flag_nothing(client: Client, catalog_set: SampleSet) -> None:
    keys = unpacked(catalog_set.keys)
    assert send_json(client, {"key": keys, "score": [0.5] * len(keys)}).status_code == 201
    assert not Detection.objects.exists()
    nothing = send_json(client, {"key": keys, "score": [None] * len(keys)}, revision="2")
    assert nothing.json()["n_scored"] == 0


def test_a_set_of_histograms_is_scored_by_element(client: Client, histogram_set: SampleSet) -> None:
    keys = unpacked(histogram_set.keys)
    scores = np.arange(len(keys), dtype=float)
    assert (
        send_json(client, {"key": keys[::-1], "score": scores[::-1].tolist()}, sample_set="sim").status_code
        == 201
    )
    first = Detection.objects.select_related("lumisection__run").get(rank=1)
    run, number = first.lumisection.run, first.lumisection.number
    assert first.key == keys[-1]
    assert keys[-1].startswith(f"{run.experiment}:{run.number}:{number} ")


def test_what_was_loaded_away_is_left_out_of_the_flags(client: Client, scored: dict[str, Any]) -> None:
    Source.objects.all().delete()
    assert send_json(client, scored).status_code == 201
    assert not Detection.objects.exists()
