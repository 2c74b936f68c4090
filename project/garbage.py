"""Python's search for garbage in cycles, set for a process that answers many small requests."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50


def settle() -> None:
    """Call once, when everything is imported: what is there by now stays and is not searched again.

    By default Python searches after each 700 new objects; a request makes thousands, nearly all of which are gone
    when it ends. That was a quarter of the time of an API page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
