"""Labels over the API: read by all who may read, given by shifters."""

from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from detections.models import Detection, Label
from detections.services.labels import NotYours, OtherLabel, add_label, retract_label
from detections.services.things import (
    NoSuchThing,
    Thing,
    light_curve_named,
    lumisection_named,
    source_named,
    thing_of,
)
from project.access import ShiftersWrite
from project.bodies import Body, Comment, Name, WholeNumber, checked
from project.errors import UserError
from project.filters import EXACT, INTEGER, MOMENT, NAMES, RANGE, TEXT, TRUTH, Filter
from project.resource import Resource, same
from project.writing import JSON, Conflict, Write, Writing, WritingSchema

NAMED_BY = ("detection", "lumisection", "source", "light_curve", "retracts")


class LabelBody(Body):
    """What is said, and of what: one of detection, lumisection, source, light_curve; or the label it takes back."""

    detection = WholeNumber(min_value=1, required=False, help_text="id of the detection it is said of")
    lumisection = Name(max_length=400, required=False, help_text="<experiment>:<run>:<lumisection>")
    element = Name(
        max_length=255, required=False, help_text="with lumisection and dataset: of that histogram"
    )
    dataset = Name(max_length=255, required=False)
    source = Name(max_length=400, required=False, help_text="<catalog>:<name>")  # type: ignore[assignment]
    light_curve = Name(max_length=400, required=False, help_text="<catalog>:<source>:<survey>:<band>…")
    retracts = WholeNumber(min_value=1, required=False, help_text="id of the label to take back")
    score = WholeNumber(min_value=Label.LOWEST, max_value=Label.HIGHEST, required=False, allow_null=True)
    tag = Name(max_length=64, default="", allow_blank=True)
    comment = Comment(max_length=4_000)
    client_key = Name(max_length=64, default="", allow_blank=True, help_text="sent twice, it is stored once")

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in NAMED_BY if name in fields]
        if len(named) != 1:
            raise ValidationError({"request": [f"name one thing, by one of {', '.join(NAMED_BY)}"]})
        if "lumisection" not in fields and ("element" in fields or "dataset" in fields):
            raise ValidationError({"element": ["element and dataset belong to a lumisection"]})
        if "retracts" in fields and (fields.get("score") is not None or fields["tag"]):
            raise ValidationError(
                {"retracts": ["to take a label back says nothing else: leave score and tag out"]}
            )
        return fields


class LabelResource(Writing, Resource):
    """What people said of things. A label is never changed: the newest that was not taken back is current."""

    model = Label
    columns: ClassVar = {
        "user": "user__username",
        "run": "lumisection__run__number",
        "lumisection": "lumisection__number",
        "source": "source__name",
        "light_curve": "light_curve_id",
        "detection": "detection_id",
        "retracts": "retracts_id",
        **same("id key score tag comment simulated client_key created"),
    }
    filters: ClassVar = {
        "user": Filter("username", TEXT, NAMES, "user_id", get_user_model()),
        "key": Filter("key"),
        "detection": Filter("detection_id", INTEGER, NAMES),
        "run": Filter("lumisection__run__number", INTEGER, RANGE),
        "lumisection": Filter("lumisection__number", INTEGER, RANGE),
        "source": Filter("source__name"),
        "light_curve": Filter("light_curve_id", INTEGER, NAMES),
        "tag": Filter("tag"),
        "score": Filter("score", INTEGER, RANGE),
        "simulated": Filter("simulated", TRUTH, EXACT),
        "current": Filter("is_current", TRUTH, EXACT),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    permission_classes = (ShiftersWrite,)
    schema = WritingSchema()
    writes: ClassVar = {
        "create": Write(
            "Says something of a thing, or takes back what was said. Shifters and above.",
            {JSON: (LabelBody,)},
            {
                "201": "the label",
                "200": "sent before with this client_key",
                "409": "stands against what was said before",
            },
        )
    }

    @classmethod
    def visible(cls) -> QuerySet:
        return Label.objects.with_current()

    def create(self, request: Request) -> Response:
        fields = checked(LabelBody, request.data)
        try:
            return self.made(*_said(request.user, fields))
        except NoSuchThing as error:
            raise ValidationError({error.field: [str(error)]}) from error
        except OtherLabel as error:
            raise Conflict(str(error)) from error
        except NotYours as error:
            raise PermissionDenied(str(error)) from error
        except UserError as error:
            raise ValidationError({"score": [str(error)]}) from error


def _said(user: Any, fields: dict[str, Any]) -> tuple[Label, bool]:
    """The label that ``fields`` ask for, and whether it is new."""
    if "retracts" in fields:
        old = Label.objects.filter(pk=fields["retracts"]).first()
        if old is None:
            raise NoSuchThing("retracts", f"there is no label {fields['retracts']}")
        return retract_label(old, user, comment=fields["comment"], client_key=fields["client_key"])
    what = {name: fields[name] for name in ("score", "tag", "comment", "client_key") if name in fields}
    if "detection" not in fields:
        return add_label(user, _thing(fields), **what)
    detection = Detection.objects.filter(pk=fields["detection"]).first()
    if detection is None:
        raise NoSuchThing("detection", f"there is no detection {fields['detection']}")
    return add_label(user, thing_of(detection), detection=detection, **what)


def _thing(fields: dict[str, Any]) -> Thing:
    if "lumisection" in fields:
        names = ("element", "dataset")
        return lumisection_named(fields["lumisection"], **{n: fields[n] for n in names if n in fields})
    if "source" in fields:
        return source_named(fields["source"])
    return light_curve_named(fields["light_curve"])
