"""What to look at first: flagged lumisections that follow each other, as intervals, ranked by what is at stake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from detections.models import Detection, Proposal, Trial
from detections.verdicts.choice import scoring_trials
from detections.verdicts.scores import CHANCE
from project.asked import objects, rows
from runs.models import Run

MOST_CURRENT = 40
MOST_DETECTIONS = 20_000
"""Read at once, the highest of every trial first."""
ORDERS = ("luminosity", "score", "length")
MOST_GAP = 1_000
OF_TRIAL = ("id", "detector", "sample_set", "sample_set__name", "sample_set__parent", "sample_set__simulated")


@dataclass(frozen=True)
class Asked:
    """``trials``: empty for all current ones; one that is not there flags nothing. ``gap``: so many lumisections that
    are not flagged part no interval.

    ``decided``: also what a signature or a refusal under ``flag`` covers already.
    """

    trials: Sequence[int] = ()
    gap: int = 0
    order: str = "luminosity"
    flag: str = "golden"
    decided: bool = False


@dataclass
class Interval:
    """Lumisections ``first`` to ``last`` of a run, of which ``n`` are flagged.

    ``luminosity`` (pb⁻¹) is that of the flagged ones, None where it is not known of any. ``best`` is the rank of the
    strongest detection among its trial's, ``score`` its score: scores of different detectors do not compare, ranks do.
    """

    run_id: int
    first: int
    last: int
    n: int = 0
    luminosity: float | None = None
    best: int = 0
    score: float = 0.0
    detection: int = 0
    key: str = ""
    trials: dict[int, str] = field(default_factory=dict)
    run: Run = field(default=None)  # type: ignore[assignment]
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def element(self) -> str:
        """That of the strongest detection."""
        return self.key.partition(" ")[2] or self.key


@dataclass
class Worklist:
    """``cut``: there are more detections than are read at once, so that the weakest are missing."""

    intervals: list[Interval]
    trials: list[dict[str, Any]]
    cut: bool = False


def current_trials() -> list[dict[str, Any]]:
    """The newest trial of every detector on every set; those that stand for chance and those without a threshold
    flag nothing of interest.
    """

    def build() -> QuerySet:
        return scoring_trials().exclude(detector__in=CHANCE).exclude(threshold=None).order_by("-id")

    newest: dict[tuple[str, int], dict[str, Any]] = {}
    for found in rows("current trials", (), build, Trial, OF_TRIAL, 10 * MOST_CURRENT):
        row = dict(zip(OF_TRIAL, found, strict=True))
        newest.setdefault((row["detector"], row["sample_set"]), row)
    return list(newest.values())[:MOST_CURRENT]


def worklist(asked: Asked) -> Worklist:
    """Four queries, whatever there is."""
    trials = _trials(asked.trials)
    found = _flagged([trial["id"] for trial in trials])
    injected = {trial["id"] for trial in trials if trial["sample_set__parent"]}
    # What was injected into copies says nothing of real runs.
    said = [row[1:] for row in found[:MOST_DETECTIONS] if row[0] or row[4] not in injected]
    intervals = list(_intervals(said, asked.gap))
    runs = _runs(sorted({one.run_id for one in intervals}))
    kept = [one for one in intervals if one.run_id in runs]
    for one in kept:
        one.run = runs[one.run_id]
    kept = _with_proposals(kept, asked)
    return Worklist(sorted(kept, key=_ranked(asked.order)), trials, cut=len(found) > MOST_DETECTIONS)


def _runs(ids: list[int]) -> dict[int, Run]:
    def build() -> QuerySet:
        return Run.objects.visible().filter(pk__in=ids)

    return {run.pk: run for run in objects(("runs", len(ids)), ids, build, Run)}


def _trials(asked: Sequence[int]) -> list[dict[str, Any]]:
    if not asked:
        return current_trials()
    return list(scoring_trials().filter(pk__in=asked).values(*OF_TRIAL))


def _flagged(trials: list[int]) -> list[tuple]:
    """Whether simulated, run id, lumisection, its luminosity, trial, detector, rank, score, id and key; the highest
    ranks first.
    """
    columns = (
        "lumisection__run__simulated", "lumisection__run", "lumisection__number", "lumisection__recorded_luminosity",
        "trial", "trial__detector", "rank", "score", "id", "key",
    )  # fmt: skip

    def build() -> QuerySet:
        return Detection.objects.filter(lumisection__isnull=False, trial__in=trials).order_by("rank", "trial")

    return rows(("flagged", len(trials)), trials, build, Detection, columns, MOST_DETECTIONS + 1)


def _intervals(rows: Iterable[tuple], gap: int) -> Iterable[Interval]:
    open_one: Interval | None = None
    seen = 0
    in_order = sorted(rows, key=lambda row: row[:2])
    for run, number, luminosity, trial, detector, rank, score, pk, key in in_order:
        if open_one is None or open_one.run_id != run or number > open_one.last + gap + 1:
            if open_one is not None:
                yield open_one
            open_one, seen = Interval(run, number, number), 0
        if number != seen:
            open_one.last, open_one.n, seen = number, open_one.n + 1, number
            if luminosity is not None:
                open_one.luminosity = (open_one.luminosity or 0.0) + luminosity
        open_one.trials[trial] = detector
        if not open_one.best or rank < open_one.best:
            open_one.best, open_one.score, open_one.detection, open_one.key = rank, score, pk, key
    if open_one is not None:
        yield open_one


def _with_proposals(intervals: list[Interval], asked: Asked) -> list[Interval]:
    """With the proposals under the flag that say something of them; what one settles wholly is off the list."""
    by_run: dict[int, list[Proposal]] = {}
    for proposal in _proposals(sorted({one.run_id for one in intervals}), asked.flag):
        by_run.setdefault(proposal.run_id, []).append(proposal)
    kept = []
    for one in intervals:
        one.proposals = [each for each in by_run.get(one.run_id, ()) if _touches(each, one)]
        if asked.decided or not any(_settles(each, one) for each in one.proposals):
            kept.append(one)
    return kept


def _proposals(runs: list[int], flag: str) -> list[Proposal]:
    def build() -> QuerySet:
        said = Proposal.objects.filter(state__in=("proposed", "signed", "rejected")).order_by("id")
        return said.filter(flag=flag).filter(run__in=runs)

    return objects(("proposals", len(runs)), (flag, *runs), build, Proposal)


def _touches(proposal: Proposal, one: Interval) -> bool:
    return any(start <= one.last and (end is None or end >= one.first) for start, end, _ in proposal.ranges)


def _settles(proposal: Proposal, one: Interval) -> bool:
    """Whether it is decided, and says something of every lumisection of the interval."""
    if proposal.state == Proposal.State.PROPOSED:
        return False
    at = one.first
    for first, last, _ in proposal.ranges:
        if first > at:
            break
        if last is None or last >= at:
            at = one.last + 1 if last is None else last + 1
    return at > one.last


def _ranked(order: str) -> Any:
    """The key of an order; ties go to the stronger detection, then by run and lumisection."""

    def key(one: Interval) -> tuple:
        first = {
            "luminosity": -(one.luminosity or 0.0), "score": float(one.best), "length": float(-one.n),
        }[order]  # fmt: skip
        return first, one.best, one.run_id, one.first

    return key
