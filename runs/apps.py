from django.apps import AppConfig
from django.conf import settings


class RunsConfig(AppConfig):
    name = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Add what the site names to the readers. Readers of histograms belong to another registry."""
        from project.registries import extend
        from runs.readers import READERS
        from runs.readers.base import Reader

        readers: dict[str, type] = {}
        extend(readers, "LUMISIFT_EXTRA_READERS", settings.LUMISIFT_EXTRA_READERS)
        found = {
            name: entry
            for name, entry in readers.items()
            if isinstance(entry, type) and issubclass(entry, Reader)
        }
        READERS.update(found)
