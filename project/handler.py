"""Django under ASGI, its middleware and views in one piece."""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest


class OneThread(ASGIHandler):
    """Carries a request through all middleware and its view in the request's thread without leaving it.

    Django's own goes back to the event loop before and after each of them: a dozen times for one page, which together
    takes longer than the middleware itself. Nothing here awaits, so nobody else gains by it.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
