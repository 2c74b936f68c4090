from django.apps import AppConfig
from django.conf import settings

from project.registries import extend


class DetectionsConfig(AppConfig):
    name = "detections"
    verbose_name = "Detections"

    def ready(self) -> None:
        from detections.detectors import DETECTORS
        from detections.metrics import METRICS

        extend(DETECTORS, "LUMISIFT_EXTRA_DETECTORS", settings.LUMISIFT_EXTRA_DETECTORS)
        extend(METRICS, "LUMISIFT_EXTRA_METRICS", settings.LUMISIFT_EXTRA_METRICS)
