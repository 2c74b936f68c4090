"""The form that runs detectors on a set: which of them, and their parameters where they differ from the default."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import QueryDict

from detections.detectors import DETECTORS
from detections.models import SampleSet


@dataclass(frozen=True)
class Offered:
    """A detector that takes the samples of the set, with its parameters as shown in the form."""

    name: str
    summary: str
    params: list[dict[str, Any]]
    chosen: bool


def offered(sample_set: SampleSet, post: QueryDict | None) -> list[Offered]:
    """Every detector of this site that takes such samples; ``post``: what was chosen and typed before."""
    entries = [cls.describe() for cls in DETECTORS.values() if sample_set.kind in cls.kinds]
    chosen = set(post.getlist("detector")) if post is not None else set()
    return [
        Offered(
            name=entry["name"],
            summary=entry["summary"],
            params=[_shown(entry["name"], param, post) for param in entry["params"]],
            chosen=entry["name"] in chosen,
        )
        for entry in entries
    ]


def _shown(detector: str, param: dict[str, Any], post: QueryDict | None) -> dict[str, Any]:
    box = f"{detector}.{param['name']}"
    value = param["default"] if post is None else post.get(box, "")
    return {**param, "box": box, "value": "" if value is None else value}


def detectors_of(sample_set: SampleSet, post: QueryDict) -> list[dict[str, Any]]:
    """What the body of a trial is told: the detectors chosen, then those named, such as ``pyod.HBOS``."""
    chosen = [
        {"name": one.name, "params": _given(one.params)} for one in offered(sample_set, post) if one.chosen
    ]
    named = post.get("named", "").replace(",", " ").split()
    return chosen + [{"name": name, "params": {}} for name in named]


def _given(params: list[dict[str, Any]]) -> dict[str, Any]:
    """Parameters typed that are not the default; numbers as numbers, texts as texts."""
    typed = {param["name"]: str(param["value"]).strip() for param in params}
    defaults = {param["name"]: param["default"] for param in params}
    values = {name: _plain(text) for name, text in typed.items() if text}
    return {name: value for name, value in values.items() if value != defaults[name]}


def _plain(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"True": True, "False": False, "None": None}.get(text, text)
