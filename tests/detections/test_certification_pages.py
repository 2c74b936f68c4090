"""The pages of certification: the worklist, proposing, one proposal with what speaks for it, and who may do what."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from detections.models import Proposal, SampleSet, Trial
from detections.services import run_trial
from detections.services.deciding import sign
from detections.services.proposals import Range, Words, propose
from runs.models import Certification, Lumisection, Run

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())["certification pages"]
LARGEST = 150_000
PAGE = "/certification/"


@pytest.fixture
def trial(histogram_set: SampleSet) -> Trial:
    """Of four simulated runs, whose lumisections recorded 0.1 pb⁻¹ each."""
    Lumisection.objects.update(recorded_luminosity=0.1)
    return run_trial(histogram_set, "reference_chi2")[0]


def first_run() -> Run:
    return Run.objects.order_by("number")[0]


def proposed(user: Any, *ranges: tuple, **words: Any) -> Proposal:
    said = [(first_run(), [Range(*one) for one in ranges])]
    return propose(user, said, Words(**{"flag": "golden", "cause": "beam", **words}))[0][0]


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:2000]
    content: str = answer.content.decode()
    assert len(content) < LARGEST
    return content


def test_an_empty_page_says_how_to_begin(people: dict[str, Client]) -> None:
    for role, words in {"viewer": "Shifters propose", "shifter": "drag over a range"}.items():
        page = text(people[role].get(PAGE))
        assert "No trial has flagged a lumisection yet" in page
        assert words in page


def test_the_worklist_leads_to_runs_detections_and_proposing(trial: Trial, people: dict[str, Client]) -> None:
    page = text(people["shifter"].get(f"{PAGE}?trial={trial.pk}&gap=2&order=score"))
    leads = re.findall(r'href="(/certification/propose/\?[^"]+)"', page)
    assert leads
    lead = leads[0].replace("&amp;", "&")
    form = text(people["shifter"].get(lead))
    for field in ("first", "last", "run"):
        value = re.search(rf"{field}=(\d+)", lead)[1]  # type: ignore[index]
        assert re.search(rf'name="{field}" value="{value}"', form), field
    assert f'<option value="{trial.pk}" selected>{trial} ({trial.pk})</option>' in form
    assert re.search(r'href="/runs/[^"]+first=\d+', page)
    assert re.search(r'href="/detections/\d+/"', page)
    assert "Propose<" not in text(people["viewer"].get(PAGE))


@pytest.mark.parametrize(
    "query", ["gap=x", "gap=-1", "trial=999", "trial=x", "order=no", "state=no", "run=x", "flag=%00"]
)
def test_a_wrong_parameter_is_told_beside_its_field(query: str, people: dict[str, Client]) -> None:
    answer = people["viewer"].get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()


def test_a_range_is_proposed_with_what_it_costs_in_sight(trial: Trial, people: dict[str, Client]) -> None:
    run = first_run()
    Certification.objects.create(run=run, first=1, last=40, flag="golden", status="GOOD", source="g.json")
    here = {
        "experiment": run.experiment,
        "run": run.number,
        "first": 3,
        "last": 7,
        "flag": "golden",
        "status": "BAD",
    }
    form = text(people["shifter"].get(f"{PAGE}propose/", here))
    assert "It costs 0.500 pb⁻¹ of what is good" in form
    wrong = people["shifter"].post(f"{PAGE}propose/", {**here, "last": 99, "cause": "beam"})
    assert wrong.status_code == 400
    assert "ends with lumisection 40" in wrong.content.decode()
    sent = {**here, "cause": "dead-region", "comment": "two\nlines", "trial": trial.pk, "client_key": "k"}
    answer = people["shifter"].post(f"{PAGE}propose/", sent)
    one = Proposal.objects.get()
    assert answer["Location"] == f"{PAGE}{one.pk}/"
    assert (one.ranges, one.comment) == ([[3, 7, "BAD"]], "two\nlines")
    assert one.evidence["trials"][0]["id"] == trial.pk
    assert people["shifter"].post(f"{PAGE}propose/", sent)["Location"] == f"{PAGE}{one.pk}/"
    assert "Signing it costs 0.500 pb⁻¹" in text(people["viewer"].get(f"{PAGE}{one.pk}/"))


def test_a_proposal_shows_the_histograms_and_scores_that_speak_for_it(
    trial: Trial, shifter_and: dict[str, Any]
) -> None:
    first = trial.detections.select_related("lumisection__run").get(rank=1)
    here = [Range(first.lumisection.number, first.lumisection.number, "BAD")]
    one = propose(shifter_and["shifter"], [(first.lumisection.run, here)], Words("golden", "shape"))[0][0]
    client = shifter_and["viewer"]
    page = text(client.get(f"{PAGE}{one.pk}/"))
    assert "small-histogram" in page or "small-map" in page
    assert f'href="/trials/{trial.pk}/"' in page
    assert re.search(r'href="/detections/\d+/"', page)
    assert "figure.json?flag=golden" in page
    assert "0.100 pb⁻¹</b> recorded" in page.replace("0.1000", "0.100")
    assert 'role="img"><title>as it stands' in page


@pytest.fixture
def shifter_and(people: dict[str, Client]) -> dict[str, Any]:
    from django.contrib.auth import get_user_model

    return {**people, "shifter": get_user_model().objects.get(username="shifter")}


def test_signing_and_undoing_on_the_page(
    trial: Trial, people: dict[str, Client], shifter_and: dict[str, Any]
) -> None:
    one = proposed(shifter_and["shifter"], (3, 7, "BAD"))
    url = f"{PAGE}{one.pk}/"
    assert "Sign</button>" not in text(people["shifter"].get(url))
    assert "Withdraw</button>" in text(people["shifter"].get(url))
    assert "deciding" not in text(people["viewer"].get(url))
    people["expert"].post(f"{url}sign/", {"comment": "agreed"})
    assert Certification.objects.get(source="lumisift").last == 7
    page = text(people["expert"].get(url))
    for words in ("agreed", "Undo the signature", "signed"):
        assert words in page
    back = people["expert"].post(f"{url}undo/", {"next": PAGE})
    assert back["Location"] == PAGE
    assert not Certification.objects.filter(source="lumisift").exists()
    elsewhere = people["expert"].post(f"{url}comment/", {"comment": "x", "next": "https://evil.example/"})
    assert elsewhere["Location"] == url


def test_one_who_signs_an_own_proposal_is_told(trial: Trial, people: dict[str, Client]) -> None:
    from django.contrib.auth import get_user_model

    expert = get_user_model().objects.get(username="expert")
    one = proposed(expert, (1, 2, "GOOD"))
    assert "You proposed it yourself" in text(people["expert"].get(f"{PAGE}{one.pk}/"))
    sign(one, expert)
    assert "who proposed it" in text(people["viewer"].get(f"{PAGE}{one.pk}/"))
    assert "who proposed it" in text(people["viewer"].get(PAGE))


def test_the_page_of_trials_looks_before_it_proposes(trial: Trial, people: dict[str, Client]) -> None:
    url = f"{PAGE}propose/trials/"
    assert trial.detector in text(people["shifter"].get(url))
    look = text(people["shifter"].get(url, {"trial": trial.pk}))
    assert "Nothing is stored yet" in look
    assert look.count('name="pick"') == 4
    assert not Proposal.objects.exists()
    for wrong in (
        {"trial": 999},
        {"trial": "x"},
        {"trial": trial.pk, "needed": 5},
        {"trial": trial.pk, "runs": "x"},
    ):
        assert people["shifter"].get(url, wrong).status_code == 400
    nothing = people["shifter"].post(url, {"trial": trial.pk, "flag": "golden"})
    assert nothing.status_code == 400
    assert "Tick the runs" in nothing.content.decode()
    picked = [run.number for run in Run.objects.order_by("number")[:2]]
    sent = {"trial": trial.pk, f"threshold.{trial.pk}": 5, "pick": picked, "flag": "golden", "cause": "shape"}
    answer = people["shifter"].post(url, sent)
    assert answer.status_code == 302, answer.content
    assert [one.run.number for one in Proposal.objects.order_by("id")] == picked
    assert "2 proposed" in text(people["shifter"].get(answer["Location"]))


def test_a_file_of_ranges_is_proposed_on_its_page(trial: Trial, people: dict[str, Client]) -> None:
    run = first_run()
    url = f"{PAGE}propose/file/"
    assert "run,first,last,status" in text(people["shifter"].get(url))
    for content, status in (
        (f'{{"{run.number}": [[1, 9]]}}', 302),
        ("run,first\n", 400),
        ('{"1": [[1, 2]]}', 400),
    ):
        file = SimpleUploadedFile("a.json", content.encode())
        sent = {"file": file, "experiment": run.experiment, "flag": "golden"}
        assert people["shifter"].post(url, sent).status_code == status, content
    assert people["shifter"].post(url, {"flag": "golden"}).status_code == 400
    assert Proposal.objects.get().origin == "file"


def test_the_run_offers_to_propose_its_range(
    trial: Trial, people: dict[str, Client], shifter_and: dict[str, Any]
) -> None:
    run = first_run()
    proposed(shifter_and["shifter"], (3, 7, "BAD"))
    url = f"/runs/{run.experiment}/{run.number}/?first=5&last=9&trial={trial.pk}"
    page = text(people["shifter"].get(url))
    assert "Propose a flag for 5–9" in page
    assert f"first=5&amp;last=9&amp;trial={trial.pk}" in page
    assert "golden LS 3–7: proposed" in page
    seen = text(people["viewer"].get(url))
    assert "Propose a flag" not in seen
    assert "golden LS 3–7: proposed" in seen
    assert "golden LS 3–7" not in text(people["viewer"].get(url.replace("first=5", "first=8")))


def test_the_overview_says_what_waits_for_a_signature(
    trial: Trial, people: dict[str, Client], shifter_and: dict[str, Any]
) -> None:
    one = proposed(shifter_and["shifter"], (3, 7, "BAD"))
    assert "Waits for your signature" in text(people["expert"].get("/"))
    assert f'href="{PAGE}{one.pk}/"' in text(people["shifter"].get("/"))
    assert "signature" not in text(people["viewer"].get("/"))


def test_pages_ask_few_queries_whatever_there_is(
    trial: Trial, people: dict[str, Client], shifter_and: dict[str, Any]
) -> None:
    user = shifter_and["shifter"]
    for n in range(30):
        proposed(user, (n + 1, n + 3, "BAD"), flag=f"f{n}")
    one = proposed(user, (1, 40, "BAD"))
    for name, url in {"certification": PAGE, "proposal": f"{PAGE}{one.pk}/"}.items():
        people["expert"].get(url)
        with CaptureQueriesContext(connection) as queries:
            text(people["expert"].get(url))
        assert len(queries) <= QUERIES[name], "\n".join(
            each["sql"][:200] for each in queries.captured_queries
        )


def test_the_worklist_lists_the_first_and_says_how_many_there_are(
    trial: Trial, people: dict[str, Client]
) -> None:
    page = text(people["viewer"].get(f"{PAGE}?decided=true"))
    n = int(re.search(r"([\d,]+) intervals? of flagged", page)[1])  # type: ignore[index]
    assert page.count('data-label="flagged"') == min(n, 20)
