"""Trees of random cuts, all grown side by side, one level after the other. NumPy only.

A library that grows one tree at a time spends most of a small forest outside its trees.
"""

from typing import NamedTuple, Self

import numpy as np

CELLS_AT_ONCE = 8_000_000
ROWS_AT_ONCE = 8_192
"""Rows that go down a tree together: what they need stays in the processor's cache."""
DRAWS = 3
"""Columns drawn for a node at no cost before all of them are looked at."""


class Trees(NamedTuple):
    """The nodes of several trees, level after level: the first ``n_trees`` are the roots.

    From a node a row goes on to ``child``, or to the one after it where its ``column`` is above ``cut``; a leaf
    is its own child. ``length`` of a leaf is the number of cuts to it, and of those it would take on average to
    part the rows that it holds.
    """

    n_trees: int
    height: int
    column: np.ndarray
    cut: np.ndarray
    child: np.ndarray
    length: np.ndarray

    @classmethod
    def grow(cls, X: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> Self:
        """A tree on each of ``rows`` (trees, subsample), places in ``X``, no higher than an even one would be."""
        n_trees, size = rows.shape
        height, first = int(np.ceil(np.log2(max(size, 2)))), 0
        nodes, levels = Nodes(rows.ravel(), np.full(n_trees, size)), []
        for depth in range(height + 1):
            column, cut = nodes.drawn(X, rng) if depth < height else nodes.uncut()
            splits = cut < np.inf
            child = np.arange(first, first + len(cut))
            first += len(cut)
            child[splits] = first + 2 * np.arange(splits.sum())
            levels.append((column, cut, child, depth + average_path(nodes.sizes)))
            nodes = nodes.parted(X, column, cut)
            if not len(nodes.sizes):
                break
        return cls(n_trees, depth, *(np.concatenate(parts) for parts in zip(*levels, strict=True)))

    def lengths(self, X: np.ndarray) -> np.ndarray:
        """Length of the path of each row, summed over the trees."""
        blocks = (X[start : start + ROWS_AT_ONCE] for start in range(0, len(X), ROWS_AT_ONCE))
        return np.concatenate([self._lengths(block) for block in blocks])

    def _lengths(self, X: np.ndarray) -> np.ndarray:
        values, row, total = X.ravel(), np.arange(len(X)) * X.shape[1], np.zeros(len(X))
        for root in range(self.n_trees):
            # All rows stand at the root: no need to ask for each of them where it is.
            node = self.child[root] + (X[:, self.column[root]] > self.cut[root])
            for _ in range(1, self.height):
                at = self.column.take(node)
                at += row
                above = values.take(at) > self.cut.take(node)
                node = self.child.take(node)
                node += above
            total += self.length.take(node)
        return total


class Nodes(NamedTuple):
    """The nodes of one level: the rows of each stand together in ``place``, ``sizes`` of them."""

    place: np.ndarray
    sizes: np.ndarray

    def uncut(self) -> tuple[np.ndarray, np.ndarray]:
        """Column and cut of nodes that are leaves."""
        return np.zeros(len(self.sizes), int), np.full(len(self.sizes), np.inf)

    def drawn(self, X: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """For each node a column, drawn from those in which its rows differ, and a cut drawn within its rows."""
        column, cut = self.uncut()
        left = np.flatnonzero(self.sizes > 1)
        for draw in range(DRAWS + 1):
            nodes = self._some(left)
            # Drawing again until the rows differ leaves each column in which they do the same chance.
            drawn = rng.integers(X.shape[1], size=len(left)) if draw < DRAWS else nodes._differing(X, rng)
            low, high = nodes._ends(X, drawn)
            differ = low < high
            column[left[differ]] = drawn[differ]
            cut[left[differ]] = _between(low[differ], high[differ], rng)
            left = left[~differ]
            if not len(left):
                break
        return column, cut

    def parted(self, X: np.ndarray, column: np.ndarray, cut: np.ndarray) -> "Nodes":
        """The nodes of the next level, two for each that is cut."""
        splits = cut < np.inf
        inside, of = np.repeat(splits, self.sizes), np.repeat(np.arange(len(cut)), self.sizes)
        place, of = self.place[inside], of[inside]
        side = 2 * (np.cumsum(splits) - 1)[of] + (X[place, column[of]] > cut[of])
        return Nodes(place[np.argsort(side, kind="stable")], np.bincount(side, minlength=2 * splits.sum()))

    def _some(self, kept: np.ndarray) -> "Nodes":
        if len(kept) == len(self.sizes):
            return self
        mask = np.zeros(len(self.sizes), bool)
        mask[kept] = True
        return Nodes(self.place[np.repeat(mask, self.sizes)], self.sizes[kept])

    def _ends(self, X: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest value of each node in its column."""
        values = X[self.place, np.repeat(column, self.sizes)]
        return np.minimum.reduceat(values, self._starts), np.maximum.reduceat(values, self._starts)

    def _differing(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One of the columns in which the rows of each node differ; any where they are all the same."""
        values, starts = X[self.place], self._starts
        differ = np.minimum.reduceat(values, starts) < np.maximum.reduceat(values, starts)
        return np.asarray((rng.random(differ.shape) * differ).argmax(axis=1))

    @property
    def _starts(self) -> np.ndarray:
        return np.cumsum(self.sizes) - self.sizes


def grow(X: np.ndarray, trees: int, subsample: int, rng: np.random.Generator) -> list[Trees]:
    """``trees`` trees on ``subsample`` rows each, so many at a time that memory does not grow with them."""
    step = max(1, CELLS_AT_ONCE // (subsample * X.shape[1]))
    return [
        Trees.grow(X, np.array([rng.choice(len(X), subsample, replace=False) for _ in range(count)]), rng)
        for count in (min(step, trees - done) for done in range(0, trees, step))
    ]


def average_path(n: np.ndarray) -> np.ndarray:
    """Cuts that part ``n`` rows on average, c(n) of Liu, Ting & Zhou: a search that fails in a binary tree."""
    few = np.clip(n - 1, 0, 1)
    many = np.maximum(n, 3)
    return np.where(n > 2, 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many, few)


def _between(low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Uniform from ``low`` up to but not ``high``, even where their distance is beyond the largest number."""
    share = rng.random(len(low))
    return np.clip(low * (1 - share) + high * share, low, np.nextafter(high, -np.inf))
