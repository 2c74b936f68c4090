"""Undoing a load: its rows go first, in short transactions; until they are gone the file stays invisible."""

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils import timezone

from project.jobs import holder
from project.loading.rows import LoadError, Superseded
from project.models import SourceFile

REMOVE_ROWS = 5_000
LOADING, REFUSED = SourceFile.State.LOADING, SourceFile.State.REFUSED


def highest_ids(tables: tuple[type[models.Model], ...]) -> list[list]:
    """Where the rows of a load that begins now will begin, table by table: what bounds the search for them later."""
    return [[table._meta.label, table._base_manager.aggregate(top=Max("pk"))["top"] or 0] for table in tables]


def refuse(file: SourceFile, error: str) -> None:
    """Remove every row of the file, then say why.

    The error is written first: whoever finds a loading file with an error finishes its removal, and nobody adds a row
    to it any more. Raises Superseded, with nothing removed, where another process went on with the load.
    """
    file.error = error
    file.stored = file.known = file.conflicts = 0
    ours = SourceFile.objects.filter(pk=file.pk, state=LOADING, holder=holder.me())
    if not ours.update(error=error, stored=0, known=0, conflicts=0):
        raise Superseded(f"{file.name}: another process took the load over; here it failed: {error}")
    finish_removal(file)


def finish_removal(file: SourceFile) -> None:
    for label, first_id in file.first_ids:
        _remove_rows(apps.get_model(label), file, first_id)
    file.state, file.finished = REFUSED, timezone.now()
    file.holder, file.lease_until = "", None
    file.save(update_fields=["state", "finished", "holder", "lease_until"])


def _remove_rows(table: type[models.Model], file: SourceFile, after: int) -> None:
    own = table._base_manager.filter(file=file)
    while ids := list(own.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:REMOVE_ROWS]):
        after = ids[-1]
        # The file is asked for again: another load may have adopted a row since.
        rows = own.filter(pk__in=ids)
        try:
            with transaction.atomic():
                rows._raw_delete(rows.db)
        except IntegrityError:
            # Another load needs one of them; a name without data does no harm.
            rows.update(file=None)


def make_way(file_ids: set[int], name: str) -> None:
    """Undo these loads if they are dead, since ``name`` needs the place of their rows; wait for none that lives."""
    for other in SourceFile.objects.filter(pk__in=file_ids, state=LOADING):
        if holder.is_alive(other.holder, other.lease_until):
            raise LoadError(
                f"{name}: {other.name} is loading the same rows now ({other.holder}); load it again when that has ended"
            )
        ours = SourceFile.objects.filter(pk=other.pk, state=LOADING, holder=other.holder)
        if ours.update(holder=holder.me()):
            refuse(other, f"{other.name}: its load died, and {name} brought the same rows")
