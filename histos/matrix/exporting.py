"""A matrix from words to a file: what the command ``export_histos`` and a notebook call."""

from pathlib import Path
from typing import Any

import numpy as np

from histos.matrix.choice import Choice, dataset_of
from histos.matrix.contents import Stored
from histos.matrix.file import write_matrix
from histos.matrix.plan import plan_of
from histos.matrix.ranges import numbers
from histos.querysets import elements_like
from project.errors import UserError
from project.jobs.reporter import Reporter


def export_histos(  # noqa: PLR0913  keyword-only choices of the one who calls
    path: str | Path,
    format_: str,
    element: str,
    dataset: str,
    *,
    runs: str = "",
    lumisections: str = "",
    bits: list[str] | None = None,
    dtype: str = "float64",
    reporter: Reporter | None = None,
    **said: Any,
) -> dict[str, Any]:
    """Writes histograms of ``element`` (name, or name@binning) in ``dataset`` to ``path``.

    ``runs`` and ``lumisections`` are ranges such as ``315488-316000,316187``; ``said`` are further parts of a Choice.
    Raises UserError, and leaves no file, where anything is wrong or nothing fits.
    """
    found = elements_like([element], dataset)
    if len(found) > 1:
        raise UserError(f"{element!r} fits {len(found)} monitoring elements: a matrix has one")
    choice = Choice(
        element=found[0], dataset=dataset_of(found[0], dataset), runs=numbers(runs), lumisections=numbers(lumisections),
        bits=tuple(bits or ()), **said,
    )  # fmt: skip
    plan = plan_of(choice)
    if not len(plan):
        raise UserError(f"no histogram of {element!r} in dataset {dataset!r} fits the choice")
    return write_matrix(Stored(choice, plan, np.dtype(dtype)), Path(path), format_, reporter)
