"""Finding files: each content once, by name and content, incremental, and two at once share the work."""

import json
import os
import shutil
import threading
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from histos.discovery import Wanted, discover
from histos.models import FoundFile, LumisectionHistogram, RunMoments
from histos.tasks import load_found
from project.errors import UserError
from project.jobs.services import claim, start, work_on
from project.models import Job, SourceFile
from tests.histos.csv_files import write

DATA = Path(__file__).parent.parent / "data" / "histos"
NAME = "ZeroBias_2018A_DataFrame_1D_2.csv"
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def look(folder, **wanted):
    return discover([folder], Wanted(settled=0, **wanted), partial(start, load_found))


def work_off():
    while job := claim():
        work_on(job)


def test_a_new_file_is_queued_and_loaded_by_the_worker(folder):
    write(folder / NAME)
    found = look(folder)
    assert (found.queued, Job.objects.get().state, LumisectionHistogram.objects.count()) == (1, "queued", 0)
    work_off()
    assert Job.objects.get().state == "succeeded"
    assert LumisectionHistogram.objects.count() == 30
    assert LumisectionHistogram.objects.first().dataset.name == "ZeroBias"


def test_what_was_found_before_is_not_queued_again(folder):
    write(folder / NAME)
    assert look(folder).queued == 1
    assert look(folder).counts == dict.fromkeys(look(folder).counts, 0) | {"unchanged": 1}
    work_off()
    assert look(folder).queued == 0
    write(folder / "JetHT_2018A_DataFrame_1D_1.csv", n_lumisections=3)
    assert look(folder).queued == 1


def test_an_unchanged_file_is_not_even_read_again(folder, monkeypatch):
    write(folder / NAME)
    look(folder)
    monkeypatch.setattr("histos.discovery.walk._hashed", lambda path: pytest.fail(f"read {path}"))
    assert look(folder).unchanged == 1


def test_a_renamed_copy_is_known(folder):
    write(folder / NAME)
    look(folder)
    shutil.copy(folder / NAME, folder / "ZeroBias_2018B_DataFrame_1D_7.csv")
    found = look(folder)
    assert (found.queued, found.copies, found.unchanged) == (0, 1, 1)
    assert found.said[0].endswith(f"is a copy of {folder / NAME}")
    (folder / NAME).rename(folder / "ZeroBias_2018C_DataFrame_1D_7.csv")
    assert look(folder).queued == 0
    assert Job.objects.count() == 1


def test_what_was_loaded_by_hand_is_known(folder):
    write(folder / NAME)
    call_command("load_histos", str(folder / NAME), "--reader", "ml4dqm-csv", "--dataset", "ZeroBias")
    found = look(folder)
    assert (found.queued, found.unchanged) == (0, 1)


def test_a_file_that_is_still_being_written_waits_for_the_next_time(folder):
    path = write(folder / NAME)
    wanted = Wanted(settled=60)
    found = discover([folder], wanted, partial(start, load_found))
    assert (found.writing, found.queued, FoundFile.objects.count()) == (1, 0, 0)
    os.utime(path, (1, 1))
    assert discover([folder], wanted, partial(start, load_found)).queued == 1


def test_a_file_with_other_content_under_an_old_name_is_new(folder):
    path = write(folder / NAME)
    look(folder)
    write(path, n_lumisections=11)
    assert look(folder).queued == 1
    assert FoundFile.objects.count() == 1


def test_reader_and_dataset_come_from_content_and_name(folder):
    for path in sorted(DATA.iterdir()):
        shutil.copy(path, folder / f"ZeroBias-Run2023C-PromptReco-v1-DQMIO-{path.name}")
    look(folder)
    seen = {
        Path(row.path).name.rpartition("-DQMIO-")[2]: (row.reader, row.datasets)
        for row in FoundFile.objects.all()
    }
    dataset = ["/ZeroBias/Run2023C-PromptReco-v1/DQMIO"]
    assert seen == {
        path.name: (path.stem.split("_")[0], dataset) for path in DATA.iterdir() if path.suffix != ".md"
    }
    work_off()
    assert set(Job.objects.values_list("state", flat=True)) == {"succeeded"}
    assert RunMoments.objects.count() == 4


def test_a_file_without_a_dataset_is_said_and_waits_until_one_is_stated(folder):
    write(folder / "histograms.csv")
    found = look(folder)
    assert (found.unread, found.queued) == (1, 0)
    assert found.said == [
        f"{folder / 'histograms.csv'}: neither its name nor its content tells the dataset; --dataset states one"
    ]
    assert look(folder, dataset="/ZeroBias/Run2018A-UL/DQMIO").queued == 1


def test_a_file_that_no_reader_knows_is_said(folder):
    (folder / "ZeroBias_2018A_DataFrame_1D_9.csv").write_text("a,b\n1,2\n")
    assert look(folder).unread == 1


def test_hidden_files_and_other_names_are_left_alone(folder):
    write(folder / f".{NAME}")
    write(folder / f"{NAME}.part")
    assert not any(look(folder).counts.values())
    assert look(folder, patterns=("*.part",)).queued == 1


def test_folders_inside_are_looked_through(folder):
    (folder / "2018" / "A").mkdir(parents=True)
    write(folder / "2018" / "A" / NAME)
    assert look(folder).queued == 1


def test_a_folder_that_is_not_there_is_an_error(folder):
    with pytest.raises(UserError, match="nowhere: no such folder"):
        look(folder / "nowhere")


def test_what_could_not_be_loaded_is_said_and_tried_again_only_when_asked(folder):
    path = folder / NAME
    path.write_text(write(folder / "x").read_text().splitlines()[0] + "\nwrong\n")
    (folder / "x").unlink()
    look(folder)
    work_off()
    found = look(folder)
    assert (found.failed, found.queued) == (1, 0)
    assert "no row could be stored" in found.said[0]
    assert look(folder, retry=True).queued == 1


def test_a_dry_run_writes_nothing(folder):
    write(folder / NAME)
    found = look(folder, dry_run=True)
    assert (found.queued, FoundFile.objects.count(), Job.objects.count()) == (1, 0, 0)


def test_now_loads_here_and_tells_the_rows(folder, capsys):
    write(folder / NAME)
    call_command("discover_histos", str(folder), "--now", "--settled", "0", "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["queued"], told["stored"], told["refused"]) == (1, 30, 0)
    assert SourceFile.objects.get().state == "complete"


def test_elements_are_chosen_for_every_file(folder):
    write(folder / NAME)
    call_command("discover_histos", str(folder), "--now", "--settled", "0", "--elements", "*_1")
    assert {row.element.name for row in LumisectionHistogram.objects.all()} == {"element_1"}


def test_the_command_leaves_with_1_when_something_could_not_be_read(folder):
    write(folder / "histograms.csv")
    with pytest.raises(SystemExit) as left:
        call_command("discover_histos", str(folder), "--settled", "0")
    assert left.value.code == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_queue_every_content_once(folder):
    for number in range(6):
        path = write(folder / f"ZeroBias_2018A_DataFrame_1D_{number}.csv", n_lumisections=number + 1)
        shutil.copy(path, folder / f"JetHT_2018A_DataFrame_1D_{number}.csv")
    together = threading.Barrier(2)
    found = []

    def one():
        try:
            together.wait()
            found.append(look(folder))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert Job.objects.count() == sum(each.queued for each in found) == 6
    assert FoundFile.objects.filter(copy_of=None).count() == 6
