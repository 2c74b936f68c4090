"""Small plots as SVG made by the server: no script, no inline style; colours are classes of the CSS."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe

from project.readable import readable

COLOURS, DASHES = 7, 3
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """One axis of a plot: its limits and what it says, unit included. ``log`` limits must be positive."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...] = ()
    log: bool = False

    def places(self, values: Iterable[float]) -> list[float]:
        """Where ``values`` stand, 0 to 1; what lies beyond the limits stands at them."""
        low, high = self.low, self.high
        if self.log:
            values = [math.log10(max(value, low)) for value in values]
            low, high = math.log10(low), math.log10(high)
        wide = (high - low) or 1
        return [min(max((value - low) / wide, 0), 1) for value in values]


@dataclass(frozen=True)
class Line:
    """A curve with its name; ``whiskers`` are low and high ends at each point, drawn as a ``band`` or one by one.

    ``step``: hold to the next.
    """

    name: str
    number: int
    points: Points
    whiskers: Points = ()
    step: bool = False
    band: bool = False

    @property
    def css(self) -> str:
        return style_of(self.number)


def style_of(number: int) -> str:
    """Colour and dash of the curve with this number: never colour alone once colours repeat."""
    return f"c{number % COLOURS} d{number // COLOURS % DASHES}"


@dataclass
class Plot:
    """Curves over two axes."""

    x: Axis
    y: Axis
    title: str
    lines: list[Line] = field(default_factory=list)
    guides: list[Line] = field(default_factory=list)
    width: int = 560
    height: int = 330

    LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 40

    def svg(self) -> SafeString:
        body = [*self._frame(), *(self._curve(line, "guide") for line in self.guides)]
        body += [self._band(line) for line in self.lines if line.band]
        body += [self._curve(line, f"curve {line.css}") for line in self.lines]
        body += [mark for line in self.lines if not line.band for mark in self._whiskers(line)]
        names = ", ".join(line.name for line in self.lines)
        # Every text in it is escaped, the rest are numbers.
        return mark_safe(  # noqa: S308
            f'<svg class="plot" viewBox="0 0 {self.width} {self.height}" role="img">'
            f"<title>{escape(self.title)}: {escape(names)}</title>{''.join(body)}</svg>"
        )

    def _beside(self, line: Line) -> float:
        """How far a curve with whiskers is moved aside, so that those of others can be read next to it."""
        return (
            1.6 * (self.lines.index(line) - (len(self.lines) - 1) / 2)
            if line.whiskers and not line.band
            else 0.0
        )

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self._along([(x, y)])[0]

    def _along(self, points: Points) -> list[tuple[float, float]]:
        """Where the points of a curve stand in the picture."""
        wide, tall = self.width - self.LEFT - self.RIGHT, self.height - self.TOP - self.BOTTOM
        across, up = self.x.places(x for x, _ in points), self.y.places(y for _, y in points)
        return [(self.LEFT + wide * x, self.TOP + tall * (1 - y)) for x, y in zip(across, up, strict=True)]

    def _curve(self, line: Line, css: str) -> str:
        aside = self._beside(line)
        path = _path([(x + aside, y) for x, y in self._along(line.points)], line.step)
        return f'<path class="{css}" d="{path}"><title>{escape(line.name)}</title></path>' if path else ""

    def _band(self, line: Line) -> str:
        ends = list(zip(line.points, line.whiskers, strict=False))
        low = self._along([(x, bottom) for (x, _), (bottom, _) in ends])
        high = self._along([(x, top) for (x, _), (_, top) in ends])
        return f'<path class="band {line.css}" d="{_path([*low, *reversed(high)], False)}z"/>' if ends else ""

    def _whiskers(self, line: Line) -> Iterable[str]:
        for (x, y), (low, high) in zip(line.points, line.whiskers, strict=False):
            at, top = self._at(x, high)
            at += self._beside(line)
            bottom, middle = self._at(x, low)[1], self._at(x, y)[1]
            yield f'<path class="whisker {line.css}" d="M{at:.1f} {top:.1f}V{bottom:.1f}"/>'
            yield (
                f'<circle class="dot {line.css}" cx="{at:.1f}" cy="{middle:.1f}" r="2.5">'
                f"<title>{escape(line.name)}: {y:.3g} [{low:.3g}, {high:.3g}]</title></circle>"
            )

    def _frame(self) -> Iterable[str]:
        left, bottom = self.LEFT, self.height - self.BOTTOM
        yield f'<path class="axis" d="M{left} {self.TOP}V{bottom}H{self.width - self.RIGHT}"/>'
        for tick in self.x.ticks:
            at = self._at(tick, self.y.low)[0]
            yield f'<path class="axis" d="M{at:.1f} {bottom}v4"/>'
            yield f'<text class="tick" x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{_ticked(tick)}</text>'
        for tick in self.y.ticks:
            at = self._at(self.x.low, tick)[1]
            yield f'<path class="grid" d="M{left} {at:.1f}H{self.width - self.RIGHT}"/>'
            yield f'<text class="tick" x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{_ticked(tick)}</text>'
        middle = (self.TOP + bottom) / 2
        centre = (left + self.width - self.RIGHT) / 2
        foot = self.height - 6
        label = escape(self.x.label)
        yield f'<text class="label" x="{centre}" y="{foot}" text-anchor="middle">{label}</text>'
        yield (
            f'<text class="label" x="12" y="{middle}" text-anchor="middle" '
            f'transform="rotate(-90 12 {middle})">{escape(self.y.label)}</text>'
        )


def _ticked(value: float) -> str:
    text = f"{value:g}"
    return readable(value, 1).removeprefix("1×") if "e" in text else text


def _path(points: Points, step: bool) -> str:
    if not points:
        return ""
    steps = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (_, before) in zip(points[1:], points, strict=False):
        steps.append(f"H{x:.1f}V{y:.1f}" if step and y != before else f"L{x:.1f} {y:.1f}")
    return "".join(steps)


def interval_bar(
    value: float, ends: tuple[float, float, float, float], chance: float, top: float
) -> SafeString:
    """A metric in a table's cell: thin 95 % and thick 68 % interval, the value, and a line at chance level.

    ``ends`` are low 95, low 68, high 68, high 95; ``top`` is what the right end of the cell stands for.
    """
    low95, low68, high68, high95, at, level = (
        100 * min(max(one / (top or 1), 0), 1) for one in (*ends, value, chance)
    )
    # Numbers only.
    return mark_safe(  # noqa: S308
        '<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-hidden="true">'
        f'<path class="bar95" d="M{low95:.1f} 7H{high95:.1f}"/>'
        f'<path class="bar68" d="M{low68:.1f} 7H{high68:.1f}"/>'
        f'<path class="bar-chance" d="M{level:.1f} 0V14"/><path class="bar-value" d="M{at:.1f} 2V12"/></svg>'
    )
