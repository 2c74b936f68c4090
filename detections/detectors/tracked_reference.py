from typing import ClassVar

import numpy as np

from .base import Reason
from .occupancy import square_reason
from .shape_tests import largest_move, move_weights, scatter, strongest_box
from .tracked import Tracked
from .tracking import Expected

WITHIN = 3
"""Single bins named beside the stretch or square that deviates most."""


class TrackedReference(Tracked):
    """Three shape tests against the reference of other runs, as the earlier lumisections of the run move it.

    A scan looks for dead and hot stretches, likelihood ratios for shifts and stretches of the axis, a weighted χ² for
    scatter. The largest of the three is the score: made for any fault, it pays for each test with a part of its false
    alarms.
    """

    name: ClassVar[str] = "tracked_reference"
    paper: ClassVar[str] = (
        "Kalman (1960), doi:10.1115/1.3662552; Kulldorff (1997), doi:10.1080/03610929708831995"
    )

    def _prepare(self) -> None:
        self.weights_ = move_weights(self.drift_.share, self.shape_)

    def _tests(self, counts: np.ndarray, expected: Expected) -> list[np.ndarray]:
        box = strongest_box(counts, expected, self.drift_, self.shape_)
        moves = largest_move(counts, expected, self.drift_, self.weights_)
        return [np.abs(box.sigma), moves, scatter(counts, expected, self.drift_)]

    def _reasons(self, counts: np.ndarray, expected: Expected) -> list[list[Reason]]:
        box = strongest_box(counts, expected, self.drift_, self.shape_)
        bins = super()._reasons(counts, expected)
        return [
            [square_reason(self.shape_, float(pull), int(cell), int(half)), *single[:WITHIN]]
            for pull, cell, half, single in zip(*box, bins, strict=True)
        ]
