"""New, known, twice in the file, or conflicting: what a batch of rows is to the rows that are there."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from project.loading.ledger import incomplete
from project.loading.rows import CONFLICT, DUPLICATE, Outcome, Row, Unfinished
from project.models import SourceFile

ATTEMPTS = 3

Existing = dict[tuple, tuple[int | None, tuple]]
Same = Callable[[tuple, tuple], bool]
Spell = Callable[[tuple], str]


def spell(key: tuple) -> str:
    return " ".join(str(part) for part in key)


def insert_or_compare(
    rows: list[Row],
    insert: Callable[[list[Row]], None],
    existing: Callable[[list[Row]], Existing],
    file: SourceFile,
    same: Same = tuple.__eq__,
    spell: Spell = spell,
) -> Outcome:
    """Store the rows whose key is new; tell the others apart as known, duplicate or conflicting.

    ``insert`` writes rows and raises IntegrityError when a key is there already; ``existing`` gives, by key,
    the file id and the values of what is there. New data, the common case, cost one insert and no look-up.
    """
    outcome = Outcome()
    fresh = without_duplicates(rows, same, outcome, spell)
    there: Existing = {}
    for attempt in range(ATTEMPTS):
        absent = [row for row in fresh if row.key not in there] if there else fresh
        try:
            with transaction.atomic():
                insert(absent)
            break
        except IntegrityError:
            # Some are there, or another process put them there since we looked.
            found = existing(fresh)
            if len(found) <= len(there) or attempt == ATTEMPTS - 1:
                raise
            there = found
            _all_complete({file_id for file_id, _ in there.values()}, file)
    outcome.stored += len(absent)
    for row in fresh if there else ():
        if row.key in there:
            _judge(row, there[row.key], file, same, outcome, spell)
    return outcome


def _all_complete(file_ids: set[int | None], file: SourceFile) -> None:
    """What another load wrote that has not ended may vanish: it is neither known nor a conflict yet."""
    others = {file_id for file_id in file_ids if file_id not in (None, file.pk)}
    if unfinished := incomplete(others) if others else None:
        raise Unfinished(unfinished)


def _judge(
    row: Row, there: tuple[int | None, tuple], file: SourceFile, same: Same, outcome: Outcome, spell: Spell
) -> None:
    in_this_file = there[0] == file.pk
    if same(there[1], row.values):
        if in_this_file:
            outcome.add(row.line, DUPLICATE, "duplicate of an earlier row of this file")
        else:
            outcome.known += 1
    elif in_this_file:
        outcome.add(
            row.line, DUPLICATE, f"{spell(row.key)} differs from an earlier row of this file, which was kept"
        )
    else:
        outcome.add(row.line, CONFLICT, f"{spell(row.key)} is stored already with other values")


def without_duplicates(rows: list[Row], same: Same, outcome: Outcome, spell: Spell = spell) -> list[Row]:
    """The first row of each key; the others are noted in ``outcome``."""
    first: dict[tuple, Row] = {}
    for row in rows:
        earlier = first.setdefault(row.key, row)
        if earlier is row:
            continue
        if same(earlier.values, row.values):
            outcome.add(row.line, DUPLICATE, f"duplicate of line {earlier.line}")
        else:
            reason = f"{spell(row.key)} differs from line {earlier.line} of this file, which was kept"
            outcome.add(row.line, DUPLICATE, reason)
    return rows if len(first) == len(rows) else list(first.values())
