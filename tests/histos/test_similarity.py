"""Which run is proposed as a reference: the one taken under the likest conditions, with the reason in words."""

from dataclasses import replace

import pytest

from histos.looking.similarity import Conditions, difference, in_words, most_similar

HERE = Conditions(316187, 38.0, 6694, "/cdaq/physics/Run2018/2e34/v1", "2.0e34", 6500, 3.8, golden=True)


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        ({"pileup": 38.5}, {"pileup": 30.0}),
        ({"fill": 6694}, {"fill": 6699}),
        ({"trigger": HERE.trigger}, {"trigger": "/cdaq/cosmic/v3"}),
        ({"prescale": "2.0e34"}, {"prescale": "1.5e34"}),
        ({"golden": True}, {"golden": False}),
        ({"pileup": 20.0}, {"b_field": 0.0}),
        ({"pileup": 20.0}, {"energy": 2500.0}),
        ({"run": 316186}, {"run": 316199}),
        ({"pileup": 38.0}, {"pileup": None}),
    ],
)
def test_the_run_under_the_likest_conditions_is_proposed(nearer: dict, further: dict) -> None:
    one, other = replace(HERE, **{"run": 316100, **nearer}), replace(HERE, **{"run": 316100, **further})
    assert difference(HERE, one) < difference(HERE, other)
    assert most_similar(HERE, [other, one]) == one


def test_the_same_conditions_differ_by_nothing_and_no_run_is_no_proposal() -> None:
    assert difference(HERE, HERE) == 0
    assert most_similar(HERE, []) is None


def test_the_words_say_what_is_alike_what_is_not_and_what_is_not_known() -> None:
    words = in_words(HERE, replace(HERE, run=1, pileup=30.25, prescale="1.5e34", b_field=0.0))
    assert "pile-up 30.2 (here 38)" in words
    assert "the same fill 6694" in words
    assert "the same trigger menu /cdaq" in words
    assert "prescale column 1.5e34 (here 2.0e34)" in words
    assert "but 0 T (here 3.8)" in words
    assert "certified golden" in words
    bare = in_words(Conditions(1), replace(HERE, golden=False))
    assert bare.endswith("of this run pile-up and fill and triggers are not known")
    assert "not certified golden" in bare
