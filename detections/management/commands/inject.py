"""Inject anomalies of known kind and strength into a copy of a sample set."""

from argparse import ArgumentParser
from typing import Any

from detections.tasks import inject
from project.management.work import WorkCommand


class Command(WorkCommand):
    help = "Inject anomalies of known kind and strength into a copy of a sample set: a child set with its own truth."
    example = "manage.py inject zero-bias zero-bias-faults --kinds dead_bins shift --fraction 0.1 --seed 1"
    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parent", help="the sample set to copy")
        parser.add_argument("name", help="name of the child set")
        parser.add_argument("--kinds", nargs="+", metavar="KIND", help="default: all that fit")
        parser.add_argument(
            "--fraction",
            type=float,
            default=0.1,
            help="of the histograms to be scored, or mean events per series",
        )
        parser.add_argument(
            "--strength", nargs=2, type=float, metavar=("LOW", "HIGH"), help="default: each kind's own"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, parent: str, name: str, **options: Any) -> None:
        given = {key: options[key] for key in ("kinds", "fraction", "strength", "seed")}
        result = self.work(inject, title=f"inject into {parent}", parent=parent, name=name, **given)
        self.told_apart(result, name)
        self.finish(result)
