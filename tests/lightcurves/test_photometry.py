"""Units: what becomes microjansky, and what keeps its own."""

import numpy as np
import pytest

from lightcurves.surveys.photometry import Photometry


@pytest.mark.parametrize(
    ("unit", "zero_point", "value", "expected", "kept"),
    [
        ("abmag", None, 23.9, 1.0, "uJy"),
        ("mag", 0.0, 18.9, 100.0, "uJy"),
        ("mag", None, 18.9, 18.9, "mag"),
        ("mJy", None, 2.0, 2000.0, "uJy"),
        ("Jy", None, 2.0, 2e6, "uJy"),
        ("adu", 26.4, 10.0, 1.0, "uJy"),
        ("adu", None, 10.0, 10.0, "adu"),
    ],
)
def test_units_become_microjansky_where_a_zero_point_is_known(unit, zero_point, value, expected, kept):
    photometry = Photometry(unit, zero_point)
    flux, error = photometry.convert(np.array([value]), np.array([0.01 * value]))
    assert photometry.kept_unit == kept
    assert flux[0] == pytest.approx(expected)
    # A tenth of a magnitude is about a tenth of the flux; other units scale with the value.
    relative = 0.01 * value * np.log(10) / 2.5 if unit.endswith("mag") and kept == "uJy" else 0.01
    assert error[0] == pytest.approx(relative * expected)
