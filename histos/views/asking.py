"""What a wrong address is answered with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from project.errors import UserError
from project.problems import answer

View = Callable[..., HttpResponse]


def says_what_is_wrong(view: View) -> View:
    """A wrong parameter is a page that names it, not an error of ours."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            return answer(request, 400, str(error))

    return page
