"""Load histograms from files."""

from argparse import ArgumentParser
from typing import Any

from histos.readers import READERS
from histos.tasks import load_histos
from project.management.loading import LoadCommand


class Command(LoadCommand):
    help = "Load histograms of monitoring elements into a dataset."
    example = "manage.py load_histos hist1d/*.csv --reader ml4dqm-csv --dataset ZeroBias"
    policies = ("replace", "sum")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--dataset",
            required=True,
            metavar="NAME",
            help="ZeroBias, or in full /ZeroBias/Run2018A-UL/DQMIO",
        )
        parser.add_argument(
            "--weighted",
            action="store_true",
            help="ml4dqm-csv: the histograms hold sums of weights, not counts",
        )

    def readers(self) -> list[str]:
        return sorted(READERS)

    def handle(self, **options: Any) -> None:
        given = {"weighted": True} if options["weighted"] else {}
        self.load(load_histos, options, dataset=options["dataset"], reader_options=given)
