"""DQMIO files of any length without ROOT: the streamed bytes of recorded histograms with other axes and contents.

uproot cannot write trees of histograms, but a tree of byte strings has the same baskets: what a reader unpacks is,
entry for entry, what ROOT streams. No Django.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench import inputs
from bench.versions import ROOT

RECORDED = ROOT / "tests" / "data" / "histos" / "dqmio.root"
TH1F, TH2F = 3, 6  # as Indices.Type counts
WRITTEN_AT_ONCE = 64
AXIS = struct.Struct(">idd")


def write_dqmio(path: Path, lumisections: int, elements: int, maps: bool) -> Path:
    """``elements`` 1D histograms of 100 bins, or maps of 300 × 200, in each of so many lumisections of one run."""
    import uproot

    kind, name = (TH2F, "TH2F") if maps else (TH1F, "TH1F")
    shapes = inputs.map_counts(16) if maps else inputs.histogram_counts()
    template = recorded(name)
    packed = [streamed(template, maps, counts) for counts in shapes]
    with uproot.recreate(path) as file:
        columns = {
            "Run": "uint32",
            "Lumi": "uint32",
            "Type": "uint32",
            "FirstIndex": "uint64",
            "LastIndex": "uint64",
        }
        index = file.mktree("Indices", columns)
        first = np.arange(lumisections, dtype=np.uint64) * np.uint64(elements)
        index.extend({
            "Run": np.full(lumisections, inputs.FIRST_RUN, np.uint32),
            "Lumi": np.arange(1, lumisections + 1, dtype=np.uint32),
            "Type": np.full(lumisections, kind, np.uint32),
            "FirstIndex": first, "LastIndex": first + np.uint64(elements - 1),
        })  # fmt: skip
        tree = file.mktree(f"{name}s", {"FullName": "string", "Value": "var * uint8"})
        for part in _parts(lumisections * elements, elements, packed):
            tree.extend(part)
    return path


def _parts(rows: int, elements: int, packed: list[bytes]) -> Iterator[dict]:
    import awkward as ak

    names = [f"PixelPhase1/Tracks/PXBarrel/element_{element:03d}" for element in range(elements)]
    for start in range(0, rows, WRITTEN_AT_ONCE):
        places = range(start, min(start + WRITTEN_AT_ONCE, rows))
        values = [packed[place % len(packed)] for place in places]
        flat = np.frombuffer(b"".join(values), np.uint8)
        yield {
            "FullName": ak.Array([names[place % elements] for place in places]),
            "Value": ak.unflatten(ak.Array(flat), [len(value) for value in values]),
        }


def recorded(name: str) -> bytes:
    """The first recorded entry of a type."""
    import uproot

    with uproot.open(RECORDED) as file:
        basket = file[f"{name}s"]["Value"].basket(0)
        return bytes(basket.data[: basket.byte_offsets[1]])


def streamed(template: bytes, maps: bool, counts: np.ndarray) -> bytes:
    """The recorded histogram with the axes of the bench and these contents, its lengths set right."""
    axes = (
        [(6, -30.0, 30.0, inputs.MAP_X), (4, -3.2, 3.2, inputs.MAP_Y)]
        if maps
        else [(20, 0.0, 8e4, inputs.BINS)]
    )
    cells = int(np.prod([bins + 2 for bins, *_ in axes]))
    for bins, lower, upper, wanted in axes:
        template = template.replace(AXIS.pack(bins, lower, upper), AXIS.pack(wanted, lower, upper))
    contents = len(counts).to_bytes(4, "big") + counts.astype(">f4").tobytes()
    template = template[: -(4 + 4 * cells)].replace(
        struct.pack(">i", cells) + b"@", struct.pack(">i", len(counts)) + b"@"
    )
    if not maps:
        return template + contents
    begin = template.index(b"\0") + 1  # after the name of the class
    whole = template[begin + 4 :] + contents
    return template[:begin] + struct.pack(">I", len(whole) | 0x40000000) + whole
