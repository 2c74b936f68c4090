"""What a person may type into the search box: every app adds how it understands a text.

A finder takes the text and returns its hits, best first, from an index and never more than ``MOST``. One exact hit is
gone to at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

MOST = 10
LONGEST = 200
"""Characters; nothing that can be found is longer."""


@dataclass(frozen=True)
class Hit:
    """One thing found: ``kind`` and ``label`` as people call it, and where its page is."""

    kind: str
    label: str
    url: str
    note: str = ""
    exact: bool = False


Finder = Callable[[str], list[Hit]]
FINDERS: list[Finder] = []
EXAMPLES: list[tuple[str, str]] = []
"""What can be typed, and what it finds: shown where nothing was found."""


def understand(finder: Finder, *examples: tuple[str, str]) -> None:
    """Add a finder, once, with examples of what it understands."""
    if finder not in FINDERS:
        FINDERS.append(finder)
        EXAMPLES.extend(examples)


def search(text: str) -> list[Hit]:
    """Hits of every finder for ``text``, exact ones first."""
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return []
    hits = [hit for finder in FINDERS for hit in finder(text)[:MOST]]
    return sorted(hits, key=lambda hit: not hit.exact)
