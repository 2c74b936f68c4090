"""The pages of the golden-JSON workbench."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from runs.golden.operands import parsed_operand
from runs.golden.store import store_mask
from runs.golden.workbench import work
from runs.models import LumiMask, Run
from tests.runs.mask_world import certify, make_runs

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())["golden pages"]


@pytest.fixture(autouse=True)
def _world(settings: Any, tmp_path: Path) -> None:
    settings.LUMISIFT_UPLOAD_DIR = tmp_path
    make_runs()


@pytest.fixture
def signed_in(client: Client, expert: Any) -> Client:
    client.force_login(expert)
    return client


def stored(text: str, name: str = "mine") -> LumiMask:
    return store_mask(work((), made=[parsed_operand("file.json", text.encode(), "")]), name=name)[0]


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def upload(
    client: Client, content: bytes, name: str = "Cert_X_000001_000003_Golden.json", **more: Any
) -> Any:
    return client.post(reverse("golden-upload"), {"file": SimpleUploadedFile(name, content), **more})


def test_an_empty_list_says_how_to_fill_it(signed_in: Client) -> None:
    text = page(signed_in, "/golden/")
    assert "export_golden_json --flag golden --save" in text
    assert reverse("golden-work") in text


def test_the_list_shows_luminosity_and_share_newest_first(
    signed_in: Client, django_assert_max_num_queries: Any
) -> None:
    for text in ('{"1": [[1, 10]], "2": [[1, 10]]}', '{"1": [[1, 10]], "3": [[1, 5]]}'):
        stored(text)
    with django_assert_max_num_queries(QUERIES["golden"]):
        text = page(signed_in, "/golden/?name=mine")
    assert text.index(">v2") < text.index(">v1")
    assert "100.0 %" in text
    assert "20.0 %" in text
    assert "5 without luminosity" in text
    assert "No version is like that" in page(signed_in, "/golden/?name=other")
    assert "is not one of" in page(signed_in, "/golden/?kind=none", 400)


def test_a_version_says_what_it_holds_from_what_and_shows_its_runs(
    signed_in: Client, django_assert_max_num_queries: Any
) -> None:
    certify("golden", (1, 2, 10, "GOOD"), (3, 1, 9, "GOOD"))
    version, _ = store_mask(work(["flag=golden"]), name="mine")
    with django_assert_max_num_queries(QUERIES["version"]):
        text = page(signed_in, f"/golden/{version.pk}/")
    for words in (
        "18.0 %",
        "[2, 10]",
        "What is certified GOOD for golden by file.json",
        version.sha256,
        "9 good, 1 not scored",
    ):
        assert words in text, words
    assert "4 without luminosity" not in text
    checked = page(signed_in, f"/golden/{version.pk}/?check=1")
    assert "run 3, range [6, 9]: these lumisections are not known here" in checked
    assert page(signed_in, "/golden/99/", 404)
    assert page(signed_in, f"/golden/{2**64}/", 404)


def test_runs_come_in_pages(signed_in: Client) -> None:
    ranges = ", ".join(f'"{run}": [[1, 2]]' for run in range(1, 121))
    version = stored(f"{{{ranges}}}")
    assert "?after=30#runs" in page(signed_in, f"/golden/{version.pk}/")
    last = page(signed_in, f"/golden/{version.pk}/?after=100")
    assert "120" in last
    assert "Next runs" not in last
    assert "after: a whole number" in page(signed_in, f"/golden/{version.pk}/?after=x", 400)


def test_the_download_is_what_cms_tools_read_under_cms_own_name(signed_in: Client) -> None:
    version = stored('{"1": [[1, 10]]}', "Cert_Collisions2024_378981_386951_Golden")
    answer = signed_in.get(f"/golden/{version.pk}/download/")
    assert answer.json() == {"1": [[1, 10]]}
    assert (
        answer["Content-Disposition"]
        == 'attachment; filename="Cert_Collisions2024_378981_386951_Golden.json"'
    )
    assert answer["Content-Type"] == "application/json"


def test_an_upload_is_validated_and_not_stored_before_it_is_saved(signed_in: Client) -> None:
    answer = upload(signed_in, b'{"1": [[5, 6], [1, 2]],\n "2": [[1, 3], [4, 5]], "9": [[1, 1]]}')
    assert answer.status_code == 302
    text = page(signed_in, answer["Location"])
    assert "3 places" not in text
    assert "2 places not in order" in text
    assert "line 2: run 2, range [4, 5]: adjoins [1, 3]: they are one range" in text
    assert not LumiMask.objects.exists()
    spec = answer["Location"].partition("of=")[2]
    saved = signed_in.post(
        reverse("golden-save"), {"of": [spec.replace("%3D", "=").replace("%252F", "%2F")], "name": ""}
    )
    version = LumiMask.objects.get()
    assert saved["Location"] == reverse("golden-version", args=[version.pk])
    assert version.name == "Cert_X_000001_000003_Golden"
    assert version.owner is not None
    assert len(version.faults) == 2
    assert "no longer kept" in page(signed_in, answer["Location"], 400), "the file was not forgotten"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"[1, 2]", "a.json", "not an object"),
        (b'{"1": ', "a.json", "not JSON"),
        (b"a,b\n1,2\n", "a.csv", "a certification file is JSON, not csv"),
        (b"\x80\x04K\x01.", "a.json", "holds something else"),
        (b"{}", "a.pkl", "only"),
        (b"", "a.json", "empty"),
    ],
)
def test_an_upload_that_is_none_is_refused_and_not_kept(
    signed_in: Client, tmp_path: Path, content: bytes, name: str, reason: str
) -> None:
    answer = upload(signed_in, content, name)
    assert answer.status_code == 400
    assert reason in answer.content.decode()
    assert not [one for one in tmp_path.iterdir() if one.is_dir() and any(one.iterdir())]


def test_a_range_that_is_none_is_shown_and_cannot_be_saved(signed_in: Client) -> None:
    answer = upload(signed_in, b'{"1": [[9, 5]]}')
    text = page(signed_in, answer["Location"])
    assert "run 1, range [9, 5]: is reversed" in text
    assert "disabled" in text


def test_operands_are_added_moved_and_taken_out_in_the_address(signed_in: Client) -> None:
    certify("tracker", (1, 1, 4, "GOOD"), (1, 5, 8, "STANDBY"))
    certify("pixel", (1, 3, 9, "GOOD"))
    answer = signed_in.get("/golden/work/?add=flag%3Dtracker&status=GOOD,STANDBY&do=less")
    assert answer["Location"] == "/golden/work/?of=flag%3Dtracker%26status%3DGOOD%252CSTANDBY&do=less"
    answer = signed_in.get(answer["Location"] + "&add=flag&flag=pixel")
    text = page(signed_in, answer["Location"])
    assert "tracker GOOD or STANDBY" in text
    assert "1 pb⁻¹" in text.replace("1.000", "1")
    assert "?of=flag%3Dpixel&amp;of=flag%3Dtracker%26status%3DGOOD%252CSTANDBY&amp;do=less" in text, (
        "one step earlier"
    )
    assert signed_in.get("/golden/work/?add=flag")["Location"] == "/golden/work/", "nothing was chosen"


def test_where_only_others_took_runs_the_workbench_begins_with_theirs(signed_in: Client) -> None:
    Run.objects.update(experiment="telescope")
    assert '<input type="hidden" name="experiment" value="telescope">' in page(signed_in, "/golden/work/")
    Run.objects.create(experiment="CMS", number=7)
    assert '<input type="hidden" name="experiment" value="CMS">' in page(signed_in, "/golden/work/")


def test_a_chain_says_what_each_step_costs(signed_in: Client, django_assert_max_num_queries: Any) -> None:
    certify("dcs-only", (1, 1, 10, "GOOD"), (2, 1, 10, "GOOD"))
    certify("tracker", (1, 1, 10, "GOOD"), (2, 1, 4, "GOOD"))
    with django_assert_max_num_queries(QUERIES["workbench"]):
        text = page(signed_in, "/golden/work/?of=flag%3Ddcs-only&of=flag%3Dtracker")
    for words in ("12.00", "6 LS", "52.0 %", "What changes from the first to the second"):
        assert words in text, words


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("of=what", "is no operand"),
        ("of=mask%3D5", "there is no stored version"),
        ("do=xor", "no operation"),
        ("first_run=x", "first_run: a whole number"),
        ("of=flag%3Dgolden&first_run=5&last_run=2", "is before the first"),
        ("&".join(["of=flag%3Dgolden"] * 30), "at most 20 operands"),
        ("of=%00&experiment=%00", "is no operand"),
    ],
)
def test_a_wrong_address_is_a_400_that_says_why(signed_in: Client, query: str, reason: str) -> None:
    certify("golden", (1, 1, 10, "GOOD"))
    assert reason in page(signed_in, f"/golden/work/?{query}", 400)


def test_what_is_wrong_with_a_save_stands_beside_its_field_and_nothing_is_stored(signed_in: Client) -> None:
    certify("golden", (1, 1, 10, "GOOD"))
    same = {"of": "flag=golden"}
    for field, value in (("name", "a\nb"), ("name", "x" * 200), ("kind", "none"), ("comment", "\0")):
        answer = signed_in.post(reverse("golden-save"), {**same, field: value})
        assert answer.status_code == 400, field
        assert 'role="alert"' in answer.content.decode()
    assert signed_in.post(reverse("golden-save"), {}).status_code == 400
    assert signed_in.post(reverse("golden-save"), {"of": "mask=1"}).status_code == 400
    assert not LumiMask.objects.exists()


def test_changes_are_told_run_by_run_the_dearest_first(
    signed_in: Client, django_assert_max_num_queries: Any
) -> None:
    one, other = (
        stored('{"1": [[1, 10]], "2": [[1, 10]]}'),
        stored('{"1": [[1, 8]], "2": [[1, 9]], "3": [[1, 2]]}'),
    )
    with django_assert_max_num_queries(QUERIES["changes"]):
        text = page(signed_in, f"/golden/diff/?a=mask%3D{one.pk}&b=mask%3D{other.pk}")
    assert "3 lumisections were removed" in text
    assert "costs 3.000 pb⁻¹" in text
    assert "−3.000 pb⁻¹ recorded in all" in text
    assert "were added</b>, whose luminosity is not known here: −3.000 pb⁻¹ recorded in all" in text
    assert text.index("/runs/CMS/2/") < text.index("/runs/CMS/1/")
    assert "the same lumisections" in page(signed_in, f"/golden/diff/?a=mask%3D{one.pk}&b=mask%3D{one.pk}")
    assert "a: there is no stored version" in page(signed_in, "/golden/diff/?a=mask%3D77", 400)
    assert "export_golden_json --diff" not in page(signed_in, "/golden/diff/")


def test_readers_compute_and_only_experts_keep(client: Client, member: Any) -> None:
    certify("golden", (1, 1, 10, "GOOD"))
    client.force_login(member("shifter"))
    text = page(client, "/golden/work/?of=flag%3Dgolden")
    assert "20.0 %" not in text
    assert "100.0 %" in text
    assert "Save as a version" not in text
    assert client.post(reverse("golden-save"), {"of": "flag=golden"}).status_code == 403
    assert upload(client, b"{}").status_code == 403
    assert not LumiMask.objects.exists()


def test_hostile_names_are_text(signed_in: Client) -> None:
    evil = '<script>alert("x")</script>'
    certify(evil, (1, 1, 10, "GOOD"), source=evil)
    version, _ = store_mask(
        work(["flag=%3Cscript%3Ealert%28%22x%22%29%3C%2Fscript%3E"]), name=evil, comment=evil
    )
    for url in (
        "/golden/",
        f"/golden/{version.pk}/?check=1",
        "/golden/work/?of=mask%3D1&of=<script>",
        "/golden/diff/?a=<script>",
    ):
        assert "<script>alert" not in signed_in.get(url).content.decode(), url
    assert "<" not in signed_in.get(f"/golden/{version.pk}/download/")["Content-Disposition"]
