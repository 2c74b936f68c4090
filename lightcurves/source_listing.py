"""The list of sources: filters of the API, and those that only the page has; a cone's sources nearest first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from lightcurves.api import SourceResource
from lightcurves.drawing.periods import PERIOD
from lightcurves.models import LightCurve, Source
from lightcurves.sky.geometry import Cone
from lightcurves.sky.nearest import CONE, NEAREST, NearestPage, cone_of
from project.listing import Control, Listing
from project.pagination import Page
from project.query import Query
from project.selection import Selection

COLUMNS = ("id", "catalog", "name", "ra", "dec", "mag", "attributes")
FILTERS = {
    "catalog": "Catalogue",
    "name": "Name (whole)",
    "cone": "Position and radius",
    "mag__gte": "Magnitude from",
    "mag__lte": "to",
}
CURVES, SHOW = "light_curves", "show"
OWN = (CURVES, SHOW)
WITH, WITHOUT = "with", "without"
MOST_SHOWN, MOST_OFFERED, LONGEST = 8, 40, 100
KINDS = re.compile(r"(type|class|kind|label)", re.IGNORECASE)


class SourceListing(Listing):
    """One page of sources as ``params`` ask; ``separations`` of its rows in arcseconds where a cone orders them."""

    def __init__(self, params: QueryDict) -> None:
        self.query: Query | None = None
        self.page: Page | None = None
        rows, wrong = with_light_curves(params.get(CURVES, ""))
        super().__init__(SourceResource, params, COLUMNS, filters=FILTERS, own=OWN, rows=rows)
        self.errors |= wrong
        if wrong:
            self.rows = []

    def page_of(self, query: Query) -> Page:
        self.query = query
        if cone_of(query) is None:
            self.page = super().page_of(query)
        else:
            self.page, self.ordering = NearestPage(query), NEAREST
        return self.page

    @property
    def cone(self) -> Cone | None:
        return self.query.terms.get(CONE) if self.query else None

    @property
    def is_nearest(self) -> bool:
        return self.ordering == NEAREST

    @property
    def separations(self) -> list[float | None]:
        found: Any = getattr(self.page, "separations", ())
        return list(found) or [None] * len(self.rows)

    @property
    def shown(self) -> list[str]:
        """Names of the attributes that have a column."""
        return attributes_shown(self.params, self.rows)

    def selected(self) -> Any:
        """All sources that the filters choose, not only those of this page."""
        if self.query is None:
            return Source.objects.none()
        whole = replace(self.query, cursor="", after=None, ordering="")
        return Selection(whole, SourceResource.orderings, "id", self.visible).beyond(None)

    @property
    def filtered(self) -> bool:
        return super().filtered or any(self.params.get(name) for name in OWN)

    @property
    def controls(self) -> list[Control]:
        asked, wrong = self.params.get(CURVES, ""), self.errors.get(CURVES, "")
        curves = Control(CURVES, "Light curves", asked, "select", (WITH, WITHOUT), wrong)
        return [*super().controls, curves, Control(SHOW, "Attributes shown", ", ".join(self.shown), "text")]

    @property
    def reasons(self) -> dict[str, str]:
        return {name: why for name, why in super().reasons.items() if name not in OWN}


class SourceChoice(SourceListing):
    """Only which sources are chosen: no page of them is read."""

    def page_of(self, query: Query) -> Page:
        self.query = query
        return Unread(query, SourceResource.orderings, self.ordering)


class Unread(Page):
    """A page without rows."""

    def fetch(self, visible: QuerySet, paths: Sequence[str]) -> "Unread":
        self.rows = []
        return self


def with_light_curves(asked: str) -> tuple[QuerySet, dict[str, str]]:
    """The visible sources, narrowed as asked; and what is wrong with that."""
    sources = Source.objects.visible()
    curves = LightCurve.objects.visible().order_by()
    if asked == WITH:
        # Their ids are looked up one after the other: of a large catalogue few may have light curves.
        return sources.filter(pk__in=curves.values("source_id")), {}
    if asked == WITHOUT:
        return sources.filter(~Exists(curves.filter(source_id=OuterRef("pk")))), {}
    return sources, {CURVES: f"{asked[:LONGEST]!r} is neither {WITH} nor {WITHOUT}"} if asked else {}


def attributes_shown(params: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the attributes that get a column: those asked for, else what kind of source it is and its period."""
    if SHOW in params:
        asked = (name.strip()[:LONGEST] for name in params[SHOW].split(","))
        return list(dict.fromkeys(filter(None, asked)))[:MOST_SHOWN]
    there = attributes_offered(rows)
    found = (next(filter(pattern.fullmatch, there), None) for pattern in (KINDS, PERIOD))
    return [name for name in found if name]


def attributes_offered(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of all attributes of these rows, sorted."""
    names = {name for row in rows for name in row["attributes"] or ()}
    return sorted(names)[:MOST_OFFERED]
