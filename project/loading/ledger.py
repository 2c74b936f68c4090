"""The SourceFile row of a load: who holds it, how far it is, how it ended."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from project.jobs import holder
from project.loading.removal import finish_removal
from project.loading.rows import LoadError, Problem, Superseded, placed, tally
from project.models import FileProblem, SourceFile

LOADING, COMPLETE = SourceFile.State.LOADING, SourceFile.State.COMPLETE


def lease() -> Any:
    return timezone.now() + timedelta(seconds=settings.LUMISIFT_LEASE_SECONDS)


def claim(identity: str, **new: Any) -> SourceFile:
    """The row of this load: the one a dead process left behind, or a new one with the fields ``new``."""
    while True:
        try:
            with transaction.atomic():
                file = _take_over(identity)
                if file is None:
                    return SourceFile.objects.create(
                        identity=identity, holder=holder.me(), lease_until=lease(), **new
                    )
        except IntegrityError:
            continue  # another process made the row just now
        if not file.error:
            return file
        finish_removal(file)


def _take_over(identity: str) -> SourceFile | None:
    file = SourceFile.objects.select_for_update().filter(identity=identity, state=LOADING).first()
    if file is None:
        return None
    if holder.is_alive(file.holder, file.lease_until):
        raise LoadError(f"{file.name}: is being loaded by another process ({file.holder})")
    file.holder, file.lease_until = holder.me(), lease()
    file.save(update_fields=["holder", "lease_until"])
    return file


def incomplete(file_ids: set[int]) -> set[int]:
    """Those of the files that may remove their rows, or have done so since they were seen.

    The last transaction of one that is loading now waits for the end of this one.
    """
    table, marks = connection.ops.quote_name(SourceFile._meta.db_table), ", ".join(["%s"] * len(file_ids))
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    query = f"SELECT id FROM {table} WHERE state <> %s AND id IN ({marks}){lock}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, [COMPLETE, *file_ids])
        return {row[0] for row in cursor.fetchall()}


def lock(file: SourceFile) -> None:
    """Begin the last transaction: wait for those that take over rows of this file, and keep new ones waiting."""
    SourceFile.objects.select_for_update().get(pk=file.pk)


def _ours(file: SourceFile) -> QuerySet[SourceFile]:
    """The row of the file, unless another process went on in our place or began to undo the load."""
    return SourceFile.objects.filter(
        pk=file.pk, state=LOADING, holder=holder.me(), position=file.position, error=""
    )


def advance(
    file: SourceFile, read: int, stored: int, known: int, problems: list[Problem], done: float = 0.0
) -> dict[str, Any]:
    """Inside a batch's transaction: write how far we are, unless somebody else went on in our place.

    ``done`` is the fraction of the file that is read; what is shown of it never goes back, and never beyond the whole.
    """
    FileProblem.objects.bulk_create(FileProblem(file=file, **problem._asdict()) for problem in problems)
    conflicts, bad = tally(problems)
    counts = {
        "position": file.position + read,
        "stored": file.stored + stored,
        "known": file.known + known,
        "conflicts": file.conflicts + conflicts,
        "rejected": file.rejected + bad,
        "progress": min(max(done, file.progress), 1.0),
    }
    ours = _ours(file)
    if not ours.update(**counts, lease_until=lease()):
        raise Superseded(f"{file.name}: another process took the load over")
    return counts


def complete(file: SourceFile) -> None:
    """Inside the last transaction: from its end on everybody sees the rows."""
    file.state, file.finished, file.progress = COMPLETE, timezone.now(), 1.0
    said = ("state", "finished", "progress", "stored", "known", "conflicts")
    ended = {name: getattr(file, name) for name in said}
    ours = _ours(file)
    if not ours.update(**ended, holder="", lease_until=None):
        raise Superseded(f"{file.name}: another process took the load over")
    file.holder, file.lease_until = "", None


def earlier(file: SourceFile) -> QuerySet[SourceFile]:
    """Complete loads of the same content with the same reader and options, the first one first."""
    return SourceFile.objects.filter(identity=file.identity, state=COMPLETE, pk__lt=file.pk).order_by("pk")


def first_problem(file: SourceFile) -> str:
    problem = file.problems.order_by("line").first()
    return f"the first: {placed(problem.line, problem.reason)}" if problem else "no reason known"
