from django.apps import AppConfig
from django.conf import settings


class RunsConfig(AppConfig):
    name = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Add what the site names to the readers. Readers of histograms belong to another registry."""
        from project.registries import extend, is_class_of
        from runs.readers import READERS
        from runs.readers.base import Reader

        extend(READERS, "LUMISIFT_EXTRA_READERS", settings.LUMISIFT_EXTRA_READERS, is_class_of(Reader))
