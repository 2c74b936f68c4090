"""The big plots of histograms, as figures for the page's script. Numbers go in as arrays, figures come out as data."""

from histos.figures.maps import map_figure
from histos.figures.one import histogram_figure
from histos.figures.over_run import run_figure

__all__ = ["histogram_figure", "map_figure", "run_figure"]
