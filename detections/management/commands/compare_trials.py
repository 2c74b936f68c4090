"""Compare the trials of a sample set against its truth."""

from argparse import ArgumentParser
from typing import Any

from detections.metrics import METRICS
from detections.models import Comparison
from detections.tasks import compare_trials
from project.management.work import WorkCommand


class Command(WorkCommand):
    help = "Compare the trials of a sample set against its truth: metrics with intervals, the chance level beside them."
    example = "manage.py compare_trials zero-bias-faults --metric efficiency_at_far"
    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sample_set", help="name of the sample set")
        parser.add_argument(
            "--trials", nargs="+", type=int, metavar="ID", help="default: the newest of each detector"
        )
        parser.add_argument("--metric", default="average_precision", choices=list(METRICS))
        parser.add_argument("--far", type=float, default=0.01, help="false-alarm rate of the efficiency")
        parser.add_argument(
            "--k", type=int, default=100, help="length of the list for precision@k and recall@k"
        )
        parser.add_argument("--n-boot", type=int, default=200, help="resamples for the intervals")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--force", action="store_true", help="compute again what is known")

    def handle(self, *, sample_set: str, **options: Any) -> None:
        given = {key: options[key] for key in ("trials", "metric", "far", "k", "n_boot", "seed", "force")}
        result = self.work(compare_trials, title=f"compare {sample_set}", sample_set=sample_set, **given)
        if not self.as_json:
            self.show(Comparison.objects.get(pk=result["comparison"]))
        self.finish(result)

    def show(self, comparison: Comparison) -> None:
        """One table per class, best detector first, and the result in words."""
        metric = comparison.params["metric"]
        for name, one in comparison.results["classes"].items():
            self.stdout.write(f"\n{name}: {one['n_positives']:,} of {one['n']:,}, {METRICS[metric].label}")
            for row in one["rows"]:
                value = row["metrics"][metric]
                numbers = "  ".join(
                    f"{_number(value[key]):>9}" for key in ("value", "low95", "high95", "chance")
                )
                self.stdout.write(f"  {row['detector']:28} {numbers}")
        for label, reason in comparison.results["left_out"].items():
            self.stdout.write(f"left out: {label}: {reason}")
        self.stdout.write("\n".join(["", *comparison.results["sentences"], ""]))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
