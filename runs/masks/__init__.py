"""Masks: which lumisections of which runs are chosen, and what can be done with them. NumPy only, no Django."""

from .changes import Difference, RunChange, Step, difference, stepwise
from .form import mask_of, sha256_of, text_of
from .luminosity import Amount, Luminosities
from .mask import LAST, Mask, Range, merge_ranges
from .names import CmsName, file_name
from .parse import Fault, Parsed, parse_mask
from .validate import not_known

__all__ = [
    "LAST", "Amount", "CmsName", "Difference", "Fault", "Luminosities", "Mask", "Parsed", "Range", "RunChange", "Step",
    "difference", "file_name", "mask_of", "merge_ranges", "not_known", "parse_mask", "sha256_of", "stepwise", "text_of",
]  # fmt: skip
