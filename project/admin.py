"""Admin pages that stay usable at a million rows, and those of the kernel's own tables."""

from typing import Any, ClassVar

import numpy as np
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from project.access import has_role
from project.fields import VectorField
from project.models import FileProblem, Job, SourceFile

MOST_LISTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than ``MOST_LISTED``: counting a million rows is slower than showing fifty."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows[:MOST_LISTED].count()


class SiteAdmin(admin.ModelAdmin):
    """Lists without a count over everything; whoever is staff and has the role admin sees and edits."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_select_related: ClassVar[bool | tuple[str, ...]] = True
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows: Any = super().get_queryset(request)
        return rows.visible() if hasattr(rows, "visible") else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff) and has_role(request.user, "admin")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MachineMade(SiteAdmin):
    """Rows that only services write: shown, never edited. Vectors are shown as a summary."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = set(self.exclude or ())
        shown: list[Any] = []
        for field in self.model._meta.get_fields():
            if field.auto_created or not field.concrete or field.name in hidden or field.name == "id":
                continue
            if isinstance(field, VectorField):
                shown.append(_summary_of(field.name))
            elif not isinstance(field, models.BinaryField):
                shown.append(field.name)
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.get_fields(request, obj), *self.readonly_fields]


def _summary_of(name: str) -> Any:
    @admin.display(description=name)
    def summary(row: Any) -> SafeString | str:
        return vector_summary(getattr(row, name))

    summary.__name__ = f"{name}_summary"
    return summary


def vector_summary(vector: np.ndarray | None) -> SafeString | str:
    """Length and range of a vector, with its shape as a small plot."""
    if vector is None or not len(vector):
        return "empty"
    finite = vector[np.isfinite(vector)]
    if not len(finite):
        return f"{len(vector):,} values, none finite"
    words = f"{len(vector):,} values, {finite.min():.6g} to {finite.max():.6g}"
    if len(finite) < len(vector):
        words += f", {len(vector) - len(finite):,} not finite"
    return format_html("{} {}", sparkline(finite), words)


def sparkline(values: np.ndarray, width: int = 160, height: int = 24) -> SafeString:
    """The vector as steps from its lowest value (or 0) to its highest, at most one step per unit of width."""
    stride = max(1, -(-len(values) // width))
    heights = np.maximum.reduceat(values.astype(float), np.arange(0, len(values), stride))
    low, high = min(0.0, heights.min()), heights.max()
    places = height * (1 - (heights - low) / ((high - low) or 1))
    across = width / len(heights)
    path = "".join(f"V{place:.1f}h{across:.2f}" for place in places)
    return format_html(
        '<svg viewBox="0 -1 {} {}" width="{}" height="{}" aria-hidden="true">'
        '<path d="M0 {}{}" fill="none" stroke="currentColor"/></svg>',
        width, height + 2, width, height, height, path,
    )  # fmt: skip


@admin.register(SourceFile)
class SourceFileAdmin(MachineMade):
    list_display = ("name", "reader", "state", "stored", "known", "conflicts", "rejected", "created")
    list_filter = ("state",)
    search_fields = ("=sha256", "=identity", "name")


@admin.register(FileProblem)
class FileProblemAdmin(MachineMade):
    list_display = ("file", "line", "kind", "reason")
    search_fields = ("=file__id",)


@admin.register(Job)
class JobAdmin(MachineMade):
    list_display = ("title", "task", "state", "progress", "owner", "created", "finished")
    list_filter = ("state",)
    search_fields = ("=id", "=config_hash", "title")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).defer("log", "kwargs", "result")
