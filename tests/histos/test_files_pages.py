"""What the pages of files say of loads of histograms: how far they are, what was passed over, and loading again."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from histos.models import LumisectionHistogram, MonitoringElement
from histos.services import load_histos
from project.jobs.services import claim, work_on
from project.models import Job, SourceFile
from project.reloading import load_again
from tests.histos.csv_files import write
from tests.histos.loads import Killed

DATA = Path(__file__).parent.parent / "data" / "histos"
pytestmark = pytest.mark.django_db


class Told:
    """A reporter that keeps what it was told."""

    def __new__(cls):
        from project.jobs.reporter import Reporter

        reporter = Reporter()
        reporter.fractions = []
        reporter.show = lambda fraction, stage: reporter.fractions.append(fraction)
        return reporter


def test_progress_never_passes_100_percent_also_when_a_file_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr("project.loading.batches.BATCH_ROWS", 7)
    path = write(tmp_path / "f.csv")
    for policy in ("keep", "keep", "replace", "sum"):
        told = Told()
        load_histos([path], "ml4dqm-csv", "ZeroBias", told, policy=policy)
        assert all(0 <= fraction <= 1 for fraction in told.fractions)
        assert told.fractions == sorted(told.fractions)
    assert set(SourceFile.objects.values_list("progress", flat=True)) == {1.0}


def test_progress_of_several_files_is_that_of_all(tmp_path):
    paths = [write(tmp_path / f"{number}.csv", n_lumisections=number + 1) for number in range(4)]
    told = Told()
    load_histos(paths, "ml4dqm-csv", "ZeroBias", told)
    assert told.fractions == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]


def test_progress_is_that_of_the_file_while_it_loads(tmp_path, monkeypatch, client, expert):
    monkeypatch.setattr("project.loading.batches.BATCH_ROWS", 7)
    path = write(tmp_path / "f.csv", n_lumisections=2_000)
    seen = []

    def killed(file):
        seen.append(file.progress)
        if len(seen) == 100:
            raise Killed

    with pytest.raises(Killed):
        _load(path, killed)
    file = SourceFile.objects.get()
    assert 0 < file.progress < 0.5
    client.force_login(expert)
    for url in ("/files/", f"/files/{file.pk}/"):
        assert f"{100 * file.progress:.0f} %" in client.get(url).content.decode()


def _load(path, progress):
    from histos.readers import READERS
    from histos.stores import HistogramStore
    from project.loading import Load

    reader = READERS["ml4dqm-csv"]()
    options = {"dataset": "ZeroBias", "experiment": "CMS"}
    Load(
        path, reader.name, lambda: reader.read(path), HistogramStore("ZeroBias"), options,
        progress=progress, done=reader.done,
    ).run()  # fmt: skip


def test_the_database_itself_refuses_more_than_the_whole():
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceFile.objects.create(name="f", identity="f", progress=2.0)


def test_what_was_passed_over_is_told_and_is_no_rejection(client, viewer):
    result = load_histos([DATA / "dqmio.root"], "dqmio", "ZeroBias")
    assert (result["rejected"], result["stored"]) == (0, 21)
    assert [problem["kind"] for problem in result["problems"]] == ["passed"] * 3
    client.force_login(viewer)
    text = client.get(f"/files/{SourceFile.objects.get().pk}/").content.decode()
    assert "1 Strings: not a histogram of one or two axes" in text
    assert "passed over" in text
    assert "Load again" not in text


def test_a_file_of_which_all_is_passed_over_is_refused(tmp_path):
    result = load_histos(
        [DATA / "dials-parquet.parquet"], "dials-parquet", "/JetHT/Run2023C-PromptReco-v1/DQMIO"
    )
    assert result["refused"] == 1
    assert "no row could be stored, the first: 6 rows are of dataset /ZeroBias/" in result["refusals"][0]


def test_titles_and_labels_of_root_become_those_of_the_element():
    load_histos([DATA / "dqmio.root"], "dqmio", "ZeroBias")
    element = MonitoringElement.objects.get(name__endswith="position_PXLayer_1")
    assert (element.title, element.x_label, element.y_label) == ("Position", "z", "phi")


def test_lumisection_0_becomes_a_histogram_of_the_run():
    load_histos([DATA / "dqmio.root"], "dqmio", "ZeroBias")
    from histos.models import RunHistogram

    assert RunHistogram.objects.count() == 7
    assert set(RunHistogram.objects.values_list("run__number", flat=True)) == {360001}


def test_several_files_of_one_lumisection_conflict_or_are_summed(tmp_path):
    first = write(tmp_path / "a.csv", n_lumisections=1)
    second = tmp_path / "b.csv"
    second.write_text(first.read_text().replace("[", "[1").replace("11", "1", 1))
    load_histos([first], "", "ZeroBias")
    before = LumisectionHistogram.objects.first().counts.sum()
    assert load_histos([second], "", "ZeroBias")["conflicts"] == 3
    assert load_histos([second], "", "ZeroBias", policy="sum")["conflicts"] == 0
    assert LumisectionHistogram.objects.first().counts.sum() > before


def test_flow_bins_that_nobody_knows_make_another_element_than_those_that_are_kept():
    load_histos([DATA / "root.root"], "root", "ZeroBias", elements=["*charge"])
    load_histos(
        [DATA / "dqmiotools-parquet.parquet"], "dqmiotools-parquet", "ZeroBias", elements=["*charge*"]
    )
    axes = [element.axes[0] for element in MonitoringElement.objects.all()]
    assert sorted(axis.get("flow", True) for axis in axes) == [False, True]


def test_a_wildcard_that_fits_nothing_is_an_error():
    from project.errors import UserError

    with pytest.raises(UserError, match="no monitoring element fits Pixel/x"):
        load_histos([DATA / "dqmio.root"], "dqmio", "ZeroBias", elements=["Pixel/x*", "y"])


def test_an_expert_loads_a_file_again_by_a_job(tmp_path, client, expert):
    path = write(tmp_path / "f.csv")
    load_histos([path], "ml4dqm-csv", "ZeroBias", elements=["*_1"], reader_options={"weighted": True})
    file = SourceFile.objects.get()
    client.force_login(expert)
    assert "Load again" in client.get(f"/files/{file.pk}/").content.decode()
    answer = client.post(f"/files/{file.pk}/reload/", {"policy": "replace"})
    job = Job.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/jobs/{job.pk}/")
    assert job.owner == expert
    work_on(claim())
    job.refresh_from_db()
    assert (job.state, job.result["known"]) == ("succeeded", 10)
    again = SourceFile.objects.exclude(pk=file.pk).get()
    assert again.options == file.options


def test_a_file_that_is_gone_cannot_be_loaded_again(tmp_path, client, expert):
    path = write(tmp_path / "f.csv")
    load_histos([path], "ml4dqm-csv", "ZeroBias")
    path.unlink()
    file = SourceFile.objects.get()
    client.force_login(expert)
    assert "it is no longer where it was" in client.get(f"/files/{file.pk}/").content.decode()
    client.post(f"/files/{file.pk}/reload/")
    assert not Job.objects.exists()


def test_a_load_that_died_is_said_and_gone_on_with(tmp_path, client, expert, monkeypatch):
    monkeypatch.setattr("project.loading.batches.BATCH_ROWS", 7)
    path = write(tmp_path / "f.csv")

    def killed(file):
        raise Killed

    with pytest.raises(Killed):
        _load(path, killed)
    file = SourceFile.objects.get()
    SourceFile.objects.update(holder="elsewhere:1:1", lease_until="2020-01-01T00:00:00Z")
    client.force_login(expert)
    assert "Whatever loaded it has died" in client.get(f"/files/{file.pk}/").content.decode()
    load_again(SourceFile.objects.get(), expert)
    work_on(claim())
    assert SourceFile.objects.get().state == "complete"
    assert LumisectionHistogram.objects.count() == 30


@pytest.mark.parametrize("reader", ["golden-json", "oms-columnar"])
def test_files_of_runs_and_certifications_are_loaded_again_too(reader, expert):
    from runs.services import load_certifications, load_runs

    path = next((DATA.parent / "runs").glob(f"{reader}.*"))
    (load_certifications if reader == "golden-json" else load_runs)([path], reader)
    load_again(SourceFile.objects.get(), expert)
    job = claim()
    work_on(job)
    job.refresh_from_db()
    assert job.state == "succeeded", job.error
    assert job.result["known"] > 0
    assert job.result["stored"] == 0
