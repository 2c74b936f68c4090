"""The monitoring elements that reasons name, so that their bins can be told in the units of their axes."""

from collections.abc import Iterable

from detections.models import Detection, SampleSet
from detections.reasons.seen import Seen, SeenHistogram, elements_named_so
from detections.reasons.wording import Binnings, elements_named
from detections.slots.elements import recipe_of
from histos.models import MonitoringElement
from histos.querysets import label_of


def binnings_of(detection: Detection, what: Seen | None) -> Binnings:
    """By name: the element that is drawn, and those that the reasons of a whole lumisection name."""
    found: dict[str, MonitoringElement] = {}
    if isinstance(what, SeenHistogram):
        found[what.element.name] = what.element
    missing = [name for name in elements_named(detection.reasons) if name not in found]
    if missing:
        found |= binnings_in(detection.trial.sample_set, missing)
    return found


def binnings_in(sample_set: SampleSet, names: Iterable[str]) -> dict[str, MonitoringElement]:
    """The elements of these names in the binning that the set, or the one it was injected into, was frozen with."""
    labels = set(recipe_of(sample_set.pk).get("elements") or ())
    rows = elements_named_so(list(names))
    return {element.name: element for element in rows if label_of(element) in labels}


def binnings_named(names: Iterable[str]) -> dict[str, MonitoringElement]:
    """The elements of these names that have a single binning."""
    found: dict[str, list[MonitoringElement]] = {}
    wanted = list(names)
    for element in elements_named_so(wanted):
        found.setdefault(element.name, []).append(element)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}
