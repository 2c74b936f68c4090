"""Random numbers that belong to a thing, not to its place in a table. NumPy only, no Django.

What is drawn for a sample depends on the seed and its natural key alone: adding, removing or re-ordering
other samples changes nothing, and two sites that draw for the same key agree.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np


def _digest(seed: int, keys: tuple[str, ...]) -> bytes:
    return blake2b("\0".join((str(seed), *keys)).encode(), digest_size=24).digest()


def rng_for(seed: int, *keys: str) -> np.random.Generator:
    """A generator for the thing that ``keys`` name."""
    return np.random.default_rng(int.from_bytes(_digest(seed, keys)[:16], "little"))


def uniform_for(seed: int, scope: str, ids: Sequence[str] | np.ndarray) -> np.ndarray:
    """One number in [0, 1) per id; independent of what :func:`rng_for` gives for the same id."""
    words = b"".join(_digest(seed, (scope, str(key)))[16:] for key in ids)
    return (np.frombuffer(words, "<u8") >> np.uint64(11)) * 2.0**-53


def log_uniform(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """A number between two positive bounds, even in the logarithm."""
    low, high = bounds
    if not 0 < low <= high:
        raise ValueError(f"the bounds of a strength must be positive and in order, not {low} to {high}")
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
