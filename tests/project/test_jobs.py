"""A job's row is the truth about it, whatever happens to the process that works on it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus, default_task_backend
from django_tasks.exceptions import TaskResultDoesNotExist

from project.errors import Cancelled, UserError
from project.jobs import holder, services
from project.jobs.execute import Stopped, _renew
from project.jobs.reporter import JobReporter, Reporter
from project.models import Job
from tests import tasks

State = Job.State


def work_once() -> Job:
    job = services.claim()
    assert job is not None
    services.work_on(job)
    return job


@pytest.mark.django_db
class TestOne:
    def test_it_runs_what_was_queued(self) -> None:
        queued = services.start(tasks.add, title="one and two", a=1, b=2, seed=5)
        assert (queued.state, queued.seed, queued.title) == (State.QUEUED, 5, "one and two")
        job = work_once()
        assert job.pk == queued.pk
        assert (job.state, job.result, job.progress) == (State.SUCCEEDED, {"sum": 3, "seed": 5}, 1.0)
        assert (job.counts, job.log, job.attempts) == ({"numbers": 2}, "1 + 2\n", 1)
        assert job.finished >= job.started
        assert job.lease_until is None

    def test_it_runs_here_what_a_command_asks_for(self) -> None:
        seen = Reporter()
        job, result = services.run_here(tasks.add, follow=seen, a=1, b=2)
        assert result == job.result == {"sum": 3, "seed": None}
        assert (job.state, job.title, seen.counts) == (State.SUCCEEDED, "add", {"numbers": 2})

    def test_the_same_work_has_the_same_configuration_hash_through_every_door(self) -> None:
        queued = services.start(tasks.add, a=1, b=2)
        plain = Job.objects.get(pk=tasks.add.enqueue(b=2, a=1).id)
        here, _ = services.run_here(tasks.add, a=1, b=2)
        other = services.start(tasks.add, a=1, b=3)
        assert queued.config_hash == plain.config_hash == here.config_hash != other.config_hash

    @pytest.mark.parametrize(
        ("task", "error", "trace"),
        [
            (tasks.refuse, "the file is empty", False),
            (tasks.crash, "ZeroDivisionError: division by zero", True),
        ],
    )
    def test_it_records_a_failure_in_one_line(self, task: Any, error: str, trace: bool) -> None:
        services.start(task)
        job = work_once()
        assert (job.state, job.error) == (State.FAILED, error)
        assert ("Traceback" in job.log) == trace

    def test_a_failure_here_is_raised_too(self) -> None:
        with pytest.raises(UserError):
            services.run_here(tasks.refuse)
        assert Job.objects.get().state == State.FAILED

    def test_a_task_that_no_longer_exists_fails(self) -> None:
        Job.objects.create(task="tests.tasks.gone")
        assert work_once().error.startswith("ImportError: ")

    def test_it_takes_the_more_urgent_first_and_then_the_older(self) -> None:
        ids = [services.start(tasks.add.using(priority=p), a=1, b=1).pk for p in (0, 5, 0)]
        assert [work_once().pk for _ in ids] == [ids[1], ids[0], ids[2]]
        assert services.claim() is None

    def test_a_queued_job_that_is_cancelled_never_runs(self) -> None:
        user = get_user_model().objects.create_user("ada")
        job = services.cancel(services.start(tasks.add, a=1, b=2), by=user)
        assert (job.state, job.error, job.cancelled_by) == (State.CANCELLED, "cancelled", user)
        assert services.claim() is None

    def test_a_running_job_that_is_cancelled_ends_as_cancelled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def cancelled_meanwhile(*, reporter: Reporter, **_: Any) -> None:
            services.cancel(Job.objects.get())
            JobReporter.EVERY = 0.0
            reporter.update(0.5)
            pytest.fail("it went on")

        monkeypatch.setattr(JobReporter, "EVERY", 0.5)
        monkeypatch.setattr(tasks, "add", type("Task", (), {"func": staticmethod(cancelled_meanwhile)}))
        Job.objects.create(task="tests.tasks.add")
        assert work_once().state == State.CANCELLED

    def test_one_that_never_listens_ends_as_cancelled_all_the_same(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def deaf(**_: Any) -> str:
            services.cancel(Job.objects.get())
            return "all of it"

        monkeypatch.setattr(tasks, "add", type("Task", (), {"func": staticmethod(deaf)}))
        Job.objects.create(task="tests.tasks.add")
        job = work_once()
        assert (job.state, job.result) == (State.CANCELLED, None)

    def test_a_finished_job_cannot_be_cancelled(self) -> None:
        job, _ = services.run_here(tasks.add, a=1, b=2)
        assert services.cancel(job).state == State.SUCCEEDED

    def test_it_reruns_a_finished_job_as_a_new_one(self) -> None:
        services.start(tasks.add, title="sum", a=1, b=2)
        with pytest.raises(UserError, match="has not ended yet"):
            services.rerun(Job.objects.get())
        old = work_once()
        new = services.rerun(old)
        assert (new.rerun_of, new.kwargs, new.config_hash, new.title) == (
            old,
            old.kwargs,
            old.config_hash,
            "sum",
        )
        assert work_once().result == old.result

    def test_a_worker_asked_to_leave_hands_its_job_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def leave(**_: Any) -> None:
            raise Stopped(0)

        with monkeypatch.context() as patch:
            patch.setattr(tasks, "add", type("Task", (), {"func": staticmethod(leave)}))
            Job.objects.create(task="tests.tasks.add", kwargs={"a": 1, "b": 2})
            with pytest.raises(SystemExit):
                work_once()
        job = Job.objects.get()
        assert (job.state, job.attempts, job.holder) == (State.QUEUED, 0, "")
        assert work_once().state == State.SUCCEEDED

    def test_the_progress_bar_never_leaves_its_ends(self) -> None:
        job = Job.objects.create(task="tests.tasks.add", state=State.RUNNING, holder=holder.me())
        reporter = JobReporter(job.pk)
        for fraction in (-1.0, 2.0):
            reporter.update(fraction, "x" * 300)
            reporter.write()
        job.refresh_from_db()
        assert (job.progress, len(job.stage)) == (1.0, 200)

    def test_django_tasks_sees_the_same_job(self) -> None:
        queued = tasks.add.enqueue(a=1, b=2)
        assert queued.status == TaskResultStatus.READY
        work_once()
        result = tasks.add.get_result(queued.id)
        assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, {"sum": 3, "seed": None})
        failed = tasks.crash.enqueue()
        work_once()
        failed.refresh()
        assert failed.status == TaskResultStatus.FAILED
        assert "ZeroDivisionError" in failed.errors[0].traceback
        for unknown in ("999999", "no-number"):
            with pytest.raises(TaskResultDoesNotExist):
                default_task_backend.get_result(unknown)

    def test_a_cancelled_job_is_not_successful_for_django_tasks(self) -> None:
        result = tasks.add.enqueue(a=1, b=2)
        services.cancel(Job.objects.get())
        result.refresh()
        assert result.status == TaskResultStatus.FAILED


@pytest.mark.django_db
class TestTakingOver:
    DEAD = "elsewhere:1:1"

    def abandoned(self, **fields: Any) -> Job:
        values = {
            "task": "tests.tasks.add",
            "kwargs": {"a": 1, "b": 2},
            "state": State.RUNNING,
            "attempts": 1,
        }
        late = timezone.now() - timedelta(seconds=1)
        return Job.objects.create(**{**values, "holder": self.DEAD, "lease_until": late, **fields})

    def test_it_takes_over_when_the_lease_of_another_machine_has_run_out(self) -> None:
        self.abandoned()
        assert services.take_over() == 1
        job = work_once()
        assert (job.state, job.attempts, job.result["sum"]) == (State.SUCCEEDED, 2, 3)

    def test_it_leaves_another_machine_its_lease(self) -> None:
        self.abandoned(lease_until=timezone.now() + timedelta(seconds=60))
        assert services.take_over() == 0

    def test_it_takes_over_at_once_when_a_process_of_this_machine_is_gone(self) -> None:
        host = holder.me().rsplit(":", 2)[0]
        self.abandoned(holder=f"{host}:999999999:1", lease_until=timezone.now() + timedelta(seconds=60))
        assert services.take_over() == 1

    def test_a_reused_process_number_is_another_process(self) -> None:
        host, number, _ = holder.me().rsplit(":", 2)
        self.abandoned(holder=f"{host}:{number}:1", lease_until=timezone.now() + timedelta(seconds=60))
        assert services.take_over() == 1

    def test_it_gives_up_after_some_attempts(self) -> None:
        job = self.abandoned(attempts=3)
        services.take_over()
        job.refresh_from_db()
        assert (job.state, job.error) == (State.FAILED, "its worker died 3 times")

    def test_what_was_to_be_cancelled_is_not_taken_up_again(self) -> None:
        job = self.abandoned(cancel_requested=True)
        services.take_over()
        job.refresh_from_db()
        assert (job.state, job.error) == (State.CANCELLED, "cancelled")

    def test_what_ran_in_a_terminal_is_not_taken_up_again(self) -> None:
        job = self.abandoned(foreground=True)
        services.take_over()
        job.refresh_from_db()
        assert (job.state, job.error) == (State.FAILED, "its process died")

    def test_who_lost_a_job_stops_and_writes_nothing_more(self) -> None:
        job = self.abandoned(stage="theirs")
        reporter = JobReporter(job.pk)
        _renew(job.pk, reporter)
        with pytest.raises(Cancelled):
            reporter.update(0.9, "ours")
        reporter.write()
        job.refresh_from_db()
        assert (job.stage, job.holder, job.state) == ("theirs", self.DEAD, State.RUNNING)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_and_passes_a_cancel_on(settings: Any) -> None:
    settings.LUMISIFT_LEASE_SECONDS = 2
    leases: list[Any] = []

    def work(*, reporter: Reporter, **_: Any) -> None:
        leases.append(Job.objects.get().lease_until)
        threading.Event().wait(1.0)
        leases.append(Job.objects.get().lease_until)
        services.cancel(Job.objects.get())
        assert reporter.stop.wait(5)
        reporter.update()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "add", type("Task", (), {"func": staticmethod(work)}))
        Job.objects.create(task="tests.tasks.add")
        job = work_once()
    assert leases[1] > leases[0]
    assert job.state == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_job() -> None:
    for _ in range(20):
        services.start(tasks.add, a=1, b=2)
    taken: list[int] = []

    def take() -> None:
        while (job := services.claim()) is not None:
            taken.append(job.pk)
        connection.close()

    together(take, take, take)
    assert sorted(taken) == sorted(Job.objects.values_list("pk", flat=True))


def together(*functions: Callable[[], None]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_a_burst_worker_leaves_when_nothing_is_queued(
    capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("project.management.commands.worker._on_stop", lambda handler: None)
    monkeypatch.setattr("project.management.commands.worker.close_old_connections", lambda: None)
    job = services.start(tasks.add, title="sum", a=1, b=2)
    services.start(tasks.refuse, title="refused")
    call_command("worker", "--burst")
    said = capsys.readouterr().out
    assert f"job {job.pk}: succeeded" in said
    assert "failed the file is empty" in said
