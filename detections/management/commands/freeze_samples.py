"""Freeze a choice of histograms, catalogue rows or light curves as a sample set."""

from argparse import ArgumentParser
from typing import Any

from detections.models import SampleSet
from detections.services.worlds import NEEDED, TAKEN, Recipe
from detections.tasks import freeze_samples
from project.management.work import WorkCommand


class Command(WorkCommand):
    help = "Freeze a choice of histograms, catalogue rows or light curves as a sample set."
    example = "manage.py freeze_samples zero-bias --world histograms --dataset ZeroBias --elements 'charge_*'"
    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the new set")
        parser.add_argument("--world", required=True, choices=SampleSet.World.values)
        histograms = parser.add_argument_group("histograms")
        histograms.add_argument("--dataset", help="dataset of the histograms")
        histograms.add_argument(
            "--elements", nargs="+", metavar="NAME", help="monitoring elements, * and ? allowed"
        )
        histograms.add_argument("--experiment", default="CMS")
        histograms.add_argument("--runs", nargs="+", type=int, metavar="RUN", help="default: all")
        histograms.add_argument(
            "--certified", "--fit-flag", dest="fit_flag", metavar="FLAG",
            help="fit only on lumisections certified GOOD under this flag, such as golden",
        )  # fmt: skip
        histograms.add_argument(
            "--together", action="store_true", help="one score for all elements of a lumisection"
        )
        sky = parser.add_argument_group("catalogues and light curves")
        sky.add_argument("--catalog", help="catalogue of the sources")
        sky.add_argument("--columns", nargs="+", metavar="COLUMN", help="such as mag V-I 'log10(P_1)'")
        sky.add_argument("--truth", metavar="ATTRIBUTE=A,B", help="what is looked for, e.g. Type=RCB,aCep")
        sky.add_argument("--survey", help="survey of the light curves")
        sky.add_argument("--bands", nargs="+", metavar="BAND")
        sky.add_argument(
            "--features", nargs="+", metavar="FEATURE", help="one row of features per light curve"
        )
        parser.add_argument("--split", default=SampleSet.Split.CROSS, choices=SampleSet.Split.values)
        parser.add_argument(
            "--folds", type=int, default=5, help="0: every run is judged by what all others taught (cross)"
        )
        parser.add_argument(
            "--fit-fraction", type=float, default=0.5, help="share of the groups to fit on (holdout)"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, name: str, world: str, **options: Any) -> None:
        split = {key: options[key] for key in ("split", "folds", "fit_fraction", "seed")}
        recipe = self.recipe(world, options)
        result = self.work(
            freeze_samples, title=f"freeze {name}", name=name, world=world, recipe=recipe, **split
        )
        self.told_apart(result, name)
        self.finish(result)

    def recipe(self, world: str, options: dict[str, Any]) -> Recipe:
        """What was asked for this world; what belongs to another one is refused, not ignored."""
        foreign = {name for group in TAKEN.values() for name in group} - set(TAKEN[world]) - {"experiment"}
        given = sorted(f"--{name.replace('_', '-')}" for name in foreign if options[name])
        if given:
            self.refuse(f"{', '.join(given)} has no meaning for {world}")
        missing = [f"--{name}" for name in NEEDED[world] if not options[name]]
        if missing:
            self.refuse(f"{world} needs {' and '.join(missing)}")
        recipe = {name: options[name] for name in TAKEN[world] if options[name]}
        if "truth" in recipe:
            recipe["truth"] = self.truth(recipe["truth"])
        return recipe

    def truth(self, text: str) -> dict[str, Any]:
        attribute, _, values = text.partition("=")
        if not attribute or not values.strip(","):
            self.refuse(f"--truth {text!r} is not ATTRIBUTE=A,B")
        return {"attribute": attribute, "values": [value for value in values.split(",") if value]}
