"""Services to ask in tests: a local HTTP server that answers as OMS and the Run Registry do, and fails on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """``cut``: bytes of the body that are never sent; ``delay``: seconds before it; ``drip``: between its bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    delay: float = 0.0
    drip: float = 0.0

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Asked], Answer]


class LocalService(ThreadingHTTPServer):
    """Answers with ``faults`` first, one after the other, then with what ``answering`` makes of the question."""

    daemon_threads = True

    def __init__(self, answering: Answering) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = answering
        self.faults: list[Answer] = []
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalService

    def _reply(self) -> None:
        parts = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, parts.path.strip("/"), params, dict(self.headers), body)
        self.server.asked.append(asked)
        answer = self.server.faults.pop(0) if self.server.faults else self.server.answering(asked)
        time.sleep(answer.delay)
        with suppress(OSError):  # who asked did not wait
            self._send(answer)
        self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.send_header("Connection", "close")
        self.end_headers()
        sent = answer.content[: len(answer.content) - answer.cut]
        for at in range(0, len(sent), 1 if answer.drip else len(sent)):
            self.wfile.write(sent[at : at + (1 if answer.drip else len(sent))])
            time.sleep(answer.drip)

    do_GET = do_POST = _reply

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(answering: Answering) -> Iterator[LocalService]:
    service = LocalService(answering)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join()


UNITS = {
    "runs": {"recorded_lumi": "pb^{-1}", "delivered_lumi": "pb^{-1}", "l1_rate": "Hz", "b_field": "T"},
    "fills": {"recorded_lumi": "fb^{-1}", "delivered_lumi": "fb^{-1}", "energy": "GeV"},
    "lumisections": dict.fromkeys(
        ("recorded_lumi_per_lumisection", "delivered_lumi_per_lumisection"), "{\\mu}b^{-1}"
    ),
}
COMPARE = {"EQ": lambda a, b: a == b, "GE": lambda a, b: a >= b, "LE": lambda a, b: a <= b}


@dataclass
class Oms:
    """What OMS knows: attributes by kind. It answers filters, order and paging, ten things a page at most."""

    things: dict[str, list[dict[str, Any]]]
    page: int = 10

    def __call__(self, asked: Asked) -> Answer:
        what = asked.path.rpartition("/")[2]
        found = [
            one for one in self.things[what] if all(self._fits(one, *item) for item in asked.params.items())
        ]
        found.sort(key=lambda one: one[asked.params["sort"]])
        at, size = int(asked.params["page[offset]"]), min(int(asked.params["page[limit]"]), self.page)
        units = {name: {"units": unit} for name, unit in UNITS[what].items()}
        data = [
            {"id": str(n), "type": what, "attributes": one, "meta": {"row": units}}
            for n, one in enumerate(found[at : at + size])
        ]
        following = "more" if at + size < len(found) else None
        return Answer(
            {"data": data, "links": {"next": following}, "meta": {"totalResourceCount": len(found)}}
        )

    @staticmethod
    def _fits(one: dict[str, Any], name: str, value: str) -> bool:
        if not name.startswith("filter["):
            return True
        column, operator = name.removeprefix("filter[").removesuffix("]").split("][")
        there = one.get(column)
        return there is not None and COMPARE[operator](there, type(there)(value))


@dataclass
class RunRegistry:
    """What the Run Registry knows: datasets with their ranges, two a page."""

    datasets: list[dict[str, Any]]

    def __call__(self, asked: Asked) -> Answer:
        question = json.loads(asked.body)
        if asked.path.endswith("datasets_filtered_ordered"):
            low, high = (next(iter(one.values())) for one in question["filter"]["run_number"]["and"])
            found = [one for one in self.datasets if low <= one["run_number"] <= high]
            at = question["page"] * 2
            shown = [{**one, "lumisections": {"tracker-pixel": {"GOOD": 3}}} for one in found[at : at + 2]]
            return Answer({"datasets": shown, "pages": -(-len(found) // 2), "count": len(found)})
        wanted = (question["run_number"], question["dataset_name"])
        found = [one for one in self.datasets if (one["run_number"], one["name"]) == wanted]
        return Answer(found[0]["lumisections"])
