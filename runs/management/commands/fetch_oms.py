"""Fetch fills, runs and lumisections from OMS."""

from argparse import ArgumentParser
from typing import Any

from runs.management.fetching import FetchCommand
from runs.tasks import fetch_oms


class Command(FetchCommand):
    help = "Fetch fills, runs and lumisections from OMS; what is known already is not asked for again."
    example = "manage.py fetch_oms --runs 379000 379100\n  manage.py fetch_oms --since last"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--again", action="store_true", help="ask for the lumisections of runs that have not changed too"
        )

    def handle(self, **options: Any) -> None:
        self.fetch(fetch_oms, options, "fetch from OMS", again=options["again"])
