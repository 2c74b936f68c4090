"""Score a sample set with one or more detectors."""

import json
from argparse import ArgumentParser
from typing import Any

from detections.detectors import DETECTORS
from detections.services.trials import ALARM_FRACTION
from detections.tasks import run_trials
from project.management.work import WorkCommand


class Command(WorkCommand):
    help = "Score a sample set with one or more detectors. What was run before with the same inputs is found again."
    example = "manage.py run_trial zero-bias-faults reference_chi2 pca pyod.ECOD --params '{\"pca\": {}}'"
    can_queue = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sample_set", help="name of the sample set")
        parser.add_argument(
            "detectors", nargs="+", metavar="DETECTOR", help=f"{', '.join(DETECTORS)}, or pyod.NAME"
        )
        parser.add_argument("--params", default="{}", help="JSON: parameters by detector")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--transductive", action="store_true", help="fit on the very rows that are scored"
        )
        parser.add_argument(
            "--alarm-fraction", type=float, default=ALARM_FRACTION, help="share that becomes detections"
        )
        parser.add_argument("--force", action="store_true", help="compute again what is known")

    def handle(self, *, sample_set: str, detectors: list[str], **options: Any) -> None:
        params = self.params(options["params"], detectors)
        given = {key: options[key] for key in ("seed", "transductive", "alarm_fraction", "force")}
        wanted = [{"name": name, "params": params.get(name, {})} for name in detectors]
        result = self.work(
            run_trials, title=f"trial of {sample_set}", sample_set=sample_set, detectors=wanted, **given
        )
        for trial in result["trials"]:
            if not self.as_json:
                self.stdout.write(self.line(trial))
        self.finish(result, ok=not result["left_out"])

    def line(self, trial: dict[str, Any]) -> str:
        how = "computed" if trial["computed"] else "known"
        if trial["reason"]:
            return f"{trial['detector']}: left out ({how}): {trial['reason']}"
        seconds = f"fit {trial['fit_seconds']} s, score {trial['score_seconds']} s"
        return f"{trial['detector']}: {how}, {trial['scored']:,} scored, {trial['detections']} detections, {seconds}"

    def params(self, text: str, detectors: list[str]) -> dict[str, Any]:
        try:
            params = json.loads(text)
        except json.JSONDecodeError as error:
            self.refuse(f"--params is not JSON: {error}")
        if not isinstance(params, dict) or not all(isinstance(value, dict) for value in params.values()):
            self.refuse("--params is an object of objects: parameters by detector")
        unknown = sorted(set(params) - set(detectors))
        if unknown:
            self.refuse(f"--params names {', '.join(unknown)}, which is not run")
        return params
