from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class LightcurvesConfig(AppConfig):
    name = "lightcurves"
    verbose_name = "Light curves"

    def ready(self) -> None:
        """Add what the site names to the registries. Injections of histograms belong to another registry."""
        from lightcurves.features import FEATURES, Feature
        from lightcurves.finding import EXAMPLES, find
        from lightcurves.injections import INJECTIONS, Injection
        from lightcurves.sky.zones import teach_sqlite
        from lightcurves.surveys import SURVEYS, Survey
        from project.registries import check, extend, is_a, is_class_of
        from project.search import understand

        understand(find, *EXAMPLES)
        connection_created.connect(teach_sqlite)
        setting, paths = "LUMISIFT_EXTRA_SURVEYS", settings.LUMISIFT_EXTRA_SURVEYS
        check(setting, paths, is_class_of(Survey), "Survey")
        extend(SURVEYS, setting, paths, is_class_of(Survey))
        setting, paths = "LUMISIFT_EXTRA_FEATURES", settings.LUMISIFT_EXTRA_FEATURES
        check(setting, paths, is_class_of(Feature), "Feature")
        extend(FEATURES, setting, paths, is_class_of(Feature))
        extend(INJECTIONS, "LUMISIFT_EXTRA_INJECTIONS", settings.LUMISIFT_EXTRA_INJECTIONS, is_a(Injection))
