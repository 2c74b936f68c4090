"""A dry run: what a load would do, found out by doing it batch by batch and taking each batch back."""

from uuid import uuid4

from django.db import transaction

from project.loading.batches import Batch, batches, rows_of
from project.loading.load import UNREADABLE, Load, too_many
from project.loading.removal import highest_ids
from project.loading.rows import CONFLICT, REJECTED, LoadError, Outcome, Problem, Unfinished, placed, tally
from project.models import SourceFile


def check(load: Load) -> tuple[SourceFile, list[Problem]]:
    """Counts and problems of a load that writes nothing. Raises LoadError where the load itself would.

    A row that repeats one of an earlier batch counts as stored: that one was taken back.
    """
    file = SourceFile(name=load.path.name)
    problems: list[Problem] = []
    try:
        if load.policy == "sum" and (summed := load.summed_before()):
            return summed, []
        for batch in batches(load.read(), load.store):
            problems += _try(load, batch, file)
            bad = sum(problem.kind == REJECTED for problem in problems)
            if too_many(bad, file.position):
                raise LoadError(
                    f"{file.name}: {bad} of the first {file.position} rows are bad, {_first(problems)}"
                )
            load.progress(file)
    except UNREADABLE as error:
        raise LoadError(load.reason(error)) from error
    if problems and not (file.stored or file.known or file.conflicts):
        raise LoadError(f"{file.name}: no row could be stored, {_first(problems)}")
    if load.policy != "keep":
        file.stored, file.conflicts = file.stored + file.conflicts, 0
        problems = [problem for problem in problems if problem.kind != CONFLICT]
    return file, problems


def _try(load: Load, batch: Batch, file: SourceFile) -> list[Problem]:
    rows = rows_of(batch)
    outcome = Outcome()
    try:
        with transaction.atomic():
            if rows:
                trial = SourceFile.objects.create(
                    name=file.name, identity=uuid4().hex, first_ids=highest_ids(load.store.tables)
                )
                outcome = load.store.write(rows, trial)
            transaction.set_rollback(True)
    except Unfinished as others:
        raise LoadError(f"{file.name}: an earlier load of the same rows has not ended") from others
    finally:
        load.store.forget()
    problems = [row for row in batch if isinstance(row, Problem)] + outcome.problems
    conflicts, bad = tally(problems)
    file.position += len(batch)
    file.stored += outcome.stored
    file.known += outcome.known
    file.conflicts += conflicts
    file.rejected += bad
    file.progress = min(max(load.done(), file.progress), 1.0)
    return problems


def _first(problems: list[Problem]) -> str:
    first = min(problems, key=lambda problem: problem.line)
    return f"the first: {placed(first.line, first.reason)}"
