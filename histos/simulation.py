"""Simulated CMS runs without a fault: a world where the truth is known, since every fault is injected later.

Nothing is measured: every element is called ``Simulated/…``, the experiment ``CMS-simulated``. No Django.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from histos.records import Element, HistogramRecord
from histos.simulation_shapes import element_1d, element_2d, expected_1d, expected_2d
from runs.records import LumisectionRecord, RunRecord

EXPERIMENT = "CMS-simulated"
DATASET = "/Simulated/Run2026Z-v1/DQMIO"
ERA = "Simulated"

FIRST_RUN = 900_001  # far above the numbers that CMS has reached
LUMISECTION_SECONDS = 23.31
ENTRIES = (1e2, 1e5)
DETECTORS = ("bpix_ready", "fpix_ready", "tibtid_ready", "tob_ready", "tecp_ready", "tecm_ready")

_BUNCHES = 2340
_PB_PER_PILEUP = _BUNCHES * 11_245 * LUMISECTION_SECONDS / 8e10  # revolutions per second, 80 mb
_PILEUP_LIFETIME = 9 * 3600.0  # seconds
_EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SimulatedRun:
    """One run. ``counts`` has, per element, one row for each of the lumisections numbered ``filled``."""

    run: RunRecord
    lumisections: tuple[LumisectionRecord, ...]
    filled: np.ndarray
    counts: dict[Element, np.ndarray]

    def histograms(self) -> Iterator[HistogramRecord]:
        """All histograms, lumisection by lumisection as a reader would yield them."""
        entries = {element: counts.sum(1).astype(float) for element, counts in self.counts.items()}
        line = 0
        for row, lumisection in enumerate(self.filled.tolist()):
            for element, counts in self.counts.items():
                line += 1
                total = float(entries[element][row])
                yield HistogramRecord(line, self.run.number, lumisection, element, total, counts[row])


def simulate(
    n_runs: int = 10,
    n_lumisections: int = 300,
    n_elements_1d: int = 20,
    n_elements_2d: int = 2,
    seed: int = 0,
) -> Iterator[SimulatedRun]:
    """``n_runs`` runs, one at a time; a run depends on ``seed`` and its place alone, not on how many follow.

    Pile-up decays along the fill and moves some shapes. Response differs by 0.3 % from run to run, by 2 %
    more in every fourth. Expected entries are log-uniform from 100 to 100,000, drawn for every histogram, so
    that power does not follow from the element's name: each element is seen at every one. In up to 2 % of
    the lumisections the tracker is not ready: listed with bits off, and without histograms.
    """
    for place in range(n_runs):
        rng = np.random.default_rng([seed, place])
        pileup, ready = _pileup(rng, n_lumisections), _ready(rng, n_lumisections)
        lumisections = tuple(_lumisections(rng, place, pileup, ready))
        gain = 1 + rng.normal(0, 0.003) + 0.02 * (place % 4 == 3)
        filled = ready.all(1)
        counts = {
            element: rng.poisson(shape * _entries(rng, len(shape)))
            for element, shape in _shapes(n_elements_1d, n_elements_2d, pileup[filled], gain)
        }
        yield SimulatedRun(_run(place, lumisections), lumisections, np.flatnonzero(filled) + 1, counts)


def _shapes(
    n_elements_1d: int, n_elements_2d: int, pileup: np.ndarray, gain: float
) -> Iterator[tuple[Element, np.ndarray]]:
    for index in range(n_elements_1d):
        yield element_1d(index), expected_1d(index, pileup, gain)
    for index in range(n_elements_2d):
        yield element_2d(index), expected_2d(index, pileup, gain)


def _entries(rng: np.random.Generator, n: int) -> np.ndarray:
    fewest, most = np.log(ENTRIES)
    return np.exp(rng.uniform(fewest, most, (n, 1)))


def _pileup(rng: np.random.Generator, n: int) -> np.ndarray:
    """Mean interactions per crossing: the run begins somewhere in a fill, and beams burn off."""
    seconds = rng.uniform(0, 2 * 3600) + LUMISECTION_SECONDS * np.arange(n)
    pileup: np.ndarray = rng.uniform(54, 62) * np.exp(-seconds / _PILEUP_LIFETIME) * rng.normal(1, 0.004, n)
    return pileup


def _ready(rng: np.random.Generator, n: int) -> np.ndarray:
    """(n, detectors): voltages ramp up in the first lumisections, and one part may trip later."""
    longest = min(3, n // 100)
    ready = np.ones((n, len(DETECTORS)), bool)
    ready[: rng.integers(0, longest + 1)] = False
    trip, length, part = rng.integers(0, 2 * n), rng.integers(0, longest + 1), rng.integers(len(DETECTORS))
    ready[trip : trip + length, part] = False
    return ready


def _lumisections(
    rng: np.random.Generator, place: int, pileup: np.ndarray, ready: np.ndarray
) -> Iterator[LumisectionRecord]:
    delivered = pileup * _PB_PER_PILEUP
    recorded = delivered * (1 - rng.uniform(0.02, 0.06, len(pileup)))
    for index, bits in enumerate(ready.tolist()):
        flags = {"beams_stable": True, "cms_active": True, "physics_flag": all(bits)}
        yield LumisectionRecord(
            line=index + 1,
            run=FIRST_RUN + place,
            number=index + 1,
            start_time=_start(place) + timedelta(seconds=LUMISECTION_SECONDS * index),
            delivered_luminosity=float(delivered[index]),
            recorded_luminosity=float(recorded[index]),
            pileup=float(pileup[index]),
            flags=flags | dict(zip(DETECTORS, bits, strict=True)),
        )


def _run(place: int, lumisections: tuple[LumisectionRecord, ...]) -> RunRecord:
    return RunRecord(
        line=place + 1,
        number=FIRST_RUN + place,
        start_time=_start(place),
        end_time=_start(place) + timedelta(seconds=LUMISECTION_SECONDS * len(lumisections)),
        fill_number=90_001 + place,
        era=ERA,
        energy=6800.0,
        b_field=3.8,
        recorded_luminosity=sum(ls.recorded_luminosity or 0.0 for ls in lumisections),
    )


def _start(place: int) -> datetime:
    return _EPOCH + timedelta(hours=18 * place)
