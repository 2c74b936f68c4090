"""Static files: addresses that change with the content, and the one file of Plotly's package that a page needs."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedStaticFilesStorage

PLOTLY = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Plotly's JavaScript out of its Python package, served as ``plotly/plotly.min.js``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        found = find_spec("plotly")
        places = found.submodule_search_locations if found else None
        if not places:
            raise ModuleNotFoundError("plotly is not installed: pip install -r requirements.txt")
        self.storage = FileSystemStorage(Path(places[0]) / "package_data")
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = self.storage.path(PLOTLY) if path == f"plotly/{PLOTLY}" else None
        return [found] if found and find_all else found or []

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        yield PLOTLY, self.storage


class VersionedFiles(CompressedStaticFilesStorage):
    """Adds the hash of a file's content to its address, so that browsers may keep it for ever."""

    def url(self, name: str | None, force: bool = False) -> str:
        address: str = super().url(name)
        version = _version(name or "") if not settings.DEBUG else ""
        return f"{address}?v={version}" if version else address


@lru_cache(maxsize=1000)
def _version(name: str) -> str:
    found = finders.find(name)
    if not found or not Path(found).is_file():
        return ""
    return hashlib.blake2b(Path(found).read_bytes(), digest_size=6).hexdigest()
