"""Parquet with a histogram of one lumisection per row, its bins in a list column. No Django."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from histos.readers.base import Reader
from histos.readers.magic import begins_with
from histos.readers.parquet_rows import Elements, Row
from histos.records import HistogramRecord
from project.records import BadRow, Passed, ReaderError

CELLS_AT_ONCE = 1 << 22
MOST_ROWS = 4_096
MAGIC = b"PAR1"


class ParquetTable(Reader):
    """What the two layouts share; a subclass says in ``at`` under which name each of ``NEEDED`` stands.

    The lists are without flow bins: those are stored as 0, and the axes say that they mean nothing. A list that is as
    long as bins and flow bins together is taken as it is.
    """

    NEEDED: ClassVar[tuple[str, ...]] = (
        "run",
        "lumisection",
        "name",
        "counts",
        "entries",
        "x_min",
        "x_max",
        "x_bins",
    )
    OPTIONAL: ClassVar[tuple[str, ...]] = ("y_min", "y_max", "y_bins", "metype", "dataset")
    at: ClassVar[dict[str, str]]
    x_slow: ClassVar[bool]
    """Whether the cells of a map follow each other along y first, as NumPy flattens (x, y), and not along x."""

    def recognises(self, path: Path) -> bool:
        try:
            with opened(path) as file:
                return not self._missing(file)
        except ReaderError:
            return False

    def read(self, path: Path) -> Iterator[HistogramRecord | BadRow | Passed]:
        path = Path(path)
        with opened(path) as file:
            if missing := self._missing(file):
                raise ReaderError(f"{path.name}: not {self.name}, missing column {', '.join(missing)}")
            self._read, self._all = 0, file.metadata.num_rows
            there = {name: column for name, column in self.at.items() if column in file.schema_arrow.names}
            elements = Elements(self.root_class, self.wants, self.dataset, x_slow=self.x_slow)
            for line, row in enumerate(_rows(file, there), 1):
                self._read = line
                yield from elements.record(line, row)
            yield from elements.passed()

    def _missing(self, file: Any) -> list[str]:
        there = set(file.schema_arrow.names)
        return [self.at[name] for name in self.NEEDED if self.at[name] not in there]

    @abstractmethod
    def root_class(self, row: Row) -> str:
        """The ROOT class of the row's histogram, with a 2 in its name for a map. RowError where there is none."""


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The Parquet file. What pyarrow trips over, here or in the body, is one ReaderError."""
    path = Path(path)
    if not begins_with(path, MAGIC):
        raise ReaderError(f"{path.name}: not a Parquet file")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())
        raise ReaderError(f"{path.name}: damaged Parquet: {said:.200}") from error


def batches(file: Any, there: dict[str, str]) -> Iterator[Any]:
    """Batches of rows, of so many as hold CELLS_AT_ONCE values."""
    bins = [there[name] for name in ("x_bins", "y_bins") if name in there]
    for group in range(file.num_row_groups):
        cells = 1
        for column in file.read_row_group(group, columns=bins).columns:
            cells *= _most_bins(column) + 2
        rows = min(max(CELLS_AT_ONCE // max(cells, 1), 1), MOST_ROWS)
        yield from file.iter_batches(rows, row_groups=[group], columns=list(there.values()))


def _most_bins(column: Any) -> int:
    """The largest number of bins of an axis, as far as the column holds numbers of bins."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return 0
    most = pc.max(column).as_py()
    return int(most) if most and 0 < most < CELLS_AT_ONCE else 0


def _rows(file: Any, there: dict[str, str]) -> Iterator[Row]:
    for batch in batches(file, there):
        columns = [_column(batch.column(column)) for column in there.values()]
        for values in zip(*columns, strict=True):
            yield dict(zip(there, values, strict=True))


def _column(array: Any) -> Any:
    """Values by row: lists as arrays (of the inner lists one after the other), None where there is nothing."""
    import pyarrow as pa

    if not pa.types.is_list(array.type) and not pa.types.is_large_list(array.type):
        return array.to_pylist()
    lists = []
    for place in range(len(array)):
        item = array[place].values
        while item is not None and isinstance(item, pa.ListArray | pa.LargeListArray):
            item = item.flatten()
        lists.append(None if item is None else _numbers(item))
    return lists


def _numbers(values: Any) -> np.ndarray | None:
    """None where one of the values is missing or is no number."""
    import pyarrow as pa

    plain = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    return values.to_numpy(zero_copy_only=False) if plain and not values.null_count else None
