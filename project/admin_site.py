"""The admin pages as a place: for whoever has the role admin, through the same door as the rest of the site."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from project.access import has_role

OF_PAGES = require_http_methods(["GET", "HEAD", "POST"])


class LumisiftAdmin(AdminSite):
    """The role decides, the flag ``is_staff`` of an account means nothing here."""

    site_title = site_header = "Lumisift"
    index_title = "Tables"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_admin(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Who is signed in and has not the role is told so, and not asked to sign in again."""
        inner = super().admin_view(view, cacheable)

        @OF_PAGES
        @wraps(inner)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not is_admin(request):
                raise PermissionDenied(
                    "The admin pages need the role admin: ask an administrator to add you to the group."
                )
            return inner(request, *args, **kwargs)

        return page

    @method_decorator((never_cache, OF_PAGES))
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """No door of its own: the sign-in page has the one that waits after failures."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password")


def is_admin(request: HttpRequest) -> bool:
    """Asked dozens of times for one page, looked up once."""
    known: bool | None = getattr(request, "_lumisift_is_admin", None)
    if known is None:
        known = bool(request.user.is_active) and has_role(request.user, "admin")
        request._lumisift_is_admin = known  # type: ignore[attr-defined]
    return known
