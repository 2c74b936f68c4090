from django.apps import AppConfig
from django.conf import settings


class LightcurvesConfig(AppConfig):
    name = "lightcurves"
    verbose_name = "Light curves"

    def ready(self) -> None:
        """Add what the site names to the registries. Injections of histograms belong to another registry."""
        from lightcurves.features import FEATURES
        from lightcurves.injections import INJECTIONS, Injection
        from lightcurves.surveys import SURVEYS
        from project.registries import extend

        extend(SURVEYS, "LUMISIFT_EXTRA_SURVEYS", settings.LUMISIFT_EXTRA_SURVEYS)
        extend(FEATURES, "LUMISIFT_EXTRA_FEATURES", settings.LUMISIFT_EXTRA_FEATURES)
        extra: dict[str, object] = {}
        extend(extra, "LUMISIFT_EXTRA_INJECTIONS", settings.LUMISIFT_EXTRA_INJECTIONS)
        INJECTIONS.update({name: entry for name, entry in extra.items() if isinstance(entry, Injection)})
