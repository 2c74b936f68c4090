"""Many people reading a site at once, from a process of their own: no Django, and nothing but the standard library.

``python -m bench.readers PORT READERS`` takes the paths as JSON from the first line of its input, asks them in turn
on as many lasting connections, each beginning at another path, until its input ends, and prints what it saw as JSON.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0


@dataclass
class Seen:
    """``answers``: path, status and milliseconds of each; ``broken``: what was no answer at all."""

    answers: list[tuple[str, int, float]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


class Reader:
    """One lasting connection."""

    def __init__(self, port: int, seen: Seen) -> None:
        self.port, self.seen = port, seen
        self._in: asyncio.StreamReader | None = None
        self._out: asyncio.StreamWriter | None = None

    async def read(self, paths: Sequence[str], first: int) -> None:
        place = first
        while True:
            path = paths[place % len(paths)]
            began = time.perf_counter()
            try:
                status = await asyncio.wait_for(self._ask(path), PATIENCE)
                self.seen.answers.append((path, status, 1e3 * (time.perf_counter() - began)))
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                self.seen.broken.append(f"{path}: {error!r}")
                self._leave()
                await asyncio.sleep(0.1)
            place += 1

    async def _ask(self, path: str) -> int:
        if self._in is None or self._out is None:
            self._in, self._out = await asyncio.open_connection("127.0.0.1", self.port)
        self._out.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode())
        head = (await self._in.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in fields:
            await self._in.readexactly(int(fields["content-length"]))
        else:
            await self._chunks(self._in)
        if fields.get("connection") == "close":
            self._leave()
        return status

    async def _chunks(self, stream: asyncio.StreamReader) -> None:
        size = -1
        while size:
            size = int(await stream.readuntil(b"\r\n"), 16)
            await stream.readexactly(size + 2)

    def _leave(self) -> None:
        if self._out is not None:
            self._out.close()
        self._in = self._out = None


async def read(port: int, readers: int, paths: Sequence[str]) -> Seen:
    """Until the input ends."""
    seen = Seen()
    tasks = [
        asyncio.ensure_future(Reader(port, seen).read(paths, number * len(paths) // readers))
        for number in range(readers)
    ]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return seen


def main() -> None:
    port, readers = map(int, sys.argv[1:])
    paths: list[Any] = json.loads(sys.stdin.readline())
    seen = asyncio.run(read(port, readers, paths))
    print(json.dumps({"answers": seen.answers, "broken": seen.broken}))


if __name__ == "__main__":
    main()
