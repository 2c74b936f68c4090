"""One long run with many monitoring elements, as readers would yield it. Nothing is measured. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from histos.records import Axis, Element, HistogramRecord
from histos.simulation_shapes import element_2d, expected_2d
from runs.records import CertificationRecord, FillRecord, LumisectionRecord, RunRecord

RUN, FILL = 910_001, 91_001
SECONDS = 23.31
START = datetime(2026, 4, 1, tzinfo=UTC)
AXIS = Axis(0, 100, 100)
FOLDERS = ("PixelPhase1/Tracks", "SiStrip/Residuals", "Tracking/Parameters", "OfflinePV/Quality")
QUANTITIES = ("charge", "size", "residual", "chi2", "multiplicity")
BITS = (
    "beam1_present", "beam2_present", "beam1_stable", "beam2_stable", "beams_stable", "cms_active", "physics_flag",
    "bpix_ready", "fpix_ready", "tibtid_ready", "tob_ready", "tecp_ready", "tecm_ready", "ebp_ready", "ebm_ready",
    "eep_ready", "eem_ready", "hbhea_ready", "hbheb_ready", "hf_ready", "ho_ready", "dtp_ready", "dtm_ready",
    "csc_ready", "rpc_ready",
)  # fmt: skip
"""What OMS tells of every lumisection."""
BLOCK = 100
"""Lumisections whose histograms are held at once."""


@dataclass(frozen=True)
class Size:
    lumisections: int = 1_500
    histograms: int = 190
    maps: int = 10

    @property
    def elements(self) -> int:
        return self.histograms + self.maps


def names(size: Size) -> list[str]:
    """Of the one-dimensional elements: folders of folders, as in a DQM file."""
    places = [(folder, quantity) for folder in FOLDERS for quantity in QUANTITIES]
    return [
        f"Simulated/{places[at % len(places)][0]}/{places[at % len(places)][1]}_layer_{at // len(places) + 1}"
        for at in range(size.histograms)
    ]


def pileup(size: Size) -> np.ndarray:
    return 58 * np.exp(-SECONDS * np.arange(size.lumisections) / (9 * 3600))


def run_records(size: Size) -> Iterator[FillRecord | RunRecord | LumisectionRecord]:
    """The fill, the run, and its lumisections with luminosity, pile-up and the bits of all detectors."""
    end = START + timedelta(seconds=SECONDS * size.lumisections)
    yield FillRecord(1, FILL, START, end, 6800.0, 60.0, 900.0, 860.0)
    yield RunRecord(2, RUN, START, end, FILL, "Simulated", 6800.0, 3.8, 860.0)
    for at, mean in enumerate(pileup(size).tolist()):
        off = BITS[at // 37 % len(BITS)] if at % 37 < at // 37 % 4 else ""
        delivered = 0.0077 * mean
        yield LumisectionRecord(
            at + 3, RUN, at + 1, START + timedelta(seconds=SECONDS * at), delivered, 0.96 * delivered, mean,
            {name: name != off for name in BITS},
        )  # fmt: skip


def histogram_records(size: Size) -> Iterator[HistogramRecord]:
    """Lumisection by lumisection a histogram of every element: peaks that move with the pile-up, and maps."""
    means, line = pileup(size), 0
    elements = [Element(name, (AXIS,), "int64", "TH1F") for name in names(size)]
    elements += [element_2d(index) for index in range(size.maps)]
    for first in range(0, size.lumisections, BLOCK):
        here = means[first : first + BLOCK]
        counts = [_counts(number, size, first, here) for number in range(len(elements))]
        for row in range(len(here)):
            for element, values in zip(elements, counts, strict=True):
                line += 1
                yield HistogramRecord(
                    line, RUN, first + row + 1, element, float(values[row].sum()), values[row]
                )


def _counts(number: int, size: Size, first: int, means: np.ndarray) -> np.ndarray:
    """(n, cells) counts of one element at n pile-ups, flow bins included."""
    rng = np.random.default_rng([number, first])
    if number >= size.histograms:
        return rng.poisson(expected_2d(number - size.histograms, means, 1.0) * 20_000)
    x = np.arange(AXIS.bins + 2)
    centre, width = 25 + number % 50 + 0.05 * means[:, None], 6 + number % 9
    peak = np.exp(-0.5 * ((x - centre) / width) ** 2) + 0.01
    return rng.poisson(peak * (200 + 40 * (number % 60)))


def certification_records(size: Size) -> Iterator[CertificationRecord]:
    """Three flags, each with gaps of its own."""
    for number, flag in enumerate(("golden", "tracker", "muon")):
        step = 97 + 20 * number
        for line, first in enumerate(range(1, size.lumisections + 1, step)):
            last = min(first + step - 1, size.lumisections)
            status = "BAD" if line % 5 == number + 1 else "GOOD"
            yield CertificationRecord(line + 1, RUN, first, max(last - 3, first), flag, status)
