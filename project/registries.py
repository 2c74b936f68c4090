"""Adds what the site names in ``LUMISIFT_EXTRA_…`` to the registries, when Django starts."""

from collections.abc import MutableMapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


def extend(registry: MutableMapping[str, Any], setting: str, paths: list[str]) -> None:
    """Import each dotted path and enter it under its ``name`` (or its function name)."""
    for path in paths:
        try:
            entry = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"{setting}: cannot import {path!r} ({error})") from error
        name = getattr(entry, "name", None) or getattr(entry, "__name__", None)
        if not name:
            raise ImproperlyConfigured(f"{setting}: {path!r} has no name")
        registry[name] = entry
