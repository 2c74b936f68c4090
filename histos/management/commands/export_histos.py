"""Write histograms of one monitoring element as a matrix."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from histos.matrix import WRITERS
from histos.tasks import export_histos
from project.exports import FORMATS
from project.management.work import WorkCommand
from runs.models import Certification

ENDINGS = {f".{FORMATS[name].ending}": name for name in WRITERS} | {".arrow": "arrow"}


class Command(WorkCommand):
    help = (
        "Write one monitoring element over a range of lumisections as a matrix, one row per lumisection, flow bins "
        "included. The file is there whole or not at all; killed, the same command goes on."
    )
    example = "manage.py export_histos charge.npz --element charge_PXLayer_1 --dataset ZeroBias --runs 315488-316000"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"ends in {', '.join(ENDINGS)}")
        parser.add_argument(
            "--element", required=True, metavar="NAME", help="or name@binning where it has several"
        )
        parser.add_argument("--dataset", required=True, metavar="NAME")
        parser.add_argument("--experiment", default="", help="where runs of several are chosen")
        parser.add_argument("--runs", default="", metavar="RANGES", help="315488-316000,316187; default: all")
        parser.add_argument("--lumisections", default="", metavar="RANGES", help="1-200; default: all")
        parser.add_argument(
            "--flag", default="", help="only lumisections certified under this flag, such as golden"
        )
        parser.add_argument(
            "--status", default="GOOD", choices=Certification.Status.values, help="of the flag"
        )
        parser.add_argument("--source", default="", help="of the flag: the file or person that says so")
        parser.add_argument("--within", default="", metavar="MASK", help="such as mask=12, a stored version")
        parser.add_argument(
            "--bits", default="", metavar="NAMES", help="detector bits that are all set, with commas"
        )
        parser.add_argument(
            "--missing", choices=("left-out", "nan"), default="left-out",
            help="nan: a row of NaN for each chosen lumisection without a histogram",
        )  # fmt: skip
        parser.add_argument(
            "--dtype", choices=("float64", "float32"), default="float64", help="of the counts"
        )

    def handle(self, **options: Any) -> None:
        file: Path = options["file"]
        if file.suffix not in ENDINGS:
            self.refuse(f"{file}: the name ends in none of {', '.join(ENDINGS)}")
        chosen = (
            "element",
            "dataset",
            "experiment",
            "runs",
            "lumisections",
            "flag",
            "status",
            "source",
            "within",
        )
        result = self.work(
            export_histos, title=f"export {file.name}", path=str(file.resolve()), format_=ENDINGS[file.suffix],
            bits=[*filter(None, options["bits"].split(","))], missing=options["missing"] == "nan",
            dtype=options["dtype"], **{name: options[name] for name in chosen},
        )  # fmt: skip
        self.finish(result)
