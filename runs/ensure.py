"""Runs and lumisections that other rows point to: found by number or made, and kept when two loads need them."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from project import bulk
from project.loading import LoadError, incomplete
from project.models import SourceFile
from runs.models import Lumisection, Run
from runs.values import as_parameters

# What is known of a fill, run or lumisection beside its number, and how "nothing is known" looks in each column.
FILL_BLANK: dict[str, Any] = {
    "start_time": None,
    "end_time": None,
    "energy": None,
    "peak_pileup": None,
    "delivered_luminosity": None,
    "recorded_luminosity": None,
    "attributes": {},
}
RUN_BLANK: dict[str, Any] = {
    "start_time": None,
    "end_time": None,
    "fill_number": None,
    "era": "",
    "energy": None,
    "b_field": None,
    "recorded_luminosity": None,
    "attributes": {},
}
LUMISECTION_BLANK: dict[str, Any] = {
    "start_time": None,
    "delivered_luminosity": None,
    "recorded_luminosity": None,
    "pileup": None,
    "flags": {},
}


def ensure_runs(
    numbers: Iterable[int], experiment: str, file: SourceFile | None, simulated: bool = False
) -> dict[int, int]:
    """Ids of these runs by number; those that are missing are made. A constant number of queries."""
    wanted = set(numbers)
    ids = _run_ids(wanted, experiment, file)
    missing = sorted(wanted - ids.keys())
    if missing:
        rest = (experiment, simulated, file.pk if file else None, *as_parameters(tuple(RUN_BLANK.values())))
        fields = ("number", "experiment", "simulated", "file", *RUN_BLANK)
        bulk.insert_missing(Run, fields, [(number, *rest) for number in missing])
        ids |= _run_ids(set(missing), experiment, file)
    return ids


def _run_ids(numbers: set[int], experiment: str, file: SourceFile | None) -> dict[int, int]:
    there = Run.objects.filter(experiment=experiment, number__in=numbers).order_by()
    found = list(there.values_list("number", "id", "file_id"))
    adopt(Run, [row[1:] for row in found], file, **RUN_BLANK)
    return {number: run_id for number, run_id, _ in found}


def ensure_lumisections(
    keys: Iterable[tuple[int, int]], experiment: str, file: SourceFile | None, simulated: bool = False
) -> dict[tuple[int, int], int]:
    """Ids of lumisections by (run number, lumisection number); those that are missing are made.

    A constant number of queries whatever the number of keys.
    """
    wanted = set(keys)
    runs = ensure_runs({run for run, _ in wanted}, experiment, file, simulated)
    ids = _lumisection_ids(runs, wanted, file)
    missing = sorted(wanted - ids.keys())
    if missing:
        rest = (file.pk if file else None, *as_parameters(tuple(LUMISECTION_BLANK.values())))
        fields = ("run", "number", "file", *LUMISECTION_BLANK)
        bulk.insert_missing(Lumisection, fields, [(runs[run], number, *rest) for run, number in missing])
        ids |= _lumisection_ids(runs, set(missing), file)
    return ids


def _lumisection_ids(
    runs: dict[int, int], wanted: set[tuple[int, int]], file: SourceFile | None
) -> dict[tuple[int, int], int]:
    numbers = {run_id: number for number, run_id in runs.items()}
    within = (min(number for _, number in wanted), max(number for _, number in wanted))
    there = Lumisection.objects.filter(run_id__in=numbers, number__range=within).order_by()
    rows = there.values_list("run_id", "number", "id", "file_id")
    found = [row for row in rows if (numbers[row[0]], row[1]) in wanted]
    adopt(Lumisection, [row[2:] for row in found], file, **LUMISECTION_BLANK)
    return {(numbers[run_id], number): pk for run_id, number, pk, _ in found}


def adopt(
    model: type[models.Model],
    found: Iterable[tuple[int, int | None]],
    file: SourceFile | None,
    **blank: object,
) -> None:
    """Rows (id, file id) that another file is loading now, and that we need too, must outlive it if it is
    refused.

    What that file said of them is not known before it is complete: they are left ``blank``, and filled when
    it is.
    """
    mine = file.pk if file else None
    foreign = {file_id for _, file_id in found if file_id is not None and file_id != mine}
    passing = incomplete(foreign) if foreign else set()
    if not passing:
        return
    needed = [pk for pk, file_id in found if file_id in passing]
    if model._base_manager.filter(pk__in=needed).update(file=None, **blank) != len(needed):
        # It was refused since we looked, and its rows removed.
        named = model._meta.verbose_name_plural
        raise LoadError(
            f"{file or 'load'}: a file that named the same {named} was refused meanwhile; load it again"
        )
