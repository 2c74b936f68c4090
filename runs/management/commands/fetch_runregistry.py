"""Fetch certifications from the Run Registry."""

from argparse import ArgumentParser
from typing import Any

from runs.management.fetching import FetchCommand
from runs.tasks import fetch_runregistry


class Command(FetchCommand):
    help = "Fetch from the Run Registry what was said of lumisections: status, cause, comment by detector."
    example = "manage.py fetch_runregistry --since 7d --datasets '/PromptReco/*'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--datasets",
            nargs="+",
            default=["*"],
            metavar="WILDCARD",
            help="names of datasets (default: all)",
        )

    def handle(self, **options: Any) -> None:
        self.fetch(fetch_runregistry, options, "fetch from the Run Registry", datasets=options["datasets"])
