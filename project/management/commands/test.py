"""``manage.py test``: the pytest suite, by the name Django's users know."""

import importlib.util
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run the tests, all or some. Example: manage.py test histos detections.test_metrics -k auc"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("labels", nargs="*", help="an app, app.test_module, or a path; none: everything")
        parser.add_argument("-k", dest="keyword", default="", help="only tests whose name matches")
        parser.add_argument("--failfast", action="store_true", help="stop at the first failure")
        parser.add_argument("--keepdb", action="store_true", help="keep the test database for the next time")
        parser.add_argument("--parallel", default="", metavar="N", help="that many processes at once")

    def handle(self, *, labels: list[str], **options: Any) -> None:
        if importlib.util.find_spec("pytest") is None:
            raise CommandError("the tests need pytest: pip install -r requirements-dev.txt")
        command = [sys.executable, "-m", "pytest", *self.flags(options), *map(str, map(self.path, labels))]
        sys.exit(subprocess.call(command, cwd=settings.BASE_DIR))  # noqa: S603  our own command line

    @staticmethod
    def flags(options: dict[str, Any]) -> list[str]:
        flags = ["-v"] if options["verbosity"] > 1 else []
        flags += ["-k", options["keyword"]] if options["keyword"] else []
        flags += ["-x"] if options["failfast"] else []
        flags += ["--reuse-db"] if options["keepdb"] else []
        flags += ["-n", options["parallel"]] if options["parallel"] else []
        return flags

    @staticmethod
    def path(label: str) -> Path:
        """``histos`` is tests/histos, ``histos.test_readers`` is tests/histos/test_readers.py."""
        base = Path(settings.BASE_DIR)
        module = base / "tests" / label.replace(".", "/")
        for path in (base / label, module.with_suffix(".py"), module):
            if path.exists() and "tests" in path.parts:
                return path
        if (base / label / "apps.py").exists():
            raise CommandError(f"{label} has no tests yet")
        raise CommandError(f"no tests for {label!r}: name an app, app.test_module or a path below tests")
