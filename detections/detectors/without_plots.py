"""Importing what imports matplotlib without having it: 100 MB for plots that nobody draws here."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

PLOTTING = ("matplotlib", "matplotlib.pyplot")


@contextmanager
def without_plots() -> Iterator[None]:
    """While the body imports, empty modules stand for matplotlib where it is not installed."""
    if importlib.util.find_spec("matplotlib"):
        yield
        return
    sys.modules.update({name: ModuleType(name) for name in PLOTTING})
    try:
        yield
    finally:
        for name in PLOTTING:
            del sys.modules[name]
