"""Reads of sample sets, trials and detections."""

from typing import TYPE_CHECKING, Self

import numpy as np
from django.db import models

if TYPE_CHECKING:
    from detections.models import Trial


class TrialQuerySet(models.QuerySet):
    def light(self) -> Self:
        """Without what only a trial's own page needs."""
        return self.defer("top", "histogram", "fitted_on")


class DetectionQuerySet(models.QuerySet):
    def with_things(self) -> Self:
        return self.select_related("lumisection__run", "source", "light_curve")


def scores_of(trial: "Trial") -> np.ndarray:
    """The whole score vector of a trial, (n_scores,) float64; NaN: not scored."""
    blocks = list(trial.blocks.order_by("number").values_list("scores", flat=True))
    return np.concatenate(blocks) if blocks else np.zeros(0)
