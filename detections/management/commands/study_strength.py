"""How strong must a fault be to be seen? Inject faults into good histograms, run detectors, compare."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from detections.detectors import DETECTORS
from detections.models import Comparison
from detections.strength.curves import Curves
from detections.strength.report import write_report
from detections.tasks import study_strength
from histos.injections import INJECTIONS
from project.management.work import WorkCommand
from project.samples import HistogramSequence


class Command(WorkCommand):
    help = (
        "Inject faults of every kind into a copy of good histograms, score it with detectors that are fitted on other "
        "runs than they judge, and compare: efficiency at a false-alarm rate against what the fault changed ÷ sampling "
        "noise."
    )
    example = (
        "manage.py study_strength simulated --dataset /Simulated/Run2026Z-v1/DQMIO --experiment CMS-simulated"
    )
    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the new set; its copy with faults is called NAME-faults")
        parser.add_argument("--dataset", required=True)
        parser.add_argument("--elements", nargs="+", default=["*"], metavar="NAME", help="* and ? allowed")
        parser.add_argument("--experiment", default="CMS")
        parser.add_argument("--runs", nargs="+", type=int, metavar="RUN", help="default: all")
        parser.add_argument(
            "--certified", metavar="FLAG", help="fit only where certified GOOD under this flag"
        )
        parser.add_argument(
            "--detectors", nargs="+", metavar="NAME", help="default: all that take histograms"
        )
        parser.add_argument("--kinds", nargs="+", choices=list(INJECTIONS), metavar="KIND")
        parser.add_argument("--fraction", type=float, default=0.2, help="of the histograms that get a fault")
        parser.add_argument("--folds", type=int, default=0, help="0: every run by itself")
        parser.add_argument("--far", type=float, default=0.01, help="false-alarm rate")
        parser.add_argument("--n-boot", type=int, default=200, help="redraws of runs for the intervals")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--report", type=Path, metavar="FILE.md", help="write tables, and pictures beside them"
        )

    def handle(self, *, name: str, report: Path | None, **options: Any) -> None:
        recipe = {key: options[key] for key in ("dataset", "elements", "experiment", "runs") if options[key]}
        recipe |= {"fit_flag": options["certified"]} if options["certified"] else {}
        wanted = options["detectors"] or [
            detector for detector, cls in DETECTORS.items() if HistogramSequence.kind in cls.kinds
        ]
        how = {key: options[key] for key in ("kinds", "fraction", "folds", "far", "n_boot", "seed")}
        result = self.work(
            study_strength, title=f"strength study {name}", name=name, recipe=recipe,
            detectors=[{"name": detector} for detector in wanted], **how,
        )  # fmt: skip
        comparison = Comparison.objects.select_related("sample_set").get(pk=result["comparison"])
        curves = Curves(comparison.results["strength"], comparison.params["far"])
        if not self.as_json:
            self.show(comparison, curves)
        if report:
            for path in write_report(comparison, curves, report):
                self.stderr.write(f"wrote {path}")
        self.finish(result)

    def show(self, comparison: Comparison, curves: Curves) -> None:
        """The best detector of every kind, in words, and where all of them are shown."""
        for kind in curves.kinds:
            self.stdout.write(f"{kind}: {curves.sentence(kind)}")
        self.stdout.write(f"/compare/{comparison.pk}/strength/")
