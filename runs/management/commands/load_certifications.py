"""Load certifications from files."""

from argparse import ArgumentParser
from typing import Any

from project.management.loading import LoadCommand
from runs.readers import READERS
from runs.tasks import load_certifications


class Command(LoadCommand):
    help = "Load certifications: which lumisections are good, and who says so."
    example = "manage.py load_certifications json_GOLDEN_2018.txt --reader golden-json --version 2018"
    recognises = True

    def create_parser(self, *names: str, **kwargs: Any) -> Any:
        # --version is Django's own option of every command; here it is that of the certification.
        return super().create_parser(*names, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--flag", default="", help="what is certified (default: what the reader says, e.g. golden)"
        )
        parser.add_argument("--version", default="", help="version of the certification")

    def readers(self) -> list[str]:
        return sorted(READERS)

    def handle(self, **options: Any) -> None:
        self.load(load_certifications, options, flag=options["flag"], version=options["version"])
