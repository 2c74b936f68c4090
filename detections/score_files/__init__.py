"""Files of scores computed elsewhere: a key and a score per row, in any order. No Django."""

from .base import Rows, ScoreFileError
from .open import FORMATS, read_scores
from .texts import read_columns

__all__ = ["FORMATS", "Rows", "ScoreFileError", "read_columns", "read_scores"]
