"""Answers that are made while they are sent, under WSGI and ASGI alike."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import StreamingHttpResponse

from project.exports import FORMATS
from project.exports.rows import Source
from project.exports.snapshot import snapshot


class Streamed(StreamingHttpResponse):
    """A response of a synchronous generator of bytes.

    Django gathers such a one in memory before it serves it by ASGI. This takes part after part in the request's own
    thread, where its database connection is, and only when the one before was sent. Whoever leaves, or takes longer
    than ``LUMISIFT_EXPORT_SECONDS``, ends the generator, and with it the snapshot it reads.
    """

    def __init__(self, parts: Generator[bytes], **headers: Any) -> None:
        super().__init__(parts, **headers)
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = iter(self)
        try:
            async with asyncio.timeout(settings.LUMISIFT_EXPORT_SECONDS):
                while (part := await sync_to_async(_next)(parts)) is not None:
                    yield part
        finally:
            await sync_to_async(self._parts.close)()


def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


def download(source: Source, format_: str, name: str, *, empty: bool = False) -> Streamed:
    """The rows of ``source`` as a file called ``name``; ``empty``: only the headers are asked for."""
    chosen = FORMATS[format_]
    parts = _parts(source, format_, empty)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{chosen.ending}"'}
    return Streamed(parts, content_type=chosen.media_type, headers=headers)


def _parts(source: Source, format_: str, empty: bool) -> Generator[bytes]:
    if empty:
        return
    with snapshot():
        yield from filter(None, FORMATS[format_].write(source))
