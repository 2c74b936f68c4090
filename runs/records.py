"""Fills, runs, lumisections and certifications as readers yield them. No Django."""

from datetime import datetime
from typing import NamedTuple


class FillRecord(NamedTuple):
    """One fill of the accelerator. Luminosities in pb⁻¹, energy of a beam in GeV; None where unknown."""

    line: int
    number: int
    start_time: datetime | None = None
    end_time: datetime | None = None
    energy: float | None = None
    peak_pileup: float | None = None
    delivered_luminosity: float | None = None
    recorded_luminosity: float | None = None
    attributes: dict | None = None


class RunRecord(NamedTuple):
    """One run. Luminosities in pb⁻¹, energy in GeV, field in tesla; None where unknown.

    ``attributes`` is what else is told of it, by name: a plain value, or ``{"value": 95.2, "unit": "kHz"}``.
    """

    line: int
    number: int
    start_time: datetime | None = None
    end_time: datetime | None = None
    fill_number: int | None = None
    era: str = ""
    energy: float | None = None
    b_field: float | None = None
    recorded_luminosity: float | None = None
    attributes: dict | None = None


class LumisectionRecord(NamedTuple):
    """One lumisection. Luminosities in pb⁻¹ (None where unknown), ``flags`` detector bits by name."""

    line: int
    run: int
    number: int
    start_time: datetime | None = None
    delivered_luminosity: float | None = None
    recorded_luminosity: float | None = None
    pileup: float | None = None
    flags: dict | None = None


class CertificationRecord(NamedTuple):
    """A flag for lumisections ``first`` to ``last`` (inclusive; last None: to the end of the run).

    ``version`` is that of the file, where it holds several; the one told of a whole file comes second.
    """

    line: int
    run: int
    first: int
    last: int | None
    flag: str
    status: str
    cause: str = ""
    comment: str = ""
    version: str = ""
