"""Requests take turns: a process of the site works on a few at a time, and the others wait in line.

Under ASGI every request gets a thread of its own. Fifty of them in one process hinder each other so much that all are
answered later than if they had waited: a page of fifty milliseconds then takes seconds.
"""

import asyncio

from django.conf import settings

from project.body_limits import App, Message, Receive, Send


class Turns:
    """At most ``LUMISIFT_REQUESTS_AT_ONCE`` requests are in views of this process.

    A turn begins when the whole request is there and ends when its answer begins: neither a slow sender nor a long
    download keeps others waiting.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._free = asyncio.Semaphore(settings.LUMISIFT_REQUESTS_AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        turn = _Turn(self._free, receive, send)
        try:
            await self.app(scope, turn.receive, turn.send)
        finally:
            turn.end()


class _Turn:
    """One request's: taken with the last part of its body."""

    def __init__(self, free: asyncio.Semaphore, receive: Receive, send: Send) -> None:
        self._free, self._receive, self._send = free, receive, send
        self._asked = self._held = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body") and not self._asked:
            self._asked = True
            await self._free.acquire()
            self._held = True
        return message

    async def send(self, message: Message) -> None:
        self.end()
        await self._send(message)

    def end(self) -> None:
        if self._held:
            self._held = False
            self._free.release()
