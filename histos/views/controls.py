"""The choices on a page of an element in a run: each is an address."""

from typing import NamedTuple

from histos.models import Dataset
from histos.views.state import Opened


class Choice(NamedTuple):
    label: str
    url: str
    chosen: bool


class Group(NamedTuple):
    label: str
    choices: list[Choice]


def groups_of(found: Opened, dataset: Dataset) -> list[Group]:
    """What counts are normalised to, how they are scaled, and the dataset where there are several."""
    asked = found.asked
    groups = []
    if len(found.datasets) > 1:
        choices = [Choice(one.name, asked.url(dataset=one.name), one == dataset) for one in found.datasets]
        groups.append(Group("dataset", choices))
    if found.element.dimension == 1 and found.element.storage != found.element.Storage.MEAN:
        groups.append(Group("counts", [
            Choice("unit area", asked.url(norm=None), asked.unit_area),
            Choice("as they are", asked.url(norm="raw"), not asked.unit_area),
        ]))  # fmt: skip
    scale = [Choice("linear", asked.url(log=None), not asked.log), Choice("log", asked.url(log=1), asked.log)]
    return [*groups, Group("scale", scale)]
