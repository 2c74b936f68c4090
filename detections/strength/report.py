"""A study of strength as a page of Markdown with pictures beside it."""

from pathlib import Path

from detections.comparison.reach import AT, WANTED, At
from detections.models import Comparison
from detections.strength.curves import Cell, Curves
from project.plots import Plot

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a6761d", "#56b4e9", "#444444")
LEGEND_ROW = 16


def write_report(comparison: Comparison, curves: Curves, path: Path) -> list[Path]:
    """Writes ``path`` and a picture for every kind beside it, in ``pictures/``; returns all that was written."""
    folder = path.parent / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {kind: folder / f"strength-{kind}.svg" for kind in curves.kinds}
    for kind, picture in pictures.items():
        picture.write_text(standing_alone(curves.plot(kind)), encoding="utf-8")
    path.write_text(_text(comparison, curves, pictures), encoding="utf-8")
    return [path, *pictures.values()]


def _text(comparison: Comparison, curves: Curves, pictures: dict[str, Path]) -> str:
    sample_set, params = comparison.sample_set, comparison.params
    lines = [
        "# How strong a fault must be to be seen",
        "",
        f"Made by `manage.py study_strength`: {sample_set.n_scores:,} histograms of {sample_set.n_groups} runs (set "
        f"`{sample_set.name}`, hash `{sample_set.hash[:12]}`), false-alarm rate {params['far']:g}, "
        f"{params['n_boot']} redraws of whole runs for the 95 % intervals. How it is made, what a σ is and what bounds "
        "it: [strength-study.md](strength-study.md).",
        "",
        f"Efficiency at {AT:g} σ with its interval, and in brackets the σ from which on it is {WANTED:g} (–: nowhere)."
        f" Chance is {params['far']:g}. Bold: the best of a kind.",
        "",
        "| detector | " + " | ".join(curves.kinds) + " |",
        "|---|" + "---|" * len(curves.kinds),
        *(f"| {row.detector} | {' | '.join(map(_cell, row.cells))} |" for row in curves.rows),
        "",
    ]
    for kind in curves.kinds:
        lines += [
            f"## {kind}",
            "",
            curves.sentence(kind),
            "",
            f"![{kind}](pictures/{pictures[kind].name})",
            "",
        ]
    left_out = comparison.results.get("left_out") or {}
    lines += [f"Left out: {name}: {reason}" for name, reason in left_out.items()]
    return "\n".join(lines).rstrip() + "\n"


def _cell(cell: Cell) -> str:
    if cell.at is None:
        return "–"
    where = "–" if cell.reached is None else f"{cell.reached:.1f}"
    text = f"{_interval(cell.at)} ({where})"
    return f"**{text}**" if cell.best else text


def _interval(at: At) -> str:
    return f"{at.efficiency:.2f} [{at.low95:.2f}, {at.high95:.2f}]"


def standing_alone(plot: Plot) -> str:
    """The plot as a file of its own, with its colours and a legend."""
    rules = [
        "text{font:11px sans-serif;fill:#444}.grid{stroke:#ddd}.axis{stroke:#888}",
        ".curve,.guide{fill:none;stroke-width:1.8}.guide{stroke:#888;stroke-dasharray:2 4}",
        ".band{stroke:none;opacity:.15}.d1{stroke-dasharray:7 3}.d2{stroke-dasharray:2 3}",
        *(f".curve.c{n}{{stroke:{colour}}}.band.c{n}{{fill:{colour}}}" for n, colour in enumerate(COLOURS)),
    ]
    tall = plot.height + LEGEND_ROW * len(plot.lines) + 6
    legend = [
        f'<path class="curve {line.css}" d="M60 {y - 4}h30"/><text x="98" y="{y}">{line.name}</text>'
        for line, y in ((line, plot.height + LEGEND_ROW * (n + 1)) for n, line in enumerate(plot.lines))
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {plot.width} {tall}" role="img">'
    body = str(plot.svg())
    inside = body[body.index(">") + 1 : body.rindex("</svg>")]
    ground = f'<rect width="{plot.width}" height="{tall}" fill="#fff"/>'
    return f"{head}<style>{''.join(rules)}</style>{ground}{inside}{''.join(legend)}</svg>\n"
