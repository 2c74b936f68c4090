from django.apps import AppConfig
from django.conf import settings


class RunsConfig(AppConfig):
    name = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Add what the site names to the readers (those of histograms belong to another registry), and what the
        search understands.
        """
        from project.registries import extend, is_class_of
        from project.reloading import reloads
        from project.search import understand
        from runs.finding import EXAMPLES, find
        from runs.golden.operands import offer
        from runs.golden.uploads import Uploaded
        from runs.readers import READERS
        from runs.readers.base import Reader
        from runs.reloading import way

        extend(READERS, "LUMISIFT_EXTRA_READERS", settings.LUMISIFT_EXTRA_READERS, is_class_of(Reader))
        understand(find, *EXAMPLES)
        reloads(way)
        offer(Uploaded())
