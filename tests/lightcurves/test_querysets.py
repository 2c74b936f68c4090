"""What reading sources and light curves promises."""

import numpy as np
import pytest

from lightcurves.columns import parse_column
from lightcurves.keys import light_curve_key, possible_sources, split_source_key
from lightcurves.models import LightCurve, Source
from project.errors import UserError
from project.models import SourceFile

HEADER = "name,ra,dec,mag,P,V,V-I,kind"
ROWS = (
    "b,11.0,-6.0,16.5,100,17.5,1.25,LPV",
    "a,10.0,-5.0,15.5,10,16.5,0.75,RRLyr",
    "c,12.0,-7.0,17.5,0,,,LPV",
    "ä:1,,,,1,18,0.5,",
)  # fmt: skip
CURVES = (
    "a,58001.5,12,1,g,0",
    "a,58000.5,10,1,g,0",
    "a,58002.5,99,1,g,4",
    "b,58000.5,20,,g,0",
    "b,58000.5,7,1,r,1",
)


@pytest.fixture
def sources(load_catalog):
    load_catalog(*ROWS, header=HEADER)
    return Source.objects.of_catalog("SKY")


@pytest.fixture
def curves(load_curves):
    load_curves(*CURVES)
    return LightCurve.objects.of_catalog("SKY")


def test_complete_rows_in_order_of_names(sources):
    table, left_out = sources.as_table(["mag", "V-I", "log10(P)"])
    assert table.ids.tolist() == table.groups.tolist() == ["SKY:a", "SKY:b"]
    np.testing.assert_allclose(table.X, [[15.5, 0.75, 1.0], [16.5, 1.25, 2.0]])
    assert table.columns == ("mag", "V-I", "log10(P)")
    assert left_out == {"mag": 1, "V-I": 1}


def test_incomplete_rows_stay_when_asked_for(sources):
    table, left_out = sources.as_table(["mag", "log10(P)"], complete=False)
    assert table.ids.tolist() == ["SKY:a", "SKY:b", "SKY:c", "SKY:ä:1"]
    np.testing.assert_allclose(table.X, [[15.5, 1], [16.5, 2], [17.5, np.nan], [np.nan, 0]])
    assert left_out == {}


def test_the_numbers_of_a_few_are_those_of_the_table(sources):
    columns = ["mag", "V-I", "log10(P)", "V - mag", "ra"]
    table, _ = sources.as_table(columns, complete=False)
    few = sources.numbers_of(columns)
    rows = [few[sources.ids_of([key])[key]] for key in table.ids.tolist()]
    np.testing.assert_array_equal(rows, table.X)
    assert all(np.isnan(one[0]) for one in sources.numbers_of(["kind"]).values()), "text is no number"


def test_the_numbers_of_what_is_being_loaded_are_hidden(sources):
    file = sources.first().file
    SourceFile.objects.filter(pk=file.pk).update(state=SourceFile.State.LOADING)
    assert sources.numbers_of(["mag"]) == {}


def test_a_difference_has_blanks_and_a_name_may_hold_a_hyphen(sources):
    table, _ = sources.as_table(["V - mag", "V-I", "log10(V) - log10(mag)"])
    np.testing.assert_allclose(table.X[0], [1.0, 0.75, np.log10(16.5 / 15.5)])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([], "at least one column"),
        (["nothing"], "no source here has a number for nothing"),
        (["kind"], "'kind' holds text, such as 'RRLyr', not numbers"),
        (["a - b - c"], "no name, no log10"),
        (["  "], "no name, no log10"),
    ],
)
def test_wrong_columns_are_named(sources, columns, reason):
    with pytest.raises(UserError, match=reason):
        sources.as_table(columns)


def test_one_term_or_two():
    assert parse_column("log10( P_1 ) - V").terms == (("P_1", True), ("V", False))
    assert parse_column("RA (J2000)").terms == (("RA (J2000)", False),)


def test_labels_are_aligned_with_the_ids(sources):
    table, _ = sources.as_table(["P"])
    assert sources.attribute_of("kind", table.ids[::-1]).tolist() == ["", "LPV", "LPV", "RRLyr"]
    assert sources.attribute_of("kind").tolist() == ["RRLyr", "LPV", "LPV", ""]
    assert sources.attribute_of("P", ["SKY:b"]).tolist() == ["100"]
    with pytest.raises(UserError, match="no source 'SKY:z'"):
        sources.attribute_of("kind", ["SKY:z"])


def test_chunks_change_nothing(sources, load_catalog, monkeypatch):
    load_catalog("z,1,1,1,1,1,1,x", catalog="ALPHA", header=HEADER)
    whole, _ = Source.objects.as_table(["P", "ra"], complete=False)
    monkeypatch.setattr("lightcurves.attributes.CHUNK_ROWS", 2)
    parts, _ = Source.objects.as_table(["P", "ra"], complete=False)
    assert parts.ids.tolist() == whole.ids.tolist() == ["ALPHA:z", "SKY:a", "SKY:b", "SKY:c", "SKY:ä:1"]
    np.testing.assert_array_equal(parts.X, whole.X)


def test_nothing_to_read_is_an_empty_table(db):
    table, left_out = Source.objects.of_catalog("NONE").as_table(["mag", "P"])
    assert (table.X.shape, left_out) == ((0, 2), {})
    assert Source.objects.attribute_of("kind").tolist() == []
    assert len(LightCurve.objects.as_series()) == 0


def test_what_is_being_loaded_is_not_read(sources, curves):
    SourceFile.objects.update(state=SourceFile.State.LOADING)
    assert len(sources.as_table(["mag"])[0]) == 0
    assert len(curves.as_series()) == 0
    assert Source.objects.ids_of(["SKY:a"]) == {}


def test_series_hold_the_good_points_in_order_of_time(curves):
    series = curves.as_series()
    assert series.ids.tolist() == ["SKY:a:EYE:g", "SKY:b:EYE:g", "SKY:b:EYE:r"]
    assert series.groups.tolist() == ["SKY:a", "SKY:b", "SKY:b"]
    assert series.lengths.tolist() == [2, 1, 0]
    assert series.times.tolist() == [58000.5, 58001.5, 58000.5]
    assert series.values.tolist() == [10, 12, 20]
    np.testing.assert_array_equal(series.errors, [1, 1, np.nan])
    assert curves.as_series(good_only=False).lengths.tolist() == [3, 1, 1]


def test_features_are_one_row_per_light_curve(curves):
    table = curves.in_band("g").as_table(["n", "mean"])
    assert table.ids.tolist() == ["SKY:a:EYE:g", "SKY:b:EYE:g"]
    np.testing.assert_array_equal(table.X, [[2, 11], [1, 20]])
    assert np.isnan(curves.as_table(["mean"]).X[2]).all()
    with pytest.raises(UserError, match="no feature shine"):
        curves.as_table(["shine"])


def test_features_of_several_units_are_not_mixed(curves):
    curves.filter(band="r").update(unit="mag")
    with pytest.raises(UserError, match="in mag and uJy cannot be compared"):
        curves.as_table(["mean"])
    assert curves.as_table(["skew"]).X.shape == (3, 1)


def test_ids_lead_back_to_the_rows(sources, curves):
    table, _ = sources.as_table(["P"], complete=False)
    found = Source.objects.ids_of([*table.ids, "SKY:z", "NONE:a"])
    assert found == {f"{s.catalog.name}:{s.name}": s.pk for s in Source.objects.select_related("catalog")}
    series = curves.as_series()
    found = LightCurve.objects.ids_of([*series.ids, "SKY:z:EYE:g"])
    assert set(found) == set(series.ids)
    for key, (pk, source) in found.items():
        curve = LightCurve.objects.get(pk=pk)
        assert (curve.source_id, key.endswith(curve.band)) == (source, True)


def test_a_season_a_reduction_and_a_colon_in_the_name_lead_back_too(curves):
    curve = curves.get(band="r")
    Source.objects.filter(pk=curve.source_id).update(name="J12:30")
    for season, reduction in (("", ""), ("2018", ""), ("2018", "raw"), ("", "raw")):
        LightCurve.objects.filter(pk=curve.pk).update(season=season, reduction=reduction)
        key = light_curve_key("SKY", "J12:30", "EYE", "r", season, reduction)
        assert key in LightCurve.objects.as_series().ids
        assert LightCurve.objects.ids_of([key]) == {key: (curve.pk, curve.source_id)}


def test_keys_are_taken_apart_at_the_right_colon():
    assert split_source_key("SKY:J12:30") == ("SKY", "J12:30")
    assert possible_sources("SKY:a:EYE:g") == [("SKY", "a")]
    for wrong in ("SKY", "SKY:", ":a"):
        with pytest.raises(ValueError, match="is not <catalog>"):
            split_source_key(wrong)
    with pytest.raises(ValueError, match="is not <catalog>"):
        possible_sources("SKY:a:EYE")


def test_reading_takes_a_constant_number_of_queries(sources, curves, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        sources.as_table(["mag", "P"])
    with django_assert_max_num_queries(2):
        sources.attribute_of("kind")
    with django_assert_max_num_queries(1):
        curves.as_series()
    with django_assert_max_num_queries(2):
        curves.as_table(["mean"])
    with django_assert_max_num_queries(1):
        Source.objects.ids_of(["SKY:a", "SKY:b"])
    with django_assert_max_num_queries(1):
        LightCurve.objects.ids_of(["SKY:a:EYE:g", "SKY:b:EYE:g"])


def test_a_table_comes_with_a_label_for_every_row_that_stayed(sources, load_catalog, monkeypatch):
    load_catalog("z,1,1,1,1,1,1,x", "y,1,1,1,1,1,1,7", catalog="ALPHA", header=HEADER)
    monkeypatch.setattr("lightcurves.attributes.CHUNK_ROWS", 2)
    for columns in (["mag", "V-I"], ["P"], ["ra", "mag"]):
        table, left_out, labels = Source.objects.all().as_labelled_table(columns, "kind")
        expected, lacking = Source.objects.as_table(columns)
        assert (table.ids.tolist(), left_out) == (expected.ids.tolist(), lacking)
        np.testing.assert_array_equal(table.X, expected.X)
        assert labels.tolist() == Source.objects.attribute_of("kind", table.ids).tolist()
    assert labels.tolist() == ["7", "x", "RRLyr", "LPV", "LPV"]
    assert sources.as_labelled_table(["mag"], None).labels.tolist() == ["", "", ""]
    assert sources.as_labelled_table(["P"], "P").labels.tolist() == ["10", "100", "0", "1"]


def test_text_among_the_numbers_is_found_beside_a_label(sources):
    with pytest.raises(UserError, match="'kind' holds text, such as 'RRLyr', not numbers"):
        sources.as_labelled_table(["V", "kind"], "kind")
