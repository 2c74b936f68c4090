"""The different ones among names. NumPy only."""

from typing import NamedTuple, Self

import numpy as np


class Distinct(NamedTuple):
    """``names`` sorted, each once, and for each given name its place among them."""

    names: np.ndarray
    code: np.ndarray

    @classmethod
    def of(cls, names: np.ndarray) -> Self:
        # Where every row is its own group, as in a catalogue, they come sorted: nothing is to be searched.
        if (names[1:] > names[:-1]).all():
            return cls(names, np.arange(len(names)))
        return cls(*np.unique(names, return_inverse=True))
