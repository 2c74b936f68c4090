"""The page of one's own account: role, and tokens for programs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from project.access import role_of
from project.errors import UserError
from project.models import ApiToken
from project.tokens import services

LISTED = 100


@require_safe
@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@never_cache
@login_required
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token is shown in the answer to the form, and never again: its text is kept nowhere."""
    days = request.POST.get("days", "").strip() or str(services.DAYS)
    try:
        if not days.isascii() or not days.isdigit() or len(days) > 4:
            raise UserError(f"days is a whole number from 1 to {services.MOST_DAYS}")
        name, scope = request.POST.get("name", "").strip(), request.POST.get("scope", ApiToken.Scope.READ)
        return _page(request, fresh=services.make(request.user, name, scope, int(days))[1])
    except UserError as error:
        return _page(request, wrong=str(error), status=400)


def _page(request: HttpRequest, *, fresh: str = "", wrong: str = "", status: int = 200) -> HttpResponse:
    context = {
        "held": role_of(request.user),
        "tokens": ApiToken.objects.of(request.user)[:LISTED],
        "fresh": fresh,
        "wrong": wrong,
        "scopes": ApiToken.Scope.choices,
        "days": services.DAYS,
        "most_days": services.MOST_DAYS,
    }
    return render(request, "profile.html", context, status=status)


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    services.revoke(get_object_or_404(ApiToken, pk=pk, user=request.user))
    messages.info(request, "Revoked: nobody is let in by it any more.")
    return redirect("profile")
