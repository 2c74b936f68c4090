"""The worklist over the API, and its parameters, which the page takes too."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import QueryDict

from detections.proposals.worklist import MOST_GAP, ORDERS, Asked, Interval, worklist
from project.filters import BIGGEST, EXACT, NAMES, TEXT, TRUTH, Filter, Kind, natural, one_of, parameters
from project.openapi import Schema, parameter, several
from project.query import read
from runs.lanes import LONGEST_FLAG

LISTED = 1_000
TRIAL = Kind(lambda text: natural(text, 1), {"type": "integer", "minimum": 1, "maximum": BIGGEST})
GAP = Kind(lambda text: natural(text, 0, MOST_GAP), {"type": "integer", "minimum": 0, "maximum": MOST_GAP})
FLAG = Kind(lambda text: _flag(TEXT.parse(text)), {**TEXT.schema, "maxLength": LONGEST_FLAG})
COLUMNS = (
    "experiment", "run", "first", "last", "flagged", "luminosity", "best_rank", "score", "detection", "element",
    "trials", "simulated", "proposals",
)  # fmt: skip


def _flag(text: str) -> str:
    if len(text) > LONGEST_FLAG:
        raise ValueError(f"a flag has at most {LONGEST_FLAG} characters")
    return text


class WorklistParameters:
    """What ``read`` needs to know of a list that is computed."""

    columns: ClassVar = dict.fromkeys(COLUMNS, "")
    formats: ClassVar = ("json",)
    orderings: ClassVar[dict[str, tuple[str, ...]]] = {}
    filters: ClassVar[Mapping[str, Filter]] = {
        "trial": Filter("trial", TRIAL, NAMES),
        "gap": Filter("gap", GAP, EXACT),
        "order": Filter("order", one_of(*ORDERS), EXACT),
        "flag": Filter("flag", FLAG, EXACT),
        "decided": Filter("decided", TRUTH, EXACT),
    }

    @classmethod
    def shown(cls, one: bool) -> tuple[str, ...]:
        return COLUMNS


ABOUT = {
    "trial": "whose detections; without one those of all current trials",
    "gap": "so many lumisections that are not flagged part no interval",
    "order": "luminosity at stake (pb⁻¹), rank of the strongest detection, or number of flagged lumisections",
    "flag": "which proposals settle an interval",
    "decided": "also intervals that a signature or a refusal settles already",
}
PARAMETERS = tuple(
    parameter(
        one.name, several(one.filter.kind.schema) if one.lookup == "in" else dict(one.filter.kind.schema),
        ABOUT[one.name.partition("__")[0]],
    )
    for one in parameters(WorklistParameters.filters)
)  # fmt: skip
ANY: Schema = {}
WORKLIST: tuple[Schema, str] = (
    {
        "type": "object",
        "required": ["cut", "results"],
        "properties": {
            "cut": {"type": "boolean", "description": "there is more than is read at once"},
            "results": {
                "type": "array",
                "items": {"type": "object", "properties": dict.fromkeys(COLUMNS, ANY)},
            },
        },
    },
    "Flagged lumisections that follow each other, as intervals, what matters most first.",
)


def asked_for(params: QueryDict) -> Asked:
    """Raises ValidationError with the reasons by parameter."""
    terms = read(WorklistParameters, params).terms
    trials = [*([terms["trial"]] if "trial" in terms else []), *terms.get("trial__in", ())]
    rest = {name: terms[name] for name in ("gap", "order", "flag", "decided") if name in terms}
    return Asked(tuple(dict.fromkeys(trials)), **rest)


def told(asked: Asked) -> dict[str, Any]:
    found = worklist(asked)
    return {
        "cut": found.cut or len(found.intervals) > LISTED,
        "results": [_row(one) for one in found.intervals[:LISTED]],
    }


def _row(one: Interval) -> dict[str, Any]:
    run = one.run
    return {
        "experiment": run.experiment, "run": run.number, "first": one.first,
        "last": one.last, "flagged": one.n, "luminosity": one.luminosity, "best_rank": one.best, "score": one.score,
        "detection": one.detection, "element": one.element, "trials": sorted(one.trials),
        "simulated": run.simulated, "proposals": [each.pk for each in one.proposals],
    }  # fmt: skip
