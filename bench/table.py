"""The table of a run as text."""

from collections.abc import Mapping
from typing import Any

COLUMNS = ("work", "ours", "beside", "ratio", "cpu", "target", "verdict")
VERDICTS = {True: "met", False: "MISSED", None: ""}


def table(results: list[Mapping[str, Any]]) -> str:
    rows = [COLUMNS, *(_cells(result) for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cells(line: Mapping[str, Any]) -> tuple[str, ...]:
    note = f" ({line['note']})" if line["note"] else ""
    return (
        f"{line['work']} [{line['database']}]",
        f"{_number(line['ours'])} {line['unit']}",
        "" if line["floor"] is None else f"{_number(line['floor'])} {line['unit']}",
        "" if line["ratio"] is None else f"{line['ratio']:.2f} ({line['low']:.2f} – {line['high']:.2f})",
        "" if line["cpu_ratio"] is None else f"{line['cpu_ratio']:.2f}",
        line["target"],
        VERDICTS[line["met"]] + note,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
