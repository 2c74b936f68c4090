"""A request that is too large or too slow ends before the site sees it."""

import asyncio
from typing import Any

import orjson
import pytest

from project.body_limits import BodyLimits

pytestmark = pytest.mark.sqlite_only


async def reads_all(scope: Any, receive: Any, send: Any) -> None:
    """A site that answers with the number of bytes it was given, and leaves when the client does."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def answer(chunks: list[bytes], length: bytes | None = None, app: Any = reads_all) -> tuple[int, bytes]:
    sent: list[Any] = []
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
        for place, chunk in enumerate(chunks)
    ]

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", length)]
    asyncio.run(BodyLimits(app)({"type": "http", "headers": headers}, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.LUMISIFT_MAX_UPLOAD_MB = 1


def test_a_body_within_its_limits_passes() -> None:
    assert answer([b"x" * 1000] * 3, b"3000") == (200, b"3000")
    assert answer([b""]) == (200, b"0")


def test_a_length_beyond_the_limit_is_refused_unread() -> None:
    status, body = answer([b""], b"999999999")
    assert (status, orjson.loads(body)["status"]) == (413, 413)
    assert answer([b"x"], b"nonsense") == (200, b"1")


def test_a_body_that_does_not_say_its_length_is_counted() -> None:
    assert answer([b"x" * 500_000] * 5)[0] == 413


def test_a_body_that_comes_too_slowly_is_ended(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LUMISIFT_MAX_UPLOAD_SECONDS = 15
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("project.body_limits.time.monotonic", lambda: next(clock))
    assert answer([b"x"] * 5)[0] == 408


def test_only_requests_are_watched() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(BodyLimits(app)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
