"""Masks from the tables: what is certified, what it holds, and versions that are kept for ever."""

import json

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from project.errors import UserError
from runs.golden.operands import KINDS, operand, operand_of, parsed_operand, spec_of
from runs.golden.reading import certified, known, luminosities
from runs.golden.store import store_mask
from runs.golden.words import in_words
from runs.golden.workbench import Work, compare, work
from runs.masks import Mask, parse_mask, sha256_of
from runs.models import LumiMask, Run
from runs.states import SIGNED_HERE
from tests.runs.mask_world import GOLDEN, certify, make_runs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _runs() -> None:
    make_runs()


def made(text: str, name: str = "file.json") -> Work:
    return work((), made=[parsed_operand(name, text.encode(), "")])


def test_what_is_certified_good_is_in_the_mask_and_what_nothing_was_said_of_is_not() -> None:
    certify("tracker", (1, 2, 4, "GOOD"), (1, 6, 7, "BAD"), (2, 1, None, "GOOD"))
    said = certified("CMS", "tracker")
    assert said.good.ranges() == {1: [(2, 4)], 2: [(1, None)]}
    assert said.runs == [1, 2]
    assert said.sources == [("file.json", "")]


def test_what_was_said_last_holds_and_what_was_signed_here_lies_over_all_files() -> None:
    certify("golden", (1, 3, 4, "BAD"), source=SIGNED_HERE)
    certify("golden", (1, 1, 10, "GOOD"))
    certify("golden", (1, 6, 6, "BAD"), source="later.json")
    assert certified("CMS", "golden").good.ranges() == {1: [(1, 2), (5, 5), (7, 10)]}
    assert certified("CMS", "golden", "file.json").good.ranges() == {1: [(1, 10)]}


def test_the_statuses_that_count_and_the_version_are_chosen() -> None:
    certify("pixel", (1, 1, 3, "GOOD"), (1, 4, 5, "STANDBY"), version="1")
    certify("pixel", (1, 1, 9, "GOOD"), version="2")
    one = operand("flag=pixel&source=file.json&version=1&status=GOOD%2CSTANDBY")
    assert one.mask.ranges() == {1: [(1, 5)]}
    assert one.told["statuses"] == ["GOOD", "STANDBY"]
    assert operand("flag=pixel&version=2").mask.ranges() == {1: [(1, 9)]}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("", "is no operand; it begins with one of"),
        ("what=1", "is no operand; it begins with one of"),
        ("mask=7", "there is no stored version '7'"),
        ("mask=-1", "there is no stored version"),
        ("mask=" + "9" * 30, "there is no stored version"),
        ("flag=none", "nothing is certified as 'none' in CMS"),
        ("flag=tracker&source=other.json", "source 'other.json' in CMS"),
        ("flag=tracker&status=FINE", "status 'FINE' is none of GOOD"),
        ("flag=tracker&colour=red", "and nothing else"),
        ("flag=tracker&flag=pixel", "once at most"),
        ("upload=../../etc/passwd", "is no upload"),
        ("upload=" + "0" * 32 + "/a.json", "no longer kept"),
        ("mask=1\0", "NUL"),
        ("flag=a%00", "NUL"),
        ("flag=" + "x" * 2000, "too long"),
    ],
)
def test_an_operand_that_is_none_is_refused_in_one_line(spec: str, reason: str) -> None:
    certify("tracker", (1, 1, 1, "GOOD"))
    with pytest.raises(UserError, match=reason) as caught:
        operand(spec)
    assert "\n" not in str(caught.value)


def test_luminosities_are_those_of_the_runs_asked_for() -> None:
    Run.objects.create(number=10**12)
    some = luminosities("CMS", [1, 3])
    assert sorted(set(some.runs.tolist())) == [1, 3]
    assert np.nansum(some.recorded) == 5.0
    assert len(luminosities("CMS", within=(2, 3)).runs) == 15
    assert len(luminosities("other").runs) == 0
    assert known("CMS", [2, 3, 4]).ranges() == {2: [(1, 10)], 3: [(1, 5)]}


def test_the_share_is_of_all_that_was_recorded_in_the_runs_looked_at() -> None:
    certify("golden", (1, 1, 10, "GOOD"), source=GOLDEN)
    found = work(["flag=golden"])
    assert found.looked_at == (1, 9), "by the name of the file, run 2 was looked at and is not golden"
    assert found.amount == (10, 0, 5.0, 5.0)
    assert found.total == (25, 5, 25.0, 25.0)
    assert found.share == pytest.approx(0.2)
    assert work(["flag=golden"], asked=(1, 1)).share == 1.0


def test_each_step_of_a_chain_costs_what_it_takes_away() -> None:
    certify("dcs-only", (1, 1, 10, "GOOD"), (2, 1, 10, "GOOD"), (3, 1, 5, "GOOD"))
    certify("tracker", (1, 1, 10, "GOOD"), (2, 1, 8, "GOOD"))
    certify("pixel", (2, 3, 10, "GOOD"))
    found = work(["flag=dcs-only", "flag=tracker", "flag=pixel"])
    assert [step.left.recorded for step in found.steps] == [25.0, 21.0, 12.0]
    assert [step.lost.recorded for step in found.steps] == [0.0, 4.0, 9.0]
    assert found.steps[1].lost.without == 5, "run 3 has no luminosity that is known, and that is said"
    assert found.mask.ranges() == {2: [(3, 8)]}


def test_a_whole_run_less_a_part_ends_where_its_lumisections_end() -> None:
    one, other = (
        parsed_operand("x.json", text, "") for text in (b'{"1": [[-1]], "3": [[-1]]}', b'{"1": [[1, 4]]}')
    )
    assert work((), "less", made=[one, other]).mask.ranges() == {1: [(5, 10)], 3: [(1, 5)]}


def test_what_runs_to_an_end_that_nobody_knows_is_not_stored() -> None:
    one, other = (parsed_operand("x.json", text, "") for text in (b'{"7": [[-1]]}', b'{"7": [[1, 4]]}'))
    with pytest.raises(UserError, match="run 7: chosen from lumisection 5 to its end"):
        store_mask(work((), "less", made=[one, other]))
    assert not LumiMask.objects.exists()


def test_a_version_keeps_what_it_is_made_of_and_by_whom(expert) -> None:
    certify("golden", (1, 1, 10, "GOOD"), (2, 1, 2, "GOOD"))
    first, new = store_mask(work(["flag=golden"]), name="mine", owner=expert)
    assert new
    second, _ = store_mask(
        work([f"mask={first.pk}", "flag=golden"], "less"), name="mine", comment="nothing left"
    )
    assert (first.version, second.version) == (1, 2)
    assert list(second.parents.all()) == [first]
    assert json.loads(first.ranges) == {"1": [[1, 10]], "2": [[1, 2]]}
    assert first.sha256 == sha256_of(parse_mask(first.ranges.encode()).mask)
    told = first.provenance["operands"][0]
    assert (told["flag"], told["statuses"], told["sources"]) == ("golden", ["GOOD"], [["file.json", ""]])
    assert told["sha256"] == first.sha256
    assert first.provenance["by"] == expert.username
    assert second.provenance["operation"] == "less"
    assert [one["sha256"] for one in second.provenance["operands"]] == [first.sha256, first.sha256]
    words = " ".join(in_words(second.provenance))
    assert "without the others" in words
    assert "Version 1 of mine" in words
    assert "What is certified GOOD for golden by file.json" in words


def test_the_same_lumisections_of_the_same_runs_are_known_and_not_stored_twice() -> None:
    first, _ = store_mask(made('{"1": [[1, 4]]}'), name="a")
    again, new = store_mask(made('{"1": [[1, 2], [3, 4]]}'), name="a")
    assert (again.pk, new) == (first.pk, False)
    assert store_mask(made('{"1": [[1, 5]]}'), name="a")[0].version == 2
    assert store_mask(made('{"1": [[1, 4]]}'), name="a")[0].version == 3, "going back is a version of its own"


def test_a_version_is_never_changed() -> None:
    version, _ = store_mask(made('{"1": [[1, 4]]}'), name="a")
    version.comment = "later"
    with pytest.raises(TypeError, match="never changed"):
        version.save()


def test_two_of_the_same_version_cannot_be_stored() -> None:
    version, _ = store_mask(made('{"1": [[1, 4]]}'), name="a")
    version.pk, version._state.adding = None, True
    with pytest.raises(DatabaseError), transaction.atomic():
        version.save()


def test_a_file_with_ranges_that_are_none_is_not_stored_and_says_which() -> None:
    with pytest.raises(
        UserError, match=r"line 2: run 2, range \[5, 3\]: is reversed \(and 1 more\): put it right"
    ):
        store_mask(made('{"1": [[1, 4]],\n "2": [[5, 3]],\n "3": 7}'))
    assert not LumiMask.objects.exists()


def test_what_was_put_right_is_recorded() -> None:
    version, _ = store_mask(made('{"1": [[5, 9], [1, 4]]}'))
    assert [(one["run"], one["range"]) for one in version.faults] == [("1", "[1, 4]"), ("1", "[5, 9]")]
    assert version.ranges == '{\n  "1": [[1, 9]]\n}\n'


def test_simulated_runs_mark_the_version() -> None:
    Run.objects.filter(number=1).update(simulated=True)
    assert store_mask(made('{"1": [[1, 4]]}'), name="a")[0].simulated
    assert not store_mask(made('{"2": [[1, 4]]}'), name="b")[0].simulated


def test_a_comparison_reads_only_the_runs_that_differ(django_assert_max_num_queries) -> None:
    one, other = made('{"1": [[1, 9]], "2": [[1, 9]]}'), made('{"1": [[1, 9]], "2": [[2, 10]]}')
    with django_assert_max_num_queries(2):
        found = compare(one.operands[0], other.operands[0])
    assert [change.run for change in found.changes.runs] == [2]
    assert (found.changes.lost.recorded, found.changes.gained.recorded, found.net) == (2.0, 2.0, 0.0)
    with django_assert_max_num_queries(0):
        assert not compare(one.operands[0], one.operands[0]).changes.runs


def test_a_stored_version_is_an_operand_of_its_own_experiment() -> None:
    version, _ = store_mask(made('{"1": [[1, 4]]}'), name="a")
    assert operand(spec_of("mask", mask=version.pk)).mask == Mask.of([(1, 1, 4)])
    assert operand_of(version).parent == version
    with pytest.raises(UserError, match="is of CMS, not of ATLAS"):
        operand(f"mask={version.pk}", "ATLAS")


def test_every_kind_of_operand_says_what_it_takes() -> None:
    assert {"mask", "flag", "upload", "trial"} <= KINDS.keys()
    for name, kind in KINDS.items():
        assert kind.name == name
        with pytest.raises(UserError):
            kind.operand(f"{name}=?", {name: "?"}, "CMS")


def test_an_empty_mask_is_a_mask() -> None:
    found = made("{}")
    assert (found.amount.lumisections, found.share, found.looked_at) == (0, 0.0, (1, 1))
    assert store_mask(found, name="none")[0].ranges == "{}\n"
    with pytest.raises(UserError, match="at least one operand"):
        work(())
    with pytest.raises(UserError, match="is no operation; there is all, any, less"):
        work(["flag=x"], "both")
    with pytest.raises(UserError, match="the last run, 3, is before the first, 5"):
        store_mask(work((), asked=(5, 3), made=found.operands))
