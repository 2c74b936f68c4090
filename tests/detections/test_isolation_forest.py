import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest

from detections.detectors import DetectorError, isolation_trees, make
from detections.detectors.isolation_trees import Trees, average_path, grow
from detections.metrics import METRICS
from project.samples import Table


def table(X):
    rows = np.arange(len(X))
    return Table(ids=rows, groups=rows, X=X, columns=tuple(f"c{number}" for number in range(X.shape[1])))


def scores(X, test=None, **params):
    fitted = make("isolation_forest", **params).fit(table(X))
    return fitted.score(table(X if test is None else test))


def theirs(X, seed, test):
    """scikit-learn's scores: high = strange."""
    return -IsolationForest(max_samples=min(256, len(X)), random_state=seed).fit(X).score_samples(test)


def planted(seed, columns):
    """Correlated rows, rows among which a few are too far out, and which."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(columns, columns))
    X, test = rng.normal(size=(1500, columns)) @ mix, rng.normal(size=(1500, columns)) @ mix
    truth = np.arange(len(test)) < 30
    test[truth] *= 2.5
    return X, test, truth


def test_paths_are_as_long_as_by_hand():
    # c(n) = 2 H(n-1) - 2 (n-1) / n with H(i) = ln i + 0.5772156649, and 1 for two rows, 0 for one.
    expected = [0, 0, 1, 2 * (np.log(2) + 0.5772156649) - 4 / 3, 2 * (np.log(255) + 0.5772156649) - 510 / 256]
    assert average_path(np.array([0, 1, 2, 3, 256])) == pytest.approx(expected)


def test_a_row_goes_down_to_its_leaf():
    # Column 1 is cut at 5; above it column 0 is cut at 2. Three rows were left in the first leaf.
    inf = np.inf
    trees = Trees(
        n_trees=1, height=2, column=np.array([1, 0, 0, 0, 0]), cut=np.array([5, inf, 2, inf, inf]),
        child=np.array([1, 1, 3, 3, 4]), length=np.array([0, 1 + 1.2, 1, 2, 2 + 1]),
    )  # fmt: skip
    rows = np.array([[9.0, 5.0], [2.0, 5.1], [2.1, 6.0], [-1.0, 1e300]])
    assert trees.lengths(rows).tolist() == [2.2, 2, 3, 2]


def test_two_rows_are_parted_by_one_cut():
    # c(2) = 1 and every path is 1 long: 2 ** -1.
    assert scores(np.array([[0.0], [1.0]])).tolist() == [0.5, 0.5]


def test_three_rows_on_a_line():
    # The first cut takes off 10 alone nine times out of ten, and then parts 0 and 1; else it takes off 0 alone.
    lengths = np.array([0.1 * 1 + 0.9 * 2, 2, 0.9 * 1 + 0.1 * 2])
    found = scores(np.array([[0.0], [1.0], [10.0]]), trees=10_000)
    assert found == pytest.approx(2 ** -(lengths / average_path(np.array(3))), abs=0.005)


def test_no_tree_is_higher_than_an_even_one_and_no_row_is_lost():
    X = np.random.default_rng(1).lognormal(sigma=3, size=(1000, 2))
    (trees,) = grow(X, 20, 256, np.random.default_rng(0))
    assert trees.height == 8
    leaves = np.flatnonzero(trees.child == np.arange(len(trees.child)))
    assert np.isinf(trees.cut[leaves]).all()
    assert len(trees.cut) == 20 + 2 * (len(trees.cut) - len(leaves))
    assert trees.length[leaves].max() <= 8 + average_path(np.array(249))


def test_every_column_in_which_rows_differ_has_the_same_chance():
    # Two rows that differ in 3 of 40 columns: mostly found only when all columns are looked at.
    X = np.zeros((2, 40))
    X[1, [7, 20, 33]] = 1
    (trees,) = grow(X, 6000, 2, np.random.default_rng(0))
    drawn, times = np.unique(trees.column[:6000], return_counts=True)
    assert drawn.tolist() == [7, 20, 33]
    assert times == pytest.approx([2000] * 3, abs=150)


def test_cuts_lie_evenly_between_the_ends():
    (trees,) = grow(np.array([[2.0], [4.0]]), 5000, 2, np.random.default_rng(0))
    cuts = trees.cut[:5000]
    assert (cuts.min() >= 2) & (cuts.max() < 4)
    assert np.quantile(cuts, [0.1, 0.5, 0.9]) == pytest.approx([2.2, 3, 3.8], abs=0.05)


@pytest.mark.parametrize("columns", [2, 8, 60])
def test_it_agrees_with_scikit_learn_as_two_of_its_seeds_do(columns):
    X, test, truth = planted(columns, columns)
    first, second = theirs(X, 0, test), theirs(X, 1, test)
    own = scores(X, test, seed=0)
    assert spearmanr(own, first)[0] > spearmanr(second, first)[0] - 0.05
    assert np.abs(own - first).max() < 1.5 * np.abs(second - first).max()
    assert own.mean() == pytest.approx(first.mean(), abs=0.01)
    found = [METRICS["average_precision"](truth, one) for one in (own, first, second)]
    assert found[0] == pytest.approx(np.mean(found[1:]), abs=max(0.08, 2 * abs(found[1] - found[2])))


def test_the_seed_alone_decides():
    X, test, _ = planted(0, 3)
    assert np.array_equal(scores(X, test, seed=4), scores(X, test, seed=4))
    assert not np.array_equal(scores(X, test, seed=4), scores(X, test, seed=5))


def test_rows_are_scored_the_same_however_many_go_down_together(monkeypatch):
    X, test, _ = planted(0, 3)
    whole = scores(X, test)
    monkeypatch.setattr(isolation_trees, "ROWS_AT_ONCE", 7)
    assert np.array_equal(scores(X, test), whole)


def test_many_trees_are_grown_some_at_a_time(monkeypatch):
    X, test, _ = planted(0, 3)
    monkeypatch.setattr(isolation_trees, "CELLS_AT_ONCE", 256 * 3 * 9)
    assert len(grow(X, 100, 256, np.random.default_rng(0))) == 12
    assert spearmanr(scores(X, test, trees=100), theirs(X, 0, test))[0] > 0.9


def test_constant_columns_and_duplicates():
    constant = np.ones((50, 3))
    assert np.unique(scores(constant)).tolist() == [pytest.approx(0.5)]
    twice = np.repeat([[1.0, 0.0], [2.0, 0.0], [50.0, 0.0]], [20, 20, 1], axis=0)
    found = scores(twice)
    assert len(np.unique(found)) == 3
    assert found.argmax() == 40


def test_one_row():
    assert scores(np.array([[3.0, 4.0]])).tolist() == [0.5]


def test_values_as_far_apart_as_numbers_can_be():
    X = np.array([[-1.7e308], [1.7e308], [0.0], [np.nextafter(0, 1)]])
    assert (scores(X) > 0.3).all()


def test_what_is_missing_is_neither_learned_from_nor_scored():
    X = np.array([[1.0, 2.0], [np.nan, 2.0], [3.0, 4.0], [np.inf, 1.0], [5.0, 5.0]])
    assert np.isnan(scores(X)).tolist() == [False, True, False, True, False]
    assert np.array_equal(scores(X)[[0, 2, 4]], scores(X[[0, 2, 4]]))
    with pytest.raises(DetectorError, match="nothing to fit on"):
        scores(X[[1, 3]])
