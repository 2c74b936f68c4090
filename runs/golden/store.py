"""Where versions of masks go. The only writer of ``LumiMask``."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from project import __version__
from project.errors import UserError
from runs.golden.operands import Operand
from runs.golden.workbench import Work
from runs.masks import sha256_of, text_of
from runs.models import LumiMask

TRIES = 5
MOST_FAULTS = 500


def store_mask(
    work: Work, *, name: str = "", kind: str = "", comment: str = "", owner: Any = None
) -> tuple[LumiMask, bool]:
    """Keep what ``work`` makes as the next version of ``name``; the version, and whether it is new: the newest version
    with the same lumisections, looked at in the same runs, is known. UserError where it cannot be kept.
    """
    version = unsaved(work, name=name, kind=kind, comment=comment, owner=owner)
    parents = [one.parent for one in work.operands if one.parent]
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                newest = _versions(version).order_by("-version").first()
                if newest and _same(newest, version):
                    return newest, False
                version.version = newest.version + 1 if newest else 1
                version.save()
                version.parents.set(parents)
                return version, True
        except IntegrityError:  # somebody stored the same version number at the same time
            version.pk, version._state.adding = None, True
    raise UserError(f"{version.name}: others are storing versions of it: try again")


def unsaved(work: Work, *, name: str = "", kind: str = "", comment: str = "", owner: Any = None) -> LumiMask:
    """The version as it would be stored. UserError where it cannot be."""
    if work.wrong:
        more = f" (and {len(work.wrong) - 1} more)" if len(work.wrong) > 1 else ""
        raise UserError(f"{work.wrong[0]}{more}: put it right first")
    try:
        text, digest = text_of(work.mask), sha256_of(work.mask)
    except ValueError as error:
        raise UserError(str(error)) from error
    first_run, last_run = work.looked_at
    amount = work.amount
    return LumiMask(
        experiment=work.experiment, name=name or work.name, version=1, kind=kind or work.kind, ranges=text,
        sha256=digest, first_run=first_run, last_run=last_run, n_runs=len(work.mask.runs),
        n_lumisections=amount.lumisections, n_without_luminosity=amount.without,
        recorded_luminosity=amount.recorded, delivered_luminosity=amount.delivered,
        recorded_total=work.total.recorded, faults=[fault._asdict() for fault in work.put_right[:MOST_FAULTS]],
        provenance=provenance(work, owner), comment=comment, simulated=work.simulated, owner=owner,
    )  # fmt: skip


def provenance(work: Work, owner: Any = None) -> dict[str, Any]:
    """From what, how, when and by whom: enough to make it again, and to see whether it would be the same."""
    return {
        "operation": work.do if len(work.operands) > 1 else "",
        "operands": [_told(one, step.left.recorded) for one, step in zip(work.operands, work.steps, strict=True)],
        "runs": list(work.looked_at), "by": owner.get_username() if owner else "",
        "when": timezone.now().isoformat(timespec="seconds"), "lumisift": __version__,
        "known": {"runs": work.known_runs, "lumisections": work.total.lumisections},
    }  # fmt: skip


def _told(one: Operand, left: float) -> dict[str, Any]:
    return {**one.record, "recorded_after": left}


def _versions(version: LumiMask) -> Any:
    return LumiMask.objects.filter(experiment=version.experiment, name=version.name)


def _same(one: LumiMask, other: LumiMask) -> bool:
    names = ("sha256", "kind", "first_run", "last_run")
    return all(getattr(one, name) == getattr(other, name) for name in names)
