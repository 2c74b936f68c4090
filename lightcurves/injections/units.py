"""Which units run backwards."""

MAGNITUDES = ("mag", "abmag", "vegamag")


def is_magnitude(unit: str) -> bool:
    """True where brighter is smaller."""
    return unit.strip().lower() in MAGNITUDES
