"""One monitoring element over a range of lumisections as a matrix: planned, described, and written as a file."""

from histos.matrix.choice import Choice, WrongChoice, dataset_of
from histos.matrix.contents import Block, Contents, RowsChanged, Stored
from histos.matrix.plan import Plan, plan_of
from histos.matrix.writers import WRITERS

__all__ = [
    "WRITERS", "Block", "Choice", "Contents", "Plan", "RowsChanged", "Stored", "WrongChoice", "dataset_of", "plan_of",
]  # fmt: skip
