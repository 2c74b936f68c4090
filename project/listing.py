"""A list page over a resource of the API: the same filters, orderings and keyset pages, and the URL is the state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from project.filters import Parameter, parameters
from project.pagination import Page
from project.query import Query, read
from project.resource import Resource, all_visible

ROWS = 50


@dataclass(frozen=True)
class Control:
    """One field of the filter form."""

    name: str
    label: str
    value: str
    kind: str
    choices: tuple[str, ...] = ()
    error: str = ""


class Listing:
    """One page of ``resource`` as ``params`` ask; ``names`` are the columns read.

    ``filters`` are the parameters offered in the form, with their labels; any other parameter of the API works in the
    URL too. ``own`` are parameters of the page itself, ``rows`` narrows what is listed. A wrong parameter leaves no
    rows and says why (``status`` 400).
    """

    def __init__(  # noqa: PLR0913  keyword-only choices of the page
        self,
        resource: type[Resource],
        params: QueryDict,
        names: Iterable[str],
        *,
        filters: Mapping[str, str] | None = None,
        fixed: Mapping[str, Any] | None = None,
        own: Iterable[str] = (),
        page_size: int = ROWS,
        ordering: str = "",
        rows: QuerySet | None = None,
    ) -> None:
        self.params = params
        self.labels = dict(filters or {})
        self.fixed = {name: str(value) for name, value in (fixed or {}).items()}
        self.own = set(own)
        self.resource = resource
        self.errors: dict[str, str] = {}
        self.visible = all_visible(resource) if rows is None else rows
        self.rows: list[dict[str, Any]] = []
        self.next: str | None = None
        self.previous: str | None = None
        self.ordering = params.get("ordering") or ordering
        self._read(tuple(names), page_size)

    def _read(self, names: tuple[str, ...], page_size: int) -> None:
        try:
            query = read(self.resource, self._asked(page_size))
            self.ordering = query.ordering or self.resource().order_for(query)
            paths = [self.resource.columns[name] for name in names]
            page = self.page_of(query).fetch(self.visible, paths)
        except ValidationError as error:
            self.errors = {name: " ".join(map(str, why)) for name, why in dict(error.detail).items()}  # type: ignore[arg-type]
            return
        self.rows = [dict(zip(names, row, strict=True)) for row in page.rows]
        self.next = page.next and self.url(cursor=page.next)
        self.previous = page.previous and self.url(cursor=page.previous)

    def page_of(self, query: Query) -> Page:
        """The page that ``query`` asks for; a list with an order of its own makes another kind."""
        return Page(query, self.resource.orderings, self.ordering)

    def _asked(self, page_size: int) -> QueryDict:
        """The parameters for the API: empty fields of the form mean that nothing is asked."""
        asked = QueryDict(mutable=True)
        for name, values in self.params.lists():
            given = [value for value in values if value.strip()]
            if given and name not in self.own:
                asked.setlist(name, given)
        if self.ordering:
            asked["ordering"] = self.ordering
        asked["page_size"] = str(page_size)
        for name, value in self.fixed.items():
            asked[name] = value
        return asked

    @property
    def status(self) -> int:
        return 400 if self.errors else 200

    @property
    def filtered(self) -> bool:
        return any(self.params.get(name) for name in self.labels)

    @property
    def anything(self) -> bool:
        """Whether there are rows, or the address asks for some that are not there; else a filter has nothing to do."""
        return bool(self.rows or self.filtered or self.errors or self.params.get("cursor"))

    @property
    def controls(self) -> list[Control]:
        known = {parameter.name: parameter for parameter in parameters(self.resource.filters)}
        return [self._control(known[name], label) for name, label in self.labels.items()]

    @property
    def reasons(self) -> dict[str, str]:
        """What is wrong with the parameters, by name, as the page says it above the list."""
        return self.errors

    def _control(self, parameter: Parameter, label: str) -> Control:
        schema = parameter.filter.kind.schema
        choices = tuple(schema.get("enum", ("true", "false") if schema["type"] == "boolean" else ()))
        kind = "select" if choices else {"integer": "number", "number": "number"}.get(schema["type"], "text")
        name = parameter.name
        if parameter.lookup == "in":
            kind = "text"
        return Control(name, label, self.params.get(name, ""), kind, choices, self.errors.get(name, ""))

    def url(self, **changes: str) -> str:
        """This page's address with some parameters changed; a new filter or order starts from the first page."""
        now = {name: value for name, value in self.params.items() if value and name != "cursor"}
        return "?" + urlencode(now | changes)

    def sort_url(self, name: str) -> str:
        """Where a click on the head of a column leads: its order, or the other way round."""
        return self.url(ordering=f"-{name}" if self.ordering == name else name)

    def sorted_as(self, name: str) -> str:
        """The value of ``aria-sort`` of a column."""
        return {name: "ascending", f"-{name}": "descending"}.get(self.ordering, "none")
