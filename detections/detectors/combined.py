from typing import Any, ClassVar, Literal, Self

import numpy as np

from project.samples import Samples, Together

from .base import Detector, DetectorError, Reason, spread_out
from .calibration import Calibration
from .scorable import scorable
from .tails import Tail

NAMED, EACH = 2, 2
"""Elements among the reasons, and reasons of each."""
FLOOR = -700.0
"""Smaller logarithms of probabilities say nothing more."""


class Combined(Detector):
    """One score per lumisection: the detector ``of`` on every element, their p-values combined ``by`` one rule.

    What is as rare in good lumisections is learned for every element from runs that did not fit it. ``fisher`` adds
    the logarithms of the p-values, ``tippett`` takes the smallest one corrected for the number of elements, ``max`` the
    largest score in units of its element's tail. Elements of a lumisection move together, so that Fisher's own
    distribution would promise too much: how each rule strays in good lumisections with as many elements is learned too.
    """

    name: ClassVar[str] = "combined"
    kinds: ClassVar[tuple[str, ...]] = (Together.kind,)
    paper: ClassVar[str] = "Fisher (1925); Tippett (1931); Brown (1975), doi:10.2307/2529826"

    def __init__(
        self, *, of: str = "reference_chi2", by: Literal["fisher", "tippett", "max"] = "fisher", seed: int = 0
    ) -> None:
        self.of = of
        self.by = by
        self.seed = seed

    def fit(self, samples: Samples) -> Self:
        usable = self._usable(samples)
        known = self._together(samples).take(usable)
        self.bases_: list[Detector | None] = []
        self.tails_: list[Tail] = []
        scores = np.full((len(known.elements), len(known)), np.nan)
        for number in range(len(known.elements)):
            scores[number, known.has(number)] = self._cross_fitted(known, number)
            self.bases_.append(self._fitted(known.of(number)))
            self.tails_.append(Tail.of(scores[number]))
        statistic, contributed = self._combine(self._log_p(scores))
        some = contributed > 0
        self.calibration_ = Calibration.of(statistic[some], contributed[some])
        return self

    def _cross_fitted(self, known: Together, number: int) -> np.ndarray:
        """Scores of one element by a detector fitted on the other half of the runs; of a single run on itself."""
        part = known.of(number)
        names, code = np.unique(part.groups, return_inverse=True)
        scores = np.full(len(part), np.nan)
        halves = [code % 2 == half for half in (0, 1)] if len(names) > 1 else [np.ones(len(part), bool)]
        for half in halves:
            base = self._fitted(part.take(~half if len(names) > 1 else half))
            if base is not None:
                scores[half] = base.score(part.take(half))
        return scores

    def _fitted(self, part: Any) -> Detector | None:
        """None where nothing of the element can be learned from: it then contributes to no lumisection."""
        from . import get_detector, make

        if Together.kind in get_detector(self.of).kinds:
            raise DetectorError(f"{self.name}: {self.of} is a combination itself")
        seeded = {"seed": self.seed} if "seed" in get_detector(self.of).parameters() else {}
        return make(self.of, **seeded).fit(part) if scorable(part).any() else None

    def score(self, samples: Samples) -> np.ndarray:
        wanted = self._scorable(samples)
        here = self._together(samples).take(wanted)
        statistic, contributed = self._combine(self._log_p(self._scores(here)))
        sigma = np.full(len(here), np.nan)
        some = contributed > 0
        sigma[some] = self.calibration_.sigma(statistic[some], contributed[some])
        # Of a lumisection whose elements taught nothing, nothing strange is known.
        return spread_out(np.where(some, sigma, 0.0), wanted)

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        whole = self._together(samples)
        # A detector that follows a run needs all of it.
        asked = np.isin(whole.groups, whole.groups[rows])
        here = whole.take(asked)
        place = (np.cumsum(asked) - 1)[rows]
        log_p = self._log_p(self._scores(here))
        return [self._reasons(here, log_p[:, row], int(row)) for row in place]

    def _reasons(self, here: Together, log_p: np.ndarray, row: int) -> list[Reason]:
        found: list[Reason] = []
        for number in np.argsort(np.nan_to_num(log_p, nan=1.0), kind="stable")[:NAMED].tolist():
            base, has = self.bases_[number], here.has(number)
            if base is None or not has[row] or (found and log_p[number] > np.log(0.01)):
                continue
            own = base.reasons(here.of(number), np.array([int(np.cumsum(has)[row]) - 1]))[0][:EACH]
            found += [{"element": here.elements[number].element, **reason} for reason in own]
        contributed = int(np.isfinite(log_p).sum())
        return [*found, {"contributed": f"{contributed} of {len(here.elements)} elements"}]

    def _scores(self, here: Together) -> np.ndarray:
        scores = np.full((len(here.elements), len(here)), np.nan)
        for number, base in enumerate(self.bases_):
            if base is not None and here.has(number).any():
                scores[number, here.has(number)] = base.score(here.of(number))
        return scores

    def _log_p(self, scores: np.ndarray) -> np.ndarray:
        return np.stack([tail.log_p(own) for tail, own in zip(self.tails_, scores, strict=True)])

    def _combine(self, log_p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rule's statistic (n,), high = strange, and how many elements contributed."""
        contributed = np.isfinite(log_p).sum(axis=0).astype(float)
        known = np.clip(np.nan_to_num(log_p, nan=0.0), FLOOR, 0)
        if self.by == "fisher":
            return (-2 * known.sum(axis=0) - 2 * contributed) / np.sqrt(
                4 * np.maximum(contributed, 1)
            ), contributed
        smallest = known.min(axis=0)
        if self.by == "max":
            return -smallest, contributed
        # Of so many p-values one is as small by chance: Šidák, in logarithms; for tiny ones the product.
        chance = -np.expm1(contributed * np.log1p(-np.exp(np.minimum(smallest, -1e-12))))
        corrected = np.where(
            smallest < -30, smallest + np.log(np.maximum(contributed, 1)), np.log(np.maximum(chance, 1e-300))
        )
        return -corrected, contributed

    def _together(self, samples: Samples) -> Together:
        if not isinstance(samples, Together):
            raise DetectorError(f"{self.name} takes {Together.kind}, not {samples.kind}")
        return samples
