"""Masks from trials and thresholds: good is what was scored and stays below the threshold.

What was not scored, and what there are no data of, is not good: a detector that never looked has cleared nothing.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from detections.models import SampleSet, ScoreBlock, Trial
from detections.verdicts.positions import find
from project.errors import UserError
from project.filters import NUMBER
from runs.golden.operands import Operand
from runs.masks import Mask
from runs.masks.names import ML

EVERY, SCORED = "every", "scored"
MOST_TRIALS = 50
COLUMNS = (
    "id", "detector", "params", "seed", "code_version", "inputs", "threshold",
    "sample_set__name", "sample_set__hash", "sample_set__parent", "sample_set__simulated",
)  # fmt: skip


class ByTrial:
    """``trial=23&threshold=2.5``; without a threshold that of the trial holds. Of a lumisection with several elements
    ``every`` one must be scored and below; with ``elements=scored`` those that were scored, at least one.
    """

    name = "trial"
    more: tuple[str, ...] = ("threshold", "elements")

    def operand(self, spec: str, given: Mapping[str, str], experiment: str) -> Operand:
        row = _trial(given["trial"])
        threshold = _threshold(given.get("threshold", ""), row)
        elements = given.get("elements") or EVERY
        if elements not in (EVERY, SCORED):
            raise UserError(f"elements {elements[:40]!r} is none of {EVERY}, {SCORED}")
        placed, scores = _scores(row["id"], experiment)
        good, counts = judged(*placed, scores, threshold, elements)
        told = {
            "trial": row["id"], "threshold": threshold, "elements": elements, "detector": row["detector"],
            "params": row["params"], "seed": row["seed"], "code_version": row["code_version"], "inputs": row["inputs"],
            "sample_set": row["sample_set__name"], "sample_set_hash": row["sample_set__hash"],
            "simulated": row["sample_set__simulated"], **counts,
        }  # fmt: skip
        runs = np.unique(placed[0])
        label = f"trial {row['id']} ({row['detector']}) below {threshold:.4g}"
        return Operand(spec, label, good, told, (int(runs[0]), int(runs[-1])), kind=ML)


def judged(
    runs: np.ndarray, numbers: np.ndarray, scores: np.ndarray, threshold: float, elements: str = EVERY
) -> tuple[Mask, dict[str, int]]:
    """The good lumisections, and how many were not: ``runs``, ``numbers`` and ``scores`` (n,) of each sample, NaN where
    it was not scored. A score that reaches the threshold flags.
    """
    scored = np.isfinite(scores)
    everything = Mask.of_lumisections(runs, numbers)
    flagged = Mask.of_lumisections(*(part[scored & (scores >= threshold)] for part in (runs, numbers)))
    seen = Mask.of_lumisections(runs[scored], numbers[scored])
    partly = Mask.of_lumisections(runs[~scored], numbers[~scored])
    good = seen - flagged if elements == SCORED else everything - flagged - partly
    counts = {
        "lumisections": everything.count(), "flagged": flagged.count(),
        "not_scored": (everything - good - flagged).count(),
    }  # fmt: skip
    return good, counts


def _trial(text: str) -> dict[str, Any]:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    rows = Trial.objects.filter(
        pk=number, sample_set__world=SampleSet.World.HISTOGRAMS, state=Trial.State.DONE
    )
    row = rows.values(*COLUMNS).first()
    if row is None:
        raise UserError(f"there is no trial {text[:40]!r} that scored histograms")
    if row["sample_set__parent"] is not None:
        raise UserError(
            f"trial {number} saw copies into which anomalies were injected: what it says is not of the stored data"
        )
    return row


def _threshold(text: str, row: Mapping[str, Any]) -> float:
    if not text:
        if row["threshold"] is None:
            raise UserError(f"trial {row['id']} has no threshold: say from which score on it flags")
        return float(row["threshold"])
    try:
        return float(NUMBER.parse(text))
    except ValueError as error:
        raise UserError(f"threshold: {error}") from error


def _scores(trial: int, experiment: str) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Run and lumisection (n,) of every sample of the trial's set, and its score (n,)."""
    packed = SampleSet.objects.filter(trials=trial).values_list("keys", "groups").get()
    groups = {*zlib.decompress(packed[1]).decode().splitlines()}
    ours = [group for group in groups if group.rpartition(":")[0] == experiment]
    placed = {group: one for group, one in find(bytes(packed[0]), ours).items() if one} if ours else {}
    if not placed:
        raise UserError(f"trial {trial} scored nothing of {experiment}")
    blocks = ScoreBlock.objects.filter(trial=trial).order_by("number").values_list("scores", flat=True)
    scores = np.concatenate([*blocks.iterator(chunk_size=1)])
    runs = [np.full(len(one.positions), int(group.rpartition(":")[2])) for group, one in placed.items()]
    numbers = np.concatenate([one.lumisections for one in placed.values()])
    positions = np.concatenate([one.positions for one in placed.values()])
    return (np.concatenate(runs), numbers), scores[positions]


def offer_trials(request: HttpRequest, state: Any) -> SafeString:
    """What the workbench of masks shows of trials: those that scored stored histograms, newest first."""
    rows = Trial.objects.filter(
        sample_set__world=SampleSet.World.HISTOGRAMS, sample_set__parent=None, state=Trial.State.DONE
    )
    columns = ("id", "detector", "threshold", "sample_set__name", "sample_set__simulated")
    found = rows.order_by("-id").values(*columns, experiment=F("sample_set__recipe__experiment"))[
        :MOST_TRIALS
    ]
    trials = [row for row in found if (row["experiment"] or "CMS") == state.experiment]
    return render_to_string(
        "detections/mask_trials.html", {"trials": trials, "state": state}, request=request
    )
