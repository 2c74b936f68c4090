"""Admin pages that stay usable at a million rows.

No list counts or sorts a whole table, joins, or reads a vector; a search is answered by an index. What a row points to
is read beside the page's rows (``related``): with a join a planner may begin at the small table and sort the large one.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from project.admin_site import is_admin
from project.admin_vectors import vector_summary
from project.fields import VectorField

MOST_LISTED = 10_000
LARGEST_ID = 2**63 - 1
NOT_A_FILTER = {"p", "o", "e", "all"}
NOTHING = Q(pk__in=())


class AtLeast(int):
    """A number that was not counted further."""

    def __str__(self) -> str:
        return f"{int(self):,} or more"


class BoundedPaginator(Paginator):
    """Counts no further than ``MOST_LISTED``: counting a million rows is slower than showing fifty."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        found: int = rows[:MOST_LISTED].count()
        return AtLeast(found) if found == MOST_LISTED else found


class SiteAdmin(admin.ModelAdmin):
    """Whoever has the role admin sees and edits. ``related``: relations that a list or a page names."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_select_related: ClassVar[tuple[str, ...]] = ()
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    found_ordering: ClassVar[tuple[str, ...]] = ()
    """The index that answers searches and filters: in its order there is nothing to sort."""
    related: ClassVar[tuple[str, ...]] = ()
    contains: ClassVar[tuple[str, ...]] = ()
    """Columns in which a part of a text is found, in tables that stay small; others say ``matches``."""
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)
    search_help_text = "an id"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows: Any = super().get_queryset(request)
        rows = rows.visible() if hasattr(rows, "visible") else rows
        return rows.defer(*heavy(self.model)).prefetch_related(*beside(self.model, self.related))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return (self.found_ordering if request.GET.keys() - NOT_A_FILTER else ()) or self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        term = search_term.replace("\0", "").strip()
        return (queryset.filter(self.matches(term)) if term else queryset), False

    def matches(self, term: str) -> Q:
        """The rows that ``term`` names."""
        if not self.contains:
            return by_id("pk", term)
        found = Q()
        for name in self.contains:
            found |= Q(**{f"{name}__icontains": term})
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_admin(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_admin(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MachineMade(SiteAdmin):
    """Rows that only services write: shown, never edited. Vectors are shown as a summary."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = {"id", *(self.exclude or ())}
        shown: list[Any] = []
        for field in self.model._meta.get_fields():
            if field.auto_created or not field.concrete or field.name in hidden:
                continue
            if isinstance(field, VectorField):
                shown.append(_summary_of(field.name))
            elif not isinstance(field, models.BinaryField):
                shown.append(field.name)
        return [*shown, *self.readonly_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)


def _summary_of(name: str) -> Any:
    @admin.display(description=name)
    def summary(row: Any) -> SafeString | str:
        return vector_summary(getattr(row, name))

    summary.__name__ = f"{name}_summary"
    return summary


def by_id(column: str, term: str) -> Q:
    """Rows whose whole number in ``column`` is ``term``; none where it is no such number."""
    if not term.isascii() or not term.isdigit() or int(term) > LARGEST_ID:
        return NOTHING
    return Q(**{column: int(term)})


def heavy(model: Any) -> list[str]:
    """Columns that may hold megabytes: read for one row, never for a list."""
    kinds = (VectorField, models.BinaryField, models.JSONField, models.TextField)
    return [field.name for field in model._meta.concrete_fields if isinstance(field, kinds)]


def beside(model: Any, paths: Iterable[str]) -> list[Prefetch]:
    """Reads what ``paths`` point to, without what is heavy there: one query each for the whole page."""
    found: dict[str, Prefetch] = {}
    for path in paths:
        there, steps = model, path.split("__")
        for place, step in enumerate(steps, start=1):
            there = there._meta.get_field(step).related_model
            lookup = "__".join(steps[:place])
            found.setdefault(lookup, Prefetch(lookup, there._default_manager.defer(*heavy(there))))
    return list(found.values())
