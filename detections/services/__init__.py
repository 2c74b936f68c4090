"""The only writers of sample sets, trials, detections, comparisons and labels; every one is a plain function."""

from detections.services.comparisons import compare_trials
from detections.services.freezing import freeze_samples
from detections.services.injecting import inject_samples
from detections.services.labels import add_label, retract_label
from detections.services.opened import Desk, Opened
from detections.services.opening import open_set
from detections.services.outside import upload_scores
from detections.services.thresholds import set_threshold
from detections.services.trials import run_trial

__all__ = [
    "Desk", "Opened", "add_label", "compare_trials", "freeze_samples", "inject_samples", "open_set", "retract_label",
    "run_trial", "set_threshold", "upload_scores",
]  # fmt: skip
