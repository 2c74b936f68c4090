"""Find new files of histograms and have them loaded."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from histos.discovery import SETTLED
from histos.readers import READERS
from histos.tasks import discover_histos
from project.management.work import WorkCommand

STATED = ("reader", "dataset", "settled", "retry", "now", "dry_run")


class Command(WorkCommand):
    help = (
        "Look through folders for files of histograms and queue a load for each new one. Files are remembered by "
        "content: a copy under another name is known. Run it again, from cron for example: only what is new is read."
    )
    example = "manage.py discover_histos /eos/dqmio --pattern '*.root' --elements 'PixelPhase1/Tracks/*'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directories", nargs="+", metavar="DIR")
        parser.add_argument(
            "--pattern", action="append", default=[], dest="patterns", metavar="WILDCARD",
            help="names of files, such as '*.root'; may be given again (default: those of the readers)",
        )  # fmt: skip
        parser.add_argument(
            "--reader",
            default="",
            help=f"instead of what the content tells; one of: {', '.join(sorted(READERS))}",
        )
        parser.add_argument(
            "--dataset", default="", metavar="NAME", help="instead of what name or content of a file tells"
        )
        parser.add_argument("--experiment", default="CMS", help="who took the data (default: CMS)")
        parser.add_argument(
            "--elements", action="append", default=[], metavar="WILDCARD",
            help="only elements whose name fits, such as 'PixelPhase1/Tracks/*'; may be given again",
        )  # fmt: skip
        parser.add_argument("--now", action="store_true", help="load here and now instead of by the worker")
        parser.add_argument("--retry", action="store_true", help="try again what could not be loaded before")
        parser.add_argument("--dry-run", action="store_true", help="look and say, queue nothing")
        parser.add_argument(
            "--settled", type=float, default=SETTLED, metavar="S",
            help=f"a file that changed less than S seconds ago is still being written (default: {SETTLED:g})",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        directories = [str(Path(directory).absolute()) for directory in options["directories"]]
        wanted = {name: options[name] for name in STATED} | {"patterns": options["patterns"]}
        chosen = {"elements": options["elements"]} if options["elements"] else {}
        result = self.work(
            discover_histos, title=f"discover {', '.join(options['directories'])}", directories=directories,
            wanted=wanted, experiment=options["experiment"], **chosen,
        )  # fmt: skip
        if not self.as_json:
            for line in result.pop("said"):
                self.stdout.write(line)
        undone = ("unread", "failed", "refused", "conflicts", "rejected")
        self.finish(result, ok=not any(result[name] for name in undone))
