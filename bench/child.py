"""One row in a process of its own, so that rows share neither memory, nor caches, nor a database.

``python -m bench.child ROW SCALE OUTPUT``; the database is the one that the environment names.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.measure import SCALES


def main() -> None:
    name, scale, output = sys.argv[1:]
    import django

    django.setup()
    from bench.rows import ROWS

    lines = [asdict(line) for line in ROWS[name].measure(SCALES[scale])]
    Path(output).write_text(json.dumps(lines))


if __name__ == "__main__":
    main()
