"""Forms of pages: what was typed becomes the body that the API checks, and its reasons stand beside the fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from project.bodies import Body, Choice, Number, WholeNumber, checked
from project.errors import UserError
from project.jobs.services import start
from project.models import Job


@dataclass(frozen=True)
class Box:
    """One field of a form. ``kind``: text, prose, number, lines (one entry a line), select, checkbox, checks, file or
    hidden.
    """

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    help: str = ""
    choices: tuple[Any, ...] = ()
    required: bool = False
    path: str = ""
    """Where the value goes in the body, and where reasons come from: ``recipe.dataset``; default: the name."""
    error: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    """What choices are called that do not say enough by themselves."""

    @property
    def where(self) -> str:
        return self.path or self.name

    @property
    def options(self) -> list[tuple[Any, str]]:
        """The choices, each with what it is called; none of them too, where nothing is chosen or need be."""
        unasked = not (self.value or self.required or "" in self.choices)
        choices = ("", *self.choices) if unasked else self.choices
        return [(choice, self.called.get(choice, choice or "–")) for choice in choices]

    def read(self, post: QueryDict) -> Any:
        """What was typed; None where nothing was, so that the body's own default holds."""
        if self.kind == "checkbox":
            return self.name in post
        if self.kind == "checks":
            return post.getlist(self.name) or None
        text = post.get(self.name, "")
        if self.kind == "lines":
            return [line.strip() for line in text.splitlines() if line.strip()] or None
        return text.strip() or None

    def shown(self, post: QueryDict) -> "Box":
        """The same box with what was typed in it."""
        if self.kind == "file":
            return self
        value = self.read(post) if self.kind in ("checkbox", "checks") else post.get(self.name, "")
        return replace(self, value=value or "")


def body_of(boxes: Iterable[Box], post: QueryDict) -> dict[str, Any]:
    """The body that the boxes stand for; empty ones are left out."""
    body: dict[str, Any] = {}
    for box in boxes:
        value = box.read(post)
        if value is None or box.kind == "file":
            continue
        inner = body
        *outer, last = box.where.split(".")
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return body


class Form:
    """Boxes, what was typed in them, and what is wrong with it."""

    def __init__(self, boxes: Iterable[Box], post: QueryDict | None = None) -> None:
        self.boxes = list(boxes)
        self.post = post
        self.errors: list[str] = []

    def checked(self, body: type[Body], **more: Any) -> dict[str, Any] | None:
        """The fields that ``body`` makes of what was typed (and of ``more``); None where something is wrong."""
        data = body_of(self.boxes, self.post or QueryDict())
        try:
            return checked(body, data | more)
        except ValidationError as error:
            self.refuse(error.detail)
            return None

    def refuse(self, reasons: Any) -> None:
        """Put each reason beside the box it is about; those of no box stand above them all."""
        wrong = {str(path): " ".join(map(str, why)) for path, why in dict(reasons).items()}
        shown = [box.shown(self.post) if self.post is not None else box for box in self.boxes]
        self.boxes = [replace(box, error=_about(box.where, wrong)) for box in shown]
        places = [box.where for box in self.boxes]
        self.errors = [
            f"{path}: {why}" if path not in ("request", "") else why
            for path, why in wrong.items()
            if not any(_belongs(path, place) for place in places)
        ]

    def start(self, request: HttpRequest, task: Any, title: str, **kwargs: Any) -> Job | None:
        """Queue ``task`` in the name of who asks; None, and the reason above the boxes, where it cannot be kept."""
        try:
            return start(task, title=title, owner=request.user, **kwargs)
        except UserError as error:
            self.refuse({"request": [str(error)]})
            return None

    @property
    def status(self) -> int:
        return 400 if self.errors or any(box.error for box in self.boxes) else 200


def _belongs(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}.")


def _about(place: str, wrong: Mapping[str, str]) -> str:
    return " ".join(why for path, why in wrong.items() if _belongs(path, place))


def boxes_of(body: type[Body], labels: Mapping[str, str] | None = None, prefix: str = "") -> list[Box]:
    """Boxes for the fields of a body, in their order."""
    fields = body().fields
    return [_box(name, field, (labels or {}).get(name, ""), prefix) for name, field in fields.items()]


def _box(name: str, field: Any, label: str, prefix: str) -> Box:
    label = label or name.replace("_", " ").capitalize()
    default = "" if field.default is serializers.empty or callable(field.default) else field.default
    box = Box(
        name, label, value=default, help=field.help_text or "", required=field.required, path=prefix + name
    )
    if isinstance(field, Choice):
        return replace(box, kind="select", choices=tuple(field.choices))
    if isinstance(field, serializers.BooleanField):
        return replace(box, kind="checkbox")
    if isinstance(field, serializers.DictField):
        return replace(box, kind="lines", value="", help=f"{box.help} One a line, as name=value.")
    return replace(box, kind="number" if isinstance(field, Number | WholeNumber) else "text")
