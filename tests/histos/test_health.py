"""What is missing in a run: counted, named, and linked to where it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from histos.looking.health import health_of, spans
from histos.models import LumisectionHistogram, MonitoringElement
from histos.views.health import strip_along
from project.models import SourceFile
from runs.models import Lumisection, Run
from tests.histos.stored import FLAT, store

pytestmark = pytest.mark.django_db
START = datetime(2018, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def run() -> Run:
    """OMS has lumisections 1 to 10; "whole" is in 3 to 12, "part" lacks 5, 6 and 9 and is empty in 4; 13 nobody has."""
    found = Run.objects.create(number=5)
    Lumisection.objects.bulk_create(Lumisection(run=found, number=n, start_time=START) for n in range(1, 11))
    store("whole", [FLAT] * 10, numbers=[*range(3, 13)])
    there = [n for n in range(3, 13) if n not in (5, 6, 9)]
    store("part", [[0.0] * 7 if n == 4 else FLAT for n in there], numbers=there)
    Lumisection.objects.create(run=found, number=14, start_time=START)
    return found


def test_all_that_is_missing_is_counted(run: Run) -> None:
    found = health_of(run)
    assert (found.listed, found.told, found.last) == (13, 11, 14)
    assert (found.n_nothing, found.nothing) == (3, [(1, 2), (14, 14)])
    assert (found.n_untold, found.untold) == (2, [(11, 12)])
    assert (found.n_gaps, found.gaps) == (1, [(13, 13)])
    (one,) = found.datasets
    assert (one.held, one.n_elements, one.n_absent, one.n_empty) == (10, 2, 1, 1)
    assert one.without == [(1, 2), (14, 14)]
    (gap,) = one.absent
    assert (gap.element.name, gap.n, gap.spans) == ("part", 3, [(5, 6), (9, 9)])
    assert (gap.empty, gap.first_empty) == (1, 4)
    assert not found.whole


def test_counts_lead_to_where_they_are(client: Client, run: Run) -> None:
    text = client.get("/histograms/missing/CMS/5/").content.decode()
    part = MonitoringElement.objects.get(name="part")
    for link in (f"/histograms/{part.pk}/CMS/5/?ls=5", f"/histograms/{part.pk}/CMS/5/?dataset=ZB&amp;ls=4",
                 "/runs/CMS/5/14/", "/histograms/of/CMS/5/?ls=11"):  # fmt: skip
        assert f'href="{link}"' in text
    assert client.get("/runs/CMS/5/14/").status_code == 200


def test_a_run_in_which_nothing_is_missing_says_so(client: Client) -> None:
    store("whole", [FLAT] * 4)
    Lumisection.objects.update(start_time=START)
    assert health_of(Run.objects.get()).whole
    assert "nothing is missing" in client.get("/histograms/missing/CMS/5/").content.decode()


def test_a_run_of_which_oms_told_nothing_is_not_called_incomplete_for_it(client: Client) -> None:
    store("whole", [FLAT] * 4)
    found = health_of(Run.objects.get())
    assert (found.told, found.n_untold, found.n_nothing) == (0, 4, 0)
    assert (
        "nothing of this run was loaded from there"
        in client.get("/histograms/missing/CMS/5/").content.decode()
    )


def test_a_run_without_histograms_says_how_to_load_some(client: Client) -> None:
    Lumisection.objects.create(run=Run.objects.create(number=3), number=1, start_time=START)
    text = client.get("/histograms/missing/CMS/3/").content.decode()
    assert "load_histos" in text
    assert "none of the 1 lumisections holds any" in text


def test_what_was_counted_is_counted_anew_once_a_file_was_loaded(run: Run) -> None:
    assert health_of(run).datasets[0].n_empty == 1
    LumisectionHistogram.objects.filter(entries=0).update(entries=3)
    assert health_of(run).datasets[0].n_empty == 1
    SourceFile.objects.create(name="x", reader="r", state="complete", sha256="1" * 64)
    assert health_of(run).datasets[0].n_empty == 0


def test_what_is_still_loading_is_missing(run: Run) -> None:
    file = SourceFile.objects.create(name="x", reader="r", state=SourceFile.State.LOADING, sha256="1" * 64)
    LumisectionHistogram.objects.filter(element__name="whole").update(file=file)
    assert health_of(run).datasets[0].n_elements == 1


def test_the_run_page_counts_after_it_is_there(client: Client, run: Run) -> None:
    page = client.get("/runs/CMS/5/").content.decode()
    assert 'hx-get="/histograms/missing/CMS/5/"' in page
    block = client.get("/histograms/missing/CMS/5/", headers={"HX-Target": "health"}).content.decode()
    assert block.startswith('<section id="health">')
    assert "3 without histograms" in block
    line = client.get("/histograms/missing/CMS/5/", headers={"HX-Target": f"line-{run.pk}"}).content.decode()
    assert line.startswith("<span>")
    assert "<b>1 element absent</b>" in line


def test_runs_are_listed_with_the_latest_first_and_in_pages(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("histos.views.health.RUNS", 2)
    for number in (3, 4, 5):
        Lumisection.objects.create(run=Run.objects.create(number=number), number=1)
    Run.objects.create(number=9, experiment="other")
    first = client.get("/histograms/missing/?experiment=CMS").context
    assert [(run.number, listed) for run, listed in first["rows"]] == [(5, 1), (4, 1)]
    second = client.get("/histograms/missing/" + first["further"]).context
    assert [run.number for run, _ in second["rows"]] == [3]
    assert client.get("/histograms/missing/?before=x").status_code == 400
    assert "manage.py" in client.get("/histograms/missing/?experiment=none").content.decode()


def test_the_strip_follows_the_numbers() -> None:
    assert spans(set()) == []
    assert spans({4, 1, 2, 9}) == [(1, 2), (4, 4), (9, 9)]
    title = str(strip_along([(1, 2), (9, 9)], 10))
    assert "7 good" in title
    assert "3 no data" in title
    assert str(strip_along([], 0)) == ""


def test_counting_takes_few_queries(client: Client, run: Run, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(28):
        client.get("/histograms/missing/CMS/5/")
    with django_assert_max_num_queries(9):
        client.get("/histograms/missing/CMS/5/")
