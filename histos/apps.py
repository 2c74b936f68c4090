from django.apps import AppConfig
from django.conf import settings


class HistosConfig(AppConfig):
    name = "histos"
    verbose_name = "Histograms"

    def ready(self) -> None:
        """Add what the site names to the registries, and what this app adds to search and to other pages.

        Readers of runs and other injections belong elsewhere.
        """
        from histos.finding import EXAMPLES, find
        from histos.injections import INJECTIONS, Injection
        from histos.readers import READERS
        from histos.readers.base import Reader
        from histos.reloading import way
        from histos.slots import lumisection_histograms, run_elements, run_health
        from histos.source_slots import fill_source_pages
        from lightcurves.injections import Injection as SeriesInjection
        from project.registries import check, extend, is_a, is_class_of
        from project.reloading import reloads
        from project.search import understand
        from project.slots import fill
        from runs.readers.base import Reader as RunReader

        setting, paths = "LUMISIFT_EXTRA_READERS", settings.LUMISIFT_EXTRA_READERS
        check(setting, paths, is_class_of(Reader, RunReader), "Reader of histograms or of runs")
        extend(READERS, setting, paths, is_class_of(Reader))
        setting, paths = "LUMISIFT_EXTRA_INJECTIONS", settings.LUMISIFT_EXTRA_INJECTIONS
        check(setting, paths, is_a(Injection, SeriesInjection), "Injection of histograms or of series")
        extend(INJECTIONS, setting, paths, is_a(Injection))
        understand(find, *EXAMPLES)
        reloads(way)
        fill("run.elements", run_health)
        fill("run.elements", run_elements)
        fill("lumisection.histograms", lumisection_histograms)
        fill_source_pages()
