"""Every error of the API as application/problem+json: what was wrong, and in which field."""

from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from rest_framework import exceptions
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
API = "/api/"


def problem(status: int, detail: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The body of an error: ``errors`` names each wrong field with its reasons."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return {**body, "errors": errors} if errors else body


def problem_response(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of Django REST framework; what nobody foresaw is left to ``server_error``."""
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    if not isinstance(exception, exceptions.APIException):
        return None
    headers: dict[str, str] = {}
    status = exception.status_code
    if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        status = HTTPStatus.UNAUTHORIZED.value
        headers = {"WWW-Authenticate": getattr(exception, "auth_header", None) or "Bearer"}
    wait = getattr(exception, "wait", None)  # of one who is throttled: seconds
    if wait:
        headers = {"Retry-After": str(max(1, round(wait)))}
    errors = _errors(exception)
    detail = "; ".join(f"{field}: {' '.join(why)}" for field, why in errors.items()) or str(exception.detail)
    response = Response(problem(status, detail, errors), status=status, headers=headers)
    response.content_type = MEDIA_TYPE
    return response


def _errors(exception: exceptions.APIException) -> dict[str, list[str]]:
    detail = exception.detail
    if not isinstance(exception, exceptions.ValidationError):
        return {}
    if isinstance(detail, dict):
        return {str(field): [str(one) for one in _listed(why)] for field, why in detail.items()}
    return {"request": [str(one) for one in _listed(detail)]}


def _listed(why: Any) -> list[Any]:
    return why if isinstance(why, list) else [why]


WORDS = {
    400: "The request could not be understood.",
    403: "You may not do this. Sign in with an account that has the role for it, or ask an administrator.",
    404: "There is nothing here. The address may be misspelt, or what it named was removed.",
    500: "Something went wrong on our side, and was logged. Try again; tell an administrator if it stays.",
}


def answer(request: HttpRequest, status: int, words: str = "") -> HttpResponse:
    """An error page, or a problem for whoever asked the API."""
    words = words or WORDS[status]
    if request.path.startswith(API):
        return HttpResponse(orjson.dumps(problem(status, words)), status=status, content_type=MEDIA_TYPE)
    context = {"status": status, "title": HTTPStatus(status).phrase, "words": words}
    return render(request, "problem.html", context, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, str(exception))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)
