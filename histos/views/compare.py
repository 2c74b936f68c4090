"""What an element in a run is compared with, as the address asks."""

from dataclasses import dataclass

from histos.looking.comparing import Compared
from histos.looking.golden import golden_average
from histos.looking.in_run import InRun, read_in_run
from histos.looking.similar_runs import proposed
from project.errors import UserError
from runs.models import Run

MOST_NAMED = 4


@dataclass(frozen=True)
class Reference:
    """``held`` is None for the average of the run's other lumisections. ``words`` name it, ``why`` says of a proposed
    one what is alike.
    """

    held: Compared | None = None
    words: str = "the average of the others"
    run: Run | None = None
    why: str = ""


def reference_for(here: InRun, asked: str | int) -> Reference:
    """Raises UserError where there is no such reference for this element."""
    if asked == "golden":
        return _golden(here)
    if asked == "similar":
        return _similar(here)
    if isinstance(asked, str) or asked == here.run.number:
        return Reference()
    run = Run.objects.visible().of(here.run.experiment).filter(number=asked).first()
    if run is None:
        raise _nothing(here, f"run {asked} of {here.run.experiment}")
    return _of_run(here, run, f"run {asked}")


def _of_run(here: InRun, run: Run, words: str, why: str = "") -> Reference:
    there = read_in_run(here.element, run, here.dataset)
    if not len(there.numbers):
        raise _nothing(here, f"run {run.number} of {run.experiment}")
    return Reference(there.compared, words, run, why)


def _golden(here: InRun) -> Reference:
    found = golden_average(here)
    if found is None:
        raise _nothing(here, f"no certified lumisection of another run of {here.run.experiment}", "a")
    held, runs = found
    named = ", ".join(map(str, runs[:MOST_NAMED])) + (", …" if len(runs) > MOST_NAMED else "")
    many = (
        f"{len(held.values)} certified lumisections of {len(runs)} other run{'s' * (len(runs) > 1)} ({named})"
    )
    return Reference(held, f"the golden average: {many}")


def _similar(here: InRun) -> Reference:
    found = proposed(here.element, here.run, here.dataset)
    if found is None:
        raise UserError(f"reference: no other run of {here.run.experiment} near this one holds this element")
    run, why = found
    return _of_run(here, run, f"run {run.number}", why)


def _nothing(here: InRun, what: str, some: str = "no") -> UserError:
    return UserError(f"reference: {what} holds {some} histogram of this element in {here.dataset}")
