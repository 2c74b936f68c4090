"""Where fills, runs and lumisections go, in whatever order files bring what is known of them."""

from collections.abc import Iterable
from typing import NamedTuple

from project import bulk
from project.loading import LoadError, Outcome, Row, insert_or_compare, without_duplicates
from project.models import SourceFile
from project.querysets import loading_file_ids
from runs.ensure import adopt
from runs.fetches.answers import files_of
from runs.kinds import Kind, Place, by_kind
from runs.models import Fill, Lumisection, Run
from runs.run_rows import Record, row_of
from runs.values import as_parameters, merged, replaced


class _Stored(NamedTuple):
    """A row that is there: its id, its file, and what it says; nothing where its file is not complete.

    ``revised``: it is an earlier answer of the service that answers now.
    """

    pk: int
    file_id: int | None
    values: tuple
    is_loading: bool
    revised: bool

    def joined_with(self, new: tuple) -> tuple | None:
        """What holds with ``new``; None where they contradict each other."""
        return replaced(self.values, new) if self.revised else merged(self.values, new)


class RunStore:
    """Stores fill, run and lumisection records, a run's before those of its lumisections.

    A row that another file made without knowing more than its number is filled in: that counts as stored. It
    happens in the last transaction of the load, so that a file which is refused changes nothing. Only another
    value where there is one already is a conflict; but an answer of ``service`` takes the place of what the same
    service said before.
    """

    tables = (Lumisection, Run, Fill)
    policies = ("keep", "replace")
    fills = True

    def __init__(self, experiment: str = "CMS", simulated: bool = False, service: str = "") -> None:
        longest = Run._meta.get_field("experiment").max_length or 0
        if not experiment.strip() or not experiment.isprintable() or len(experiment) > longest:
            raise ValueError(f"an experiment has a name of 1 to {longest} characters, such as CMS")
        self.experiment = experiment
        self.simulated = simulated
        self.service = service
        self.forget()

    def forget(self) -> None:
        self._place = Place(self.experiment, self.simulated, {})

    def prepare(self, record: Record) -> Row:
        return row_of(record)

    def known(self, records: Iterable[Record]) -> set[tuple]:
        """Keys of those that say nothing new."""
        rows = [row_of(record) for record in records]
        there: dict[tuple, _Stored] = {}
        for kind, chosen in by_kind(rows):
            there |= self._existing(kind, chosen, None)
        return {row.key for row in rows if row.key in there and _same(there[row.key].values, row.values)}

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        outcome = Outcome()
        for kind, chosen in by_kind(rows):
            outcome.join(self._write(kind, chosen, file))
        return outcome

    def _write(self, kind: Kind, rows: list[Row], file: SourceFile) -> Outcome:
        outcome = Outcome()
        fresh = without_duplicates(rows, _same, outcome)
        there = self._existing(kind, fresh, file)
        gaps = {row.key for row in fresh if row.key in there and _fills(there[row.key], row.values, file)}
        outcome.stored = len(gaps)

        def existing(rows: list[Row]) -> dict[tuple, tuple[int | None, tuple]]:
            found = self._existing(kind, rows, file)
            return {key: (None if row.is_loading else row.file_id, row.values) for key, row in found.items()}

        rest = [row for row in fresh if row.key not in gaps]
        if rest:
            kind.make_ready(self._place, rest, file)
            new = insert_or_compare(
                rest, lambda rows: kind.insert(self._place, rows, file), existing, file, _same
            )
            outcome.join(new)
        return outcome

    def _existing(self, kind: Kind, rows: list[Row], file: SourceFile | None) -> dict[tuple, _Stored]:
        found = kind.find(self._place, {row.key for row in rows})
        loading = set(loading_file_ids()) - {file.pk if file else None}
        own = files_of(self.service, {file_id for _, (_, file_id, *_) in found})
        blank = tuple(kind.blank.values())
        return {
            key: _Stored(
                pk,
                file_id,
                blank if file_id in loading else tuple(values),
                file_id in loading,
                file_id in own,
            )
            for key, (pk, file_id, *values) in found
        }

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        """Fill the gaps of what other files made (``keep``), or put this file's values in the place of theirs."""
        settled = 0
        for kind, chosen in by_kind(rows):
            there = self._existing(kind, chosen, file)
            adopt(kind.model, [(stored.pk, stored.file_id) for stored in there.values()], file)
            new, absent = {}, []
            for row in chosen:
                stored = there.get(row.key)
                if stored is None:
                    absent.append(row)
                elif stored.file_id != file.pk and stored.pk not in new:
                    values = self._settled(row, stored, policy, file)
                    settled += 1
                    if values != stored.values or stored.is_loading:
                        new[stored.pk] = values
            # What another load made and took away again, when it was refused, is made anew.
            if absent:
                kind.make_ready(self._place, absent, file)
                kind.insert(self._place, absent, file)
            updates = [(*as_parameters(values), file.pk, pk) for pk, values in new.items()]
            bulk.update(kind.model, (*kind.blank, "file"), updates)
        return settled

    @staticmethod
    def _settled(row: Row, stored: _Stored, policy: str, file: SourceFile) -> tuple:
        values = (
            replaced(stored.values, row.values) if policy == "replace" else stored.joined_with(row.values)
        )
        if values is None:
            what = " ".join(map(str, row.key))
            raise LoadError(
                f"{file.name}: {what} was given other values while this file was read: load it again"
            )
        return values


def _same(there: tuple, values: tuple) -> bool:
    """Whether ``values`` say nothing that is not there."""
    return merged(there, values) == there


def _fills(stored: _Stored, values: tuple, file: SourceFile) -> bool:
    whole = stored.joined_with(values)
    return stored.file_id != file.pk and whole is not None and whole != stored.values
