"""Parquet as dqmiotools write it: the columns of an ML4DQM CSV, without flow bins. No Django."""

from typing import ClassVar

from histos.readers.base import RowError
from histos.readers.ml4dqm_elements import ROOT_CLASSES
from histos.readers.parquet_rows import Row
from histos.readers.parquet_tables import ParquetTable


class DqmioToolsParquet(ParquetTable):
    """Parquet made from DQMIO by dqmiotools; ``histo`` holds no flow bins, and names hold ``_`` where CMS has ``/``.

    Other than in a CSV the cells of a map are x slow: checked against the ROOT files these were made from.
    """

    name = "dqmiotools-parquet"
    summary = "Parquet of dqmiotools (.parquet), 1D and 2D histograms per lumisection, without flow bins"
    patterns = ("*.parquet",)
    at: ClassVar[dict[str, str]] = {
        "run": "fromrun", "lumisection": "fromlumi", "name": "hname", "metype": "metype", "counts": "histo",
        "entries": "entries", "x_min": "Xmin", "x_max": "Xmax", "x_bins": "Xbins", "y_min": "Ymin", "y_max": "Ymax",
        "y_bins": "Ybins",
    }  # fmt: skip
    x_slow = True
    NEEDED = (*ParquetTable.NEEDED, "metype")

    def root_class(self, row: Row) -> str:
        try:
            return ROOT_CLASSES[row["metype"]]
        except (KeyError, TypeError):
            raise RowError(f"unknown metype {str(row['metype'])[:40]!r}, expected 3 to 8") from None
