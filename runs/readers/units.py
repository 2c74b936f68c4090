"""Units as OMS and brilcalc spell them, and what turns a number in them into one of ours. No Django."""

import re

_OURS = {"f": 1e3, "p": 1.0, "n": 1e-3, "u": 1e-6, "m": 1e-9, "": 1e-12}
"""pb⁻¹ in one inverse femto-, pico-, nano-, micro-, millibarn and barn."""
_SAME = (("\\mu", "u"), ("µ", "u"), ("μ", "u"), ("⁻¹", "-1"), ("\\", ""))
_NOISE = re.compile(r"[\s{}$^]|mathrm|text")
_INVERSE = re.compile(r"(?:1?/([fpnum]?)b|([fpnum]?)b-1)\Z")

ENERGY = {"MeV": 1e-3, "GeV": 1.0, "TeV": 1e3}
FIELD = {"T": 1.0, "mT": 1e-3, "kG": 0.1, "G": 1e-4}


def luminosity_factor(unit: str) -> float | None:
    """pb⁻¹ in one ``unit``: ``/fb``, ``pb^{-1}``, ``{\\mu}b^{-1}``, ``1/nb``, ``nb⁻¹``; None for anything else."""
    for spelling, short in _SAME:
        unit = unit.replace(spelling, short)
    found = _INVERSE.match(_NOISE.sub("", unit))
    return _OURS[found[1] or found[2] or ""] if found else None
