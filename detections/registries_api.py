"""What this site knows to do: its detectors, injections and metrics, each with what its parameters mean."""

from typing import Any, ClassVar

from detections.detectors import DETECTORS, DetectorError, get_detector
from detections.metrics import METRICS
from histos.injections import INJECTIONS as HISTOGRAM_INJECTIONS
from lightcurves.injections import INJECTIONS as SERIES_INJECTIONS
from project.registry_api import Registry

TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}


class DetectorResource(Registry):
    """Detectors by name; PyOD's, which are many, are not listed but answer by name: ``pyod.ECOD``."""

    title = "Detector"
    properties: ClassVar = {
        "name": TEXT,
        "summary": TEXT,
        "paper": TEXT,
        "params": {"type": "array", "items": {"type": "object"}},
        "kinds": {**TEXTS, "description": "the kinds of samples it takes"},
        "sequential": {**FLAG, "description": "works along the order of the samples"},
        "transductive": {**FLAG, "description": "scores only what it was fitted on"},
        "exceptions": {"description": "checks of the detector contract that it is known not to pass"},
    }
    columns: ClassVar = dict.fromkeys(properties, "")

    def entries(self) -> list[dict[str, Any]]:
        return [detector.describe() for detector in DETECTORS.values()]

    def find(self, name: str) -> dict[str, Any] | None:
        try:
            return get_detector(name).describe()
        except DetectorError:
            return None


class InjectionResource(Registry):
    """Simulated anomalies of known kind and strength."""

    title = "Injection"
    properties: ClassVar = {
        "name": TEXT,
        "world": {**TEXT, "enum": ["histograms", "light-curves"]},
        "summary": TEXT,
        "strength_meaning": TEXT,
        "strength_range": {"type": "array", "items": {"type": "number"}},
    }
    columns: ClassVar = dict.fromkeys(properties, "")

    def entries(self) -> list[dict[str, Any]]:
        worlds: tuple[tuple[str, Any], ...] = (
            ("histograms", HISTOGRAM_INJECTIONS),
            ("light-curves", SERIES_INJECTIONS),
        )
        return [
            {
                "name": name,
                "world": world,
                "summary": injection.summary,
                "strength_meaning": injection.strength_meaning,
                "strength_range": list(injection.strength_range),
            }
            for world, registry in worlds
            for name, injection in registry.items()
        ]


class MetricResource(Registry):
    """How a ranking is judged against the truth."""

    title = "Metric"
    properties: ClassVar = {
        "name": TEXT,
        "label": TEXT,
        "summary": TEXT,
        "parameters": {"type": "object", "additionalProperties": {"type": "number"}},
        "bigger_is_better": FLAG,
    }
    columns: ClassVar = dict.fromkeys(properties, "")

    def entries(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "label": metric.label,
                "summary": metric.summary,
                "parameters": dict(metric.parameters),
                "bigger_is_better": metric.bigger_is_better,
            }
            for name, metric in METRICS.items()
        ]
