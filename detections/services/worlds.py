"""What a recipe chooses, read from the tables: one function per world, all in natural keys."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from histos.models import LumisectionHistogram
from histos.querysets import elements_like, label_of
from lightcurves.models import LightCurve, Source
from project.errors import UserError
from project.samples import Samples
from project.together import together
from runs.golden.reading import certified
from runs.models import Run

Recipe = dict[str, Any]


@dataclass
class Chosen:
    """The samples of a recipe, in parts that one detector cannot mix (elements of different binning).

    ``recipe`` is the recipe with every pattern resolved; ``truth`` (per score, 0: nothing known) and ``classes`` come
    from labels the data carry.
    """

    parts: list[Samples]
    recipe: Recipe
    left_out: dict[str, int] = field(default_factory=dict)
    truth: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    simulated: bool = False


def lumisection_histograms(recipe: Recipe) -> Chosen:
    """``dataset``, ``elements`` (names or patterns), optionally ``experiment``, ``runs``, ``fit_flag``, ``together``.

    With ``fit_flag`` only lumisections certified GOOD under that flag may be fitted on; ``together``, all elements of
    a lumisection get one score.
    """
    dataset, experiment = recipe["dataset"], recipe.get("experiment", "CMS")
    elements = elements_like(recipe["elements"], dataset)
    runs = recipe.get("runs") or _runs_of(experiment)
    parts: list[Any] = []
    for element in elements:
        histograms = LumisectionHistogram.objects.of(element, dataset).in_runs(runs, experiment)
        samples = histograms.as_samples(element)
        if recipe.get("fit_flag"):
            samples = replace(samples, roles=_fit_only_certified(samples.ids, recipe["fit_flag"], experiment))
        if len(samples):
            parts.append(samples)
    if not parts:
        raise UserError(f"no histogram of dataset {dataset!r} in the chosen runs of {experiment}")
    names = [label_of(element) for element in elements]
    simulated = Run.objects.of(experiment).filter(number__in=runs, simulated=True).exists()
    if recipe.get("together"):
        parts = [together(parts)]
    return Chosen(parts, {**recipe, "elements": names, "runs": sorted(runs)}, simulated=simulated)


def _runs_of(experiment: str) -> list[int]:
    return list(Run.objects.visible().of(experiment).values_list("number", flat=True))


def _fit_only_certified(ids: np.ndarray, flag: str, experiment: str) -> np.ndarray:
    """Roles: every lumisection is scored, those that stand as GOOD are fitted on too: what was signed bad is not."""
    places = np.array([key.rsplit(":", 2)[1:] for key in ids.tolist()], dtype=np.int64).reshape(-1, 2)
    good = certified(experiment, flag).good.contains(places[:, 0], places[:, 1])
    if not good.any():
        raise UserError(f"no lumisection of the choice is certified GOOD under the flag {flag!r}")
    return np.where(good, 3, 2).astype(np.uint8)


def catalog_columns(recipe: Recipe) -> Chosen:
    """``catalog`` and ``columns``; optionally ``truth``: an attribute and the values of it that are looked for."""
    wanted = recipe.get("truth")
    if wanted and any(
        re.search(rf"\b{re.escape(wanted['attribute'])}\b", column) for column in recipe["columns"]
    ):
        raise UserError(f"{wanted['attribute']!r} is the truth: a detector must not see it")
    sources = Source.objects.of_catalog(recipe["catalog"]).visible()
    attribute = wanted["attribute"] if wanted else None
    samples, left_out, labels = sources.as_labelled_table(recipe["columns"], attribute)
    if not len(samples):
        raise UserError(
            f"catalogue {recipe['catalog']!r} has no source with all of {', '.join(recipe['columns'])}"
        )
    chosen = Chosen([samples], recipe, left_out)
    if wanted:
        chosen.classes = list(wanted["values"])
        chosen.truth = _classes_of(labels, wanted["attribute"], chosen.classes)
    return chosen


def _classes_of(labels: np.ndarray, attribute: str, values: list[str]) -> np.ndarray:
    truth = np.zeros(len(labels), np.int16)
    for number, value in enumerate(values, start=1):
        truth[labels == value] = number
        if not (truth == number).any():
            raise UserError(f"no chosen source has {attribute} = {value!r}")
    return truth


def light_curves(recipe: Recipe) -> Chosen:
    """``catalog``, optionally ``survey``, ``bands`` and ``features`` (then one row of numbers per light curve)."""
    curves = LightCurve.objects.visible().filter(source__catalog__name=recipe["catalog"])
    if recipe.get("survey"):
        curves = curves.filter(survey__name=recipe["survey"])
    if recipe.get("bands"):
        curves = curves.filter(band__in=recipe["bands"])
    samples = curves.as_table(recipe["features"]) if recipe.get("features") else curves.as_series()
    if not len(samples):
        raise UserError(f"catalogue {recipe['catalog']!r} has no such light curve")
    units = sorted(set(curves.values_list("unit", flat=True)))
    return Chosen([samples], {**recipe, "unit": units[0]} if len(units) == 1 else recipe)


WORLDS: dict[str, Callable[[Recipe], Chosen]] = {
    "histograms": lumisection_histograms,
    "catalog": catalog_columns,
    "light-curves": light_curves,
}
TAKEN = {
    "histograms": ("dataset", "elements", "experiment", "runs", "fit_flag", "together"),
    "catalog": ("catalog", "columns", "truth"),
    "light-curves": ("catalog", "survey", "bands", "features"),
}
"""What a recipe of each world may name."""
NEEDED = {
    "histograms": ("dataset", "elements"),
    "catalog": ("catalog", "columns"),
    "light-curves": ("catalog",),
}


def choose(world: str, recipe: Recipe) -> Chosen:
    """Read what ``recipe`` chooses from ``world``."""
    if world not in WORLDS:
        raise UserError(f"there is no world {world!r}: choose from {', '.join(WORLDS)}")
    missing = [name for name in NEEDED[world] if not recipe.get(name)]
    if missing:
        raise UserError(f"a choice of {world} needs {' and '.join(missing)}")
    return WORLDS[world](recipe)
