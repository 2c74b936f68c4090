"""What chosen trials say of runs: the five states of their lumisections, and the luminosity at stake."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Max

from detections.proposals.luminosity import NOTHING, Recorded, recorded_of
from detections.verdicts.choice import Chosen
from detections.verdicts.judging import BAD, GOOD, NOT_SCORED, Vote, judge_together
from detections.verdicts.scores import TrialScorer
from histos.models import Dataset, LumisectionHistogram
from project.sparks import strip_of
from runs.models import Lumisection, Run
from runs.scores import RunKey, Scored
from runs.states import Span, joined, overlaid

STATUSES = {GOOD: "GOOD", BAD: "BAD", "empty": "EMPTY"}
"""What is proposed of each state; of what was not scored and of what has no data nothing is said."""
CHUNK = 500


@dataclass(frozen=True)
class JudgedRun:
    """``spans`` are the states of lumisections 1 to the last."""

    run: Run
    spans: list[Span]
    recorded: Recorded

    @property
    def counts(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for span in self.spans:
            found[span.state] += span.last - span.first + 1
        return dict(found)

    @property
    def not_scored(self) -> int:
        return self.counts.get(NOT_SCORED, 0)

    @property
    def no_data(self) -> int:
        return self.counts.get("no data", 0)

    @property
    def ranges(self) -> list[tuple[int, int, str]]:
        """First, last and status of what can be proposed."""
        return [(one.first, one.last, STATUSES[one.state]) for one in self.spans if one.state in STATUSES]

    def luminosity(self, state: str) -> float | None:
        """Recorded luminosity (pb⁻¹) of the lumisections in a state, as far as it is known."""
        known = [self.recorded.between(one.first, one.last)[0] for one in self.spans if one.state == state]
        values = [value for value in known if value is not None]
        return sum(values) if values else None

    @property
    def at_stake(self) -> float | None:
        return self.luminosity(BAD)

    @property
    def strip(self) -> Any:
        return strip_of(((one.state, one.last - one.first + 1) for one in self.spans), str(self.run.number))


def judge_runs(chosen: Chosen) -> list[JudgedRun]:
    """Of a lumisection with several elements the highest score of each trial counts."""
    keys = [RunKey(run.experiment, run.number) for run in chosen.runs]
    ids = [run.pk for run in chosen.runs]
    scored = {trial["id"]: TrialScorer().scores(str(trial["id"]), keys) for trial in chosen.trials}
    there, recorded = Lumisection.objects.spans(ids), recorded_of(ids)
    dataset = Dataset.objects.filter(name=chosen.dataset).values_list("pk", flat=True).first()
    return [
        JudgedRun(run, _spans(run, key, chosen, scored, there.get(run.pk, []), dataset), recorded.get(run.pk, NOTHING))
        for run, key in zip(chosen.runs, keys, strict=True)
    ]  # fmt: skip


def _spans(
    run: Run,
    key: RunKey,
    chosen: Chosen,
    scored: dict[int, Scored],
    there: Sequence[tuple[int, int]],
    dataset: int | None,
) -> list[Span]:
    layers = [Span(*ends, NOT_SCORED) for ends in there]
    votes = list(_votes(key, chosen, scored))
    if votes:
        numbers, states = judge_together(votes, chosen.needed)
        empty = np.isin(numbers, _empty(run, numbers[states == NOT_SCORED], dataset))
        states = np.where(empty, "empty", states)
        pairs = zip(numbers.tolist(), states.tolist(), strict=True)
        layers += joined(Span(number, number, state) for number, state in pairs)
    return overlaid(layers, max((one.last for one in layers), default=0)) if layers else []


def _votes(key: RunKey, chosen: Chosen, scored: dict[int, Scored]) -> Iterator[Vote]:
    """Of every trial, also of those that did not see the run: they might have said anything."""
    if any(key in one.runs for one in scored.values()):
        for trial, one in scored.items():
            scores = one.runs.get(key)
            numbers = scores.numbers if scores else np.zeros(0, dtype=np.int64)
            values = scores.values if scores else np.zeros(0)
            yield Vote(numbers, values, chosen.thresholds[trial])


def _empty(run: Run, numbers: np.ndarray, dataset: int | None) -> list[int]:
    """Those of ``numbers`` whose histograms are all there and all without an entry."""
    if dataset is None:
        return []
    found: list[int] = []
    for start in range(0, len(numbers), CHUNK):
        asked = Lumisection.objects.filter(run=run, number__in=numbers[start : start + CHUNK].tolist())
        rows = LumisectionHistogram.objects.visible().filter(lumisection__in=asked, dataset=dataset)
        most = rows.order_by().values("lumisection__number").annotate(most=Max("entries"))
        found += [row["lumisection__number"] for row in most if row["most"] == 0]
    return found
