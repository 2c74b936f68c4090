"""The only writers of labels: what a person says of a thing, and taking it back. Both are new rows."""

from typing import Any

from django.db import IntegrityError, transaction

from detections.models import Detection, Label
from detections.services.things import Thing
from project.access import has_role
from project.errors import UserError

SAID = ("key", "simulated", "score", "tag", "comment", "detection_id", "retracts_id")


class OtherLabel(UserError):
    """What is asked for stands against what was said before."""


class NotYours(UserError):
    """Only experts may do this with what somebody else said."""


def add_label(  # noqa: PLR0913  keyword-only parts of what is said
    user: Any,
    thing: Thing,
    *,
    score: int | None = None,
    tag: str = "",
    comment: str = "",
    detection: Detection | None = None,
    client_key: str = "",
) -> tuple[Label, bool]:
    """What ``user`` says of ``thing``; returns the label and whether it is new: one ``client_key`` is stored once.

    ``score`` from 0 (not interesting) to 5, ``tag`` what it is in a word; at least one of the three must be given.
    """
    if score is not None and not Label.LOWEST <= score <= Label.HIGHEST:
        raise UserError(f"a score is from {Label.LOWEST} to {Label.HIGHEST}, not {score}")
    if score is None and not tag and not comment:
        raise UserError("a label says something: give a score, a tag or a comment")
    label = Label(
        user=user, key=thing.key, lumisection_id=thing.lumisection_id, source_id=thing.source_id,
        light_curve_id=thing.light_curve_id, simulated=thing.simulated, detection=detection, score=score, tag=tag,
        comment=comment, client_key=client_key,
    )  # fmt: skip
    return _once(label)


def retract_label(label: Label, user: Any, *, comment: str = "", client_key: str = "") -> tuple[Label, bool]:
    """Take a label back; what the same person said of the thing before stands again. Experts may take back others'."""
    if label.user_id != user.pk and not has_role(user, "expert"):
        raise NotYours("this is somebody else's label: only experts may take it back")
    if label.retracts_id is not None:
        raise OtherLabel(f"label {label.pk} takes another one back itself: say it anew")
    same = ("key", "lumisection_id", "source_id", "light_curve_id", "simulated", "detection_id")
    back = Label(
        user=user, retracts=label, comment=comment, client_key=client_key,
        **{name: getattr(label, name) for name in same},
    )  # fmt: skip
    found = _sent_before(back)
    if found is None and Label.objects.filter(retracts=label).exists():
        raise OtherLabel(f"label {label.pk} was taken back already")
    return (found, False) if found else _once(back)


def _once(label: Label) -> tuple[Label, bool]:
    found = _sent_before(label)
    if found:
        return found, False
    try:
        with transaction.atomic():
            label.save()
    except IntegrityError as error:
        # The same was sent twice at once, and the other was first.
        found = _sent_before(label)
        if found is None:
            raise OtherLabel("somebody else was first: look again") from error
        return found, False
    return label, True


def _sent_before(label: Label) -> Label | None:
    if not label.client_key:
        return None
    found = Label.objects.filter(user=label.user, client_key=label.client_key).first()
    if found and any(getattr(found, name) != getattr(label, name) for name in SAID):
        raise OtherLabel(f"client_key {label.client_key!r} was sent with another label, {found.pk}")
    return found
