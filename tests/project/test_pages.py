"""The pages: what they say when empty, when full, and when parts are missing."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from detections import comparison as science
from detections.comparison.results import jsonable
from detections.models import Comparison, Detection, SampleSet, Trial
from lightcurves.models import Catalog, Source
from project.models import Job, SourceFile

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())["pages"]
LARGEST = 150_000
VOID = {"meta", "link", "input", "br", "img", "wbr"}


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def results() -> dict[str, Any]:
    """What a comparison of two detectors and a constant one finds, small but whole."""
    rng = np.random.default_rng(0)
    truth = np.arange(600) < 30
    groups = np.array([f"CMS:{row % 15}" for row in range(600)])
    sigma = np.where(truth, 10 ** rng.uniform(-0.5, 1.5, 600), np.nan)
    noise = rng.normal(size=600)
    scores = {
        "good <b>": noise + np.where(truth, sigma, 0),
        "poor": noise + np.where(truth, 0.1 * sigma, 0),
        "constant": np.ones(600),
    }
    compared = science.compare(truth, groups, scores, science.Options(name="shift", n_boot=20))
    strength = science.efficiency_vs_strength(
        scores, truth, sigma, groups, options=science.StrengthOptions(n_boot=20)
    )
    return jsonable({
        "classes": {"all": compared.as_dict(), "shift": compared.as_dict()},
        "sentences": [science.sentence(compared)] * 2,
        "curves": {"all": {name: science.curves(truth, vector) for name, vector in scores.items()}},
        "strength": {"all": {name: [bin_.as_dict() for bin_ in one.bins] for name, one in strength.items()}},
        "agreement": science.agreement(scores, k=20).as_dict(),
        "left_out": {"pyod.KNN": "takes too long here"},
        "costs": {"good <b>": {"fit_seconds": 1.5, "score_seconds": 0.012}},
        "marks": {"poor": ["transductive"]},
    })  # fmt: skip


@pytest.fixture
def comparison() -> Comparison:
    sample_set = SampleSet.objects.create(
        name="simulated-runs", hash="h", world="histograms", kind="histograms", recipe={}, split="holdout",
        n_samples=600, n_scores=600, n_groups=15, n_fit=300, n_score=300,
        keys=b"", groups=b"", roles=[], folds=[],
        simulated=True,
    )  # fmt: skip
    trial = Trial.objects.create(
        sample_set=sample_set, detector="knn", inputs="i", code_version="1", threshold=2.0
    )
    source = Source.objects.create(catalog=Catalog.objects.create(name="ogle3"), name="b")
    Detection.objects.create(
        trial=trial, rank=1, position=1, key="ogle3:b", score=2.5, source=source, extent="time",
        time_start=50000.5, time_end=50001.25, reasons=[{"column": "V-I", "pull": 7.25}],
    )  # fmt: skip
    found = Comparison.objects.create(
        sample_set=sample_set, inputs="i", params={"far": 0.01}, results=results()
    )
    found.trials.add(trial)
    return found


class Balanced(HTMLParser):
    """Raises when a tag is closed that was not opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert "style" not in dict(attrs), f"inline style in {tag}"
        assert not any(name.startswith("on") for name, _ in attrs), f"inline script in {tag}"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert len(answer.content) < LARGEST
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe-eval" not in policy
    Balanced(text)
    return text.replace("<wbr>", "")


def test_an_empty_site_says_how_to_fill_it(client: Client) -> None:
    text = page(client, "/")
    assert "Nothing is loaded yet" in text
    assert "manage.py load_demo" in text
    assert "manage.py load_histos" in text
    assert "/api/v1/runs/" in text
    assert "No comparison yet" in page(client, "/compare/")


def test_the_overview_shows_what_is_new_strange_and_running(client: Client, comparison: Comparison) -> None:
    SourceFile.objects.create(name="a.csv", reader="ml4dqm-csv", state="complete", stored=12345, rejected=3)
    Job.objects.create(
        task="some.task", title="Run nine detectors", state="running", progress=0.43, stage="lof"
    )
    text = page(client, "/")
    for words in (
        "12,345 stored",
        "3 rejected",
        "43 %, lof",
        "ogle3:b",
        "simulated-runs",
        "<b>1</b> source<",
    ):
        assert words in text, words


def test_the_comparison_page_shows_the_whole_result(client: Client, comparison: Comparison) -> None:
    text = page(client, f"/compare/{comparison.pk}/")
    assert comparison.results["sentences"][0].split(".")[0].replace("<b>", "&lt;b&gt;") in text
    assert text.index(">good &lt;b&gt;<") < text.index(">poor<")
    for words in ("simulated</span>", "transductive", "1.5 s", "12 ms", "takes too long here",
                  "sampling noise (σ)", "bar-chance", "Spearman", "table.csv",
                  f"/api/v1/comparisons/{comparison.pk}/"):  # fmt: skip
        assert words in text, words
    assert text.count('class="plot"') == 3


def test_the_address_chooses_class_and_metric(client: Client, comparison: Comparison) -> None:
    text = page(client, f"/compare/{comparison.pk}/?class=shift&sort=roc_auc&kind=all")
    assert re.search(r'aria-current="true">shift<', text)
    assert re.search(r'aria-sort="descending"><a[^>]*>ROC AUC', text)
    assert page(client, f"/compare/{comparison.pk}/?class=nonsense&sort=nonsense&kind=<script>")


@pytest.mark.parametrize("part", [*results(), None])
def test_the_page_stands_without_any_part_of_the_results(
    client: Client, comparison: Comparison, part: str
) -> None:
    whole = dict(comparison.results)
    comparison.results = (
        {} if part is None else {name: value for name, value in whole.items() if name != part}
    )
    comparison.save()
    page(client, f"/compare/{comparison.pk}/")
    assert client.get(f"/compare/{comparison.pk}/table.csv").status_code == 200


def test_a_metric_that_is_not_defined_leaves_an_empty_cell(client: Client, comparison: Comparison) -> None:
    for row in comparison.results["classes"]["all"]["rows"]:
        row["metrics"]["roc_auc"] = {"value": None, "low95": None}
    comparison.save()
    assert "–" in page(client, f"/compare/{comparison.pk}/?sort=roc_auc")


def test_the_table_can_be_taken_home(client: Client, comparison: Comparison) -> None:
    answer = client.get(f"/compare/{comparison.pk}/table.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert [(row["class"], row["detector"]) for row in rows[:2]] == [("all", "good <b>"), ("all", "poor")]
    metrics = comparison.results["classes"]["all"]["rows"][0]["metrics"]
    assert float(rows[0]["roc_auc value"]) == metrics["roc_auc"]["value"]


def test_the_trial_page_lists_what_it_flags_and_why(client: Client, comparison: Comparison) -> None:
    text = page(client, f"/trials/{Trial.objects.get().pk}/")
    for words in ("ogle3:b", "MJD 50000.50–50001.25", "V-I", "7.25 σ high", f"/compare/{comparison.pk}/"):
        assert words in text, words


@pytest.mark.parametrize("name", QUERIES)
def test_a_page_takes_few_queries(name: str, client: Client, comparison: Comparison) -> None:
    trial = Trial.objects.get().pk
    urls = {"overview": "/", "comparison": f"/compare/{comparison.pk}/", "comparisons": "/compare/",
            "trial": f"/trials/{trial}/"}  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        page(client, urls[name])
    assert len(queries) <= QUERIES[name]
    read = " ".join(one["sql"] for one in queries.captured_queries)
    assert '"keys"' not in read, "the keys of a sample set can be megabytes"


ADMIN = ("sampleset", "trial", "scoreblock", "detection", "comparison")


@pytest.fixture
def staff(client: Client, admin: Any) -> Client:
    client.force_login(admin)
    return client


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_shows_tables_and_rows_that_machines_made(
    name: str, staff: Client, comparison: Comparison
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert staff.get(f"/admin/detections/{name}/").status_code == 200
    counted = [one["sql"] for one in queries.captured_queries if "COUNT(*)" in one["sql"]]
    assert all("LIMIT" in sql for sql in counted), counted
    assert staff.get(f"/admin/detections/{name}/add/").status_code == 403


def test_the_admin_shows_the_table_of_a_comparison(staff: Client, comparison: Comparison) -> None:
    text = staff.get(f"/admin/detections/comparison/{comparison.pk}/change/").content.decode()
    assert "good &lt;b&gt;" in text
    assert f'href="/compare/{comparison.pk}/"' in text
    text = staff.get(f"/admin/detections/sampleset/{comparison.sample_set_id}/change/").content.decode()
    assert "empty" in text


def test_every_table_of_the_admin_opens(staff: Client) -> None:
    text = staff.get("/admin/").content.decode()
    lists = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/)"', text))
    assert len(lists) > 15
    for url in lists:
        assert staff.get(url).status_code == 200, url
        assert staff.get(f"{url}?q=1").status_code == 200, url
