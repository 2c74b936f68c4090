"""What other tools get wrong with certification files, each as the promise that it is not so here."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from runs.golden.operands import parsed_operand
from runs.golden.workbench import work
from runs.masks import CmsName, Mask, parse_mask, text_of
from runs.masks.names import GOLDEN
from tests.runs.mask_world import certify, make_runs


def test_two_datasets_that_share_a_run_give_each_lumisection_once() -> None:
    """DIALS' golden JSON: ``[[1, 1], [1, 2], [2, 3], …]``, as the lumisections of both were not distinct."""
    numbers = np.repeat(np.arange(1, 21), 2)
    mask = Mask.of_lumisections(np.full(40, 7), numbers)
    assert json.loads(text_of(mask)) == {"7": [[1, 20]]}


def test_lumisections_in_any_order_give_ranges_in_order() -> None:
    """DIALS #77 and #97: lumisections as they came, and a golden file that was not sorted."""
    numbers = np.random.default_rng(0).permutation(np.r_[1:50, 60:70])
    mask = Mask.of_lumisections(np.full(len(numbers), 7), numbers)
    assert json.loads(text_of(mask)) == {"7": [[1, 49], [60, 69]]}
    assert parse_mask(text_of(mask).encode()).faults == []


def test_runs_that_the_dcs_file_does_not_name_do_not_pass() -> None:
    """DIALS' JSON portal let runs missing from the DCS JSON through, whole."""
    golden, dcs = Mask.of([(1, 1, 10), (2, 1, 10)]), Mask.of([(1, 1, 5)])
    assert (golden & dcs).ranges() == {1: [(1, 5)]}


@pytest.mark.django_db
def test_runs_that_nobody_certified_are_not_good() -> None:
    """Absence is not golden: in a chain the run that one flag does not speak of is gone, and its cost is said."""
    make_runs()
    certify("golden", (1, 1, 10, "GOOD"), (2, 1, 10, "GOOD"))
    certify("dcs-only", (1, 1, 5, "GOOD"))
    found = work(["flag=golden", "flag=dcs-only"])
    assert found.mask.ranges() == {1: [(1, 5)]}
    assert found.steps[1].lost.recorded == 22.5


def test_the_run_is_the_run_and_the_lumisection_the_lumisection() -> None:
    """PixelAE's select_json passed the column of runs as that of lumisections, and chose nothing or the wrong rows."""
    mask = Mask.of([(316187, 1, 1091)])
    runs, numbers = np.array([316187, 316187, 120]), np.array([120, 1092, 316187])
    assert mask.contains(runs, numbers).tolist() == [True, False, False]
    assert not mask.contains(numbers, runs).any() or mask.contains(numbers, runs).tolist() == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("ending", ["Golden", "golden", "GOLDEN"])
def test_a_golden_file_is_known_whatever_the_case_of_its_name(ending: str) -> None:
    """DIALS' pattern missed the real ``…_golden.json``."""
    found = CmsName.of(f"Cert_Collisions2023_366442_370790_{ending}.json")
    assert found is not None
    assert found.kind == GOLDEN


@pytest.mark.django_db
@pytest.mark.parametrize(
    "what", ["changes/", "changes/?to=", "changes/?to=x", "changes/?to=99", "validation/?x=1"]
)
def test_a_parameter_that_is_missing_or_wrong_is_a_400_with_its_name(
    client: Client, viewer: Any, what: str
) -> None:
    """DIALS' cert-json and golden-json answered 500 where a parameter was missing."""
    from runs.golden.store import store_mask

    version, _ = store_mask(work((), made=[parsed_operand("a.json", b'{"1": [[1, 2]]}', "")]))
    client.force_login(viewer)
    answer = client.get(f"/api/v1/lumi-masks/{version.pk}/{what}")
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() <= {"to", "x"}


@pytest.mark.django_db
def test_nothing_to_build_from_is_a_400_that_says_so(client: Client, expert: Any) -> None:
    client.force_login(expert)
    answer = client.post("/api/v1/lumi-masks/", {}, content_type="application/json")
    assert answer.status_code == 400
    assert "give operands, or ranges" in answer.json()["detail"]


def test_a_file_with_the_same_run_twice_keeps_both_and_says_so() -> None:
    """Most readers of JSON keep the last of two equal keys in silence."""
    parsed = parse_mask(b'{"7": [[1, 2]], "7": [[5, 6]]}')
    assert parsed.mask.ranges() == {7: [(1, 2), (5, 6)]}
    assert "named twice" in parsed.faults[0].what
