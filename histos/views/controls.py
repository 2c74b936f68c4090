"""The choices on a page of an element in a run: each is an address, or a small form that keeps the others."""

from typing import Any, NamedTuple

from histos.models import Dataset
from histos.moments import NAMES
from histos.views.state import Opened

MERGES = (1, 2, 5, 10, 20)
NORMS = {"area": "unit area", "raw": "as they are", "luminosity": "per pb⁻¹", "pileup": "per pile-up"}
MAP_NORMS = {
    name: NORMS["raw"] if name == "area" else words for name, words in NORMS.items() if name != "raw"
}
"""A fraction of all entries has no meaning in the cell of a map."""
BELOW = {"pull": "pulls", "ratio": "ratio", "difference": "difference"}


class Choice(NamedTuple):
    label: str
    url: str
    chosen: bool


class Group(NamedTuple):
    label: str
    choices: list[Choice]


def groups_of(found: Opened, dataset: Dataset) -> list[Group]:
    """What counts are divided by, how they are drawn and compared, which trend, how many are taken together."""
    asked, element = found.asked, found.element
    profile = element.storage == element.Storage.MEAN
    groups = []
    if len(found.datasets) > 1:
        choices = [Choice(one.name, asked.url(dataset=one.name), one == dataset) for one in found.datasets]
        groups.append(Group("dataset", choices))
    if not profile:
        groups.append(
            _group(found, "counts", "norm", asked.norm, NORMS if element.dimension == 1 else MAP_NORMS)
        )
    groups.append(_group(found, "below", "below", asked.below, BELOW))
    groups.append(_group(found, "scale", "log", "1" if asked.log else "0", {"0": "linear", "1": "log"}))
    merges = {str(n): "1 LS" if n == 1 else f"{n} LS" for n in sorted({*MERGES, asked.merge})}
    groups.append(_group(found, "together", "merge", str(asked.merge), merges))
    if element.dimension == 1 and not profile:
        now = asked.trend if asked.bin is None else f"bin {asked.bin}"
        choices = [
            Choice(name, asked.url(trend=None if name == NAMES[0] else name, bin=None), name == now)
            for name in NAMES
        ]
        groups.append(Group("trend", choices))
    groups.append(_group(found, "from OMS", "oms", "1" if asked.oms else "0", {"1": "shown", "0": "hidden"}))
    return groups


def _group(found: Opened, label: str, name: str, now: str, values: dict[str, str]) -> Group:
    """The first value is what is shown where the address says nothing."""
    first = next(iter(values))
    choices = [
        Choice(words, found.asked.url(**{name: None if value == first else value}), value == now)
        for value, words in values.items()
    ]
    return Group(label, choices)


def forms_of(found: Opened) -> dict[str, list[tuple[str, Any]]]:
    """What each small form of the page carries along: everything but what it asks itself."""
    params = found.asked.params
    own = {"reference": ("reference",), "bin": ("bin", "trend"), "jump": ("jump", "ls")}
    return {
        form: [(name, value) for name, value in params.items() if name not in left_out]
        for form, left_out in own.items()
    }
