"""Real certification files of CMS, where LUMISIFT_REAL_DATA names their folder."""

import json
from pathlib import Path

import pytest

from runs.golden.workbench import work
from runs.masks import difference, parse_mask, text_of
from runs.masks.luminosity import Luminosities
from runs.masks.parse import UNTIDY
from runs.services import load_certifications, load_runs

FILES = (
    "Cert_Collisions2024_378981_386951_Golden.json",
    "Cert_Collisions2025_391658_398860_Golden.json",
    "Cert_Collisions2025_391658_398903_Golden.json",
    "json_GOLDEN_2018.txt",
)


@pytest.mark.parametrize("name", FILES)
def test_a_golden_file_comes_out_as_it_went_in(real_data: Path, name: str) -> None:
    content = (real_data / "cms" / "golden" / name).read_bytes()
    parsed = parse_mask(content)
    assert parsed.faults == []
    assert json.loads(text_of(parsed.mask)) == json.loads(content)


@pytest.mark.parametrize("name", FILES[1:3])
def test_a_file_in_cms_own_layout_comes_out_byte_for_byte(real_data: Path, name: str) -> None:
    content = (real_data / "cms" / "golden" / name).read_text()
    assert text_of(parse_mask(content.encode()).mask) == content


def test_the_dcs_only_file_of_2018_comes_out_in_order_and_merged_with_the_same_lumisections(
    real_data: Path,
) -> None:
    content = (real_data / "cms" / "golden" / "json_DCSONLY_2018.txt").read_bytes()
    parsed = parse_mask(content)
    document = json.loads(content)
    out = json.loads(text_of(parsed.mask))
    assert len(document) == len(out) == 681
    assert {fault.level for fault in parsed.faults} == {UNTIDY}
    assert (
        len({fault.run for fault in parsed.faults})
        == sum(document[run] != out[run] for run in document)
        == 206
    )
    for run, ranges in document.items():
        assert _members(ranges) == _members(out[run])
        assert out[run] == sorted(out[run])
    assert parse_mask(text_of(parsed.mask).encode()).faults == []


def _members(ranges: list[list[int]]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


def test_from_398860_to_398903_exactly_230_lumisections_are_removed_and_none_added(real_data: Path) -> None:
    before, after = (
        parse_mask((real_data / "cms" / "golden" / name).read_bytes()).mask for name in FILES[1:3]
    )
    found = difference(before, after, Luminosities.of_rows([]))
    assert len(before.runs) == len(after.runs) == 511
    assert (found.removed.count(), found.added.count()) == (230, 0)


@pytest.mark.slow
@pytest.mark.django_db
def test_of_run2024b_21_7_per_cent_of_the_recorded_luminosity_is_golden(real_data: Path) -> None:
    load_runs([real_data / "cms" / "oms" / "omsdata_Run2024B-v1.json"], "oms-columnar")
    load_certifications([real_data / "cms" / "golden" / FILES[0]], "golden-json")
    found = work(["flag=golden"])
    assert (found.known_runs, found.total.lumisections, found.total.without) == (72, 14_987, 0)
    assert found.looked_at == (378981, 386951)
    assert round(100 * found.share, 1) == 21.7
