"""A request is carried through middleware and view in one piece."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from project.handler import OneThread

pytestmark = pytest.mark.django_db(transaction=True)


async def ask(path: str) -> list[dict[str, Any]]:
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")],
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    waiting, sent = [{"type": "http.request", "body": b"", "more_body": False}], []

    async def receive() -> Any:
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(OneThread()(scope, receive, send), 20)
    return sent


@pytest.mark.parametrize(("path", "status"), [("/login/", 200), ("/nothing-is-here/", 404), ("/runs/", 302)])
def test_a_page_goes_to_its_thread_once_and_its_signals_beside_it(
    path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[Any] = []
    plain = ThreadPoolExecutor.submit

    def counted(self: ThreadPoolExecutor, *args: Any, **named: Any) -> Any:
        went.append(args)
        return plain(self, *args, **named)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", counted)
    start, *body = asyncio.run(ask(path))
    assert start["status"] == status
    headers = dict(start["headers"])
    assert headers[b"X-Frame-Options"] == b"DENY"
    assert b"Content-Security-Policy" in headers
    assert body[-1].get("more_body") is not True
    assert len(went) <= 4  # the request begins, middleware and view, the answer is let go of
