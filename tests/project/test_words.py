"""Numbers, names and settings are written as people read them."""

import pytest
from django.template.defaultfilters import floatformat
from django.utils.safestring import SafeString

from project.readable import readable
from project.templatetags.numbers import fixed, grouped_or_text, shortly, significant
from project.templatetags.words import breakable, floored, plainly, sentences, settings


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"), (0.05021, 3, "0.0502"), (1.0, 3, "1.00"), (36283.4, 3, "36,300"), (9999.96, 4, "10,000"),
        (3.668e7, 4, "3.668×10⁷"), (7.981e-5, 3, "7.98×10⁻⁵"), (-103.44, 4, "-103.4"), (float("inf"), 3, "inf"),
    ],
)  # fmt: skip
def test_a_number_has_its_significant_digits_and_no_machine_exponent(
    value: float, digits: int, text: str
) -> None:
    assert readable(value, digits) == text
    assert significant(value, digits) == text


@pytest.mark.parametrize("digits", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 1, 0.125, 0.145, 0.994999, -0.001, -0.5, 2.5, 1e-12, 12345.675])
def test_a_fixed_number_of_digits_is_what_django_writes(value: float, digits: int) -> None:
    assert fixed(value, digits) == floatformat(value, digits)
    assert (fixed(None, 2), fixed(float("nan"), 2)) == ("–", "–")


def test_whole_numbers_are_never_rounded() -> None:
    assert grouped_or_text(18534.0) == "18,534"
    assert grouped_or_text(4294967295) == "4,294,967,295"
    assert (shortly(6500.0), shortly(18534.0), shortly(7)) == ("6500", "18,530", "7")


def test_no_number_is_a_dash_and_never_a_crash() -> None:
    assert significant(None) == "–"
    assert (grouped_or_text(True), grouped_or_text("CMS"), floored("")) == ("True", "CMS", "")
    assert grouped_or_text(float("nan")) == "nan"


def test_a_long_name_breaks_at_its_joints_and_is_escaped() -> None:
    broken = breakable("CMS:1 A/charge_PXLayer_1<b>")
    assert isinstance(broken, SafeString)
    assert broken == "CMS:<wbr>1 A/<wbr>charge_<wbr>PXLayer_<wbr>1&lt;b&gt;"
    assert broken.replace("<wbr>", "") == "CMS:1 A/charge_PXLayer_1&lt;b&gt;"


def test_settings_and_choices_are_words_not_code() -> None:
    assert settings({"k": 10, "causal": True, "far": 0.01}) == "k = 10, causal = yes, far = 0.01"
    assert settings(None) == ""
    recipe = {"kinds": ["shift", "scale"], "strength": None, "into": {"a_b": False}}
    assert plainly(recipe) == "kinds: shift, scale; strength: not given; into: a b: no"


def test_a_text_ends_with_a_sentence() -> None:
    text = "It ranks best: 0.85 [0.83, 0.86] against 0.095. Every other is worse. 8 did not score."
    assert sentences(text, 2) == "It ranks best: 0.85 [0.83, 0.86] against 0.095. Every other is worse."
    assert sentences(None, 2) == ""


@pytest.mark.parametrize("value", [107.99787337031, 0.7232782785362, 1343.0, -3.14159265, 1e-9, 3.0000001e8])
def test_a_floored_threshold_is_short_and_not_above_the_score(value: float) -> None:
    assert float(floored(value)) <= value
    assert float(floored(value)) == pytest.approx(value, rel=1e-5)
