"""The reasons of a detection, in words."""

from collections.abc import Iterable, Sequence
from typing import Any

from detections.models import Detection

MOST = 5


def reasons_in_words(detection: Detection, cells: int = 0) -> list[str]:
    """Strongest first: ``bin 12: 7.3 σ too many``, ``A_1: 26.6 σ high``; ``cells`` of the histogram, where known."""
    return in_words(detection.reasons, cells)


def in_words(reasons: Sequence[dict[str, Any]], cells: int = 0) -> list[str]:
    return [words for words in (_words(reason, cells) for reason in reasons[:MOST]) if words]


def bins_of(detection: Detection) -> list[int]:
    """The bins that drive the score, strongest first."""
    return [reason["bin"] for reason in detection.reasons[:MOST] if isinstance(reason.get("bin"), int)]


def _words(reason: dict[str, Any], cells: int) -> str:
    pull = reason.get("pull")
    if "bin" in reason:
        return f"{_bin(reason['bin'], cells)}{_axis(reason)}: {_much(pull, 'too many', 'too few')}"
    if "steps_back" in reason:
        back = reason["steps_back"]
        when = "this step" if back == 0 else f"{back} step{'s' if back > 1 else ''} before"
        return f"{when}: {_much(pull, 'high', 'low')}"
    if "column" in reason:
        return f"{reason['column']}: {_much(pull, 'high', 'low')}"
    return ", ".join(f"{name} {value}" for name, value in _plain(reason.items()))


def _bin(number: int, cells: int) -> str:
    if number == 0:
        return "underflow"
    return "overflow" if cells and number == cells - 1 else f"bin {number}"


def _axis(reason: dict[str, Any]) -> str:
    return f" along {reason['axis']}" if reason.get("axis") not in (None, "x") else ""


def _much(pull: Any, above: str, below: str) -> str:
    if not isinstance(pull, int | float):
        return "unusual"
    size = (
        f"{abs(pull):.3g}"
        if abs(pull) < 1000
        else f"{abs(pull):,.0f}"
        if abs(pull) < 10_000
        else "over 10,000"
    )
    return f"{size} σ {above if pull > 0 else below}"


def _plain(items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    return ((name, f"{value:.4g}" if isinstance(value, float) else value) for name, value in items)
