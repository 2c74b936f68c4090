from typing import ClassVar

import numpy as np

from .shape_tests import largest_cell
from .tracked import Tracked
from .tracking import Expected


class TrackedPull(Tracked):
    """Largest deviation of a single bin from what other runs and the earlier lumisections of the run lead to expect.

    As ``max_pull``, but the reference follows pile-up and gain: their motion no longer hides a channel that fires
    without reason in histograms of many entries.
    """

    name: ClassVar[str] = "tracked_pull"
    paper: ClassVar[str] = "AutoDQM's maximum pull: arXiv:2501.13789; Kalman (1960), doi:10.1115/1.3662552"

    def _tests(self, counts: np.ndarray, expected: Expected) -> list[np.ndarray]:
        return [largest_cell(counts, expected, self.drift_)]
