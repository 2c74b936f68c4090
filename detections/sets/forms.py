"""The boxes of the forms that make sample sets: by world, and of an injection."""

from detections.models import SampleSet
from detections.page_forms import Box
from detections.services.injecting import KNOWN
from histos.models import Dataset
from lightcurves.features import FEATURES
from lightcurves.models import Catalog, Survey
from runs.golden.reading import usual_experiment

World = SampleSet.World
MOST_NAMES = 200
"""Names offered in a list to choose from."""


def boxes_for(world: str) -> list[Box]:
    """What a new set of this world needs to be told."""
    of_world = {World.HISTOGRAMS: _histograms, World.CATALOG: _catalog, World.LIGHT_CURVES: _light_curves}
    return [
        Box("name", "Name of the new set", required=True),
        *of_world[World(world)](),
        Box("split", "Split", "select", SampleSet.Split.CROSS, choices=tuple(SampleSet.Split.values),
            help="cross: every fold is scored by a detector fitted on the others; always by whole groups"),
        Box("folds", "Folds", "number", 5, "0: every run, or source, is one by itself"),
        Box("fit_fraction", "Share of groups to fit on", "number", 0.5, "for a holdout"),
        Box("seed", "Seed", "number", 0),
    ]  # fmt: skip


def _histograms() -> list[Box]:
    return [
        _chosen("dataset", "Dataset", Dataset),
        Box(
            "elements",
            "Monitoring elements",
            "lines",
            "*",
            "One a line; * and ? allowed.",
            path="recipe.elements",
        ),
        Box("experiment", "Experiment", value=usual_experiment(), path="recipe.experiment"),
        Box("runs", "Runs", "lines", help="One a line; none: all.", path="recipe.runs"),
        Box(
            "fit_flag",
            "Fit only where certified good as",
            help="A flag, such as golden.",
            path="recipe.fit_flag",
        ),
        Box(
            "together",
            "One score for all elements of a lumisection",
            "checkbox",
            help="Else every histogram has a score of its own.",
            path="recipe.together",
        ),
    ]


def _catalog() -> list[Box]:
    return [
        _chosen("catalog", "Catalogue", Catalog),
        Box("columns", "Columns", "lines", help="One a line: mag, V-I, log10(P_1).", path="recipe.columns"),
        *_truth(),
    ]


def _light_curves() -> list[Box]:
    return [
        _chosen("catalog", "Catalogue", Catalog),
        Box("survey", "Survey", "select", choices=_names(Survey), path="recipe.survey"),
        Box("bands", "Bands", "lines", help="One a line; none: all.", path="recipe.bands"),
        Box("features", "Features", "checks", choices=tuple(FEATURES), path="recipe.features",
            help="With features a set has one row per light curve; without, one score per time step."),
        *_truth(),
    ]  # fmt: skip


def _truth() -> list[Box]:
    return [
        Box("attribute", "Truth: the attribute", path="recipe.truth.attribute",
            help="Such as Type; leave both empty to have none."),
        Box("values", "Truth: the values looked for", "lines", help="One a line: RCB.", path="recipe.truth.values"),
    ]  # fmt: skip


def _chosen(name: str, label: str, model: type[Dataset] | type[Catalog]) -> Box:
    names = _names(model)
    none = "" if names else "None is loaded yet: load a file first, at Files."
    return Box(name, label, "select", "", none, choices=names, required=True, path=f"recipe.{name}")


def _names(model: type[Dataset] | type[Catalog] | type[Survey]) -> tuple[str, ...]:
    return tuple(model.objects.visible().order_by("name").values_list("name", flat=True)[:MOST_NAMES])


def injection_boxes(parent: SampleSet) -> list[Box]:
    kinds = tuple(KNOWN.get(parent.kind, ()))
    series = parent.kind == "series"
    share = "mean number of events per series" if series else "share of the histograms, 0 to 1"
    return [
        Box("name", "Name of the new set", value=f"{parent.name}-faults", required=True),
        Box("kinds", "Kinds", "checks", kinds, choices=kinds),
        Box("fraction", "How many", "number", 1 if series else 0.1, share),
        Box(
            "strength",
            "Strength from, to",
            "lines",
            help="Two lines, lowest first; none: each kind's own range.",
        ),
        Box("seed", "Seed", "number", 1),
    ]
