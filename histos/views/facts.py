"""What numbers say of one histogram and its reference, each with what it means."""

import numpy as np

from histos import reference as against
from histos.looking.comparing import EXPOSURES
from histos.looking.in_run import InRun
from histos.models import MonitoringElement
from histos.moments import NAMES, moment
from histos.reference import Deviation
from project.readable import readable

LEAST = 1e-12
"""Smaller probabilities of an approximation mean nothing."""
MANY_SPARSE = 0.2
"""Share of cells with few entries above which a probability is only rough."""
UNITS = {"luminosity": "pb⁻¹", "pileup": "interactions per crossing"}
Fact = tuple[str, str, str]


def facts_of(here: InRun, row: int, deviating: Deviation, reference: np.ndarray, norm: str) -> list[Fact]:
    """Entries, moments, χ² and Kolmogorov–Smirnov, as far as this kind of element has them."""
    facts = [("entries", f"{float(here.entries[here.rows[row]]):,.10g}", "")]
    facts += _exposure(here, row, norm)
    if len(here.edges) == 1 and not here.means:
        facts += _moments(here, row)
    facts += _chi2(here, row, deviating, reference, norm)
    if len(here.edges) == 1 and not here.means:
        facts += _kolmogorov(here, row, reference)
    return facts


def _exposure(here: InRun, row: int, norm: str) -> list[Fact]:
    if norm not in EXPOSURES or here.means:
        return []
    value = here.compared.exposure[norm][row]
    name = "recorded luminosity" if norm == "luminosity" else "pile-up"
    if np.isfinite(value):
        return [(name, f"{value:.4g} {UNITS[norm]}", "what counts are divided by")]
    return [(name, "not known", "so nothing can be divided by it: choose another normalisation")]


def _moments(here: InRun, row: int) -> list[Fact]:
    facts = []
    for name in NAMES:
        (value,), (error,) = moment(name, here.comparable[row : row + 1], here.edges[0])
        if np.isfinite(value):
            meaning = "of the axis' quantity, flow bins left out" if name == "mean" else ""
            facts.append((name, f"{value:.4g} ± {error:.2g}", meaning))
    return facts


def _chi2(here: InRun, row: int, deviating: Deviation, reference: np.ndarray, norm: str) -> list[Fact]:
    chi2, usual = float(deviating.chi2[0]), float(deviating.usual[0])
    ratio = float(deviating.reduced[0])
    if not np.isfinite(ratio):
        return []
    value = f"{readable(chi2, 4)} / {readable(usual, 4)} = {readable(ratio, 3)}"
    meaning = f"1 ± {np.sqrt(2 / usual):.2g} is usual {_usual_words(here)}, {_cells_words(deviating, norm, here.means)}"
    if not here.means:
        value += f", p {probability(against.chi2_probability(chi2, usual))}"
        meaning += _rough(here.comparable[row], reference)
    return [("χ²/ndf", value, meaning)]


def _cells_words(deviating: Deviation, norm: str, means: bool) -> str:
    n = int(np.isfinite(deviating.pulls[0]).sum())
    what = "rates" if norm in EXPOSURES and not means else "means" if means else "shapes"
    return f"{what} of {n:,} filled cells, flow bins among them"


def _rough(counts: np.ndarray, reference: np.ndarray) -> str:
    """Of few entries: which part of the comparison cannot be trusted to the letter."""
    few = against.sparse(counts, reference)
    if few <= MANY_SPARSE:
        return ""
    return f"; {100 * few:.0f} % of them hold fewer than {against.FEW:g} entries, so p is only rough"


def _kolmogorov(here: InRun, row: int, reference: np.ndarray) -> list[Fact]:
    ks = against.kolmogorov(here.comparable[row], reference)
    if not np.isfinite(ks.distance):
        return []
    meaning = (
        "largest gap between the cumulative shapes, flow bins among them; chance alone gives as much with probability "
        "p, in bins a little too large"
    )
    return [("KS distance", f"{ks.distance:.3g}, p {probability(ks.probability)}", meaning)]


def probability(value: float) -> str:
    return f"= {value:.2g}" if value > LEAST else f"< {LEAST:g}"


def _usual_words(here: InRun) -> str:
    if here.means:
        return "where it strays as the reference's histograms do from each other"
    counts = "where only counting statistics differ"
    plain = here.element.storage == MonitoringElement.Storage.COUNT
    return counts if plain else f"{counts}; weights are taken as entries"
