"""Finding new files of histograms in folders, remembering them by content, and having each loaded once."""

from .found import Found
from .walk import counted, discover
from .wanted import SETTLED, Wanted

__all__ = ["SETTLED", "Found", "Wanted", "counted", "discover"]
