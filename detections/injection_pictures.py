"""What each injection does, drawn: the same example before and after, at a strength from the middle of its range."""

from functools import lru_cache

import numpy as np
from django.utils.safestring import SafeString

from histos.injections import INJECTIONS as HISTOGRAM_INJECTIONS
from lightcurves.injections import INJECTIONS as SERIES_INJECTIONS
from project.plots import Axis, Line, Plot

SEED = 3
WIDTH, HEIGHT = 300, 190


@lru_cache(maxsize=64)
def picture(world: str, name: str) -> SafeString:
    """An SVG of one injection; the example is simulated."""
    return (_histogram if world == "histograms" else _series)(name).svg()


def _histogram(name: str) -> Plot:
    injection = HISTOGRAM_INJECTIONS[name]
    rng = np.random.default_rng(SEED)
    centres = np.arange(42) - 0.5
    before = rng.poisson(4000 * np.exp(-0.5 * ((centres - 17) / 6) ** 2) / 15).astype(float)
    after = injection(before[None], (42,), rng, _middle(injection.strength_range))[0]
    top = max(before.max(), after.max()) * 1.05
    axes = Axis("bin", 0, 40, (0, 10, 20, 30, 40)), Axis("entries", 0, top, _ticks(top))
    return _two(axes, f"{name} of a histogram", centres[1:-1], before[1:-1], after[1:-1], step=True)


def _series(name: str) -> Plot:
    injection = SERIES_INJECTIONS[name]
    rng = np.random.default_rng(SEED)
    times = np.sort(rng.uniform(0, 100, 140))
    before = 15 + 0.05 * np.sin(times / 4) + rng.normal(0, 0.04, len(times))
    errors = np.full(len(times), 0.04)
    after = injection(times, before, errors, rng, _middle(injection.strength_range), "mag")
    seen = np.isfinite(after)
    low, high = np.nanmin([before, after]), np.nanmax([before, after])
    # Magnitudes: brighter is up, so the axis runs from the faintest.
    y = Axis("magnitude", high + 0.1, low - 0.1, tuple(np.round(np.linspace(high, low, 3), 1).tolist()))
    axes = Axis("time (d)", 0, 100, (0, 25, 50, 75, 100)), y
    return _two(axes, f"{name} in a light curve", times[seen], before[seen], after[seen], step=False)


def _two(
    axes: tuple[Axis, Axis], title: str, x: np.ndarray, before: np.ndarray, after: np.ndarray, *, step: bool
) -> Plot:
    def points(y: np.ndarray) -> list[tuple[float, float]]:
        return list(zip(x.tolist(), y.tolist(), strict=True))

    old, new = Line("as it was", 0, points(before), step=step), Line("injected", 1, points(after), step=step)
    return Plot(*axes, title, [new], [old], WIDTH, HEIGHT)


def _middle(strengths: tuple[float, float]) -> float:
    low, high = strengths
    return float(np.sqrt(low * high) * 1.6) if low > 0 else high / 2


def _ticks(top: float) -> tuple[float, ...]:
    step = 10 ** np.floor(np.log10(top / 2))
    step *= 5 if top / step > 10 else 1
    return tuple(np.arange(0, top, step * 2).tolist())
