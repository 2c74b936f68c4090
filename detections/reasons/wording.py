"""The reasons of a detection, in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from detections.models import Detection
from detections.reasons.places import Reason, cells_of, place_words, region_of
from histos.models import MonitoringElement

MOST = 5
Binnings = Mapping[str, MonitoringElement]
"""The monitoring elements whose bins the reasons name, by name; of a single one its name may be left out."""


def reasons_in_words(detection: Detection, binnings: Binnings | None = None) -> list[str]:
    """Strongest first: ``charge 21.5–24.5: 7.3 σ too many``, ``A_1: 26.6 σ high``; ``bin 12`` of an unknown binning."""
    return in_words(detection.reasons, binnings)


def in_words(reasons: Sequence[Reason], binnings: Binnings | None = None, most: int = MOST) -> list[str]:
    known = dict(binnings or {})
    told = _joined(reasons[: 2 * MOST], known)[:most]
    return [words for words in (_words(reason, _of(reason, known)) for reason in told) if words]


def bins_of(detection: Detection, element: MonitoringElement | None = None) -> list[int]:
    """The bins of ``element`` that drive the score, strongest first; without it those that are named one by one."""
    own = [reason for reason in detection.reasons[: 2 * MOST] if isinstance(reason.get("bin"), int)]
    if element is None:
        return [reason["bin"] for reason in own][:MOST]
    here = [reason for reason in own if reason.get("element", element.name) == element.name]
    return list(dict.fromkeys(cell for reason in here[:MOST] for cell in cells_of(reason, element)))


def elements_named(reasons: Iterable[Reason]) -> list[str]:
    """The elements that reasons of a whole lumisection name, strongest first."""
    return list(
        dict.fromkeys(reason["element"] for reason in reasons if isinstance(reason.get("element"), str))
    )


def _of(reason: Reason, known: Binnings) -> MonitoringElement | None:
    if "element" in reason:
        return known.get(reason["element"])
    return next(iter(known.values())) if len(known) == 1 else None


def _joined(reasons: Sequence[Reason], known: Binnings) -> list[Reason]:
    """Without bins that lie in a region named before; neighbouring bins of one axis that say the same as one span."""
    told: list[Reason] = []
    for reason in reasons:
        element = _of(reason, known)
        region = region_of(reason, element) if element is not None else None
        if region is None or "axis" in reason:
            told.append(reason)
        elif not any(_takes_in(one, reason, element) for one in told):
            told.append(dict(reason))
    return told


def _takes_in(told: Reason, reason: Reason, element: MonitoringElement | None) -> bool:
    """Whether ``told`` says it already, or can say it too by growing one bin."""
    same = told.get("element") == reason.get("element") and "axis" not in told and "bin" in told
    alike = (told.get("pull") or 0) * (reason.get("pull") or 0) > 0
    if element is None or not same or not alike:
        return False
    region, new = region_of(told, element), region_of(reason, element)
    if region is None or new is None:
        return False
    if new.first in region and new.last in region:
        return True
    low: int = told["bin"]
    high: int = told.get("last", low)
    beside = len(new.first) == 1 and new.first == new.last and new.first[0] in (low - 1, high + 1)
    if beside and 0 < new.first[0] < element.axes[0]["bins"] + 1 and low > 0:
        told["bin"], told["last"] = min(low, new.first[0]), max(high, new.first[0])
        return True
    return False


def _words(reason: Reason, element: MonitoringElement | None) -> str:
    pull = reason.get("pull")
    of = f"{reason['element'].rsplit('/', 1)[-1]}, " if "element" in reason else ""
    if "bin" in reason:
        known = place_words(reason, element) if element is not None else ""
        # In one dimension the element's own name says what its axis measures.
        where = known if known and of and known.startswith(of[:-2]) else of + (known or _bin(reason))
        return f"{where}: {_much(pull, 'too many', 'too few')}"
    if "moment" in reason:
        along = "" if reason.get("axis", "x") == "x" else f" along {reason['axis']}"
        return f"{of}{reason['moment']}{along}: {_much(pull, 'high', 'low')}"
    if "steps_back" in reason:
        back = reason["steps_back"]
        when = "this step" if back == 0 else f"{back} step{'s' if back > 1 else ''} before"
        return f"{when}: {_much(pull, 'high', 'low')}"
    if "column" in reason:
        return f"{reason['column']}: {_much(pull, 'high', 'low')}"
    return ", ".join(f"{name} {value}" for name, value in _plain(reason.items()))


def _bin(reason: Reason) -> str:
    """Where nobody knows the binning any more."""
    first, last = reason["bin"], reason.get("last", reason["bin"])
    along = f" along {reason['axis']}" if reason.get("axis") not in (None, "x") else ""
    return (
        "underflow" if first == last == 0 else f"bin {first}" if first == last else f"bins {first}–{last}"
    ) + along


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
