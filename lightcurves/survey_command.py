"""What the commands that load files of a survey share: a flag for every option of every survey."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django_tasks.base import Task

from lightcurves.surveys import SURVEYS, Survey
from project.loading.files import SHOWN
from project.management.loading import LoadCommand

OPTION = "option_"


class SurveyCommand(LoadCommand):
    """Loads files by a survey that yields ``yields``; its options become flags by themselves."""

    yields: str
    default_survey: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        surveys = {name: survey for name, survey in SURVEYS.items() if survey.yields == self.yields}
        about = "; ".join(f"{name}: {survey.summary}" for name, survey in surveys.items())
        parser.add_argument(
            "paths", nargs="*", metavar="FILE", help="none for what an installed package carries"
        )
        parser.add_argument("--survey", default=self.default_survey, choices=surveys, help=about)
        parser.add_argument(
            "--catalog", required=True, metavar="NAME", help="where the sources belong: OGLE-III"
        )
        parser.add_argument("--simulated", action="store_true", help="mark a new catalogue as simulated")
        parser.add_argument(
            "--replace", action="store_true", help="put conflicting rows in place of the stored ones"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and check, write nothing")
        parser.add_argument(
            "--problems", type=int, default=SHOWN, metavar="N", help="how many bad rows to list"
        )
        for name, text in options_of(surveys).items():
            about = text.replace("%", "%%")
            parser.add_argument(flag_of(name, text), dest=f"{OPTION}{name}", metavar="TEXT", help=about)

    def load_survey(self, task: Task, options: dict[str, Any], **into: Any) -> None:
        """Run the task on the files named, and leave with 1 unless every row of them is stored."""
        texts = {name.removeprefix(OPTION): text for name, text in options.items() if name.startswith(OPTION)}
        names = ", ".join(Path(path).name for path in options["paths"]) or options["survey"]
        result = self.work(
            task,
            title=f"{'check' if options['dry_run'] else 'load'} {names}",
            paths=[str(Path(path).absolute()) for path in options["paths"]],
            survey=options["survey"],
            options={name: text for name, text in texts.items() if text is not None},
            into={"catalog": options["catalog"], "simulated": options["simulated"], **into},
            policy="replace" if options["replace"] else "keep",
            dry_run=options["dry_run"],
            shown=options["problems"],
        )
        if not self.as_json:
            self._list(result)
        done = not (result["refused"] or result["rejected"] or result["conflicts"])
        self.finish({**result, "dry_run": True} if options["dry_run"] else result, ok=done)


def options_of(surveys: dict[str, type[Survey]]) -> dict[str, str]:
    """Name and explanation of every option of these surveys; the first survey that has it explains it."""
    options: dict[str, str] = {}
    for survey in surveys.values():
        options = survey.options() | options
    return dict(sorted(options.items()))


def flag_of(name: str, about: str) -> str:
    """``--time-column`` for what names a column, ``--band`` for a fixed name, else ``--zero-point``."""
    if about.startswith("column of"):
        return f"--{name.replace('_', '-')}-column"
    return f"--{name.removesuffix('_name').replace('_', '-')}"
