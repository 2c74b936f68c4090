"""Certification files from the shell: build, put together, validate, compare, write."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from project.errors import UserError
from project.management.work import WorkCommand
from runs.golden.answers import compared, summary, validated
from runs.golden.files import operand_from, write_mask
from runs.golden.operands import Operand, spec_of
from runs.golden.store import store_mask, unsaved
from runs.golden.workbench import OPERATIONS, Work, compare, work
from runs.models import LumiMask


class Command(WorkCommand):
    help = (
        "Make a certification file (golden JSON) from what is certified, from stored versions, trials and files; or "
        "validate one, or say what changes between two. An operand is the path of a file, or mask=ID, "
        "flag=NAME&source=…, trial=ID&threshold=…; several are put together by --do."
    )
    example = (
        "manage.py export_golden_json --flag golden --source Cert_Collisions2024.json --output out/\n"
        "  manage.py export_golden_json dcs.json 'flag=tracker' 'flag=pixel' --do all --output golden.json\n"
        "  manage.py export_golden_json --diff old.json new.json"
    )

    def create_parser(self, *names: str, **kwargs: Any) -> Any:
        # --version is Django's own option of every command; here it is that of the certification.
        return super().create_parser(*names, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("operands", nargs="*", metavar="OPERAND")
        parser.add_argument("--flag", help="one operand more: what is certified for this flag")
        parser.add_argument("--source", help="only as this source says, such as a file's name")
        parser.add_argument("--version", help="only in this version of the source")
        parser.add_argument("--status", help="which statuses count, with commas (default: GOOD)")
        labels = "; ".join(f"{name}: {one.label}" for name, one in OPERATIONS.items())
        parser.add_argument("--do", choices=list(OPERATIONS), default="all", help=f"{labels} (default: all)")
        parser.add_argument("--experiment", default="CMS", help="who took the data (default: CMS)")
        parser.add_argument("--first-run", type=int, help="first run that was looked at")
        parser.add_argument("--last-run", type=int, help="last run that was looked at")
        parser.add_argument("--name", default="", help="default: by CMS' own naming")
        parser.add_argument("--kind", choices=LumiMask.Kind.values, default="")
        self._add_outcomes(parser)

    def _add_outcomes(self, parser: ArgumentParser) -> None:
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--validate", action="store_true", help="only say what is the matter with it")
        instead.add_argument(
            "--diff", action="store_true", help="only say what changes from the first to the second"
        )
        instead.add_argument("--dry-run", action="store_true", help="only say what it would hold")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="or a folder: then by CMS' own naming"
        )
        parser.add_argument(
            "--replace", action="store_true", help="write over a file that holds something else"
        )
        parser.add_argument(
            "--save", action="store_true", help="also keep it on the site, as the next version of its name"
        )

    def handle(self, **options: Any) -> None:
        try:
            made = [operand_from(one, options["experiment"]) for one in _operands(options)]
            if options["diff"]:
                self._diff(made, options["experiment"])
                return
            asked = (options["first_run"], options["last_run"])
            found = work((), options["do"], options["experiment"], asked, made)
            if options["validate"]:
                self._validate(found)
            else:
                self._make(found, options)
        except UserError as error:
            self.refuse(str(error))

    def _validate(self, found: Work) -> None:
        result = validated(found)
        self._say(*(f"{fault.level}: {fault}" for fault in found.faults))
        counts = {name: result[name] for name in ("wrong", "untidy", "unknown")}
        self.finish({**summary(found), **counts, "valid": result["valid"]}, ok=result["valid"])

    def _diff(self, made: list[Operand], experiment: str) -> None:
        if len(made) != 2:
            raise UserError(f"--diff needs two operands, the old and the new; here are {len(made)}")
        result = compared(compare(made[0], made[1], experiment))
        for one in result["runs"]:
            self._say(f"run {one['run']}: {_changed(one)}")
        for word in ("removed", "added"):
            self._say(f"{word}: {_amount(result[word])}")
        numbers = {
            f"{word}_{name}": value for word in ("removed", "added") for name, value in result[word].items()
        }
        counts = {name: result[name] for name in ("runs_before", "runs_after", "net_recorded")}
        self.finish({**counts, "runs_changed": len(result["runs"]), **numbers})

    def _make(self, found: Work, options: dict[str, Any]) -> None:
        what = {"name": options["name"], "kind": options["kind"]}
        version = unsaved(found, **what)
        result = {**summary(found), "sha256": version.sha256, "put_right": len(found.put_right)}
        self._say(*(f"put right: {fault}" for fault in found.put_right), _told(found))
        if options["save"] and not options["dry_run"]:
            version, new = store_mask(found, **what)
            result |= {
                "id": version.pk,
                "version": version.version,
                "stored": int(new),
                "known": int(not new),
            }
        if not options["dry_run"] and (options["output"] or not options["save"]):
            path = write_mask(version, options["output"] or Path(), replace=options["replace"])
            result["file"] = str(path)
            self._say(f"written: {path}, and its provenance beside it")
        self.finish(result)

    def _say(self, *lines: str) -> None:
        if not self.as_json:
            for line in lines:
                self.stdout.write(line)


def _operands(options: dict[str, Any]) -> list[str]:
    narrow = {name: options[name] for name in ("source", "version", "status")}
    if options["flag"]:
        return [*options["operands"], spec_of("flag", flag=options["flag"], **narrow)]
    if given := [f"--{name}" for name, value in narrow.items() if value]:
        raise UserError(f"{given[0]} belongs to --flag: name the flag too")
    return list(options["operands"])


def _told(found: Work) -> str:
    first, last = found.looked_at
    share = (
        "no luminosity is known"
        if found.share is None
        else f"{100 * found.share:.1f} % of {found.total.recorded:,.4g} pb⁻¹"
    )
    return (
        f"{found.amount.lumisections:,} lumisections of {len(found.mask.runs):,} runs, "
        f"{found.amount.recorded:,.4g} pb⁻¹ recorded: {share}, recorded in runs {first} to {last}, "
        f"of which {found.known_runs:,} with "
        f"{found.total.lumisections:,} lumisections are known"
    )


def _amount(amount: dict[str, Any]) -> str:
    without = amount["without_luminosity"]
    unknown = f", {without:,} of them without a luminosity that is known" if without else ""
    return (
        f"{amount['lumisections']:,} lumisections, {amount['recorded_luminosity']:.4g} pb⁻¹ recorded{unknown}"
    )


def _changed(one: dict[str, Any]) -> str:
    words = (("removed", one["lost"]), ("added", one["gained"]))
    return "; ".join(
        f"{word} {', '.join(one[word])} ({amount['recorded_luminosity']:.4g} pb⁻¹)"
        for word, amount in words
        if one[word]
    )
