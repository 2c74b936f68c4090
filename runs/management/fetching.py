"""What the commands that ask a service share."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from project.loading.files import SHOWN
from project.management.loading import LoadCommand


class FetchCommand(LoadCommand):
    """A subclass calls ``self.fetch(task, options, **kwargs)`` with the arguments of its task."""

    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--since", default="", metavar="WHEN",
            help="runs that began since then: a date (UTC), 7d for seven days, last for the last run that is known",
        )  # fmt: skip
        which.add_argument("--runs", nargs=2, type=int, metavar=("FIRST", "LAST"), help="runs by number")
        parser.add_argument("--experiment", default="CMS", help="who took the data (default: CMS)")
        parser.add_argument(
            "--save", default="", metavar="DIR", help="keep the answers as files in this folder"
        )
        parser.add_argument("--dry-run", action="store_true", help="ask and check, write nothing")
        parser.add_argument(
            "--replace", action="store_true",
            help="put what the service says in place of what files say (what it said before is always replaced)",
        )  # fmt: skip
        parser.add_argument(
            "--problems", type=int, default=SHOWN, metavar="N",
            help=f"how many of the rows that were not stored to list (default: {SHOWN})",
        )  # fmt: skip

    def fetch(self, task: Any, options: dict[str, Any], title: str, **kwargs: Any) -> None:
        """Run the task, and finish with what became of it."""
        which = f"since {options['since']}" if options["since"] else "runs {} to {}".format(*options["runs"])
        result = self.work(
            task,
            title=f"{title} {which}",
            since=options["since"],
            runs=options["runs"],
            experiment=options["experiment"],
            folder=str(Path(options["save"]).absolute()) if options["save"] else "",
            policy="replace" if options["replace"] else "keep",
            dry_run=options["dry_run"],
            shown=options["problems"],
            **kwargs,
        )
        self.finish_load(result, options["dry_run"])
