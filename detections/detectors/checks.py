"""What every detector promises, one function a promise: ``make`` builds it unfitted, ``kind`` is its food.

A detector that cannot keep a promise says so, with the reason, in ``EXPECTED_FAILURES``: pages show it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from project.samples import KINDS, Samples, Series

from .base import Detector, DetectorError
from .check_data import good, planted, with_constant, with_unscorable
from .scorable import scorable

Make = Callable[[], Detector]
Check = Callable[[Make, str], None]


def check_one_finite_score_per_scorable_row(make: Make, kind: str) -> None:
    test = planted(kind).samples
    scores = _scores(make(), good(kind), test)
    assert scores.shape == (test.n_scores,), f"shape {scores.shape}"
    assert scores.dtype == np.float64, f"dtype {scores.dtype}"
    assert np.array_equal(np.isfinite(scores), scorable(test)), "not finite exactly where scorable"


def check_high_means_strange(make: Make, kind: str) -> None:
    test, strange = planted(kind)
    scores = _scores(make(), good(kind), test)
    known = np.isfinite(scores)
    above = scores[known & strange][:, None] - scores[known & ~strange]
    auc = np.mean((above > 0) + 0.5 * (above == 0))
    assert auc > 0.8, f"planted outliers have ROC AUC {auc:.2f}"


def check_input_is_left_alone(make: Make, kind: str) -> None:
    train, test = good(kind), planted(kind).samples
    arrays = [*_arrays(train), *_arrays(test)]
    before = [values.copy() for values in arrays]
    for values in arrays:
        values.flags.writeable = False
    _scores(make(), train, test)
    assert all(np.array_equal(old, new) for old, new in zip(before, arrays, strict=True)), "input was changed"


def check_same_seed_same_scores(make: Make, kind: str) -> None:
    first, second = (_scores(make(), good(kind), planted(kind).samples) for _ in range(2))
    assert np.array_equal(first, second, equal_nan=True), "two runs differ"


def check_score_does_not_depend_on_neighbours(make: Make, kind: str) -> None:
    """Half of the samples, backwards, score as among all of them. Sequential detectors may know the past."""
    detector, test = make(), planted(kind).samples
    if detector.sequential and kind == "histograms":
        return
    detector.fit(good(kind))
    few = np.arange(len(test))[::-2]
    scores = dict(zip(_steps(test), detector.score(test), strict=True))
    alone = detector.score(test.take(few))
    assert _same(alone, np.array([scores[step] for step in _steps(test.take(few))])), "batch changes scores"


def check_future_does_not_change_past(make: Make, kind: str) -> None:
    """Scores up to a moment are those that were given at that moment. Offline detectors say that they are."""
    detector, test = make(), planted(kind).samples
    if detector.offline:
        return
    detector.fit(good(kind))
    past, kept = _first_half(test)
    assert _same(detector.score(past), detector.score(test)[kept]), "what came later changed earlier scores"


def check_params_rebuild_the_detector(make: Make, kind: str) -> None:
    detector = make()
    params, test = detector.get_params(), planted(kind).samples
    assert set(params) == set(detector.parameters()), "get_params and the signature differ"
    scores = _scores(detector, good(kind), test)
    assert detector.get_params() == params, "fit changed a parameter"
    assert _same(_scores(detector.clone(), good(kind), test), scores), "the clone differs"


def check_constant_column_is_fine(make: Make, kind: str) -> None:
    train, test = with_constant(good(kind)), with_constant(planted(kind).samples)
    assert np.isfinite(_scores(make(), train, test)[scorable(test)]).all(), "not finite"


def check_refit_forgets(make: Make, kind: str) -> None:
    test = planted(kind).samples
    again = make().fit(good(kind, seed=9)).fit(good(kind)).score(test)
    assert _same(again, _scores(make(), good(kind), test)), "the first fit is remembered"


def check_other_ids_and_numbers_can_be_scored(make: Make, kind: str) -> None:
    few = good(kind, seed=5, prefix="elsewhere", n=16)
    assert len(_scores(make(), good(kind), few)) == few.n_scores


def check_unscorable_row_gets_nan(make: Make, kind: str) -> None:
    """In training it is ignored; when scored it gets NaN and leaves the others as they were."""
    detector = make().fit(with_unscorable(good(kind))[0])
    test = planted(kind).samples
    holed, lost = with_unscorable(test)
    scores = detector.score(holed)
    assert np.isnan(scores[lost]).all(), "scored what cannot be scored"
    assert _same(scores[~lost], detector.score(test)[~lost]), "others changed"


def check_empty_score_set_gives_no_scores(make: Make, kind: str) -> None:
    assert _scores(make(), good(kind), good(kind).take(np.zeros(0, int))).shape == (0,)


def check_wrong_use_is_named(make: Make, kind: str) -> None:
    """Not fitted, fitted on another kind, nothing to fit on: our error, with the detector's name."""
    train: Any = good(kind)
    other: Any = good(KINDS[(KINDS.index(kind) + 1) % len(KINDS)] if kind in KINDS else KINDS[0])
    for misuse in (
        lambda: make().score(train),
        lambda: make().fit(train).score(other),
        lambda: make().fit(train.take(np.zeros(len(train), bool))),
    ):
        message = "wrong use went through"
        try:
            misuse()
        except DetectorError as error:
            message = str(error)
        assert make().name in message, f"does not name the detector: {message}"


def check_reasons_and_description_are_plain(make: Make, kind: str) -> None:
    detector, test = make().fit(good(kind)), planted(kind).samples
    reasons = detector.reasons(test, np.array([test.n_scores - 8, 0]))
    assert len(reasons) == 2, "one list of reasons per row"
    json.dumps([reasons, detector.describe()], allow_nan=False)
    assert detector.describe()["summary"], "no docstring"
    assert detector.refuses(test) is None, "refuses what it can do"


CHECKS: list[Check] = [
    check_one_finite_score_per_scorable_row, check_high_means_strange, check_input_is_left_alone,
    check_same_seed_same_scores, check_score_does_not_depend_on_neighbours, check_future_does_not_change_past,
    check_params_rebuild_the_detector, check_constant_column_is_fine, check_refit_forgets,
    check_other_ids_and_numbers_can_be_scored, check_unscorable_row_gets_nan,
    check_empty_score_set_gives_no_scores, check_wrong_use_is_named, check_reasons_and_description_are_plain,
]  # fmt: skip

_BASELINE = "knows nothing on purpose: it shows what the metrics are worth by chance"
_POOLED = "PyOD ranks each row among the training and all rows scored with it, so the batch enters its score"

EXPECTED_FAILURES: dict[tuple[str, str], str] = {
    ("constant", check_high_means_strange.__name__): _BASELINE,
    ("random", check_high_means_strange.__name__): _BASELINE,
}
for _check in (
    check_score_does_not_depend_on_neighbours,
    check_future_does_not_change_past,
    check_unscorable_row_gets_nan,
):
    for _name in ("pyod.ECOD", "pyod.COPOD"):
        EXPECTED_FAILURES[_name, _check.__name__] = _POOLED


def expected_failures(name: str) -> list[str]:
    """Why the detector ``name`` does not keep some promises; empty if it keeps all."""
    return list(
        dict.fromkeys(reason for (detector, _), reason in EXPECTED_FAILURES.items() if detector == name)
    )


def _scores(detector: Detector, train: Samples, test: Samples) -> np.ndarray:
    return detector.fit(test if detector.transductive else train).score(test)


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    # Matrix products round differently for different numbers of rows.
    return np.allclose(first, second, rtol=1e-6, atol=1e-7, equal_nan=True)


def _arrays(samples: Samples) -> list[np.ndarray]:
    return [values for values in vars(samples).values() if isinstance(values, np.ndarray)]


def _steps(samples: Samples) -> list[tuple[str, int]]:
    """What each score belongs to: an id, and for series the place in it."""
    lengths = samples.lengths if isinstance(samples, Series) else np.ones(len(samples), int)
    return [(name, step) for name, n in zip(samples.ids.tolist(), lengths, strict=True) for step in range(n)]


def _first_half(samples: Any) -> tuple[Samples, np.ndarray]:
    """The samples as they stood halfway, and where their scores are among all."""
    if not isinstance(samples, Series):
        half = np.arange(len(samples) // 2)
        return samples.take(half), half
    lengths = samples.lengths // 2
    kept = np.concatenate([start + np.arange(n) for start, n in zip(samples.offsets, lengths, strict=False)])
    cut = {name: getattr(samples, name)[kept] for name in ("values", "errors", "times")}
    return replace(samples, offsets=np.concatenate([[0], np.cumsum(lengths)]), **cut), kept
