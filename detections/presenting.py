"""A stored comparison as its page shows it. Whatever part of the results is missing is left off the page."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from detections.metrics import METRICS
from detections.plots import Axis, Line, Plot, interval_bar, style_of

POINTS = 100
SHARE = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
ENDS = ("low95", "low68", "high68", "high95")
MARKS = {
    "transductive": "it was fitted on the very rows it scores",
    "offline": "a score may depend on what came after it",
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
    not_scored: int


class Shown:
    """``results`` of a comparison for one class, sorted by one metric, with the strength curve of one kind."""

    def __init__(self, results: Json, class_: str = "", metric: str = "", kind: str = "") -> None:
        self.results = results
        self.classes = list(_of(results, "classes"))
        self.class_ = class_ if class_ in self.classes else next(iter(self.classes), "")
        self.of_class: Json = _of(results, "classes").get(self.class_) or {}
        self.metrics = [metric_ for metric_ in METRICS if metric_ in self._metrics()]
        sort_by = metric if metric in self.metrics else self.of_class.get("sort_by", "")
        self.metric = sort_by if sort_by in self.metrics else next(iter(self.metrics), "")
        self.kinds = list(_of(results, "strength"))
        self.kind = next((one for one in (kind, self.class_, *self.kinds) if one in self.kinds), "")
        names = sorted(row["detector"] for row in self.of_class.get("rows", ()))
        self.number = {name: number for number, name in enumerate(names)}

    def _metrics(self) -> set[str]:
        return {name for row in self.of_class.get("rows", ()) for name in row.get("metrics", ())}

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

    @property
    def columns(self) -> list[Json]:
        """The metrics, the one that sorts first, each with its chance level and parameters."""
        names = [self.metric, *(name for name in self.metrics if name != self.metric)] if self.metric else []
        first = next(iter(self.of_class.get("rows", ())), {})
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

    @property
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
        lines = self._lines("pr", "recall", "precision", step=True)
        if not lines:
            return None
        plot = Plot(
            Axis("recall", 0, 1, SHARE), Axis("precision", 0, 1, SHARE), "precision against recall", lines
        )
        prevalence = (self.of_class.get("n_positives") or 0) / (self.of_class.get("n") or 1)
        plot.guides.append(Line("chance", 0, [(0, prevalence), (1, prevalence)]))
        return plot

    @property
    def roc(self) -> Plot | None:
        lines = self._lines("roc", "far", "efficiency")
        if not lines:
            return None
        negatives = (self.of_class.get("n") or 0) - (self.of_class.get("n_positives") or 0)
        decades = min(max(math.floor(math.log10(max(negatives, 10))), 1), 6)
        low = 10.0**-decades
        x = Axis(
            "false-alarm rate (log)",
            low,
            1,
            tuple(10.0**-power for power in range(decades, -1, -1)),
            log=True,
        )
        plot = Plot(x, Axis("efficiency", 0, 1, SHARE), "efficiency against false-alarm rate", lines)
        chance = [10 ** (-decades * step / 40) for step in range(40, -1, -1)]
        plot.guides.append(Line("chance", 0, [(far, far) for far in chance]))
        return plot

    def _lines(self, kind: str, x: str, y: str, step: bool = False) -> list[Line]:
        curves = _of(self.results, "curves").get(self.class_) or {}
        lines = []
        for name, number in self.number.items():
            curve = (curves.get(name) or {}).get(kind) or {}
            points = list(zip(curve.get(x) or (), curve.get(y) or (), strict=False))
            points = [point for point in points if None not in point]
            if points:
                lines.append(Line(name, number, _thinned(points), step=step))
        return lines

    @property
    def strength(self) -> Plot | None:
        """Efficiency against strength in units of the sampling noise."""
        curves = _of(self.results, "strength").get(self.kind) or {}
        lines = [Line(name, self.number.get(name, 0), *_bins(bins)) for name, bins in sorted(curves.items())]
        lines = [line for line in lines if line.points]
        if not lines:
            return None
        strongest = max(x for line in lines for x, _ in line.points)
        ticks = [tick for tick in (0.3, 1, 3, 10, 30, 100, 300, 1000) if tick <= strongest * 3.4]
        x = Axis("injected strength ÷ sampling noise (σ)", 0.3, max(ticks[-1], 1), tuple(ticks), log=True)
        return Plot(
            x, Axis("efficiency", 0, 1, SHARE), "efficiency against strength", lines, width=640, height=320
        )

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

    def table(self) -> Iterator[list[Any]]:
        """The whole comparison as rows of a CSV file, its header first."""
        metrics = [name for name in METRICS if name in self.metrics]
        estimates = ("value", *ENDS, "chance")
        yield ["class", "detector", *(f"{metric} {end}" for metric in metrics for end in estimates),
               "not scored", "fit seconds", "score seconds", "marks"]  # fmt: skip
        for class_, result in _of(self.results, "classes").items():
            for row in result.get("rows", ()):
                name = row["detector"]
                values = [
                    (row["metrics"].get(metric) or {}).get(end) for metric in metrics for end in estimates
                ]
                cost = _of(self.results, "costs").get(name) or {}
                marks = " ".join(_of(self.results, "marks").get(name) or ())
                yield [class_, name, *values, row.get("not_scored"), cost.get("fit_seconds"), cost.get("score_seconds"),
                       marks]  # fmt: skip


def _of(results: Json, part: str) -> Json:
    found = results.get(part)
    return found if isinstance(found, dict) else {}


def _bar(estimate: Json, top: float) -> SafeString:
    if estimate.get("value") is None:
        return SafeString("")
    value = estimate["value"]
    ends = [value if estimate.get(end) is None else estimate[end] for end in ENDS]
    return interval_bar(value, (ends[0], ends[1], ends[2], ends[3]), estimate.get("chance") or 0, top)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most ``POINTS`` of them, both ends kept; what was thinned for storing is dense where it matters."""
    if len(points) <= POINTS:
        return points
    return [points[round(i * (len(points) - 1) / (POINTS - 1))] for i in range(POINTS)]


def _bins(bins: Any) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    bins = bins.get("bins", ()) if isinstance(bins, dict) else bins or ()
    kept = [
        one for one in bins if one.get("median_strength") is not None and one.get("efficiency") is not None
    ]
    points = [(one["median_strength"], one["efficiency"]) for one in kept]
    ends = [(one.get("low95"), one.get("high95")) for one in kept]
    return points, [(y if low is None else low, y if high is None else high)
                    for (_, y), (low, high) in zip(points, ends, strict=True)]  # fmt: skip


def _level(value: float | None) -> tuple[float | None, str]:
    """A value of a matrix with the class of its shade: n3 … n1 below zero, p0 … p5 from zero."""
    if value is None:
        return None, "none"
    step = min(round(abs(value) * 5), 5)
    return value, f"n{step}" if value < -0.1 else f"p{step}"
