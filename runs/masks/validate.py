"""What of a mask is not among the lumisections that are known. No Django."""

from runs.masks.mask import Mask
from runs.masks.parse import UNKNOWN, Fault, spelt


def not_known(mask: Mask, known: Mask) -> list[Fault]:
    """A fault for every run, and every range of a known run, that ``known`` does not have."""
    runs = set(known.runs)
    absent = [
        Fault(UNKNOWN, str(run), "", "no lumisection of this run is known here")
        for run in mask.runs if run not in runs
    ]  # fmt: skip
    # What goes to the end of a run asks for no lumisection that would have to be there.
    rest = (mask.of_runs(runs) - known).ranges()
    missing = [
        Fault(UNKNOWN, str(run), spelt(part), "these lumisections are not known here")
        for run, parts in rest.items() for part in parts if part[1] is not None
    ]  # fmt: skip
    return absent + missing
