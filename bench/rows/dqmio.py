"""Reading and storing DQMIO files: 1D histograms and maps of 300 × 200."""

import struct
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench import dqmio_input, floors, scratch
from bench.measure import Line, Pairs, Scale, interleave, timed
from bench.rows.base import Row
from bench.rows.loading import DATASET, assert_same_bytes, beside_floor

LEAST = {False: 2_500, True: 1_000}
"""Histograms a second on one core, by whether they are maps: what uproot with a shim gave when this was asked for."""
MOST = 2.5


def measure(scale: Scale) -> list[Line]:
    return [line for maps in (False, True) for line in _lines(maps, scale)]


def _lines(maps: bool, scale: Scale) -> Iterator[Line]:
    elements = 4 if maps else 50
    lumisections = scale.pick(4, 48) if maps else scale.pick(10, 100)
    path = dqmio_input.write_dqmio(scratch.folder() / "dqmio.root", lumisections, elements, maps)
    n, what = lumisections * elements, "maps of 300 × 200 bins" if maps else "TH1F of 100 bins"
    assert _total(ours(path)) == _total(plain(path, maps))
    pairs = interleave(
        partial(timed, lambda: sum(1 for _ in ours(path))),
        partial(timed, lambda: sum(1 for _ in plain(path, maps))), scale.repeats,
    )  # fmt: skip
    yield _read(f"read {n:,} {what} from DQMIO beside plain uproot with a shim", pairs, n, LEAST[maps])
    rows = partial(stored_rows, path)
    stored = beside_floor(partial(load, path), floors.HISTOGRAMS, rows, scale)
    assert_same_bytes(rows)
    yield stored.line(f"load {n:,} {what} from DQMIO beside the same rows by executemany or COPY", MOST)


def _total(read: Iterator[np.ndarray]) -> int:
    return sum(int(counts.sum(dtype=np.float64)) for counts in read)


def _read(work: str, pairs: Pairs, n: int, least: int) -> Line:
    """A line of how many are read in a second of processor time."""
    rates = [n / timing.cpu for timing in pairs.ours]
    floor = median(n / timing.cpu for timing in pairs.floor)
    ours = median(rates)
    return Line(
        work=work, ours=ours, unit="/s", floor=floor, ratio=ours / floor, low=min(rates) / floor,
        high=max(rates) / floor,
        target=f"≥ {least:,} /s", met=ours >= least, runs=len(rates), note="a second of one core",
    )  # fmt: skip


def ours(path: Path) -> Iterator[np.ndarray]:
    from histos.readers.dqmio import Dqmio

    return (record.counts for record in Dqmio().read(path))


def plain(path: Path, maps: bool) -> Iterator[np.ndarray]:
    """Contents as uproot's own classes read them; a 1D histogram gets back the header that its branch leaves out."""
    import uproot

    name, version = ("TH2F", 4) if maps else ("TH1F", 3)
    with uproot.open(path) as file:
        cls = file.file.class_named(name, version)
        tree = file[f"{name}s"]
        tree["FullName"].array(library="np")
        branch = tree["Value"]
        for number in range(branch.num_baskets):
            basket = branch.basket(number)
            data, offsets = basket.data.tobytes(), basket.byte_offsets.tolist()
            for start, stop in pairwise(offsets):
                entry = data[start:stop]
                whole = (
                    entry[len(name) + 2 :]
                    if maps
                    else struct.pack(">IH", (len(entry) + 2) | 1 << 30, version) + entry
                )
                yield _object(uproot, file.file, cls, whole).values(flow=True)


def _object(uproot: Any, file: Any, cls: Any, whole: bytes) -> Any:
    chunk = uproot.source.chunk.Chunk.wrap(file.source, np.frombuffer(whole, np.uint8))
    return cls.read(chunk, uproot.source.cursor.Cursor(0), {}, file, file, None)


def stored_rows(path: Path) -> Iterator[tuple]:
    """What is stored of the file, by our reader and nothing else."""
    from histos.readers.dqmio import Dqmio
    from project.vectors import encode

    names: dict[str, int] = {}
    for _, _, lumisection, element, entries, counts in Dqmio().read(path):
        yield lumisection, 1, names.setdefault(element.name, len(names) + 1), entries, 1, encode(counts)


def load(path: Path) -> dict[str, Any]:
    from histos.services import load_histos

    return load_histos([path], "dqmio", DATASET)


ROW = Row("dqmio", "plain uproot with a shim; the same records by executemany or binary COPY", measure)
