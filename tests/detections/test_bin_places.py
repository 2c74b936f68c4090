"""Reasons say where they lie in the units of the axes: an interval, a place of a map, a flow bin."""

from detections.models import Detection
from detections.reasons.places import cells_of, ends_of, place_words
from detections.reasons.wording import bins_of, in_words
from histos.models import MonitoringElement


def element(*axes, name="PixelPhase1/charge_PXLayer_1", **labels):
    bins = [{"lower": low, "upper": high, "bins": bins} for low, high, bins in axes]
    return MonitoringElement(name=name, axes=bins, dimension=len(axes), **labels)


CHARGE = element((0.0, 80.0, 80), x_label="charge")
MAP = element((-30.0, 30.0, 60), (-3.2, 3.2, 40), name="zphi")


def test_a_bin_is_told_in_the_units_of_its_axis():
    assert place_words({"bin": 22}, CHARGE) == "charge 21–22"
    assert place_words({"bin": 22, "last": 24}, CHARGE) == "charge 21–24"
    assert place_words({"bin": 22}, element((0.0, 80.0, 80))) == "charge_PXLayer_1 21–22"
    assert place_words({"bin": 2}, element((-5.0, 5.0, 100), x_label="residual")) == "residual -4.9 to -4.8"


def test_irregular_edges_are_told_as_they_are():
    uneven = MonitoringElement(
        name="pt", axes=[{"edges": [0, 0.5, 2, 10], "bins": 3}], dimension=1, x_label="pt (GeV)"
    )
    assert place_words({"bin": 3}, uneven) == "pt (GeV) 2–10"


def test_flow_bins_have_their_names():
    assert place_words({"bin": 0}, CHARGE) == "underflow"
    assert place_words({"bin": 81}, CHARGE) == "overflow"
    assert place_words({"bin": 0, "last": 3}, CHARGE) == "charge below 3"


def test_a_place_of_a_map_is_told_along_both_axes():
    cell = 20 * 62 + 31
    assert place_words({"bin": cell}, MAP) == "x 0–1, y -0.16 to 0"
    assert place_words({"bin": cell, "last": cell + 62 + 1}, MAP) == "x 0–2, y -0.16 to 0.16"
    assert place_words({"bin": 20, "axis": "y"}, MAP) == "y -0.16 to 0"


def test_a_region_has_all_its_cells():
    assert cells_of({"bin": 5, "last": 8}, CHARGE) == [5, 6, 7, 8]
    cell = 20 * 62 + 31
    assert cells_of({"bin": cell, "last": cell + 63}, MAP) == [cell, cell + 1, cell + 62, cell + 63]
    assert cells_of({"bin": 63, "last": 62 * 41 - 2}, MAP)[0] == 63


def test_what_does_not_fit_the_binning_has_no_place():
    assert ends_of({"bin": 500}, CHARGE) == []
    assert ends_of({"bin": 9, "last": 3}, CHARGE) == []
    assert ends_of({"bin": 9, "axis": "z"}, CHARGE) == []
    assert in_words([{"bin": 500, "pull": 4.0}], {CHARGE.name: CHARGE}) == ["bin 500: 4 σ too many"]


def test_neighbouring_bins_are_one_interval_and_what_lies_in_a_region_is_not_repeated():
    three = [{"bin": bin_, "pull": pull} for bin_, pull in ((22, -7.3), (23, -6.0), (24, -5.0), (40, 4.0))]
    assert in_words(three, {CHARGE.name: CHARGE}) == [
        "charge 21–24: 7.3 σ too few",
        "charge 39–40: 4 σ too many",
    ]
    box = [{"bin": 20, "last": 30, "pull": -9.0}, {"bin": 25, "pull": -5.0}, {"bin": 26, "pull": 3.0}]
    assert in_words(box, {CHARGE.name: CHARGE}) == ["charge 19–30: 9 σ too few", "charge 25–26: 3 σ too many"]


def test_reasons_of_a_lumisection_name_their_elements():
    reasons = [
        {"element": CHARGE.name, "bin": 22, "pull": -7.3},
        {"element": "zphi", "bin": 20 * 62 + 31, "pull": 5.0},
        {"contributed": "21 of 22 elements"},
    ]
    known = {CHARGE.name: CHARGE, "zphi": MAP}
    assert in_words(reasons, known) == [
        "charge_PXLayer_1, charge 21–22: 7.3 σ too few", "zphi, x 0–1, y -0.16 to 0: 5 σ too many",
        "contributed 21 of 22 elements",
    ]  # fmt: skip
    found = Detection(reasons=reasons)
    assert bins_of(found, CHARGE) == [22]
    assert bins_of(found, MAP) == [20 * 62 + 31]
