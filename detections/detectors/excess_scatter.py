from typing import ClassVar

import numpy as np

from .shape_tests import scatter
from .tracked import Tracked
from .tracking import Expected


class ExcessScatter(Tracked):
    """More scatter from bin to bin than counting and the usual motions of the shape explain, and nothing else.

    The score test of a Poisson count against one whose mean strays by a common share in every bin. Expected is what
    other runs and the earlier lumisections of the run tell, as for ``tracked_reference``; that one looks for every
    fault and needs more of noise, since its three tests share the false alarms of one.
    """

    name: ClassVar[str] = "excess_scatter"
    paper: ClassVar[str] = (
        "Dean & Lawless (1989), doi:10.1080/01621459.1989.10478792; Kalman (1960), doi:10.1115/1.3662552"
    )

    def _tests(self, counts: np.ndarray, expected: Expected) -> list[np.ndarray]:
        return [scatter(counts, expected, self.drift_)]
