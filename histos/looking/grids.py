"""A page of a run's tree: the folders inside the chosen one, and the elements below it as small pictures."""

from dataclasses import dataclass, field

import numpy as np
from django.db.models import QuerySet

from histos.looking.elements_in import (
    after,
    before,
    datasets_of,
    elements_of,
    evenly,
    first_of,
    held_by,
    lumisections_of,
)
from histos.looking.folders import Folder, below, folders_in
from histos.looking.of_run import Small, histograms, trends
from histos.models import Dataset, MonitoringElement
from project.errors import UserError
from runs.models import Lumisection, Run

MOST = 24
"""Pictures on a page: a number that many others divide."""


@dataclass(frozen=True)
class Grid:
    """``next`` and ``previous`` are the ids of the elements that other pages begin after; None at the ends, and 0 for
    the very beginning. ``first_ls`` is the number of the first lumisection there is.
    """

    run: Run
    lumisection: Lumisection | None
    dataset: Dataset
    datasets: list[Dataset]
    pictures: list[Small]
    folder: str = ""
    folders: list[Folder] = field(default_factory=list)
    next: int | None = None
    previous: int | None = None
    first_ls: int = 1

    @property
    def ls(self) -> int | None:
        return self.lumisection.number if self.lumisection else None


def grid_of(
    run: Run,
    lumisection: Lumisection | None = None,
    *,
    dataset: str = "",
    after_pk: int | None = None,
    folder: str | None = None,
) -> Grid | None:
    """The elements of a run by name, from the one after ``after_pk`` on; None where it holds no histograms.

    Only with a ``folder`` ("" is the top) are the folders in it looked up. Raises UserError for a dataset or an element
    that is not there.
    """
    listed = np.array([[lumisection.pk, lumisection.number]]) if lumisection else lumisections_of(run)
    held = held_by(evenly(listed[:, 0]))
    datasets = datasets_of(held)
    chosen = next((one for one in datasets if dataset in ("", one.name)), None)
    if chosen is None:
        if dataset:
            raise UserError(f"dataset: {dataset!r} holds no histogram here")
        return None
    elements = elements_of(held, chosen)
    inside = below(elements, folder or "")
    page, previous = _page(inside, after_pk)
    here = page[:MOST]
    pictures = histograms(lumisection, chosen, here) if lumisection else trends(listed[:, 0], chosen, here)
    return Grid(
        run, lumisection, chosen, datasets, pictures, folder or "",
        [] if folder is None else folders_in(elements, folder),
        here[-1].pk if len(page) > MOST else None, previous, int(listed[0, 1]),
    )  # fmt: skip


def _page(inside: QuerySet, after_pk: int | None) -> tuple[list[MonitoringElement], int | None]:
    """One element more than a page shows, and after which one the page before begins."""
    if not after_pk:
        return first_of(inside, MOST + 1), None
    last = MonitoringElement.objects.visible().filter(pk=after_pk).first()
    if last is None:
        raise UserError(f"after: there is no monitoring element {after_pk}")
    # The page before ends with ``last``: the one before its first is as many further back.
    earlier = list(before(inside, last)[:MOST])
    previous = earlier[MOST - 1].pk if len(earlier) == MOST else 0
    return list(after(inside, last)[: MOST + 1]), previous
