"""How much two runs are alike in what shapes their histograms: pile-up, fill, triggers. No Django."""

from dataclasses import dataclass

PILEUP_STEP, PILEUP_SHARE = 2.0, 0.1
"""A difference in pile-up that counts as one: two interactions, or a tenth where there are many."""
UNKNOWN = 0.5
"""Of what a difference would cost, where one of the two is not known."""
FAR = 5.0
"""Another energy or magnetic field is another kind of run."""
FIELD_TOLERANCE, ENERGY_TOLERANCE = 0.1, 0.01
"""Tesla; relative."""


@dataclass(frozen=True)
class Conditions:
    """Under which a run was taken; ``pileup`` the median over its lumisections, ``trigger`` the name of the menu,
    ``prescale`` of the column of it that was used most; None or empty where not known. ``golden``: certified.
    """

    run: int
    pileup: float | None = None
    fill: int | None = None
    trigger: str = ""
    prescale: str = ""
    energy: float | None = None
    b_field: float | None = None
    golden: bool = False


def difference(here: Conditions, other: Conditions) -> float:
    """0 for the same conditions; runs far from each other in number differ a little more."""
    cost = _pileup(here.pileup, other.pileup) + _fill(here.fill, other.fill)
    cost += _name(here.trigger, other.trigger) + 0.5 * _name(here.prescale, other.prescale)
    cost += FAR * _differ(here.energy, other.energy, ENERGY_TOLERANCE * abs(here.energy or 0))
    cost += FAR * _differ(here.b_field, other.b_field, FIELD_TOLERANCE)
    return cost + (0.0 if other.golden else 0.5) + 1e-6 * abs(here.run - other.run)


def most_similar(here: Conditions, others: list[Conditions]) -> Conditions | None:
    return min(others, key=lambda other: difference(here, other), default=None)


def in_words(here: Conditions, other: Conditions) -> str:
    """What is alike and what is not, for a person to judge the choice."""
    said = []
    if here.pileup is not None and other.pileup is not None:
        said.append(f"pile-up {other.pileup:.3g} (here {here.pileup:.3g})")
    if here.fill is not None and other.fill is not None:
        said.append(
            f"the same fill {here.fill}"
            if here.fill == other.fill
            else f"fill {other.fill} (here {here.fill})"
        )
    said += _names("trigger menu", here.trigger, other.trigger)
    said += _names("prescale column", here.prescale, other.prescale)
    if _differ(here.energy, other.energy, ENERGY_TOLERANCE * abs(here.energy or 0)):
        said.append(f"but {other.energy:g} GeV (here {here.energy:g})")
    if _differ(here.b_field, other.b_field, FIELD_TOLERANCE):
        said.append(f"but {other.b_field:.2g} T (here {here.b_field:.2g})")
    said.append("certified golden" if other.golden else "not certified golden")
    unknown = [name for name, one in (("pile-up", here.pileup), ("fill", here.fill)) if one is None]
    unknown += [] if here.trigger or here.prescale else ["triggers"]
    return ", ".join(said) + (f"; of this run {' and '.join(unknown)} are not known" if unknown else "")


def _pileup(here: float | None, other: float | None) -> float:
    if here is None or other is None:
        return UNKNOWN
    return abs(here - other) / max(PILEUP_STEP, PILEUP_SHARE * here)


def _fill(here: int | None, other: int | None) -> float:
    if here is None or other is None:
        return UNKNOWN
    return min(0.3 + abs(here - other) / 100, 1.0) if here != other else 0.0


def _name(here: str, other: str) -> float:
    return UNKNOWN if not (here and other) else float(here != other)


def _names(what: str, here: str, other: str) -> list[str]:
    if not (here and other):
        return []
    return [f"the same {what} {here}" if here == other else f"{what} {other} (here {here})"]


def _differ(here: float | None, other: float | None, tolerance: float) -> bool:
    return here is not None and other is not None and abs(here - other) > tolerance
