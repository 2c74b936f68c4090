"""How many things lie where on the sky, counted in a grid for a plot. No Django."""

from dataclasses import dataclass

import numpy as np

CELLS = 180
"""Along RA."""
MOST_CELLS = 1000
WIDER = 0.02
"""Of the extent, around the outermost sources."""

Box = tuple[float, float, float, float]
"""RA from and to, Dec from and to, in degrees; where RA from exceeds RA to, the box lies across 0."""


@dataclass(frozen=True)
class Grid:
    """``n`` cells along RA and ``m`` along Dec, about as high as they are wide on the sky."""

    box: Box
    n: int

    def __post_init__(self) -> None:
        low, high, south, north = self.box
        if not (0 <= low < 360 and 0 <= high <= 360 and low != high and -90 <= south < north <= 90):
            raise ValueError(f"no box on the sky: RA {low} to {high}, Dec {south} to {north} (degrees)")
        if not 1 <= self.n <= MOST_CELLS:
            raise ValueError(f"{self.n} cells: 1 to {MOST_CELLS} are possible")

    @property
    def width(self) -> float:
        """Of the box in RA; degrees."""
        return (self.box[1] - self.box[0]) % 360 or 360.0

    @property
    def ra_step(self) -> float:
        return self.width / self.n

    @property
    def m(self) -> int:
        south, north = self.box[2:]
        high = np.cos(np.radians((south + north) / 2)) * self.ra_step
        return int(np.clip(np.ceil((north - south) / max(high, 1e-9)), 1, MOST_CELLS))

    @property
    def dec_step(self) -> float:
        return (self.box[3] - self.box[2]) / self.m


@dataclass(frozen=True)
class Density:
    """``counts`` (m, n) between ``dec_edges`` (m + 1) and ``ra_edges`` (n + 1), degrees, increasing.

    RA runs past 360 where the box lies across 0.
    """

    ra_edges: np.ndarray
    dec_edges: np.ndarray
    counts: np.ndarray

    @property
    def square_degrees(self) -> np.ndarray:
        """(m, 1): the area of a cell in each row."""
        heights = np.diff(np.sin(np.radians(self.dec_edges)))
        return (np.degrees(heights) * (self.ra_edges[1] - self.ra_edges[0]))[:, None]

    @property
    def per_square_degree(self) -> np.ndarray:
        return self.counts / self.square_degrees


def filled(grid: Grid, cells: np.ndarray, counts: np.ndarray) -> Density:
    """The density of ``counts`` things in ``cells``, each row * n + column."""
    every = np.bincount(cells, counts, minlength=grid.m * grid.n).astype(np.int64)
    low, south = grid.box[0], grid.box[2]
    return Density(
        low + grid.ra_step * np.arange(grid.n + 1),
        south + grid.dec_step * np.arange(grid.m + 1),
        every.reshape(grid.m, grid.n),
    )


def box_around(degrees: np.ndarray, south: float, north: float) -> Box:
    """The smallest box around what lies in these whole degrees of RA, and between these declinations.

    Opens where the largest gap in RA is, and is a little wider than what it holds.
    """
    taken = np.unique(degrees)
    gaps = np.diff(taken, append=taken[0] + 360)
    last = int(gaps.argmax())
    low, high = float(taken[(last + 1) % len(taken)]), float(taken[last] + 1)
    border = max((north - south) * WIDER, 0.01)
    whole = gaps[last] <= 1 or (high - low) % 360 == 0
    south, north = max(south - border, -90.0), min(north + border, 90.0)
    return (0.0, 360.0, south, north) if whole else (low, high, south, north)


def density(ra: np.ndarray, dec: np.ndarray, n: int = CELLS, box: Box | None = None) -> Density:
    """Counts of the places ``ra``, ``dec`` (degrees) in ``n`` cells along RA; without a box, all of them."""
    if box is None:
        box = box_around(ra.astype(int), dec.min(), dec.max()) if len(ra) else (0.0, 360.0, -90.0, 90.0)
    grid = Grid(box, n)
    low, _, south, north = box
    along = np.where(ra < low, ra + 360 - low, ra - low)
    inside = (along <= grid.width) & (dec >= south) & (dec <= north)
    column = np.minimum((along[inside] / grid.ra_step).astype(int), n - 1)
    row = np.minimum(((dec[inside] - south) / grid.dec_step).astype(int), grid.m - 1)
    cells, counts = np.unique(row * n + column, return_counts=True)
    return filled(grid, cells, counts)
