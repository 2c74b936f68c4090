"""Shapes of simulated monitoring elements: what a healthy tracker fills at some pile-up. No Django."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from histos.records import Axis, Element

PREFIX = "Simulated"
NOMINAL_PILEUP = 50.0

Density = Callable[[np.ndarray, np.ndarray, float, int], np.ndarray]


@dataclass(frozen=True)
class Family:
    """Elements that differ by a layer only; ``density(x, pileup, gain, part)`` need not be normalised.

    ``pileup`` is relative to the nominal one, a column; ``gain`` the response in this run, near 1.
    """

    name: str
    axis: Axis
    density: Density


def _landau(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    peak = gain * (14 + 2 * part) * (1 - 0.01 * (pileup - 1))
    z = (x - peak) / (2.4 + 0.2 * part)
    # Moyal's approximation of the Landau density, and the long tail that it lacks
    return np.exp(-0.5 * (z + np.exp(-np.clip(z, -20, None)))) + 0.02 * (z > 0) / (1 + (z / 8) ** 2)


def _residual(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    width = (0.7 + 0.1 * part) * (1 + 0.03 * (pileup - 1)) * gain
    z = (x - 2 * (gain - 1)) / width
    return np.exp(-0.5 * z**2) + 0.06 * np.exp(-0.5 * (z / 3) ** 2)


def _momentum(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    positive = np.clip(x, 0, None)
    turn_on = 1 / (1 + np.exp(-(x - 0.3 * part) / 0.1))
    values: np.ndarray = turn_on * (1 + positive) ** -(3.2 + 0.1 * (pileup - 1)) * (x > 0) * gain
    return values


def _azimuth(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    swing = 0.03 + (gain - 1) + 0.005 * (pileup - 1)
    values: np.ndarray = (1 + swing * np.cos(x - part)) * (np.abs(x) < np.pi)
    return values


def _pseudorapidity(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    hump = (0.10 + 0.02 * part) * gain
    edges = 1 / (1 + np.exp(-(2.5 - np.abs(x)) / 0.08))
    values: np.ndarray = edges * (1 + hump * x**2 * np.exp(-(x**2) / 4) + 0.02 * pileup)
    return values


def _fit_quality(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    scale = 0.30 * gain * (1 + 0.05 * (pileup - 1))
    positive = np.clip(x, 0, None)
    values: np.ndarray = positive ** (2 + 0.2 * part) * np.exp(-positive / scale)
    return values


def _multiplicity(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    mean = (30 - 2 * part) * (1 + 0.5 * (pileup - 1)) * gain
    return np.exp(-0.5 * (x - mean) ** 2 / (4 * mean)) * (x >= 0)


def _cluster_size(x: np.ndarray, pileup: np.ndarray, gain: float, part: int) -> np.ndarray:
    length = (2.0 + 0.3 * part) * gain * (1 + 0.02 * (pileup - 1))
    return np.exp(-x / length) * (x > 0.5)


FAMILIES = (
    Family("PixelPhase1/Tracks/charge_PXLayer_", Axis(0, 80, 80), _landau),
    Family("Tracking/TrackParameters/hitResidual_TIB_Layer_", Axis(-5, 5, 100), _residual),
    Family("Tracking/TrackParameters/TrackPt_iteration_", Axis(0, 20, 100), _momentum),
    Family("Tracking/TrackParameters/TrackPhi_iteration_", Axis(-np.pi, np.pi, 64), _azimuth),
    Family("Tracking/TrackParameters/TrackEta_iteration_", Axis(-3, 3, 60), _pseudorapidity),
    Family("Tracking/TrackParameters/Chi2oNDF_iteration_", Axis(0, 4, 80), _fit_quality),
    Family("OfflinePV/vertices_quality_", Axis(-0.5, 79.5, 80), _multiplicity),
    Family("PixelPhase1/Tracks/size_PXLayer_", Axis(-0.5, 49.5, 50), _cluster_size),
)
MAP_AXES = (Axis(-30, 30, 60), Axis(-3.2, 3.2, 40))  # z in cm, phi in rad


def element_1d(index: int) -> Element:
    family = FAMILIES[index % len(FAMILIES)]
    return Element(f"{PREFIX}/{family.name}{index // len(FAMILIES) + 1}", (family.axis,), "int64", "TH1F")


def element_2d(index: int) -> Element:
    name = f"{PREFIX}/PixelPhase1/Tracks/clusterposition_zphi_PXLayer_{index + 1}"
    return Element(name, MAP_AXES, "int64", "TH2F")


def expected_1d(index: int, pileup: np.ndarray, gain: float) -> np.ndarray:
    """Probabilities (n, bins + 2) of 1D element ``index`` at each of n pile-ups, flow bins included."""
    family = FAMILIES[index % len(FAMILIES)]
    lower, upper, bins = family.axis[:3]
    flow = bins // 2
    # Half a range more on either side, gathered in the flow bins afterwards
    x = lower + (upper - lower) / bins * (np.arange(-flow, bins + flow) + 0.5)
    relative = pileup[:, None] / NOMINAL_PILEUP
    fine = family.density(x[None, :], relative, gain, index // len(FAMILIES) + 1) * _pattern(index, x.shape)
    under, over = fine[:, :flow].sum(1), fine[:, flow + bins :].sum(1)
    cells = np.column_stack([under, fine[:, flow : flow + bins], over])
    values: np.ndarray = cells / cells.sum(1, keepdims=True)
    return values


def expected_2d(index: int, pileup: np.ndarray, gain: float) -> np.ndarray:
    """Probabilities (n, cells) of the occupancy map ``index``, y slow; a barrel layer leaves no flow."""
    z, phi = (
        axis.lower + (axis.upper - axis.lower) / axis.bins * (np.arange(axis.bins) + 0.5) for axis in MAP_AXES
    )
    relative = pileup[:, None] / NOMINAL_PILEUP
    along = (1 + 0.3 * (z / 30) ** 2 * relative) * (np.abs(z) < 27) * (1 - 0.6 * (np.arange(60) % 7 == 3))
    around = 1 + (0.05 + gain - 1) * np.cos(phi - index)
    static = around[:, None] * _modules(index, (40, 60))
    maps = np.zeros((len(pileup), 42, 62))
    maps[:, 1:-1, 1:-1] = along[:, None, :] * static
    flat = maps.reshape(len(pileup), -1)
    values: np.ndarray = flat / flat.sum(1, keepdims=True)
    return values


def _pattern(index: int, shape: tuple[int, ...]) -> np.ndarray:
    """How real bins differ from the smooth curve, the same in every run."""
    return np.exp(np.random.default_rng([1, index]).normal(0, 0.02, shape))


def _modules(index: int, shape: tuple[int, int]) -> np.ndarray:
    """Efficiency of each module of a layer; a few have been off for years, as in every real map."""
    rng = np.random.default_rng([2, index])
    modules = np.exp(rng.normal(0, 0.05, (10, 10))) * (rng.random((10, 10)) > 0.03)
    return np.kron(modules, np.ones((shape[0] // 10, shape[1] // 10)))
