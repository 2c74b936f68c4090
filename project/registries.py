"""Adds what the site names in ``LUMISIFT_EXTRA_…`` to the registries, when Django starts."""

from collections.abc import Callable, MutableMapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


def extend(
    registry: MutableMapping[str, Any], setting: str, paths: list[str], accept: Callable[[Any], bool]
) -> None:
    """Import each dotted path and enter what ``accept`` takes under its ``name``."""
    for path in paths:
        entry = _imported(setting, path)
        if not accept(entry):
            continue
        name = getattr(entry, "name", None)
        if not isinstance(name, str) or not name:
            raise ImproperlyConfigured(f"{setting}: {path!r} has no name")
        registry[name] = entry


def check(setting: str, paths: list[str], accept: Callable[[Any], bool], expected: str) -> None:
    """Refuse to start when one of the paths leads to something that no registry takes."""
    for path in paths:
        if not accept(_imported(setting, path)):
            raise ImproperlyConfigured(f"{setting}: {path!r} is no {expected}")


def is_class_of(*bases: type) -> Callable[[Any], bool]:
    return lambda entry: isinstance(entry, type) and issubclass(entry, bases)


def is_a(*classes: type) -> Callable[[Any], bool]:
    return lambda entry: isinstance(entry, classes)


def _imported(setting: str, path: str) -> Any:
    try:
        return import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(f"{setting}: cannot import {path!r} ({error})") from error
