from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class HistosConfig(AppConfig):
    name = "histos"
    verbose_name = "Histograms"

    def ready(self) -> None:
        """Add what the site names to the registries. Readers of runs and other injections belong elsewhere."""
        from histos.injections import INJECTIONS, Injection
        from histos.readers import READERS
        from histos.readers.base import Reader
        from project.registries import extend
        from runs.readers.base import Reader as RunReader

        readers: dict[str, type] = {}
        extend(readers, "LUMISIFT_EXTRA_READERS", settings.LUMISIFT_EXTRA_READERS)
        for name, entry in readers.items():
            if not isinstance(entry, type) or not issubclass(entry, Reader | RunReader):
                raise ImproperlyConfigured(
                    f"LUMISIFT_EXTRA_READERS: {name} is no Reader of histograms or of runs"
                )
        READERS.update({name: entry for name, entry in readers.items() if issubclass(entry, Reader)})
        injections: dict[str, object] = {}
        extend(injections, "LUMISIFT_EXTRA_INJECTIONS", settings.LUMISIFT_EXTRA_INJECTIONS)
        INJECTIONS.update({name: entry for name, entry in injections.items() if isinstance(entry, Injection)})
