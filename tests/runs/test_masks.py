"""The algebra of masks, held against Python's own sets; and the texts they are read from and written as."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.masks import (
    LAST,
    CmsName,
    Luminosities,
    Mask,
    difference,
    file_name,
    mask_of,
    merge_ranges,
    not_known,
    parse_mask,
    sha256_of,
    stepwise,
    text_of,
)
from runs.masks.parse import UNKNOWN, UNTIDY, WRONG

RUNS = st.integers(1, 3) | st.sampled_from([316187, LAST])
RANGES = st.lists(
    st.tuples(RUNS, st.integers(1, 30), st.integers(0, 6)).map(lambda r: (r[0], r[1], r[1] + r[2])),
    max_size=10,
)
Ranges = list[tuple[int, int, int]]


def members(ranges: Ranges) -> set[tuple[int, int]]:
    return {(run, n) for run, first, last in ranges for n in range(first, last + 1)}


def held(mask: Mask) -> set[tuple[int, int]]:
    return members([(run, first, last or 0) for run, parts in mask.ranges().items() for first, last in parts])


@given(RANGES)
def test_a_mask_holds_the_lumisections_of_its_ranges_merged_and_in_order(ranges: Ranges) -> None:
    mask = Mask.of(ranges)
    assert held(mask) == members(ranges)
    assert mask.count() == len(members(ranges))
    assert mask.runs == sorted({run for run, *_ in ranges})
    assert (np.diff(mask.edges) > 0).all()
    for parts in mask.ranges().values():
        assert merge_ranges(parts) == parts


@given(RANGES, RANGES)
def test_union_intersection_and_subtraction_are_those_of_sets(one: Ranges, other: Ranges) -> None:
    a, b = Mask.of(one), Mask.of(other)
    assert held(a | b) == members(one) | members(other)
    assert held(a & b) == members(one) & members(other)
    assert held(a - b) == members(one) - members(other)


@given(RANGES, RANGES, RANGES)
def test_the_laws_of_sets_hold(one: Ranges, two: Ranges, three: Ranges) -> None:
    a, b, c = Mask.of(one), Mask.of(two), Mask.of(three)
    assert a | b == b | a
    assert a & (b | c) == (a & b) | (a & c)
    assert a - (b | c) == (a - b) & (a - c)
    assert (a - b) | (a & b) == a
    assert not a - a
    assert hash(a | b) == hash(b | a)


@given(RANGES, RANGES)
def test_membership_is_told_of_many_lumisections_at_once(ranges: Ranges, asked: Ranges) -> None:
    wanted = sorted(members(asked)) or [(1, 1)]
    runs, numbers = np.array(wanted).T
    assert Mask.of(ranges).contains(runs, numbers).tolist() == [one in members(ranges) for one in wanted]


@given(RANGES, RUNS, st.integers(1, 30))
def test_an_open_end_swallows_what_follows_and_is_closed_by_what_is_known(
    ranges: Ranges, run: int, first: int
) -> None:
    mask = Mask.of([*ranges, (run, first, None)])
    assert mask.ranges()[run][-1][1] is None
    assert mask.open_runs == [run]
    there = {(run, n) for n in range(first, 41)}
    assert held(mask.closed({run: 40})) == members(ranges) | there
    assert mask - mask == Mask.of([])


@given(RANGES)
def test_what_is_written_is_read_again_and_the_same_lumisections_have_the_same_hash(ranges: Ranges) -> None:
    mask = Mask.of(ranges)
    parsed = parse_mask(text_of(mask).encode())
    assert parsed.mask == mask
    assert parsed.faults == []
    assert mask_of(text_of(mask)) == mask
    assert sha256_of(Mask.of(list(reversed(ranges)))) == sha256_of(mask)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_break_the_parser(content: bytes) -> None:
    try:
        parsed = parse_mask(content)
    except ValueError:
        return
    assert parse_mask(text_of(parsed.mask).encode()).mask == parsed.mask


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.integers(0, 10**12).map(str) | st.text(max_size=6), JSON, max_size=5))
def test_every_value_is_a_range_or_a_fault_with_its_run(document: dict) -> None:
    parsed = parse_mask(json.dumps(document).encode())
    assert all(fault.run and fault.what for fault in parsed.faults)
    assert set(map(str, parsed.mask.runs)) <= {key.lstrip("0") for key in document}


def faults(document: object) -> list[tuple[str, str, str, str]]:
    text = document if isinstance(document, str) else json.dumps(document)
    return [fault[:4] for fault in parse_mask(text.encode()).faults]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"7": [[9, 5]]}, (WRONG, "7", "[9, 5]", "is reversed")),
        ({"7": [[0, 5]]}, (WRONG, "7", "[0, 5]", f"is not within 1 to {LAST}")),
        ({"7": [[1.5, 2]]}, (WRONG, "7", "[1.5, 2]", "is not a range of two whole numbers")),
        ({"7": [[True, 2]]}, (WRONG, "7", "[True, 2]", "is not a range of two whole numbers")),
        ({"7": 3}, (WRONG, "7", "3", "is not a list of ranges")),
        ({"a": [[1, 2]]}, (WRONG, "'a'", "", "is not a run number")),
        ({"7": [[5, 9], [1, 2]]}, (UNTIDY, "7", "[1, 2]", "comes after [5, 9], which begins later")),
        ({"7": [[1, 9], [2, 3]]}, (UNTIDY, "7", "[2, 3]", "overlaps [1, 9]")),
        ({"7": [[1, 9], [10, 12]]}, (UNTIDY, "7", "[10, 12]", "adjoins [1, 9]: they are one range")),
        ({"8": [[1, 2]], "7": [[1, 2]]}, (UNTIDY, "7", "", "comes after run 8")),
        (
            '{"7": [[1, 2]], "7": [[4, 5]]}',
            (UNTIDY, "7", "", "named twice: its ranges are joined, where other programs keep the last"),
        ),
    ],
)
def test_each_fault_is_named_with_its_run_and_range(document: object, expected: tuple) -> None:
    assert faults(document) == [expected]


def test_a_long_range_overlaps_all_that_lie_in_it() -> None:
    assert [fault[2] for fault in faults({"7": [[1, 100], [2, 3], [50, 60]]})] == ["[2, 3]", "[50, 60]"]


def test_a_fault_says_its_line() -> None:
    fault = parse_mask(b'{\n  "7": [[1, 2]],\n  "8": [[3, 2]]\n}').faults[0]
    assert str(fault) == "line 3: run 8, range [3, 2]: is reversed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"[[1, 2]]", "not an object"),
        (b"7", "not an object"),
        (b'{"7": ', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"7":' + b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_object_is_refused_in_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_mask(content)
    assert "\n" not in str(caught.value)


def test_the_whole_run_is_written_as_it_was_read() -> None:
    mask = parse_mask(b'{"7": [[-1]], "8": [[1, 4]]}').mask
    assert mask.ranges() == {7: [(1, None)], 8: [(1, 4)]}
    assert json.loads(text_of(mask)) == {"7": [[-1]], "8": [[1, 4]]}


def test_a_run_to_its_unknown_end_from_elsewhere_cannot_be_written() -> None:
    mask = Mask.of([(7, 1, None)]) - Mask.of([(7, 1, 10)])
    with pytest.raises(ValueError, match="run 7: chosen from lumisection 11 to its end, which is not known"):
        text_of(mask)
    assert text_of(mask.closed({7: 12})) == '{\n  "7": [[11, 12]]\n}\n'


def test_runs_are_written_in_the_order_of_numbers_one_a_line() -> None:
    assert (
        text_of(Mask.of([(10, 3, 4), (9, 1, 2), (10, 1, 1)]))
        == '{\n  "9": [[1, 2]],\n  "10": [[1, 1], [3, 4]]\n}\n'
    )
    assert text_of(Mask.of([])) == "{}\n"


@pytest.mark.parametrize("wrong", [(0, 1, 2), (1, 0, 2), (1, 3, 2), (1, 1, LAST + 1), (LAST + 1, 1, 1)])
def test_what_is_no_range_of_lumisections_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=f"run {wrong[0]}, range"):
        Mask.of([wrong])


def test_narrowing_to_runs_keeps_them_whole() -> None:
    mask = Mask.of([(1, 1, 5), (2, 1, None), (3, 2, 2)])
    assert mask.within(2, 3).ranges() == {2: [(1, None)], 3: [(2, 2)]}
    assert mask.of_runs([1, 3]).ranges() == {1: [(1, 5)], 3: [(2, 2)]}


# Luminosity

LUMINOSITIES = Luminosities.of_rows(
    np.array([[1, n, 0.5, 1.0] for n in range(1, 11)] + [[2, 1, np.nan, np.nan], [2, 2, 2.0, 3.0]])
)


def test_a_mask_holds_the_luminosity_of_its_lumisections_and_says_how_many_have_none() -> None:
    amount = LUMINOSITIES.of(Mask.of([(1, 2, 3), (2, 1, 2), (3, 1, 7)]))
    assert amount == (11, 8, 3.0, 5.0)
    assert LUMINOSITIES.of(Mask.of([])) == (0, 0, 0.0, 0.0)


def test_a_whole_run_counts_as_far_as_it_is_known() -> None:
    assert LUMINOSITIES.of(Mask.of([(1, 4, None)])) == (7, 0, 3.5, 7.0)


@given(RANGES)
def test_runs_add_up_to_the_whole(ranges: Ranges) -> None:
    mask = Mask.of(ranges)
    parts = LUMINOSITIES.by_run(mask)
    assert sorted(parts) == mask.runs
    assert np.allclose(np.sum(list(parts.values()) or [(0, 0, 0.0, 0.0)], axis=0), LUMINOSITIES.of(mask))


def test_a_difference_tells_what_each_run_lost_the_dearest_first() -> None:
    before = Mask.of([(1, 1, 10), (2, 1, 2), (3, 1, 9)])
    after = Mask.of([(1, 1, 8), (3, 1, 9), (4, 1, 1)])
    found = difference(before, after, LUMINOSITIES)
    assert [(one.run, one.removed, one.added) for one in found.runs] == [
        (2, [(1, 2)], []),
        (1, [(9, 10)], []),
        (4, [], [(1, 1)]),
    ]
    assert found.lost == (4, 1, 3.0, 5.0)
    assert found.gained.lumisections == found.gained.without == 1


@given(RANGES, RANGES)
def test_a_difference_leads_from_one_to_the_other(one: Ranges, other: Ranges) -> None:
    a, b = Mask.of(one), Mask.of(other)
    found = difference(a, b, LUMINOSITIES)
    assert (a - found.removed) | found.added == b
    assert {change.run for change in found.runs} == {run for run, _ in members(one) ^ members(other)}


def test_each_step_of_a_chain_says_what_it_costs() -> None:
    dcs, tracker, pixel = Mask.of([(1, 1, 10)]), Mask.of([(1, 1, 8), (2, 1, 2)]), Mask.of([(1, 3, 10)])
    steps = stepwise([dcs, tracker, pixel], lambda a, b: a & b, LUMINOSITIES)
    assert [step.left.recorded for step in steps] == [5.0, 4.0, 3.0]
    assert [step.lost.recorded for step in steps] == [0.0, 1.0, 1.0]
    assert not any(step.gained.lumisections for step in steps)


def test_what_is_not_known_is_named_by_run_or_by_range() -> None:
    known = Mask.of([(1, 1, 10), (2, 1, 3)])
    found = not_known(Mask.of([(1, 8, 12), (2, 1, None), (5, 1, 3)]), known)
    assert [(fault.level, fault.run, fault.range) for fault in found] == [
        (UNKNOWN, "5", ""),
        (UNKNOWN, "1", "[11, 12]"),
    ]


# Names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Cert_Collisions2024_378981_386951_Golden.json", ("Collisions2024", 378981, 386951, "golden")),
        ("cert_collisions2023_366442_370790_golden.json", ("collisions2023", 366442, 370790, "golden")),
        ("Cert_Collisions2022_355100_362760_Muon.json", ("Collisions2022", 355100, 362760, "muon")),
        (
            "Collisions25_13p6TeV_391658_395372_DCSOnly_TkPx.json",
            ("Collisions25_13p6TeV", 391658, 395372, "dcs-only"),
        ),
    ],
)
def test_the_names_of_cms_are_understood_in_any_case(name: str, expected: tuple) -> None:
    assert CmsName.of(name) == expected


@pytest.mark.parametrize(
    "name", ["json_GOLDEN_2018.txt", "golden.json", "Cert_X_386951_378981_Golden.json", ""]
)
def test_other_names_are_none_of_cms(name: str) -> None:
    assert CmsName.of(name) is None


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        (
            "Cert_Collisions2024_378981_386951_Golden",
            "golden",
            "Cert_Collisions2024_378981_386951_Golden.json",
        ),
        ("json_GOLDEN_2018.txt", "golden", "Cert_json-GOLDEN-2018_315257_325172_Golden.json"),
        ("Collisions25", "dcs-only", "Collisions25_315257_325172_DCSOnly_TkPx.json"),
        ("../<x>\n", "other", "Cert_x_315257_325172_Mask.json"),
    ],
)
def test_a_file_is_named_as_cms_names_its_own(name: str, kind: str, expected: str) -> None:
    assert file_name(name, kind, 315257, 325172) == expected
    assert CmsName.of(file_name(name, kind, 315257, 325172))
