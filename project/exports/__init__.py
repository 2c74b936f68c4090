"""Whole lists of the API as files, streamed: one line per format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from project.exports.arrow import arrow, parquet
from project.exports.comma import comma
from project.exports.npz import npz
from project.exports.rows import Source


@dataclass(frozen=True)
class Format:
    """``write`` makes the bytes of a file from the rows, part by part."""

    media_type: str
    ending: str
    write: Callable[[Source], Iterator[bytes]]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", "csv", comma),
    "parquet": Format("application/vnd.apache.parquet", "parquet", parquet),
    "arrow": Format("application/vnd.apache.arrow.stream", "arrows", arrow),
    "npz": Format("application/octet-stream", "npz", npz),
}
