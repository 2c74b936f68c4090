"""Texts that attack whoever shows them, in every place of a small world that can hold a text."""

import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db import models

from detections.models import Comparison, Detection, Proposal, ProposalEvent, SampleSet, Trial
from histos.models import MonitoringElement
from lightcurves.models import Source
from project.models import ApiToken, FailedTries, Job, SourceFile
from runs.models import LumiMask, Lumisection
from tests.project.world import World

MARK = (
    "<x-bad onclick=bad()>'\"><script>bad()</script></script></style></title></textarea>"
    "{{ 98765|add:1 }}{% now 'Y' %}&lt;"
)
TEXTS = {
    "markup": MARK,
    "quotes": "\"' autofocus onfocus=bad() x-bad='" + MARK,
    "odd": "\u202e\u2066gpj.exe\u2069\u200f\u2028😀👩\u200d🚀e\u0301" + MARK,
    "long": (MARK + "0123456789" * 100) * 10,
}
OWN_SCRIPTS = ("/static/", "/admin/jsi18n/")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")
STRUCTURE: dict[type[models.Model], frozenset[str]] = {
    SampleSet: frozenset({"hash", "world", "kind", "split"}),
    Trial: frozenset({"detector", "inputs", "histogram", "top"}),
    Comparison: frozenset({"inputs"}),
    LumiMask: frozenset({"ranges", "sha256"}),
    Detection: frozenset({"extent"}),
    SourceFile: frozenset({"sha256", "identity"}),
    ApiToken: frozenset({"public_id", "digest"}),
    FailedTries: frozenset({"key"}),
    MonitoringElement: frozenset({"axes"}),
    Job: frozenset({"task", "config_hash"}),
    User: frozenset({"password"}),
}
"""What no person and no file writes: hashes, and words the site itself chooses among."""


def spoil(world: World, text: str) -> None:
    """Write ``text``, as much of it as there is room for, into every text of every row of ``world``."""
    for model, row in world.things.items():
        changed = dict(_texts(model, text)) | _plain(model, row, text)
        for name, value in changed.items():
            setattr(row, name, value)
        model._default_manager.filter(pk=row.pk).update(**changed)


def _texts(model: type[models.Model], text: str) -> Iterator[tuple[str, str]]:
    for field in model._meta.concrete_fields:
        free = isinstance(field, models.CharField | models.TextField) and not field.choices
        if free and field.name not in STRUCTURE.get(model, ()):
            yield field.name, text[: field.max_length or 10_000]


def _plain(model: type[models.Model], row: Any, text: str) -> dict[str, Any]:
    """The values of JSON columns, keys included."""
    short = text[:400]
    words: dict[type[models.Model], dict[str, Any]] = {
        Lumisection: {"flags": {short: True, "n": 2}},
        Source: {"attributes": {short: short, "P_1": 1.0}},
        Job: {
            "args": [short], "kwargs": {short: short, "paths": [short]}, "counts": {short: 1},
            "result": {short: short}, "progress": 0.5,
        },
        SourceFile: {"options": {short: short}},
        SampleSet: {
            "recipe": {"catalog": short, "columns": [short], short: short}, "classes": [short],
            "left_out": {short: 3}, "keys": zlib.compress(short.encode()), "groups": zlib.compress(short.encode()),
            "truth": np.ones(1, "|u1"),
        },
        Trial: {"params": {short: short}, "fitted_on": {short: short}, "not_scored": {short: 2}},
        Detection: {"reasons": [{"feature": short, "value": 1.0, "z": 3.0, "column": short, "words": short}]},
        Proposal: {"evidence": {"file": {"name": short, "kind": short, "sha256": short}, "rule": short}},
        ProposalEvent: {"before": [[1, 2, short, short, short]]},
        LumiMask: {
            "faults": [{"level": short, "run": short, "range": short, "what": short, "line": 1}],
            "provenance": {
                "operation": short, "by": short, "when": short, "runs": [1, 2],
                "operands": [{"flag": short, "statuses": [short], "sources": [[short, short]], "sha256": short}],
            },
        },
        Comparison: {"results": _renamed(getattr(row, "results", None), short), "params": {short: short}},
    }  # fmt: skip
    return words.get(model, {})


def _renamed(value: Any, text: str) -> Any:
    """The results of a comparison whose detector and class are called ``text``."""
    if isinstance(value, dict):
        return {text if key == "good <b>" else key: _renamed(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, text) for inner in value]
    return text if value == "good <b>" else value


class Reader(HTMLParser):
    """What a browser would make of a page: ``wrong`` lists tags and attributes that no page of ours has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "x-bad" in tag:
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"<{tag} {name}>" for name in given if name.startswith("on") or "x-bad" in name]
        self.wrong += [
            f"<{tag} {name}={value!r:.60}>"
            for name, value in given.items()
            if name in ("href", "src", "action", "formaction", "data") and _is_code(value or "")
        ]
        is_data = given.get("type") == "application/json"
        if tag == "script" and not is_data and not (given.get("src") or "").startswith(OWN_SCRIPTS):
            self.wrong.append(f"<script {given}>")
        self.links += [given[name] or "" for name in ("href", "hx-get", "data-figure") if name in given]

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return "".join(self.text)


def _is_code(address: str) -> bool:
    scheme = address.strip().split(":", 1)[0].lower() if ":" in address.split("/")[0] else ""
    return scheme not in ("", "http", "https", "mailto") and not address.startswith("data:image/")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader
