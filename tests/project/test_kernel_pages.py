"""The kernel's own pages: jobs, files, the search; and what every page shares."""

import hashlib
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.safestring import SafeString

from project import search, slots
from project.files_api import FileResource
from project.listing import Listing
from project.models import FileProblem, Job, SourceFile

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\"'&"


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return str(answer.content.decode())


@pytest.fixture
def file(db: None) -> SourceFile:
    made = SourceFile.objects.create(
        name=HOSTILE,
        reader="ml4dqm-csv",
        identity="i",
        state="complete",
        position=5,
        stored=3,
        rejected=2,
        size=12_100_000,
    )
    FileProblem.objects.create(file=made, line=4, kind="rejected", reason="entries -1 is negative")
    FileProblem.objects.create(file=made, line=9, kind="conflict", reason=HOSTILE)
    return made


def test_a_files_page_lists_every_row_that_was_not_stored(
    client: Client, viewer: Any, file: SourceFile
) -> None:
    client.force_login(viewer)
    text = text_of(client, f"/files/{file.pk}/")
    assert "entries -1 is negative" in text
    assert "12.1 MB" in text
    assert "<script>alert" not in text
    only = text_of(client, f"/files/{file.pk}/?kind=conflict")
    assert "entries -1 is negative" not in only


def test_a_wrong_filter_is_said_beside_its_field_and_is_a_400(
    client: Client, viewer: Any, file: SourceFile
) -> None:
    client.force_login(viewer)
    text = text_of(client, "/files/?created__gte=yesterday", 400)
    assert "is not a time such as" in text
    assert 'aria-invalid="true"' in text
    assert "nosuch: unknown parameter" in text_of(client, "/files/?nosuch=1", 400)


def test_empty_fields_of_the_form_ask_for_nothing(client: Client, viewer: Any, file: SourceFile) -> None:
    client.force_login(viewer)
    assert f"/files/{file.pk}/" in text_of(client, "/files/?name=&state=&created__gte=")


def test_pages_of_a_list_follow_each_other_and_keep_the_filters(file: SourceFile) -> None:
    for number in range(4):
        SourceFile.objects.create(name=f"f{number}", reader="macho", identity=str(number), state="complete")
    first = Listing(FileResource, QueryDict("reader=macho"), ("id", "name"), page_size=3)
    assert len(first.rows) == 3
    assert first.next is not None
    assert "reader=macho" in first.next
    second = Listing(FileResource, QueryDict(first.next[1:]), ("id", "name"), page_size=3)
    assert len(second.rows) == 1
    assert {row["id"] for row in first.rows}.isdisjoint(row["id"] for row in second.rows)


def job(**fields: Any) -> Job:
    return Job.objects.create(task="detections.tasks.run_trials", **{"title": "two detectors", **fields})


def test_a_running_jobs_page_asks_again_by_itself_and_an_ended_one_does_not(
    client: Client, viewer: Any
) -> None:
    client.force_login(viewer)
    running = job(state="running", progress=0.42, stage="fitting", started=timezone.now())
    text = text_of(client, f"/jobs/{running.pk}/")
    assert "42 %" in text
    assert 'hx-trigger="every 1s"' in text
    done = job(state="succeeded", started=timezone.now(), finished=timezone.now(), log="first\nsecond")
    text = text_of(client, f"/jobs/{done.pk}/")
    assert "hx-trigger" not in text.split('id="job"')[1].split(">")[0]
    assert "second" in text


def test_only_its_owner_and_experts_cancel_a_job_and_who_did_is_kept(
    client: Client, viewer: Any, expert: Any
) -> None:
    waiting = job(state="queued", owner=expert)
    client.force_login(viewer)
    assert "Cancel</button>" not in text_of(client, f"/jobs/{waiting.pk}/")
    assert client.post(f"/jobs/{waiting.pk}/cancel/").status_code == 403
    client.force_login(expert)
    assert "Cancel</button>" in text_of(client, f"/jobs/{waiting.pk}/")
    assert client.get(f"/jobs/{waiting.pk}/cancel/").status_code == 405
    assert client.post(f"/jobs/{waiting.pk}/cancel/").status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.cancelled_by) == ("cancelled", expert)


def test_a_job_is_run_again_by_an_expert_as_a_new_job(client: Client, viewer: Any, expert: Any) -> None:
    failed = job(
        state="failed", error=HOSTILE, kwargs={"sample_set": "s", "detectors": []}, finished=timezone.now()
    )
    client.force_login(viewer)
    assert "<script>alert" not in text_of(client, f"/jobs/{failed.pk}/")
    assert client.post(f"/jobs/{failed.pk}/rerun/").status_code == 403
    client.force_login(expert)
    answer = client.post(f"/jobs/{failed.pk}/rerun/")
    again = Job.objects.get(rerun_of=failed)
    assert answer.headers["Location"] == f"/jobs/{again.pk}/"


def test_where_a_file_lies_on_the_server_is_not_shown(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    load = job(state="queued", kwargs={"paths": ["/secret/place/file.csv"]})
    text = text_of(client, f"/jobs/{load.pk}/")
    assert "file.csv" in text
    assert "/secret" not in text


def test_the_search_goes_to_the_one_exact_hit_and_lists_others(
    client: Client, viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finder(text: str) -> list[search.Hit]:
        near = search.Hit("thing", HOSTILE, "/near/")
        return [near, search.Hit("thing", "exact", "/exact/", exact=True)] if text == "exact" else [near]

    monkeypatch.setattr(search, "FINDERS", [finder])
    client.force_login(viewer)
    assert client.get("/search/?q=exact").headers["Location"] == "/exact/"
    text = text_of(client, "/search/?q=other")
    assert "/near/" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "typed", ["", "\0", "x" * 10_000, "316187:", "::", "%", "5h -", "\u202e", "'; drop table"]
)
def test_whatever_is_typed_the_search_answers(client: Client, viewer: Any, typed: str) -> None:
    client.force_login(viewer)
    assert client.get("/search/", {"q": typed}).status_code in (200, 302)


def test_a_slot_shows_every_filler_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "FILLERS", {})

    def filler(request: Any, **about: Any) -> SafeString:
        return SafeString(f"run {about['run']}")

    slots.fill("here", filler)
    slots.fill("here", filler)
    request = RequestFactory().get("/")
    assert slots.filled("here", request, run=1) == ["run 1"]
    assert slots.filled("elsewhere", request) == []


@pytest.mark.parametrize(
    "name",
    [
        "plotly/plotly-cartesian.min.js",
        "js-lib-bootstrap5/css/bootstrap.min.css",
        "js-lib-bootstrap5/js/bootstrap.bundle.min.js",
        "django_htmx/htmx-2.min.js",
    ],
)
def test_what_pages_need_from_elsewhere_is_served_from_here_and_kept_for_ever(
    client: Client, name: str
) -> None:
    assert finders.find(name)
    from django.templatetags.static import static

    address = static(name)
    assert "?v=" in address
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address.partition("?")[0]).headers["Cache-Control"] != answer.headers["Cache-Control"]


def test_plotly_is_the_file_its_authors_published() -> None:
    from project.environment import BASE_DIR

    folder = BASE_DIR / "project" / "static" / "plotly"
    script = (folder / "plotly-cartesian.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() in (folder / "README.md").read_text()
    version = re.search(rb"v(\d+\.\d+\.\d+)", script)
    assert version
    assert f"Plotly.js {version[1].decode()} " in (BASE_DIR / "project/static/project/plotly.css").read_text()


def test_our_own_javascript_stays_small() -> None:
    from project.environment import BASE_DIR

    apps = ("project", "runs", "lightcurves", "histos", "detections")
    scripts = [path for app in apps for path in (BASE_DIR / app / "static" / app).rglob("*.js")]
    assert sum(path.stat().st_size for path in scripts) <= 60_000
