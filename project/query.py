"""What a request to the API asks for; or every reason why it cannot be answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import ValidationError

from project.filters import Parameter, natural, parameters

PAGE_SIZE, MOST_ROWS = 100, 1000
EXPORTS = ("csv", "parquet", "arrow", "npz")
"""Formats of a whole selection, streamed; the others are answered in pages."""


@dataclass
class Query:
    """``terms`` are on the own table; ``via`` holds, per column, the table and terms that choose its ids."""

    fields: tuple[str, ...]
    ordering: str = ""
    page_size: int = PAGE_SIZE
    cursor: str = ""
    after: int | None = None
    limit: int | None = None
    format: str = "json"
    terms: dict[str, Any] = field(default_factory=dict)
    via: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    @property
    def is_export(self) -> bool:
        return self.format in EXPORTS

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
    errors = errors or _contradictions(query, params)
    if errors:
        raise ValidationError(errors)
    if query.format == "npz" and "fields" not in params:
        query.fields = resource.shown(one=True)
    return query


def _contradictions(query: Query, params: Any) -> dict[str, list[str]]:
    """Parameters that are right alone and wrong together."""
    errors = {}
    if query.is_export and "page_size" in params:
        errors["page_size"] = [f"{query.format} has no pages, it is the whole selection: use limit for fewer"]
    if not query.is_export and "limit" in params:
        errors["limit"] = [f"{query.format} comes in pages: use page_size; limit is for {', '.join(EXPORTS)}"]
    if query.cursor and query.after is not None:
        errors["after"] = ["cursor says already where to begin: give one of the two"]
    return errors


def _readers(resource: Any, query: Query, one: bool) -> dict[str, Callable[[str], None]]:
    """What reads each parameter that every resource has; ``one``: of a single thing, which has no pages."""

    def fields(text: str) -> None:
        query.fields = _members(text.split(","), tuple(resource.columns), "field")

    def format_(text: str) -> None:
        allowed = tuple(name for name in resource.formats if not (one and name in EXPORTS))
        query.format = _members([text], allowed, "format")[0]

    every: dict[str, Callable[[str], None]] = {"fields": fields, "format": format_}
    return every if one or not resource.orderings else {**_paging(resource, query), **every}


def _paging(resource: Any, query: Query) -> dict[str, Callable[[str], None]]:
    """What reads where a list begins, in which order it goes and where it ends."""

    def ordering(text: str) -> None:
        _members(
            [text.removeprefix("-")], tuple(resource.orderings), "ordering", "with - in front for descending"
        )
        query.ordering = text

    def page_size(text: str) -> None:
        query.page_size = natural(text, 1, MOST_ROWS)

    def cursor(text: str) -> None:
        if not text:
            raise ValueError("empty: leave it out to begin at the first row")
        query.cursor = text

    def after(text: str) -> None:
        query.after = natural(text, 0)

    def limit(text: str) -> None:
        query.limit = natural(text, 1)

    return {"page_size": page_size, "cursor": cursor, "after": after, "limit": limit, "ordering": ordering}


def _members(names: list[str], allowed: tuple[str, ...], what: str, hint: str = "") -> tuple[str, ...]:
    unknown = [name for name in names if name not in allowed]
    if unknown:
        more = f" ({hint})" if hint else ""
        named = ", ".join(f"{name!r:.100}" for name in unknown[:5])
        raise ValueError(f"no {what} {named}; there is {', '.join(allowed)}{more}")
    return tuple(dict.fromkeys(names))
