"""A detector that takes its time, for tests that kill what runs it."""

import time

import numpy as np

from detections.detectors.robust_z import RobustZ
from project.samples import Samples


class Slow(RobustZ):
    """Robust z, a few seconds a fold."""

    name = "slow"

    def score(self, samples: Samples) -> np.ndarray:
        time.sleep(3)
        return super().score(samples)
