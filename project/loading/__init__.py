"""Loading a file: streamed, in short transactions, idempotent, resumable, and invisible until it is complete.

A ``Load`` drives a reader's generator into a ``Store``. Each batch is one transaction that writes its rows,
its problems and the position reached, so a load that was killed goes on, on its next run, exactly where it
was.
"""

from .batches import BATCH_BYTES, BATCH_ROWS
from .compare import insert_or_compare, without_duplicates
from .files import load_files
from .ledger import incomplete
from .load import Load
from .readers import make_reader
from .rows import CONFLICT, DUPLICATE, POLICIES, REJECTED, LoadError, Outcome, Problem, Row, Store

__all__ = [
    "BATCH_BYTES", "BATCH_ROWS", "CONFLICT", "DUPLICATE", "POLICIES", "REJECTED", "Load", "LoadError", "Outcome",
    "Problem", "Row", "Store", "incomplete", "insert_or_compare", "load_files", "make_reader", "without_duplicates",
]  # fmt: skip
