import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from detections.detectors import DETECTORS, Detector, DetectorError, get_detector, make
from detections.detectors.check_data import good, planted
from detections.detectors.checks import CHECKS, EXPECTED_FAILURES
from project.samples import Table

# One of every sort of PyOD detector: ranks, histograms, trees, projections, neighbours, densities.
PYOD = ("pyod.ECOD", "pyod.COPOD", "pyod.HBOS", "pyod.IForest", "pyod.LODA", "pyod.KNN", "pyod.GMM")


def promises() -> Iterator[Any]:
    for name in (*DETECTORS, *PYOD):
        for kind in get_detector(name).kinds:
            for check in CHECKS:
                yield pytest.param(
                    name, kind, check, id=f"{name}-{kind}-{check.__name__}", marks=expected(name, check)
                )


def expected(name: str, check: Any) -> list[pytest.MarkDecorator]:
    reason = EXPECTED_FAILURES.get((name, check.__name__))
    return [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []


@pytest.mark.parametrize(("name", "kind", "check"), list(promises()))
def test_it_keeps_the_promise(name, kind, check):
    check(get_detector(name), kind)


class Bad(Detector):
    """Reversed, edits its input, normalises over the scored batch, scores missing values."""

    name = "bad"
    kinds = ("table",)

    def fit(self, samples):
        self.mean_ = getattr(self, "mean_", 0) + np.nan_to_num(samples.X).mean(axis=0)
        return self

    def score(self, samples):
        samples.X[:] = np.nan_to_num(samples.X)
        return -np.abs(samples.X - self.mean_).sum(axis=1) / np.abs(samples.X).max()


def test_a_bad_detector_fails_without_anybody_touching_a_test():
    failed = set()
    for check in CHECKS:
        try:
            check(Bad, "table")
        except Exception:
            failed.add(check.__name__)
    assert failed >= {
        "check_high_means_strange", "check_input_is_left_alone", "check_score_does_not_depend_on_neighbours",
        "check_refit_forgets", "check_unscorable_row_gets_nan", "check_empty_score_set_gives_no_scores",
        "check_wrong_use_is_named",
    }  # fmt: skip


def test_a_name_that_does_not_exist_is_answered_with_near_ones():
    with pytest.raises(DetectorError, match="robust_z"):
        get_detector("robustz")
    with pytest.raises(DetectorError, match=r"pyod\.ECOD"):
        get_detector("pyod.ecode")


@pytest.mark.parametrize("name", ["os", "BaseDetector", "__import__", "TimeSeriesOD", "XGBOD"])
def test_only_pyod_detectors_of_tables_are_found(name):
    with pytest.raises(DetectorError, match="no table detector"):
        get_detector(f"pyod.{name}")


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("knn", {"neighbours": 3}, "no parameter neighbours; it has k, window"),
        ("constant", {"k": 3}, "it has none"),
        ("knn", {"k": "three"}, "k is int, not 'three'"),
        ("knn", {"k": True}, "k is int, not True"),
        ("knn", {"k": 0}, "k is between 1 and 1000, not 0"),
        ("robust_z", {"causal": 1}, "causal is bool, not 1"),
        ("pyod.HBOS", {"bins": 3}, "no parameter bins; it has n_bins"),
        ("pyod.HBOS", {"n_bins": {"a": 1}}, "n_bins is any"),
    ],
)
def test_a_wrong_parameter_is_named(name, params, message):
    with pytest.raises(DetectorError, match=message):
        make(name, **params)


def test_what_pyod_refuses_is_our_error():
    with pytest.raises(DetectorError, match=r"pyod\.MAD: .*univariate|pyod\.MAD: .*1"):
        make("pyod.MAD").fit(good("table"))


def test_a_description_tells_all_that_a_form_needs():
    described = get_detector("isolation_forest").describe()
    assert described["summary"] == "How few random cuts it takes to leave a sample alone."
    assert described["kinds"] == ["table", "histograms", "series"]
    seed = next(param for param in described["params"] if param["name"] == "seed")
    assert (seed["type"], seed["default"], seed["minimum"]) == ("int", 0, 0)
    assert "by chance" in get_detector("random").describe()["exceptions"][0]


def test_a_detector_that_was_added_to_the_dict_is_found_and_checked(monkeypatch):
    monkeypatch.setitem(DETECTORS, "bad", Bad)
    assert isinstance(make("bad"), Bad)


@pytest.mark.parametrize("name", ["lof", "pyod.ABOD"])
def test_a_sample_that_would_take_too_long_is_refused_with_its_size(name):
    n = 387_000
    rows = np.arange(n)
    table = Table(ids=rows, groups=rows, X=np.zeros((n, 4)), columns=tuple("abcd"))
    assert re.search("387,000|774,000", make(name).refuses(table))


def test_a_series_detector_that_sees_the_future_says_so():
    assert make("robust_z", causal=False).offline
    assert not make("robust_z").offline


def test_seeds_matter():
    test = planted("table").samples
    first, second = (make("isolation_forest", seed=seed).fit(good("table")).score(test) for seed in (0, 1))
    assert not np.array_equal(first, second)
