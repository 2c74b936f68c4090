"""ML4DQM CSV files made for a test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

HEADER = (
    "fromrun,fromlumi,hname,fromrun,fromlumi,metype,hname,histo,entries,Xmax,Xmin,Xbins,Ymax,Ymin,Ybins\n"
)


def row(run: int, lumisection: int, name: str, counts: list[int]) -> str:
    listed = ", ".join(map(str, counts))
    return (
        f'{run},{lumisection},{name},{run},{lumisection},3,{name},"[{listed}]",{float(sum(counts))},'
        f"10.0,0.0,{len(counts) - 2},1.0,0.0,1\n"
    )


def write(
    path: Path,
    n_lumisections: int = 10,
    n_elements: int = 3,
    bins: int = 5,
    change: Callable[[int, str], str] = lambda number, line: line,
) -> Path:
    """``n_lumisections`` × ``n_elements`` histograms; ``change`` may alter row ``number`` (from 0)."""
    rng = np.random.default_rng(5)
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(n_lumisections * n_elements):
            lumisection, element = divmod(number, n_elements)
            counts = rng.poisson(20, bins + 2).tolist()
            run, lumisection = 1000 + lumisection // 500, 1 + lumisection % 500
            file.write(change(number, row(run, lumisection, f"element_{element}", counts)))
    return path
