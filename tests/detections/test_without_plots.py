"""PyOD's detectors can be imported where matplotlib is not installed."""

import sys
from importlib import import_module

import pytest

from detections.detectors import without_plots
from detections.detectors.without_plots import PLOTTING


def test_it_gives_way_to_the_real_one() -> None:
    with without_plots.without_plots():
        assert import_module("matplotlib").__file__


def test_it_stands_in_only_while_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] == "matplotlib":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(without_plots.importlib.util, "find_spec", lambda name: None)
    with without_plots.without_plots():
        import matplotlib.pyplot as plt

        assert not hasattr(plt, "plot")
    assert not set(PLOTTING) & set(sys.modules)
