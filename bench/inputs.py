"""Files to load, made anew for every run: ML4DQM CSV of 1D histograms and of maps. No Django."""

import bz2
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

HEADER = (
    "fromrun,fromlumi,hname,fromrun,fromlumi,metype,hname,histo,entries,Xmax,Xmin,Xbins,Ymax,Ymin,Ybins\n"
)
FIRST_RUN = 315_000
LUMISECTIONS = 200  # of each run
SHAPES = 499  # distinct histograms in a file
BINS, MAP_X, MAP_Y = 100, 300, 200
OCCUPIED = 0.45  # of the columns of a real cluster map of the innermost pixel layer
MAP_MEAN = 9.7  # counts in a cell that is hit


def histogram_counts(n: int = SHAPES, seed: int = 1) -> np.ndarray:
    """(n, 102) counts with flow bins, like a charge or a residual: all need 16 bits."""
    rng = np.random.default_rng(seed)
    x = np.arange(BINS + 2)
    centre, width = rng.uniform(20, 70, (n, 1)), rng.uniform(8, 20, (n, 1))
    shape = np.exp(-0.5 * ((x - centre) / width) ** 2) + 0.05 * rng.random((n, BINS + 2))
    return rng.poisson(shape * rng.uniform(600, 6_000, (n, 1)))


def map_counts(n: int, seed: int = 1) -> np.ndarray:
    """(n, 302 * 202) counts with flow bins: stripes of modules as z against phi, the rest empty."""
    rng = np.random.default_rng(seed)
    columns = np.zeros(MAP_X + 2)
    columns[1:-1] = (np.arange(MAP_X) % 20) < 20 * OCCUPIED
    rows = np.zeros(MAP_Y + 2)
    rows[1:-1] = 1.0
    mean = np.outer(rows, columns) * rng.gamma(1.5, MAP_MEAN / 1.5, (MAP_Y + 2, MAP_X + 2))
    return rng.poisson(mean.ravel() * rng.uniform(0.5, 2.0, (n, 1)))


def write_histograms(path: Path, rows: int, elements: int = 20) -> Path:
    """A CSV of ``rows`` 1D histograms, lumisection by lumisection."""
    texts = [(_text(counts), int(counts.sum())) for counts in histogram_counts()]
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(islice(_rows(texts, elements), rows))
    return path


def _rows(texts: list[tuple[str, int]], elements: int) -> Iterator[str]:
    names = [f"NormalizedHitResiduals_TEC__wheel__{element}" for element in range(elements)]
    place = 0
    while True:
        run, lumisection = place // elements // LUMISECTIONS, place // elements % LUMISECTIONS
        name, (text, total) = names[place % elements], texts[place % len(texts)]
        thing = f"{FIRST_RUN + run},{lumisection + 1}"
        yield f'{thing},{name},{thing},3,{name},"{text}",{total},99.5,-0.5,{BINS},1,0,1\n'
        place += 1


def write_maps(path: Path, rows: int) -> Path:
    """A CSV of maps of 300 × 200 bins, one a lumisection."""
    name = "clusterposition_zphi_ontrack_PXLayer_1"
    with path.open("w") as file:
        file.write(HEADER)
        for lumisection, counts in enumerate(map_counts(rows), 1):
            thing, total = f"{FIRST_RUN},{lumisection}", int(counts.sum())
            text = _text(counts)
            file.write(f'{thing},{name},{thing},6,{name},"{text}",{total},30,-30,{MAP_X},3.2,-3.2,{MAP_Y}\n')
    return path


def _text(counts: np.ndarray) -> str:
    return str(counts.tolist())


def head_of(path: Path, lines: int, into: Path) -> Path:
    """The first lines of a bz2 file as a smaller one."""
    with bz2.open(path, "rt") as whole, bz2.open(into, "wt") as part:
        part.writelines(islice(whole, lines))
    return into
