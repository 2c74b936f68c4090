"""Requests that are too large or too slow, stopped before anything of the site sees them.

Under ASGI the whole body is received before a view, and with it the check of who sends it, begins.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings

from project.parsers import FORM_FIELDS, MB
from project.problems import MEDIA_TYPE, problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class BodyLimits:
    """``LUMISIFT_MAX_UPLOAD_MB`` for a body, ``LUMISIFT_MAX_UPLOAD_SECONDS`` for its coming."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = settings.LUMISIFT_MAX_UPLOAD_MB * MB + FORM_FIELDS
        if _length(scope) > most:
            await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = _Body(receive, send, most)
        await self.app(scope, body.receive, body.send)
        if body.refused and not body.answered:
            await _refuse(send, body.refused)


class _Body:
    """Counts what comes and watches whether an answer has begun."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self._until = time.monotonic() + settings.LUMISIFT_MAX_UPLOAD_SECONDS
        self._complete = self.answered = False
        self.refused: HTTPStatus | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or self._complete:
            return message
        self._left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._left < 0:
            self.refused = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        elif time.monotonic() > self._until:
            self.refused = HTTPStatus.REQUEST_TIMEOUT
        # Django takes it as a client that went away, and lets go of what has come.
        return {"type": "http.disconnect"} if self.refused else message

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)


def _length(scope: Message) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 19 else 0


async def _refuse(send: Send, status: HTTPStatus) -> None:
    body = orjson.dumps(problem(status.value, "The request is too large, or took too long to come."))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
