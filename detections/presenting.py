"""A stored comparison as its page shows it. Whatever part of the results is missing is left off the page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from detections import pictures
from detections.metrics import METRICS
from project.plots import Plot, interval_bar, style_of

ENDS = ("low95", "low68", "high68", "high95")
MARKS = {
    "transductive": "it was fitted on the very rows it scores",
    "offline": "a score may depend on what came after it",
    "outside": "its scores were computed elsewhere and uploaded; what it saw and cost is not known here",
}
Json = dict[str, Any]


@dataclass
class Cell:
    """One metric of one detector."""

    metric: str
    label: str
    estimate: Json
    bar: SafeString


@dataclass
class Row:
    detector: str
    style: str
    trial: int | None
    cells: list[Cell]
    cost: Json
    marks: list[tuple[str, str]]
    origin: Json
    not_scored: int


class Shown:
    """``results`` of a comparison for one class, sorted by one metric, with one kind's strength curve."""

    def __init__(self, results: Json, class_: str = "", metric: str = "", kind: str = "") -> None:
        self.results = results
        self.classes = list(_of(results, "classes"))
        self.class_ = class_ if class_ in self.classes else next(iter(self.classes), "")
        self.of_class: Json = _of(results, "classes").get(self.class_) or {}
        measured = {name for row in self.of_class.get("rows", ()) for name in row.get("metrics", ())}
        self.metrics = [name for name in METRICS if name in measured]
        sort_by = metric if metric in self.metrics else self.of_class.get("sort_by", "")
        self.metric = sort_by if sort_by in self.metrics else next(iter(self.metrics), "")
        self.kinds = list(_of(results, "strength"))
        self.kind = next((one for one in (kind, self.class_, *self.kinds) if one in self.kinds), "")
        names = sorted(row["detector"] for row in self.of_class.get("rows", ()))
        self.number = {name: number for number, name in enumerate(names)}

    def style(self, detector: str) -> str:
        return style_of(self.number.get(detector, 0))

    @property
    def sentence(self) -> str:
        sentences = self.results.get("sentences") or []
        return dict(zip(self.classes, sentences, strict=False)).get(self.class_, "")

    @property
    def warnings(self) -> list[str]:
        """Those that the sentence does not say already."""
        return [warning for warning in self.of_class.get("warnings") or () if warning not in self.sentence]

    @cached_property
    def columns(self) -> list[Json]:
        """The metrics, the one that sorts first, each with its chance level and parameters."""
        names = [self.metric, *(name for name in self.metrics if name != self.metric)] if self.metric else []
        first: Json = next(iter(self.of_class.get("rows", ())), {})
        return [
            {
                "name": name,
                "label": METRICS[name].label,
                "summary": METRICS[name].summary,
                "chance": first.get("metrics", {}).get(name, {}).get("chance"),
                "parameters": _of(self.of_class, "parameters").get(name) or {},
            }
            for name in names
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """The detectors, best first by the chosen metric; those without a value last."""
        better = bool(self.metric) and METRICS[self.metric].bigger_is_better

        def place(row: Json) -> tuple[bool, float]:
            value = (row["metrics"].get(self.metric) or {}).get("value")
            return value is None, 0.0 if value is None else (-value if better else value)

        tops = {name: self._top(name) for name in self.metrics}
        return [self._row(row, tops) for row in sorted(self.of_class.get("rows", ()), key=place)]

    def _row(self, row: Json, tops: dict[str, float]) -> Row:
        name = row["detector"]
        cells = []
        for column in self.columns:
            estimate = row["metrics"].get(column["name"]) or {}
            cells.append(
                Cell(column["name"], column["label"], estimate, _bar(estimate, tops[column["name"]]))
            )
        return Row(
            detector=name,
            style=self.style(name),
            trial=_of(self.results, "trials").get(name),
            cells=cells,
            cost=_of(self.results, "costs").get(name) or {},
            marks=[(mark, MARKS.get(mark, "")) for mark in _of(self.results, "marks").get(name) or ()],
            origin=_of(self.results, "outside").get(name) or {},
            not_scored=row.get("not_scored") or 0,
        )

    def _top(self, metric: str) -> float:
        """What the right end of a metric's cells stands for: 1, unless all intervals are far below it."""
        ends = [
            (row["metrics"].get(metric) or {}).get("high95") or 0 for row in self.of_class.get("rows", ())
        ]
        highest = max(ends, default=1)
        return next(
            (top for top in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3) if highest <= top), max(1.0, highest)
        )

    @property
    def left_out(self) -> Json:
        return _of(self.results, "left_out")

    @property
    def precision_recall(self) -> Plot | None:
        return pictures.precision_recall(self._curves(), self.number, self.of_class)

    @property
    def roc(self) -> Plot | None:
        return pictures.roc(self._curves(), self.number, self.of_class)

    def _curves(self) -> Json:
        return _of(self.results, "curves").get(self.class_) or {}

    @property
    def strength(self) -> Plot | None:
        return pictures.strength(_of(self.results, "strength").get(self.kind) or {}, self.number)

    @property
    def agreement(self) -> Json | None:
        """One matrix: rank correlation below the diagonal, overlap of the top lists above it."""
        found = _of(self.results, "agreement")
        names = found.get("detectors") or []
        spearman, jaccard = found.get("spearman") or [], found.get("jaccard") or []
        if len(names) < 2 or len(spearman) != len(names) or len(jaccard) != len(names):
            return None
        rows = [
            (
                name,
                [
                    _level(None if i == j else (spearman if j < i else jaccard)[i][j])
                    for j in range(len(names))
                ],
            )
            for i, name in enumerate(names)
        ]
        return {"names": names, "k": found.get("k"), "rows": rows}


def _of(results: Json, part: str) -> Json:
    found = results.get(part)
    return found if isinstance(found, dict) else {}


def _bar(estimate: Json, top: float) -> SafeString:
    if estimate.get("value") is None:
        return SafeString("")
    value = estimate["value"]
    ends = [value if estimate.get(end) is None else estimate[end] for end in ENDS]
    return interval_bar(value, (ends[0], ends[1], ends[2], ends[3]), estimate.get("chance") or 0, top)


def _level(value: float | None) -> tuple[float | None, str]:
    """A value of a matrix with the class of its shade: n3 … n1 below zero, p0 … p5 from zero."""
    if value is None:
        return None, "none"
    step = min(round(abs(value) * 5), 5)
    return value, f"n{step}" if value < -0.1 else f"p{step}"
