"""What a label is said of: one thing by its natural key, and the rows that stand for it here."""

from dataclasses import dataclass
from typing import Any

from detections.models import Detection, SampleSet
from histos.models import Dataset, MonitoringElement
from lightcurves.models import LightCurve, Source
from project.errors import UserError
from runs.models import Lumisection

BIGGEST = 2**31 - 1


class NoSuchThing(UserError):
    """There is no such thing here; ``field`` is the one that names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Thing:
    """``simulated``: made by a simulation, or a copy with an anomaly injected; never mixed with the real one."""

    key: str
    lumisection_id: int | None = None
    source_id: int | None = None
    light_curve_id: int | None = None
    simulated: bool = False


def thing_of(detection: Detection) -> Thing:
    """What a detection flagged; of a histogram with its element and dataset."""
    sample_set = (
        SampleSet.objects.select_related("parent")
        .only("world", "simulated", "recipe", "parent__recipe")
        .get(trials=detection.trial_id)
    )
    return thing_in(sample_set, detection)


def thing_in(sample_set: SampleSet, detection: Detection) -> Thing:
    """The same where the set of the trial is known."""
    key = detection.key
    if sample_set.world == SampleSet.World.HISTOGRAMS:
        recipe = (sample_set.parent or sample_set).recipe
        key = f"{key} {recipe.get('dataset', '')}".rstrip()
    return Thing(
        key, detection.lumisection_id, detection.source_id, detection.light_curve_id, sample_set.simulated
    )


def lumisection_named(key: str, element: str = "", dataset: str = "") -> Thing:
    """``<experiment>:<run>:<lumisection>``, or a histogram of it: ``element`` and ``dataset``."""
    experiment, run, number = (["", "", *key.rsplit(":", 2)])[-3:]
    if not all(part.isascii() and part.isdigit() and int(part[:19]) <= BIGGEST for part in (run, number)):
        raise NoSuchThing("lumisection", f"{key!r:.80} is not <experiment>:<run>:<lumisection>")
    rows = Lumisection.objects.visible().of_run(int(run), experiment).filter(number=int(number))
    found = rows.values_list("pk", "run__simulated").first()
    if found is None:
        raise NoSuchThing("lumisection", f"there is no lumisection {key!r:.80}")
    if bool(element) != bool(dataset):
        raise NoSuchThing("element" if dataset else "dataset", "a histogram is named by element and dataset")
    if element and not MonitoringElement.objects.filter(name=element).exists():
        raise NoSuchThing("element", f"there is no monitoring element {element!r:.80}")
    if dataset and not Dataset.objects.filter(name=dataset).exists():
        raise NoSuchThing("dataset", f"there is no dataset {dataset!r:.80}")
    return Thing(" ".join(part for part in (key, element, dataset) if part), found[0], simulated=found[1])


def source_named(key: str) -> Thing:
    """``<catalog>:<name>``."""
    pk = _one("source", key, Source.objects.ids_of)
    simulated = Source.objects.values_list("catalog__simulated", flat=True).get(pk=pk)
    return Thing(key, source_id=pk, simulated=simulated)


def light_curve_named(key: str) -> Thing:
    """``<catalog>:<source>:<survey>:<band>[:<season>[:<reduction>]]``."""
    pk, source = _one("light_curve", key, LightCurve.objects.ids_of)
    simulated = Source.objects.values_list("catalog__simulated", flat=True).get(pk=source)
    return Thing(key, source_id=source, light_curve_id=pk, simulated=simulated)


def _one(field: str, key: str, ids_of: Any) -> Any:
    try:
        found = ids_of([key])
    except ValueError as error:
        raise NoSuchThing(field, str(error)[:200]) from error
    if key not in found:
        raise NoSuchThing(field, f"there is no {field.replace('_', ' ')} {key!r:.80}")
    return found[key]
