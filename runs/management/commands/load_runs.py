"""Load fills, runs and lumisections from files."""

from argparse import ArgumentParser
from typing import Any

from project.management.loading import LoadCommand
from runs.readers import READERS
from runs.tasks import load_runs

OPTIONS = ("luminosity_unit", "era")


class Command(LoadCommand):
    help = "Load fills, runs and lumisections: luminosity, pile-up, detector bits."
    example = "manage.py load_runs omsdata_Run2024B-v1.json --reader oms-columnar --luminosity-unit /pb"
    recognises = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--luminosity-unit",
            metavar="UNIT",
            help="of the file's luminosities where it states none: /fb, /pb, /nb, /ub",
        )
        parser.add_argument("--era", help="era of the runs (default: what the file's name tells)")

    def readers(self) -> list[str]:
        return sorted(READERS)

    def handle(self, **options: Any) -> None:
        given = {name: options[name] for name in OPTIONS if options[name] is not None}
        self.load(load_runs, options, reader_options=given)
