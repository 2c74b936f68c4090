"""What a request to the API asks for; or every reason why it cannot be answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import ValidationError

from project.filters import Parameter, parameters

PAGE_SIZE, MOST_ROWS = 100, 1000


@dataclass
class Query:
    """``terms`` are on the own table; ``via`` holds, per column, the table and terms that choose its ids."""

    fields: tuple[str, ...]
    ordering: str = ""
    page_size: int = PAGE_SIZE
    cursor: str = ""
    format: str = "json"
    terms: dict[str, Any] = field(default_factory=dict)
    via: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def narrow(self, parameter: Parameter, value: Any) -> None:
        filter_ = parameter.filter
        if filter_.via is None:
            self.terms[parameter.term] = value
        else:
            self.via.setdefault(filter_.column, (filter_.via, {}))[1][parameter.term] = value


def read(resource: Any, params: Any, one: bool = False) -> Query:
    """The query of ``params`` (a QueryDict); raises ValidationError with a reason per wrong parameter."""
    query = Query(fields=resource.shown(one))
    known = {} if one else {parameter.name: parameter for parameter in parameters(resource.filters)}
    readers = _readers(resource, query, one)
    errors: dict[str, list[str]] = {}
    for name, values in params.lists():
        try:
            if len(values) > 1:
                raise ValueError(
                    "given more than once" + ("; use one with commas" if f"{name}__in" in known else "")
                )
            if name in readers:
                readers[name](values[0])
            elif name in known:
                query.narrow(known[name], known[name].parse(values[0]))
                query.asked.add(name.split("__")[0])
            else:
                raise ValueError(f"unknown parameter; there is {', '.join((*readers, *known))}")
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise ValidationError(errors)
    return query


def _readers(resource: Any, query: Query, one: bool) -> dict[str, Callable[[str], None]]:
    """What reads each parameter that every resource has; ``one``: of a single thing, which has no pages."""

    def fields(text: str) -> None:
        query.fields = _members(text.split(","), tuple(resource.columns), "field")

    def format_(text: str) -> None:
        query.format = _members([text], resource.formats, "format")[0]

    def ordering(text: str) -> None:
        _members(
            [text.removeprefix("-")], tuple(resource.orderings), "ordering", "with - in front for descending"
        )
        query.ordering = text

    def page_size(text: str) -> None:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_ROWS or len(text) > 9:
            raise ValueError(f"a whole number from 1 to {MOST_ROWS}, not {text!r}")
        query.page_size = int(text)

    def cursor(text: str) -> None:
        query.cursor = text

    every: dict[str, Callable[[str], None]] = {"fields": fields, "format": format_}
    return every if one else {"page_size": page_size, "cursor": cursor, "ordering": ordering, **every}


def _members(names: list[str], allowed: tuple[str, ...], what: str, hint: str = "") -> tuple[str, ...]:
    unknown = [name for name in names if name not in allowed]
    if unknown:
        more = f" ({hint})" if hint else ""
        raise ValueError(f"no {what} {', '.join(map(repr, unknown))}; there is {', '.join(allowed)}{more}")
    return tuple(dict.fromkeys(names))
