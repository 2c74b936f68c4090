"""Named places on a page that other apps fill; the page knows nothing of who does.

A lower app's template says ``{% slot "run.evidence" run=run %}``; an app above it says once, when it is ready,
``fill("run.evidence", function)``. The function takes the request and the keywords of the slot, and returns safe HTML
(``render_to_string``), empty where it has nothing to say.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

Filler = Callable[..., SafeString]
FILLERS: dict[str, list[Filler]] = {}


def fill(slot: str, filler: Filler) -> None:
    """Add ``filler`` to ``slot``; fillers show in the order in which they were added, each once."""
    fillers = FILLERS.setdefault(slot, [])
    if filler not in fillers:
        fillers.append(filler)


def filled(slot: str, request: HttpRequest, **about: Any) -> list[SafeString]:
    return [filler(request, **about) for filler in FILLERS.get(slot, ())]
