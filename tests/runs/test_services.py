"""Runs, lumisections and certifications in the database, in whatever order files bring them."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from project.loading import Load, LoadError
from project.models import SourceFile
from runs.models import Certification, Lumisection, Run
from runs.records import CertificationRecord, LumisectionRecord, RunRecord
from runs.services import CertificationStore, RunStore, ensure_lumisections, load_runs
from runs.values import merged, replaced

pytestmark = pytest.mark.django_db
START = datetime(2024, 3, 1, 12, 30, 1, 250000, tzinfo=UTC)
RECORDS = (
    RunRecord(1, 386000, START, fill_number=9877, era="2024B", recorded_luminosity=1.5),
    LumisectionRecord(1, 386000, 1, START, 0.51, 0.5, 61.2, {"cms_active": True, "prescale": 2}),
    LumisectionRecord(2, 386000, 2, START, 0.51, None, None, {}),
)

Loader = Callable[..., SourceFile]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    made = []

    def load(records: Iterable[Any] = RECORDS, store: Any = None, **fields: Any) -> SourceFile:
        path = tmp_path / f"{len(made)}.json"
        made.append(path)
        path.write_text(str(len(made)))
        fields.setdefault("read", lambda: iter(records))
        return Load(path, "test", store=store or RunStore(), **fields).run()

    return load


def counts(file: SourceFile) -> tuple[int, int, int, int]:
    return file.stored, file.known, file.conflicts, file.rejected


def refuse(file: SourceFile) -> None:
    raise LoadError(f"{file.name}: refused")


def test_what_was_loaded_comes_back(load: Loader) -> None:
    assert counts(load()) == (3, 0, 0, 0)
    run = Run.objects.get()
    assert (run.experiment, run.number, run.start_time, run.fill_number) == ("CMS", 386000, START, 9877)
    assert (run.era, run.recorded_luminosity, run.energy) == ("2024B", 1.5, None)
    first, second = Lumisection.objects.all()
    assert (first.start_time, first.pileup, first.flags) == (START, 61.2, {"cms_active": True, "prescale": 2})
    assert (second.recorded_luminosity, second.flags) == (None, {})


def test_loaded_again_all_is_known(load: Loader) -> None:
    load()
    assert counts(load()) == (0, 3, 0, 0)


def test_bare_runs_and_lumisections_are_filled(load: Loader) -> None:
    ids = ensure_lumisections([(386000, 1), (386000, 2), (386000, 3)], "CMS", None)
    assert counts(load()) == (3, 0, 0, 0)
    assert Run.objects.get().fill_number == 9877
    assert Lumisection.objects.get(pk=ids[386000, 1]).flags == {"cms_active": True, "prescale": 2}
    assert Lumisection.objects.count() == 3
    assert counts(load()) == (0, 3, 0, 0)


def test_filling_shows_only_when_the_file_is_complete(load: Loader) -> None:
    ensure_lumisections([(386000, 1)], "CMS", None)
    bare = []
    load(progress=lambda _: bare.append((Run.objects.get().fill_number, Lumisection.objects.first().pileup)))
    assert set(bare) == {(None, None)}


def test_a_refused_file_fills_nothing_and_removes_nothing_others_need(load: Loader) -> None:
    ensure_lumisections([(386000, 1)], "CMS", None)
    with pytest.raises(LoadError, match="refused"):
        load(progress=refuse)
    assert Run.objects.get().fill_number is None
    lumisection = Lumisection.objects.get()
    assert (lumisection.number, lumisection.pileup, lumisection.flags) == (1, None, {})


def test_rows_that_another_load_needs_meanwhile_stay_but_say_nothing(load: Loader) -> None:
    def meanwhile(file: SourceFile) -> None:
        ensure_lumisections([(386000, 1)], "CMS", None)
        refuse(file)

    with pytest.raises(LoadError, match="refused"):
        load(progress=meanwhile)
    assert [(run.number, run.fill_number, run.era) for run in Run.objects.all()] == [(386000, None, "")]
    assert [(row.number, row.pileup, row.flags) for row in Lumisection.objects.all()] == [(1, None, {})]


def test_rows_that_another_load_took_over_are_filled_at_the_end(load: Loader) -> None:
    load(progress=lambda _: ensure_lumisections([(386000, 1)], "CMS", None))
    assert Run.objects.visible().get().fill_number == 9877
    assert Lumisection.objects.visible().first().pileup == 61.2


def test_another_value_is_a_conflict_which_replace_settles(load: Loader) -> None:
    load()
    other = (
        RECORDS[0]._replace(fill_number=1, end_time=START),
        RECORDS[1]._replace(flags={"prescale": 3}),
        RECORDS[2],
    )
    file = load(other)
    assert counts(file) == (0, 1, 2, 0)
    assert [problem.reason for problem in file.problems.order_by("reason")] == [
        "run 386000 LS 1 is stored already with other values",
        "run 386000 is stored already with other values",
    ]
    assert (Run.objects.get().fill_number, Run.objects.get().end_time) == (9877, None)
    assert counts(load(other, policy="replace")) == (2, 1, 0, 0)
    run = Run.objects.get()
    assert (run.fill_number, run.end_time, run.era) == (1, START, "2024B")
    assert Lumisection.objects.first().flags == {"cms_active": True, "prescale": 3}


def test_what_a_file_does_not_know_contradicts_nothing(load: Loader) -> None:
    load()
    assert counts(load([RunRecord(1, 386000), LumisectionRecord(2, 386000, 1)])) == (0, 2, 0, 0)
    assert Run.objects.get().fill_number == 9877


def test_a_value_that_came_meanwhile_refuses_the_load(load: Loader) -> None:
    ensure_lumisections([(386000, 1)], "CMS", None)

    def meanwhile(_: SourceFile) -> None:
        Run.objects.update(fill_number=1)

    with pytest.raises(LoadError, match="run 386000 was given other values while this file was read"):
        load(progress=meanwhile)
    assert Run.objects.get().fill_number == 1
    assert Lumisection.objects.get().pileup is None


def test_a_lumisection_may_come_without_its_run(load: Loader) -> None:
    assert counts(load(RECORDS[1:])) == (2, 0, 0, 0)
    assert counts(load()) == (1, 2, 0, 0)
    assert Run.objects.get().fill_number == 9877


def test_luminosities_are_not_summed(load: Loader) -> None:
    with pytest.raises(LoadError, match="cannot be settled by sum"):
        load(policy="sum")


def test_records_of_another_kind_are_refused(load: Loader) -> None:
    with pytest.raises(LoadError, match="CertificationRecord is neither a run nor a lumisection"):
        load([CertificationRecord(1, 1, 1, None, "golden", "GOOD")])
    with pytest.raises(LoadError, match="RunRecord is no certification"):
        load(RECORDS[:1], CertificationStore("a"))


def test_queries_do_not_grow_with_the_batch(load: Loader) -> None:
    queries = []
    for first, last in ((1, 20), (20, 900)):
        records = [LumisectionRecord(number, 1, number, pileup=2.0) for number in range(first, last)]
        for _ in ("new", "known"):
            with CaptureQueriesContext(connection) as captured:
                load([RunRecord(0, first), *records])
            queries.append(len(captured))
    assert max(queries[2:]) <= max(queries[:2])
    assert max(queries) <= 50


def test_values_are_put_together() -> None:
    assert merged((None, "", {"a": 1}), (2, "x", {"b": 2})) == (2, "x", {"a": 1, "b": 2})
    assert merged((1, "x", {"a": 1}), (None, "", {})) == (1, "x", {"a": 1})
    assert merged((1,), (2,)) is None
    assert merged(({"a": 1},), ({"a": 2},)) is None
    assert merged((0.0, False), (0.0, None)) == (0.0, False)
    assert replaced((1, "x", {"a": 1, "b": 1}), (2, "", {"a": 2})) == (2, "x", {"a": 2, "b": 1})


GOLDEN = (
    CertificationRecord(2, 315257, 1, 88, "golden", "GOOD"),
    CertificationRecord(2, 315257, 91, 92, "golden", "GOOD"),
    CertificationRecord(3, 315258, 1, None, "golden", "GOOD"),
)


def test_certifications_come_back_once_per_source_and_version(load: Loader) -> None:
    store = CertificationStore("golden.json", version="v1")
    assert counts(load(GOLDEN, store)) == (3, 0, 0, 0)
    assert counts(load(GOLDEN, store)) == (0, 3, 0, 0)
    assert counts(load(GOLDEN, CertificationStore("golden.json", version="v2"))) == (3, 0, 0, 0)
    row = Certification.objects.filter(version="v1").first()
    assert (row.run.number, row.first, row.last, row.flag, row.status) == (315257, 1, 88, "golden", "GOOD")
    assert (row.source, row.created.date()) == ("golden.json", datetime.now(UTC).date())
    assert Certification.objects.covering(91).filter(version="v1", run__number=315257).count() == 1
    assert Run.objects.count() == 2


def test_a_certification_with_another_end_is_a_conflict(load: Loader) -> None:
    store = CertificationStore("golden.json", flag="mine")
    load(GOLDEN, store)
    other = [GOLDEN[0]._replace(last=80), *GOLDEN[1:]]
    file = load(other, store)
    assert counts(file) == (0, 2, 1, 0)
    assert file.problems.get().reason == "mine of run 315257 from LS 1 is stored already with other values"
    assert counts(load(other, store, policy="replace")) == (1, 2, 0, 0)
    assert Certification.objects.first().last == 80


def test_a_refused_certification_leaves_no_run(load: Loader) -> None:
    with pytest.raises(LoadError):
        load(GOLDEN, CertificationStore("golden.json"), progress=refuse)
    assert not Run.objects.exists()
    assert not Certification.objects.exists()


@pytest.mark.parametrize(
    "change", [{"first": 0}, {"last": 0}, {"status": "PERHAPS"}, {"flag": "x" * 65}, {"cause": "x" * 256}]
)
def test_a_certification_that_cannot_be_is_a_bad_row(load: Loader, change: dict[str, Any]) -> None:
    file = load([GOLDEN[0], GOLDEN[2]._replace(**change)], CertificationStore("golden.json"))
    assert counts(file) == (1, 0, 0, 1)


def test_several_files_one_refused_does_not_stop_the_others(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({"run_number": [1, 1], "lumisection_number": [1, 2]}))
    bad.write_text("{}")
    result = load_runs([bad, good, tmp_path / "none.json"], "oms-columnar")
    assert (result["stored"], result["files"], result["refused"]) == (3, 1, 2)
    assert result["refusals"] == [
        "bad.json: missing column run_number, lumisection_number",
        "none.json: No such file or directory",
    ]


def test_lumisections_without_their_run_survive_one_that_is_there(load: Loader) -> None:
    """The run that the first attempt made is gone with it, when one of its lumisections turns out to be stored."""
    load((LumisectionRecord(1, 7, 1, pileup=50.0),))
    records = (LumisectionRecord(1, 6, 1, pileup=40.0), LumisectionRecord(2, 7, 1, pileup=50.0))
    assert counts(load(records)) == (1, 1, 0, 0)
    assert Lumisection.objects.get(run__number=6).pileup == 40.0
