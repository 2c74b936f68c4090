"""Strength ÷ sampling noise: what the best test would say of an injection that knows its kind and strength.

Place, sign and factors are drawn anew in every histogram; no test can know them, and what is paid for looking
everywhere is taken off. A detector, which knows neither kind nor strength, needs more.
"""

import numpy as np


def evidence(before: np.ndarray, after: np.ndarray, least: float = 1e-9) -> float:
    """``√(2 Σ after ln(after / expected))`` in σ, both of the same total: the median significance of the best test.

    ``before`` and ``after`` (cells,) are expectations without noise, flow bins too. No test that knows the change
    exactly has more power than the likelihood ratio (Neyman & Pearson), and this is its median significance (Cowan,
    Cranmer, Gross & Vitells 2011, doi:10.1140/epjc/s10052-011-1554-0); for small changes of full bins it is the same as
    ``significance``, and unlike that it holds where a bin expects few entries. How many entries a lumisection holds
    follows its luminosity, so shapes are compared; one that lost everything is compared with what was there. At
    ``least`` so many entries are expected in every cell.
    """
    was, is_ = float(before.sum()), float(after.sum())
    if was <= 0 or is_ <= 0:
        return float(np.sqrt(2 * max(was, 0.0)))
    expected = np.maximum(np.asarray(before, float) * (is_ / was), least)
    filled = np.asarray(after, float) > 0
    # Weights can be negative, and have no likelihood; each cell adds a term that cannot be.
    ratio = np.where(filled, after, 1.0) / expected
    terms = np.where(filled, after * np.log(ratio) - after + expected, expected)
    return float(np.sqrt(2 * np.clip(terms, 0, None).sum()))


def evidence_of_scatter(expected: np.ndarray, spread: float) -> float:
    """The same for bins multiplied by random factors of this relative ``spread``, drawn anew in every histogram.

    Nobody can know the factors, as nobody knows the counting noise: the best test knows how widely they scatter. A bin
    of variance µ then has µ + (spread µ)², v times as much, and twice its log-likelihood ratio is (v - 1) χ² - ln v
    with one degree of freedom. Of the sum the median counts, as above, by the cube root of Wilson & Hilferty (1931).
    """
    more = spread**2 * np.maximum(expected, 0)
    total = float(more.sum())
    if not total > 0:
        return 0.0
    freedom = total**2 / float(np.sum(more**2))
    median = total * max(1 - 2 / (9 * freedom), 0.0) ** 3
    return float(np.sqrt(max(median - float(np.log1p(more).sum()), 0.0)))


def beyond_chance(sigma: float, draws: float) -> float:
    """What is left of ``sigma`` when any of so many equal ``draws`` could have shown it by chance.

    The global significance: the chance of one is multiplied by their number. Gross & Vitells (2010),
    doi:10.1140/epjc/s10052-010-1470-8. Not below zero.
    """
    from scipy.special import log_ndtr, ndtri_exp

    chance = float(log_ndtr(-sigma) + np.log(max(draws, 1.0)))
    return float(-ndtri_exp(chance)) if chance < np.log(0.5) else 0.0
