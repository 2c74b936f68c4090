"""Static files: addresses that change with the content, so that browsers may keep them for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedStaticFilesStorage


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
