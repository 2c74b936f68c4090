"""Every feature of a light curve. To add one: write it, import it here, add it to the tuple. No Django."""

from collections.abc import Sequence

from project.samples import Series, Table

from .base import Curve, Feature
from .describe import describe as _describe
from .location import Count, Mean, Median, WeightedMean
from .noise import ReducedChi2
from .order import MaxSlope, VonNeumannEta
from .shape import Kurtosis, Skew, StetsonK
from .spread import Amplitude, BeyondOneStd, InterPercentileRange, MedianAbsoluteDeviation, StandardDeviation

FEATURES: dict[str, type[Feature]] = {
    cls.name: cls
    for cls in (
        Count,
        Mean,
        WeightedMean,
        Median,
        StandardDeviation,
        MedianAbsoluteDeviation,
        Amplitude,
        InterPercentileRange,
        BeyondOneStd,
        Skew,
        Kurtosis,
        StetsonK,
        VonNeumannEta,
        MaxSlope,
        ReducedChi2,
    )
}


def describe(samples: Series, names: Sequence[str] = ()) -> Table:
    """The named features (all where none is named) of every series; KeyError names one that is not known."""
    if unknown := [name for name in names if name not in FEATURES]:
        raise KeyError(f"no feature {', '.join(unknown)}; there are {', '.join(FEATURES)}")
    return _describe(samples, [FEATURES[name] for name in names or FEATURES])


__all__ = ["FEATURES", "Curve", "Feature", "describe"]
