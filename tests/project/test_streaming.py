"""A file is made while it is sent: by ASGI too, from one state of the tables, without holding up whoever writes."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from pyarrow import ipc

from project.exports import rows
from project.exports.response import Streamed
from project.handler import OneThread
from project.models import FileProblem, SourceFile

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 400
URL = "/api/v1/files/"
Message = dict[str, Any]


@pytest.fixture
def files(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[SourceFile]:
    settings.LUMISIFT_PUBLIC_READ = True
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    for name, size in (("FIRST_ROWS", 10), ("MOST_ROWS", 10), ("PART_ROWS", 10), ("ONE_BY_ONE", 1)):
        monkeypatch.setattr(rows, name, size)
    return SourceFile.objects.bulk_create(
        SourceFile(name=f"{number}.csv", reader="r", state="complete", identity=str(number))
        for number in range(ROWS)
    )


@pytest.fixture
def parts_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each part that was read has."""
    read: list[int] = []
    plain = rows.raw_parts

    def counted(*args: Any) -> Iterator[list[tuple]]:
        for part in plain(*args):
            read.append(len(part))
            yield part

    monkeypatch.setattr(rows, "raw_parts", counted)
    return read


async def ask(
    query: str,
    send: Callable[[Message], Awaitable[None]],
    leave: asyncio.Event | None = None,
) -> None:
    """One request by ASGI; the client leaves when ``leave`` is set."""
    scope = {
        "type": "http", "method": "GET", "path": URL, "query_string": query.encode(), "headers": [(b"host", b"x")],
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("x", 80),
    }  # fmt: skip
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await (leave or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    await OneThread()(scope, receive, send)


def nobody_reads() -> bool:
    """Whether SQLite could put everything written since into its file: no reader is in the way."""
    with connection.cursor() as cursor:
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@pytest.mark.parametrize("format_", ["arrow", "csv", "parquet"])
def test_asgi_sends_parts_as_they_are_read(
    format_: str, files: list[SourceFile], parts_read: list[int]
) -> None:
    sent: list[bytes] = []
    ahead: list[int] = []

    async def send(message: Message) -> None:
        if message.get("body"):
            sent.append(message["body"])
            ahead.append(len(parts_read))

    asyncio.run(ask(f"format={format_}", send))
    assert sum(parts_read) == ROWS
    assert b"399.csv" in b"".join(sent) or format_ == "parquet"
    if format_ != "parquet":
        assert len(sent) > ROWS / 10
        assert all(read <= place + 1 for place, read in enumerate(ahead))


@pytest.mark.parametrize("when", ["while a part is sent", "while a part is read"])
def test_a_client_that_leaves_ends_the_reading(
    when: str, files: list[SourceFile], parts_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leaves() -> None:
        leave = asyncio.Event()
        loop = asyncio.get_running_loop()
        plain = rows.raw_parts

        def slow(*args: Any) -> Iterator[list[tuple]]:
            if len(parts_read) == 3:
                loop.call_soon_threadsafe(leave.set)
                time.sleep(0.2)
            yield from plain(*args)

        async def send(message: Message) -> None:
            if len(parts_read) == 3:
                leave.set()
            await asyncio.sleep(0)

        async def takes(message: Message) -> None:
            """As uvicorn does of who has left: silently."""

        reading = when == "while a part is read"
        monkeypatch.setattr(rows, "raw_parts", slow if reading else plain)
        await asyncio.wait_for(ask("format=csv", takes if reading else send, leave), 20)

    asyncio.run(leaves())
    assert 3 <= len(parts_read) < ROWS / 10 - 5
    if connection.vendor == "sqlite":
        assert nobody_reads()


def test_a_client_that_takes_nothing_is_not_waited_for(
    files: list[SourceFile], parts_read: list[int], settings: Any
) -> None:
    settings.LUMISIFT_EXPORT_SECONDS = 1

    async def stalls() -> None:
        async def send(message: Message) -> None:
            if message.get("body"):
                await asyncio.Event().wait()

        await asyncio.wait_for(ask("format=arrow", send), 20)

    asyncio.run(stalls())
    assert len(parts_read) <= 1


def test_what_is_written_meanwhile_waits_for_nothing_and_is_not_in_the_file(files: list[SourceFile]) -> None:
    answer = Client().get(f"{URL}?format=arrow&fields=id,name,state&ordering=id")
    parts = iter(answer)
    content = [next(parts), next(parts)]

    def write() -> None:
        with transaction.atomic():
            SourceFile.objects.create(name="late.csv", reader="r", state="complete", identity="late")
            SourceFile.objects.filter(pk=files[-1].pk).update(state="failed")
            SourceFile.objects.filter(pk=files[-2].pk).delete()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(10)
    assert not writer.is_alive()
    content += parts
    found = ipc.open_stream(b"".join(content)).read_all().to_pylist()
    assert [row["id"] for row in found] == [file.pk for file in files]
    assert {row["state"] for row in found} == {"complete"}
    answer.close()
    assert SourceFile.objects.filter(name="late.csv").exists()


def test_an_answer_that_nobody_takes_reads_nothing(files: list[SourceFile], parts_read: list[int]) -> None:
    answer = Client().get(f"{URL}?format=arrow")
    assert isinstance(answer, Streamed)
    answer.close()
    assert parts_read == []
    assert not connection.in_atomic_block


def test_the_rows_of_a_file_that_failed_are_a_file_too(files: list[SourceFile], client: Client) -> None:
    FileProblem.objects.create(file=files[0], line=3, kind="rejected", reason="=cmd")
    answer = client.get(f"{URL}{files[0].pk}/problems/?format=csv&fields=line,reason")
    assert b"".join(answer) == b"line,reason\r\n3,'=cmd\r\n"
