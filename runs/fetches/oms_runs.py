"""What an answer about runs says, and which of their lumisections are still to be asked for."""

from collections.abc import Iterator
from pathlib import Path

from runs.kinds import RUN
from runs.models import Lumisection
from runs.readers.oms_json import OmsJson
from runs.records import RunRecord
from runs.run_store import RunStore

AT_ONCE = 500


def run_records(path: Path | None) -> Iterator[RunRecord]:
    """The runs of a file of answers, without those that cannot be read: its load tells of them."""
    for record in OmsJson().read(path) if path else ():
        if isinstance(record, RunRecord):
            yield record


def fills_of(records: list[RunRecord]) -> list[int]:
    """Numbers of their fills, in order."""
    return sorted({record.fill_number for record in records if record.fill_number})


def in_need(records: list[RunRecord], experiment: str, service: str, again: bool) -> list[int]:
    """Numbers of the runs whose lumisections are to be asked for, in order.

    Not those that are over, stored as ``records`` tell them, and have lumisections of this service: they were stored
    after these, which cannot have changed since.
    """
    store = RunStore(experiment, service=service)
    settled: set[int] = set()
    for at in range(0, len(records), AT_ONCE):
        over = [record for record in records[at : at + AT_ONCE] if record.end_time]
        known = {key[1] for key in store.known(over) if key[0] == RUN}
        settled |= known & _with_lumisections(known, experiment, service)
    return sorted({record.number for record in records} - (set() if again else settled))


def _with_lumisections(runs: set[int], experiment: str, service: str) -> set[int]:
    there = Lumisection.objects.visible().filter(
        run__experiment=experiment, run__number__in=runs, file__options__service=service
    )
    return set(there.order_by().values_list("run__number", flat=True).distinct())
