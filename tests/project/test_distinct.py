import numpy as np
import pytest

from project.distinct import Distinct


@pytest.mark.parametrize(
    "names", [[], ["a"], ["a", "b", "ä"], ["b", "a"], ["a", "a"], ["a", "b", "b", "a", "c"]]
)
def test_each_name_once_and_the_way_back(names):
    given = np.array(names, dtype=str)
    found = Distinct.of(given)
    assert found.names.tolist() == sorted(set(names))
    assert found.names[found.code].tolist() == names
