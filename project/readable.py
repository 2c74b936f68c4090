"""Numbers in sentences and tables, as people write them."""

import math

GROUPED_BELOW = 1_000_000
SMALLEST = 1e-4
"""Nearer to zero a number is written with a power of ten."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def readable(value: float, digits: int = 3) -> str:
    """``value`` with so many significant digits: 0.0502, 36,300; a power of ten far from one: 3.67×10⁷."""
    if not value:
        return "0"
    if not math.isfinite(value):
        return str(value)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    rounded = float(f"{mantissa}e{power}")
    if abs(rounded) >= GROUPED_BELOW or abs(rounded) < SMALLEST:
        return f"{mantissa}×10{str(int(power)).translate(RAISED)}"
    after = max(digits - 1 - int(power), 0)
    return f"{rounded:,.{after}f}"
