"""The only writers of sample sets, trials, detections and comparisons; every one is a plain function."""

from detections.services.comparisons import compare_trials
from detections.services.freezing import freeze_samples
from detections.services.injecting import inject_samples
from detections.services.opened import Desk, Opened
from detections.services.opening import open_set
from detections.services.trials import run_trial

__all__ = ["Desk", "Opened", "compare_trials", "freeze_samples", "inject_samples", "open_set", "run_trial"]
