"""What the commands that load files share."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from project.loading.files import SHOWN
from project.loading.rows import PASSED
from project.management.work import WorkCommand


class LoadCommand(WorkCommand):
    """A subclass calls ``self.load(task, options, **kwargs)`` with the arguments of its task."""

    policies: tuple[str, ...] = ("replace",)
    recognises: ClassVar[bool] = False
    """Whether a file tells by itself which reader it is for."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="FILE")
        parser.add_argument(
            "--reader", required=not self.recognises, default="", metavar="NAME",
            help=f"one of: {', '.join(self.readers())}{' (default: the first that knows the file)' * self.recognises}",
        )  # fmt: skip
        parser.add_argument("--experiment", default="CMS", help="who took the data (default: CMS)")
        parser.add_argument("--dry-run", action="store_true", help="read and check, write nothing")
        parser.add_argument(
            "--problems", type=int, default=SHOWN, metavar="N",
            help=f"how many of the rows that were not stored to list (default: {SHOWN})",
        )  # fmt: skip
        settle = parser.add_mutually_exclusive_group()
        if "replace" in self.policies:
            settle.add_argument(
                "--replace", action="store_true", help="put conflicting rows in place of the stored ones"
            )
        if "sum" in self.policies:
            settle.add_argument(
                "--sum", action="store_true", help="add to what is stored already, once per file"
            )

    def readers(self) -> list[str]:
        """Names of the readers."""
        raise NotImplementedError

    def load(self, task: Any, options: dict[str, Any], **kwargs: Any) -> None:
        """Run the task, and finish with what became of it."""
        names = ", ".join(Path(path).name for path in options["paths"])
        policy = next((policy for policy in self.policies if options[policy]), "keep")
        result = self.work(
            task,
            title=f"{'check' if options['dry_run'] else 'load'} {names}",
            paths=[str(Path(path).absolute()) for path in options["paths"]],
            reader=options["reader"],
            experiment=options["experiment"],
            policy=policy,
            dry_run=options["dry_run"],
            shown=options["problems"],
            **kwargs,
        )
        self.finish_load(result, options["dry_run"])

    def finish_load(self, result: dict[str, Any], dry_run: bool) -> None:
        """List what was not stored, and leave with 1 unless all of it was."""
        if not self.as_json:
            self._list(result)
        done = not (result["refused"] or result["rejected"] or result["conflicts"])
        self.finish({**result, "dry_run": True} if dry_run else result, ok=done)

    def _list(self, result: dict[str, Any]) -> None:
        for problem in result["problems"]:
            where = f"{problem['file']}, line {problem['line']}" if problem["line"] else problem["file"]
            self.stdout.write(f"{where}: {problem['kind']}: {problem['reason']}")
        listed = sum(problem["kind"] != PASSED for problem in result["problems"])
        more = result["conflicts"] + result["rejected"] - listed
        if more > 0:
            self.stdout.write(
                f"… and {more:,} more: --problems {more + len(result['problems'])} lists them all"
            )
        for refusal in result["refusals"]:
            self.stdout.write(f"refused: {refusal}")
