"""Admin pages of the kernel's own tables, and of the people."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from project.admin_tables import MachineMade, SiteAdmin, by_id
from project.models import ApiToken, FailedTries, FileProblem, Job, SourceFile
from project.throttling import NAME, hashed
from project.tokens.services import revoke

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(SourceFile)
class SourceFileAdmin(MachineMade):
    list_display = ("name", "reader", "state", "stored", "known", "conflicts", "rejected", "created")
    list_filter = ("state",)
    search_help_text = "the beginning of a name, a whole SHA-256, or an id"

    def matches(self, term: str) -> Q:
        return (
            Q(sha256=term.lower()) | Q(identity=term.lower()) | Q(name__istartswith=term) | by_id("pk", term)
        )


@admin.register(FileProblem)
class FileProblemAdmin(MachineMade):
    list_display = ("file", "line", "kind", "reason")
    related = ("file",)
    search_help_text = "a file's id"

    def matches(self, term: str) -> Q:
        return by_id("file_id", term)


@admin.register(Job)
class JobAdmin(MachineMade):
    list_display = ("__str__", "task", "state", "progress", "owner", "created", "finished")
    list_filter = ("state",)
    related = ("owner", "cancelled_by", "rerun_of")
    search_help_text = "an id or a whole configuration hash"

    def matches(self, term: str) -> Q:
        return Q(config_hash=term.lower()) | by_id("pk", term)


@admin.register(ApiToken)
class ApiTokenAdmin(MachineMade):
    exclude = ("digest",)
    list_display = ("name", "user", "public_id", "scope", "created", "expires", "last_used", "revoked")
    related = ("user",)
    actions = ("revoke_chosen",)
    search_help_text = "a whole user name, or a token's public part"

    def matches(self, term: str) -> Q:
        users = list(User.objects.filter(username=term).values_list("pk", flat=True))
        return Q(public_id=term.lower()) | Q(user_id__in=users)

    @admin.action(description="Revoke", permissions=["view"])
    def revoke_chosen(self, request: HttpRequest, tokens: QuerySet) -> None:
        for token in tokens:
            revoke(token)
            self.log_change(request, token, "revoked")
        messages.success(request, "Nobody is let in by the chosen tokens any more.")


@admin.register(FailedTries)
class FailedTriesAdmin(MachineMade):
    """Deleting a row lets that name or address try again at once."""

    list_display = ("kind", "failures", "last", "blocked_until")
    search_help_text = "a user name"

    def matches(self, term: str) -> Q:
        return Q(kind=NAME, key=hashed(NAME, term))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)


@admin.register(User)
class PersonAdmin(SiteAdmin, UserAdmin):
    """Accounts and their roles. Nobody is deleted, what they did stays theirs: take away ``active`` instead."""

    list_display = ("username", "email", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("username",)
    contains = ("username", "email", "first_name", "last_name")
    search_help_text = "a part of a name or address"
    related = ("groups",)
    fieldsets: ClassVar = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "groups", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ("groups",)

    @admin.display(description="groups")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An administrator by role must not take over, or make, an account that may do everything."""
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not beyond

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined")
        return fixed if request.user.is_superuser else (*fixed, "is_superuser")


@admin.register(Group)
class GroupAdmin(MachineMade):
    """The roles; who has one is said at the account."""

    exclude = ("permissions",)
    list_display = ("name",)
    contains = ("name",)
    search_help_text = "a part of a name"
