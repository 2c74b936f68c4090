"""Load histograms from files."""

from argparse import ArgumentParser
from typing import Any

from histos.readers import READERS
from histos.tasks import load_histos
from project.management.loading import LoadCommand

READING = ("weighted", "run", "lumisection")


class Command(LoadCommand):
    help = "Load histograms of monitoring elements, or run-level moments of them, into a dataset."
    example = (
        "manage.py load_histos hist1d/*.csv --reader ml4dqm-csv --dataset ZeroBias\n"
        "  manage.py load_histos nano.root --reader dqmio --dataset /ZeroBias/Run2024B-PromptReco-v1/DQMIO "
        "--elements 'PixelPhase1/Tracks/*'"
    )
    policies = ("replace", "sum")
    recognises = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--dataset",
            required=True,
            metavar="NAME",
            help="ZeroBias, or in full /ZeroBias/Run2018A-UL/DQMIO",
        )
        parser.add_argument(
            "--elements", action="append", default=[], metavar="WILDCARD",
            help="only elements whose name fits, such as 'PixelPhase1/Tracks/*'; may be given again",
        )  # fmt: skip
        parser.add_argument(
            "--weighted",
            action="store_true",
            help="ml4dqm-csv: the histograms hold sums of weights, not counts",
        )
        parser.add_argument("--run", type=int, help="root: the run, where the keys do not say it")
        parser.add_argument("--lumisection", type=int, help="root: the lumisection; else the whole run")

    def readers(self) -> list[str]:
        return sorted(READERS)

    def handle(self, **options: Any) -> None:
        self.load(
            load_histos, options, dataset=options["dataset"],
            reader_options={name: options[name] for name in READING if options[name]},
            **({"elements": options["elements"]} if options["elements"] else {}),
        )  # fmt: skip
