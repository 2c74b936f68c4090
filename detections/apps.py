from django.apps import AppConfig
from django.conf import settings

from project.registries import check, extend, is_a, is_class_of


class DetectionsConfig(AppConfig):
    name = "detections"
    verbose_name = "Detections"

    def ready(self) -> None:
        """Add what the site names to the registries, and what trials say to the pages of runs."""
        from detections.detectors import DETECTORS, Detector
        from detections.metrics import METRICS, Metric
        from detections.proposals.slots import fill_with_proposals
        from detections.slots.elements import fill_element_pages
        from detections.slots.rates import fill_trees
        from detections.slots.runs import fill_run_pages
        from detections.slots.sources import fill_source_pages
        from detections.verdicts.masks import ByTrial, offer_trials
        from project.slots import fill
        from runs.golden.operands import offer

        setting, paths = "LUMISIFT_EXTRA_DETECTORS", settings.LUMISIFT_EXTRA_DETECTORS
        check(setting, paths, is_class_of(Detector), "Detector")
        extend(DETECTORS, setting, paths, is_class_of(Detector))
        setting, paths = "LUMISIFT_EXTRA_METRICS", settings.LUMISIFT_EXTRA_METRICS
        check(setting, paths, is_a(Metric), "Metric")
        extend(METRICS, setting, paths, is_a(Metric))
        fill_run_pages()
        fill_with_proposals()
        fill_source_pages()
        fill_element_pages()
        fill_trees()
        offer(ByTrial())
        fill("golden.operands", offer_trials)
