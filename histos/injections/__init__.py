"""Every way a histogram goes wrong. To add one: write its file, import it, add it to the dict. No Django."""

from histos.injections.base import Injection
from histos.injections.dead_bins import DEAD_BINS
from histos.injections.hot_bin import HOT_BIN
from histos.injections.inject import Injected, changed_counts, inject
from histos.injections.noise import NOISE
from histos.injections.scale import SCALE
from histos.injections.shift import SHIFT
from histos.injections.significance import LIKELIHOOD, LINEAR, MEASURABLE, MeanShape, significance

INJECTIONS: dict[str, Injection] = {
    "dead_bins": DEAD_BINS,
    "hot_bin": HOT_BIN,
    "shift": SHIFT,
    "scale": SCALE,
    "noise": NOISE,
}

__all__ = [
    "INJECTIONS", "LIKELIHOOD", "LINEAR", "MEASURABLE", "Injected", "Injection", "MeanShape", "changed_counts",
    "inject", "significance",
]  # fmt: skip
