"""A child set: the parent's samples with anomalies of known kind and strength. The stored data are never touched."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from detections.models import SampleSet
from detections.services.errors import told_to_the_user
from detections.services.freezing import save_set
from detections.services.injecting_together import inject_together
from detections.services.opened import Desk, Opened
from detections.services.worlds import Chosen
from histos.injections import INJECTIONS as HISTOGRAM_INJECTIONS
from histos.injections import LIKELIHOOD, LINEAR
from histos.injections import inject as inject_histograms
from lightcurves.injections import INJECTIONS as SERIES_INJECTIONS
from lightcurves.injections import inject as inject_series
from project.errors import UserError
from project.jobs.reporter import Reporter
from project.samples import FIT, HistogramSequence, Samples, Series, Together

KNOWN: dict[str, Mapping[str, Any]] = {
    HistogramSequence.kind: HISTOGRAM_INJECTIONS,
    Together.kind: HISTOGRAM_INJECTIONS,
    Series.kind: SERIES_INJECTIONS,
}


def inject_samples(  # noqa: PLR0913  keyword-only choices of the one who calls
    parent: SampleSet,
    name: str,
    *,
    kinds: list[str] | None = None,
    fraction: float = 0.1,
    strength: tuple[float, float] | None = None,
    seed: int = 0,
    desk: Desk | None = None,
    owner: Any = None,
    reporter: Reporter | None = None,
) -> tuple[SampleSet, bool]:
    """Inject anomalies into a copy of ``parent`` and freeze the result; returns the child and whether it is new.

    ``fraction`` of the histograms (where elements are together, of the lumisections) to be scored, or the mean number
    of events per series. Truth is what changed
    measurably; what did not is kept with its strength, and is no truth.
    """
    if parent.kind not in KNOWN:
        raise UserError(f"nothing can be injected into a {parent.kind}: choose a set of histograms or series")
    if parent.parent is not None:
        raise UserError(f"{parent.name!r} is a child itself: inject into {parent.parent.name!r}")
    recipe: dict[str, Any] = {
        "kinds": sorted(set(kinds or KNOWN[parent.kind])),
        "fraction": fraction,
        "strength": list(strength) if strength else None,
        "seed": seed,
    }
    known = _made_before(parent, name, recipe)
    if known is not None:
        return known, False
    if parent.kind != Series.kind:
        recipe["measure"] = LIKELIHOOD
    (reporter or Reporter()).update(0.1, f"opening {parent.name}")
    chosen, vectors = injected((desk or Desk()).get(parent), recipe)
    if not np.any(chosen.truth):
        raise UserError("the injection changed nothing measurable: raise the fraction or the strength")
    (reporter or Reporter()).update(0.8, "writing truth")
    child, new = save_set(
        name, parent.world, chosen, split=parent.split, owner=owner, parent=parent, **vectors
    )
    if desk:
        desk.put(child, chosen)
    return child, new


def _made_before(parent: SampleSet, name: str, recipe: dict[str, Any]) -> SampleSet | None:
    """A child of this name and recipe whose strengths were measured as the first sets did: it stays as it is."""
    found = SampleSet.objects.filter(name=name, parent=parent).first()
    return found if found is not None and found.recipe.get("injection") == recipe else None


def injected(opened: Opened, recipe: dict[str, Any]) -> tuple[Chosen, dict[str, Any]]:
    """The parent's samples injected as ``recipe`` says, and what changed by score: strength, sigma, events."""
    classes = [kind for kind in recipe["kinds"] if kind in KNOWN[opened.parts[0].kind]]
    results = [_inject(part, recipe, opened.chosen.recipe) for part in opened.parts]
    kinds = np.concatenate([result.kind for result in results])
    true = np.concatenate([result.truth for result in results])
    numbers = np.searchsorted(np.array(sorted(classes)), kinds) + 1
    strength, sigma = (
        np.concatenate([getattr(result, field) for result in results]) for field in ("strength", "sigma")
    )
    chosen = Chosen(
        [_without_fit(result) for result in results],
        {"parent": opened.sample_set.hash, "injection": recipe},
        classes=sorted(classes),
        truth=np.where(true, numbers, 0).astype(np.int16),
        simulated=True,
    )
    events = [event._asdict() for result in results for event in getattr(result, "events", ())]
    nowhere = kinds == ""
    vectors = {
        "strength": np.where(nowhere, np.nan, strength),
        "sigma": np.where(nowhere, np.nan, sigma),
        "events": _finite(events),
    }
    return chosen, vectors


def _inject(part: Any, recipe: dict[str, Any], of: dict[str, Any]) -> Any:
    strength = tuple(recipe["strength"]) if recipe["strength"] else None
    with told_to_the_user():
        if isinstance(part, Together):
            return inject_together(part, recipe, strength)
        if isinstance(part, HistogramSequence):
            how = (
                recipe["kinds"],
                recipe["fraction"],
                strength,
                recipe["seed"],
                recipe.get("measure", LINEAR),
            )
            return inject_histograms(part, *how)
        return inject_series(
            part, recipe["kinds"], recipe["fraction"], strength, recipe["seed"], of.get("unit", "")
        )


def _without_fit(result: Any) -> Samples:
    """A histogram known to be wrong is not fitted on, as one that is not certified good is not.

    Series keep their role: their events are a few steps of many, and who watches a machine has no clean copy of it.
    """
    samples: Samples = result.samples
    if isinstance(samples, Series):
        return samples
    roles = np.where(result.kind != "", samples.roles & ~FIT, samples.roles)
    return replace(samples, roles=roles.astype(np.uint8))


def _finite(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            key: None if isinstance(value, float) and not np.isfinite(value) else value
            for key, value in event.items()
        }
        for event in events
    ]
