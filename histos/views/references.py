"""Which references a page offers."""

from typing import NamedTuple

from histos.looking.similar_runs import certified, nearby
from histos.models import Dataset
from histos.views.state import GOLDEN, OWN, SIMILAR, Opened
from runs.models import Run


class Choice(NamedTuple):
    value: str
    label: str
    chosen: bool


def reference_choices(found: Opened, dataset: Dataset, near: list[Run]) -> list[Choice]:
    """The run's own average, the golden one, the likest run, the nearest runs that hold the element, what is chosen."""
    now = found.asked.reference
    numbers = sorted({*(run.number for run in near), *([now] if isinstance(now, int) else [])}, reverse=True)
    named = [(OWN, "the other lumisections of this run")]
    if now == GOLDEN or certified().filter(run__experiment=found.run.experiment).exists():
        named.append((GOLDEN, "certified lumisections of other runs (golden)"))
    if near or now == SIMILAR:
        named.append((SIMILAR, "the most similar run (proposed)"))
    named += [(f"run:{number}", f"run {number}") for number in numbers]
    chosen = f"run:{now}" if isinstance(now, int) else now
    return [Choice(value, label, value == chosen) for value, label in named]


def neighbours(found: Opened, dataset: Dataset) -> tuple[list[Run], Run | None, Run | None]:
    """The nearest runs that hold the element; of them the one before and the one after."""
    near = nearby(found.element, found.run, dataset)
    before = [run for run in near if run.number < found.run.number]
    after = [run for run in near if run.number > found.run.number]
    return near, before[-1] if before else None, after[0] if after else None
