"""How the lumisections of some runs are judged, one lane per point of view: a certification's flag, chosen scores."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from project.asked import plain
from runs.models import Certification, Lumisection
from runs.scores import SCORERS, Choice, RunKey, Scored, Scorer
from runs.states import NOT_JUDGED, OF_STATUS, SIGNED_HERE, Span, overlaid

FIRST_FLAG = "golden"
LONGEST_FLAG = 64
SAID = ("run", "first", "last", "flag", "status", "source")
NONE = "none"
"""In the URL: no scores, also where there is a default."""


class Listed(NamedTuple):
    """A run that is shown: its row id, its natural key, and whether it is simulated."""

    id: int
    key: RunKey
    simulated: bool


@dataclass(frozen=True)
class Lane:
    """States by run id, from lumisection 1 to the last; ``judged`` is false where nobody said anything of any run."""

    name: str
    spans: dict[int, list[Span]]
    short: str = ""
    judged: bool = True


@dataclass
class ScoreSelect:
    """What a scorer offers for the runs shown, and what is chosen of it."""

    parameter: str
    label: str
    choices: list[Choice]
    value: str
    scored: Scored | None = None


@dataclass
class Judged:
    """The lanes of the runs shown, and the choices that lead to others. ``errors``: parameters that are wrong."""

    flag: str = ""
    flags: list[str] = field(default_factory=list)
    selects: list[ScoreSelect] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    lumisections: dict[int, int] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def scored(self) -> list[Scored]:
        return [select.scored for select in self.selects if select.scored]


def parameters() -> tuple[str, ...]:
    """Those of the URL that choose lanes."""
    return ("flag", *(scorer.parameter for scorer in SCORERS))


def judge(runs: Sequence[Listed], params: Mapping[str, str]) -> Judged:
    """Every lane of these runs as ``params`` ask: two or three queries, and those of the scorers."""
    judged = Judged()
    there = Lumisection.objects.spans(run.id for run in runs)
    judged.lumisections = {
        run: sum(last - first + 1 for first, last in spans) for run, spans in there.items()
    }
    base = {run: [Span(*ends, NOT_JUDGED) for ends in spans] for run, spans in there.items()}
    judged.lanes.append(_certified(judged, runs, base, params.get("flag", "")))
    for scorer in SCORERS:
        _score(judged, scorer, runs, base, params.get(scorer.parameter, ""))
    return judged


def _certified(judged: Judged, runs: Sequence[Listed], base: dict[int, list[Span]], asked: str) -> Lane:
    if len(asked) > LONGEST_FLAG:
        judged.errors["flag"] = f"a flag has at most {LONGEST_FLAG} characters"
        asked = ""
    ids = [run.id for run in runs]

    def build() -> QuerySet:
        return Certification.objects.visible().filter(run__in=ids).order_by("id").values_list(*SAID)

    said = plain(("certified", len(ids)), ids, build)
    # In order of id: what was said last of a lumisection holds; what was signed here lies over all files.
    said.sort(key=lambda row: row[-1] == SIGNED_HERE)
    flags = Counter(flag for *_, flag, _, _ in said)
    common = min(flags, key=lambda flag: (flag != FIRST_FLAG, -flags[flag], flag), default=FIRST_FLAG)
    judged.flag = asked or common
    judged.flags = sorted({*flags, judged.flag})
    layers = {run: list(spans) for run, spans in base.items()}
    for run, first, last, flag, status, _ in said:
        if flag == judged.flag:
            layers.setdefault(run, []).append(
                Span(first, last or _end(base.get(run), first), OF_STATUS[status])
            )
    return Lane(judged.flag, _to_the_end(layers), judged=judged.flag in flags)


def _end(base: list[Span] | None, first: int) -> int:
    """Where a range ends that goes to the end of its run."""
    return max(base[-1].last if base else first, first)


def _to_the_end(layers: dict[int, list[Span]]) -> dict[int, list[Span]]:
    return {run: overlaid(spans, max(span.last for span in spans)) for run, spans in layers.items() if spans}


def _score(
    judged: Judged, scorer: Scorer, runs: Sequence[Listed], base: dict[int, list[Span]], asked: str
) -> None:
    keys = [run.key for run in runs]
    choices = scorer.choices(keys)
    value = asked or scorer.default(choices, simulated=bool(runs) and all(run.simulated for run in runs))
    select = ScoreSelect(scorer.parameter, scorer.label, choices, value or NONE)
    judged.selects.append(select)
    if select.value == NONE:
        return
    try:
        scored = scorer.scores(value, keys)
    except ValueError as error:
        judged.errors[scorer.parameter] = str(error)
        return
    select.scored = scored
    if scored.choice.value not in {choice.value for choice in choices}:
        select.choices = [*choices, scored.choice]
    layers = {
        run.id: [*base.get(run.id, ()), *scored.runs[run.key].spans(scored.threshold)]
        for run in runs if run.key in scored.runs
    }  # fmt: skip
    judged.lanes.append(Lane(scored.choice.label, _to_the_end(layers), scored.choice.short))
