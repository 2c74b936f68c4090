"""Who may do what: four roles, each with all that the ones before it may."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from project.asked import plain

ROLES = ("viewer", "shifter", "expert", "admin")
ASKED = "_lumisift_role"
"""Of a request: who asks, and the role."""


def role_of(user: Any) -> str | None:
    """The highest role of a user; every account reads, so the least is ``viewer``. None: anonymous."""
    if not user.is_authenticated:
        return None
    if user.is_superuser:
        return ROLES[-1]
    groups = {name for (name,) in plain("groups", (user.pk,), lambda: user.groups.values_list("name"))}
    return next((role for role in reversed(ROLES) if role in groups), ROLES[0])


def has_role(user: Any, role: str) -> bool:
    return _reaches(role_of(user), role)


def _reaches(held: str | None, role: str) -> bool:
    return held is not None and ROLES.index(held) >= ROLES.index(role)


def held_by(request: HttpRequest) -> str | None:
    """The role of who asks. Looked up once of a request, of however many parts its page is made."""
    known = getattr(request, ASKED, None)
    if known is None or known[0] != request.user.pk:
        known = request.user.pk, role_of(request.user)
        setattr(request, ASKED, known)
    return known[1]


def may_read(user: Any) -> bool:
    return bool(settings.LUMISIFT_PUBLIC_READ or user.is_authenticated)


class ReadOnlyForMembers(BasePermission):
    """Whoever the site lets in reads; the view has no writing method, which those who are known are told."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return may_read(request.user)
        if request.user.is_authenticated:
            raise MethodNotAllowed(request.method)
        return False


class RoleWrites(BasePermission):
    """Whoever the site lets in reads; those with ``role`` write, by the methods the view has."""

    role: str

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return may_read(request.user)
        if request.user.is_authenticated and getattr(view, "action", None) is None:
            raise MethodNotAllowed(request.method)
        self.message = f"This needs the role {self.role}: ask an administrator to add you to the group."
        return has_role(request.user, self.role)


class ShiftersWrite(RoleWrites):
    role = "shifter"


class ExpertsWrite(RoleWrites):
    role = "expert"


class MembersAsk(BasePermission):
    """Whoever has an account may ask; the view itself says whether this one may."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.is_authenticated)


def may_cancel(user: Any, job: Any) -> bool:
    """Who started a job may stop it, and so may experts."""
    return user.is_authenticated and (job.owner_id == user.pk or has_role(user, "expert"))


def may_rerun(user: Any, job: Any) -> bool:
    """Experts: to run it again is to start it, and an owner may have lost the role since."""
    return has_role(user, "expert")


def reader_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for whoever the site lets in; others are asked to sign in and come back."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if may_read(request.user):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return page


def role_required(role: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for those with a role: who is not signed in is asked to, who has less is told what is needed."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not _reaches(held_by(request), role):
                raise PermissionDenied(
                    f"This needs the role {role}: ask an administrator to add you to the group."
                )
            return view(request, *args, **kwargs)

        return page

    return decorate


def rights(request: HttpRequest) -> dict[str, Any]:
    """For templates: whether who is looking may do what a ``shifter``, ``expert`` or ``admin`` may."""
    held = held_by(request) if hasattr(request, "user") else None
    rank = -1 if held is None else ROLES.index(held)
    return {"role": held, **{f"is_{role}": rank >= place for place, role in enumerate(ROLES)}}
