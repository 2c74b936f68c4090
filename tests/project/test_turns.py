"""Few requests are worked on at once; neither who sends slowly nor who downloads for long keeps others waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from project.turns import Turns

pytestmark = pytest.mark.sqlite_only
AT_ONCE = 2


class Site:
    """Reads its request, works for a moment, answers; counts how many are at work."""

    def __init__(self) -> None:
        self.at_work = self.most = self.answered = 0
        self.download_ends = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        await asyncio.sleep(0.001)
        self.at_work -= 1
        if scope["path"] == "/wrong":
            raise ValueError("a mistake in a view")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/download":
            await self.download_ends.wait()
        await send({"type": "http.response.body"})
        self.answered += 1


async def asks(app: Any, path: str = "/", ready: asyncio.Event | None = None) -> None:
    async def receive() -> Any:
        if ready is not None:
            await ready.wait()
        return {"type": "http.request", "more_body": False}

    async def send(message: Any) -> None:
        pass

    await app({"type": "http", "path": path}, receive, send)


@pytest.fixture
def on_a_site(settings: Any) -> Callable[[Callable[[Site, Turns], Awaitable[None]]], Site]:
    settings.LUMISIFT_REQUESTS_AT_ONCE = AT_ONCE

    async def visited(visit: Any) -> Site:
        site = Site()
        await asyncio.wait_for(visit(site, Turns(site)), 10)
        return site

    return lambda visit: asyncio.run(visited(visit))


def test_many_are_answered_a_few_at_a_time(on_a_site: Any) -> None:
    async def visit(site: Site, app: Turns) -> None:
        await asyncio.gather(*(asks(app) for _ in range(20)))

    site = on_a_site(visit)
    assert (site.answered, site.most) == (20, AT_ONCE)


def test_who_sends_slowly_or_downloads_for_long_holds_nobody_up(on_a_site: Any) -> None:
    async def visit(site: Site, app: Turns) -> None:
        sent = asyncio.Event()
        slow = [asyncio.ensure_future(asks(app, "/", sent)) for _ in range(AT_ONCE)]
        slow += [asyncio.ensure_future(asks(app, "/download")) for _ in range(AT_ONCE)]
        await asyncio.gather(*(asks(app) for _ in range(5)))
        assert site.answered == 5
        sent.set()
        site.download_ends.set()
        await asyncio.gather(*slow)

    assert on_a_site(visit).answered == 5 + 2 * AT_ONCE


def test_a_turn_ends_with_a_mistake_too(on_a_site: Any) -> None:
    async def visit(site: Site, app: Turns) -> None:
        for _ in range(AT_ONCE + 1):
            with pytest.raises(ValueError, match="mistake"):
                await asks(app, "/wrong")
        await asks(app)

    assert on_a_site(visit).answered == 1
