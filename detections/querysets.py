"""Reads of sample sets, trials, detections and labels."""

from typing import TYPE_CHECKING, Self

import numpy as np
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q

if TYPE_CHECKING:
    from detections.models import Trial


class TrialQuerySet(models.QuerySet):
    def light(self) -> Self:
        """Without what only a trial's own page needs."""
        return self.defer("top", "histogram", "fitted_on")


class LabelQuerySet(models.QuerySet):
    def with_current(self) -> Self:
        """With ``is_current``: whether it is the latest that its user says of its thing and did not take back.

        A row that takes another back is never current itself.
        """
        return self.annotate(is_current=ExpressionWrapper(self._standing(), models.BooleanField()))

    def current(self) -> Self:
        """What each person says of each thing now."""
        return self.filter(self._standing())

    def _standing(self) -> Q:
        taken_back = self.model._default_manager.filter(retracts=OuterRef("pk"))
        later = self.model._default_manager.filter(
            ~Exists(taken_back), user=OuterRef("user"), key=OuterRef("key"), simulated=OuterRef("simulated"),
            pk__gt=OuterRef("pk"), retracts__isnull=True,
        )  # fmt: skip
        return Q(retracts__isnull=True) & ~Exists(taken_back) & ~Exists(later)


def scores_of(trial: "Trial") -> np.ndarray:
    """The whole score vector of a trial, (n_scores,) float64; NaN: not scored."""
    blocks = list(trial.blocks.order_by("number").values_list("scores", flat=True))
    return np.concatenate(blocks) if blocks else np.zeros(0)
