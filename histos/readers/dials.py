"""Parquet of what the client of CMS' DIALS gives: one dataset a row, 1D and 2D, without flow bins. No Django."""

from pathlib import Path
from typing import ClassVar

from histos.readers.parquet_rows import Row
from histos.readers.parquet_tables import ParquetTable, opened
from project.records import ReaderError


class DialsParquet(ParquetTable):
    """Parquet of the DIALS client; rows of another dataset than the one that is loaded are passed over and told."""

    name = "dials-parquet"
    summary = (
        "Parquet of the DIALS client (.parquet), 1D and 2D histograms per lumisection, without flow bins"
    )
    patterns = ("*.parquet",)
    at: ClassVar[dict[str, str]] = {
        "run": "run_number", "lumisection": "ls_number", "name": "me", "counts": "data", "entries": "entries",
        "x_min": "x_min", "x_max": "x_max", "x_bins": "x_bin", "y_min": "y_min", "y_max": "y_max", "y_bins": "y_bin",
        "dataset": "dataset",
    }  # fmt: skip

    x_slow = False

    def root_class(self, row: Row) -> str:
        # DIALS does not keep the class; that of its floats is what CMS books nearly everywhere.
        bins = row.get("y_bins")
        return "TH2F" if bins and bins == bins else "TH1F"

    def datasets(self, path: Path) -> list[str]:
        import pyarrow.compute as pc

        try:
            with opened(path) as file:
                if "dataset" not in file.schema_arrow.names:
                    return []
                found: set[str] = set()
                for group in range(file.num_row_groups):
                    names = pc.unique(file.read_row_group(group, columns=["dataset"]).column(0))
                    found.update(str(name) for name in names.to_pylist() if name)
                return sorted(found)
        except ReaderError:
            return []
