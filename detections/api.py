"""The API of sample sets, trials, detections and comparisons."""

import zlib
from collections.abc import Generator, Iterator
from typing import Any, ClassVar

import numpy as np
import orjson
from django.contrib.auth import get_user_model
from django.http import Http404
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from detections.models import Comparison, Detection, SampleSet, Trial
from detections.sets.matrix_api import GivesSetMatrix
from detections.writing_api import Compares, FreezesSets, RunsTrials
from project.exports.npz import Archive
from project.exports.response import Streamed
from project.exports.snapshot import snapshot
from project.filters import EXACT, INTEGER, MOMENT, NAMES, NUMBER, RANGE, TEXT, TRUTH, Filter, one_of
from project.openapi import ARRAY, parameter
from project.query import Query
from project.resource import Resource, same

PACKED = ("keys", "groups")


def lines_of(packed: bytes) -> list[str]:
    return zlib.decompress(packed).decode().splitlines()


class SampleSetResource(FreezesSets, GivesSetMatrix, Resource):
    """Frozen, hashed choices of things. Keys, groups, roles, folds and truth only come by ``fields=``."""

    model = SampleSet
    columns: ClassVar = {
        "parent": "parent__name",
        **same(
            "id name hash world kind recipe split n_samples n_scores n_groups n_fit n_score classes "
            "left_out simulated created events keys groups roles folds truth strength sigma"
        ),
    }
    on_request: ClassVar = ("events", *PACKED, "roles", "folds", "truth", "strength", "sigma")
    single: ClassVar = ("recipe",)
    values: ClassVar = dict.fromkeys(PACKED, lines_of)
    filters: ClassVar = {
        "name": Filter("name"),
        "hash": Filter("hash"),
        "parent": Filter("parent__name"),
        "world": Filter("world", one_of(*SampleSet.World.values)),
        "kind": Filter("kind"),
        "split": Filter("split", one_of(*SampleSet.Split.values)),
        "simulated": Filter("simulated", TRUTH, EXACT),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "name": ("name",)}
    default_ordering: ClassVar = "-id"

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        schema = super().item_schema()
        schema["properties"] |= {name: {"type": "array", "items": {"type": "string"}} for name in PACKED}
        return schema


class TrialResource(RunsTrials, Resource):
    """One detector with its parameters, seed and code version on one sample set. High score: strange."""

    model = Trial
    columns: ClassVar = {
        "sample_set": "sample_set__name",
        "owner": "owner__username",
        **same(
            "id detector params seed code_version outside inputs state reason transductive offline "
            "fit_seconds score_seconds n_scored not_scored threshold created fitted_on top histogram"
        ),
    }
    single: ClassVar = ("fitted_on", "top", "histogram")
    filters: ClassVar = {
        "sample_set": Filter("name", TEXT, NAMES, "sample_set_id", SampleSet),
        "detector": Filter("detector"),
        "code_version": Filter("code_version"),
        "owner": Filter("username", TEXT, NAMES, "owner_id", get_user_model()),
        "state": Filter("state", one_of(*Trial.State.values)),
        "seed": Filter("seed", INTEGER, RANGE),
        "outside": Filter("outside", TRUTH, EXACT),
        "inputs": Filter("inputs"),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    described: ClassVar = {
        "scores": (
            {"type": "object", "properties": {"trial": {"type": "integer"}, "scores": ARRAY}},
            "The whole score vector, aligned with the keys of the sample set; null: not scored. "
            "As npz it has the one array scores, NaN where not scored.",
        )
    }
    action_formats: ClassVar = {"scores": ("json", "npz")}
    action_parameters: ClassVar = {
        "scores": (parameter("format", {"type": "string", "enum": ["json", "npz"], "default": "json"}),)
    }

    @action(detail=True)
    def scores(self, request: Request, id: str) -> Streamed:
        wanted = request.query_params.get("format", "json")
        unknown = {
            name: ["unknown parameter; there is format"] for name in request.query_params if name != "format"
        }
        if wanted not in ("json", "npz"):
            unknown["format"] = [f"no format {wanted!r}; there is json, npz"]
        if unknown:
            raise ValidationError(unknown)
        trial = self.visible().filter(pk=self.key(id)).only("pk").first()
        if trial is None:
            raise Http404
        if wanted == "json":
            return Streamed(_json_of(trial), content_type="application/json")
        headers = {"Content-Disposition": f'attachment; filename="trial-{trial.pk}-scores.npz"'}
        return Streamed(_npz_of(trial), content_type="application/octet-stream", headers=headers)


def _blocks(trial: Trial) -> Iterator[np.ndarray]:
    """The score vector, one block in memory at a time."""
    scores: Any = trial.blocks.order_by("number").values_list("scores", flat=True)
    yield from scores.iterator(1)


def _json_of(trial: Trial) -> Generator[bytes]:
    yield b'{"trial":%d,"scores":[' % trial.pk
    joint = b""
    for scores in _blocks(trial):
        if len(scores):
            yield joint + orjson.dumps(scores, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
            joint = b","
    yield b"]}"


def _npz_of(trial: Trial) -> Generator[bytes]:
    archive = Archive()
    with snapshot():
        length = sum(map(len, _blocks(trial)))
        yield from archive.array("scores", np.dtype("<f8"), (length,), _blocks(trial))
    yield archive.closed()


class DetectionResource(Resource):
    """Things and time spans that trials flag, with their reasons, strongest first."""

    model = Detection
    columns: ClassVar = {
        "id": "id",
        "trial": "trial_id",
        "detector": "trial__detector",
        "rank": "rank",
        "score": "score",
        "key": "key",
        "position": "position",
        "extent": "extent",
        "run": "lumisection__run__number",
        "lumisection": "lumisection__number",
        "source": "source__name",
        "light_curve": "light_curve_id",
        "time_start": "time_start",
        "time_end": "time_end",
        "reasons": "reasons",
    }
    filters: ClassVar = {
        "trial": Filter("pk", INTEGER, NAMES, "trial_id", Trial),
        "detector": Filter("detector", TEXT, NAMES, "trial_id", Trial),
        "sample_set": Filter("sample_set__name", TEXT, NAMES, "trial_id", Trial),
        "rank": Filter("rank", INTEGER, RANGE),
        "score": Filter("score", NUMBER, ("gte", "lte")),
        "extent": Filter("extent", one_of(*Detection.Extent.values)),
        "source": Filter("source__name"),
        "run": Filter("lumisection__run__number", INTEGER, RANGE),
        "lumisection": Filter("lumisection__number", INTEGER, RANGE),
        "time_start": Filter("time_start", NUMBER, ("gte", "lte")),
        "time_end": Filter("time_end", NUMBER, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "trial": ("trial_id", "rank")}

    def order_for(self, query: Query) -> str:
        return "trial" if query.asked & {"trial", "detector", "sample_set", "rank"} else "id"


class ComparisonResource(Compares, Resource):
    """Trials on one sample set, judged against its truth: metrics with intervals, chance beside them."""

    model = Comparison
    columns: ClassVar = {
        "id": "id",
        "sample_set": "sample_set__name",
        "inputs": "inputs",
        "params": "params",
        "created": "created",
        "results": "results",
    }
    single: ClassVar = ("results",)
    filters: ClassVar = {
        "sample_set": Filter("name", TEXT, NAMES, "sample_set_id", SampleSet),
        "inputs": Filter("inputs"),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
