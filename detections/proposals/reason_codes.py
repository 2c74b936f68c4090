"""Why lumisections are not good, in a word: a small list, which a site may extend."""

from django.conf import settings

REASON_CODES = {
    "detector-off": "a part of the detector was off or not at its voltage",
    "dead-region": "a region without hits",
    "hot-region": "a noisy region",
    "calibration": "wrong calibration, alignment or timing",
    "readout": "errors of readout or data format",
    "trigger": "wrong trigger, prescale or rate",
    "beam": "beam conditions, or no collisions",
    "low-statistics": "too few entries to judge",
    "shape": "a distribution changed its shape",
    "software": "wrong software or reconstruction",
    "other": "as the comment says",
}
OTHER = "other"
"""Needs a comment."""


def reason_codes() -> dict[str, str]:
    """Every code of this site with its words."""
    return REASON_CODES | settings.LUMISIFT_EXTRA_REASON_CODES
