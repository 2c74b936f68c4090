"""Masks and their changes as plain values: what the API answers and the command prints."""

from typing import Any

from runs.golden.workbench import Compared, Work
from runs.masks import Amount
from runs.masks.parse import spelt


def validated(work: Work) -> dict[str, Any]:
    """What is the matter with a mask, by run and range; ``valid``: nothing but what is unknown here."""
    return {
        "valid": not (work.wrong or work.put_right), "faults": [fault._asdict() for fault in work.faults],
        "wrong": len(work.wrong), "untidy": len(work.put_right), "unknown": len(work.unknown),
    }  # fmt: skip


def summary(work: Work) -> dict[str, Any]:
    """How much a mask holds, and which part of what was recorded in the runs looked at."""
    first, last = work.looked_at
    return {
        "runs": len(work.mask.runs), **amount_of(work.amount), "share": work.share,
        "first_run": first, "last_run": last, "known_runs": work.known_runs,
        "known_lumisections": work.total.lumisections, "recorded_total": work.total.recorded,
    }  # fmt: skip


def compared(found: Compared) -> dict[str, Any]:
    """What changes from one mask to another; runs that lost most luminosity first. Luminosities in pb⁻¹."""
    changes = found.changes
    return {
        "before": found.before.label, "after": found.after.label,
        "runs_before": len(found.before.mask.runs), "runs_after": len(found.after.mask.runs),
        "removed": amount_of(changes.lost), "added": amount_of(changes.gained), "net_recorded": found.net,
        "runs": [
            {
                "run": one.run,
                "removed": [spelt(part) for part in one.removed], "added": [spelt(part) for part in one.added],
                "lost": amount_of(one.lost), "gained": amount_of(one.gained),
            }
            for one in changes.runs
        ],
    }  # fmt: skip


def amount_of(amount: Amount) -> dict[str, Any]:
    return {
        "lumisections": amount.lumisections, "without_luminosity": amount.without,
        "recorded_luminosity": amount.recorded, "delivered_luminosity": amount.delivered,
    }  # fmt: skip
