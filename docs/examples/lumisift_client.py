"""A small client of a Lumisift site: matrices out, scores in. It needs Python and NumPy; copy it where you like.

    site = Site("https://site", "lsf_…")     # or the environment: LUMISIFT_SITE, LUMISIFT_TOKEN
    charge = site.matrix(17, dataset="ZeroBias", run__gte=315488, flag="golden")
    site.send_scores("zero-bias", "autoencoder", "v1.2", run=…, lumisection=…, score=…)

From a shell, ``lumisift_client.py SET MODEL REVISION FILE`` sends a file of scores (CSV, Parquet or Arrow).
"""

import http.client
import io
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

BROKEN = (urllib.error.URLError, ConnectionError, TimeoutError, http.client.IncompleteRead)
"""What a lost connection raises. A refusal (HTTPError) is one of these too, and is never tried again."""


class Refused(Exception):
    """The site refuses; the message has its reasons."""


class Site:
    """``tries``: how often a lost connection is taken up again, after 1 s, 2 s, 4 s, …"""

    def __init__(self, address: str = "", token: str = "", tries: int = 5) -> None:
        self.address = (address or os.environ["LUMISIFT_SITE"]).rstrip("/")
        self.token = token or os.environ["LUMISIFT_TOKEN"]
        self.tries = tries

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        kind: str = "application/json",
        method: str | None = None,
        **headers: str,
    ) -> tuple[bytes, Any]:
        """The answer of ``/api/v1/<path>`` and its headers. To send ``body`` twice is as good as once."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, **headers}
        for left in range(self.tries, 0, -1):
            request = urllib.request.Request(  # noqa: S310  the address is what its user says
                f"{self.address}/api/v1/{path}", body, headers, method=method
            )
            try:
                with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
                    return answer.read(), answer.headers
            except urllib.error.HTTPError as error:
                raise Refused(_reasons(error)) from None
            except BROKEN:
                if left == 1:
                    raise
                time.sleep(2 ** (self.tries - left))
        raise AssertionError("never reached")

    def get(self, path: str, **parameters: Any) -> Any:
        """What is there, as JSON."""
        return json.loads(self.ask(f"{path}?{urllib.parse.urlencode(parameters)}")[0])

    def set_threshold(self, trial: int, threshold: float | None) -> dict[str, Any]:
        """What any trial flags from now on: all that scores so high, or nothing."""
        body = json.dumps({"threshold": threshold}).encode()
        changed: dict[str, Any] = json.loads(self.ask(f"trials/{trial}/", body, method="PATCH")[0])
        return changed

    def matrix(self, element: int, rows_at_once: int = 20_000, **choice: Any) -> dict[str, np.ndarray]:
        """Histograms of a monitoring element: counts (rows, x) or (rows, y, x), entries, run, lumisection, edges_x.

        ``choice`` as in the documentation: dataset, run, run__gte, lumisection__lte, flag, missing="nan", … It comes in
        parts, each after the last row of the one before; should the site load or replace any of these rows meanwhile,
        it says so instead of mixing two states.
        """
        parts, etag = [], {}
        choice = {**choice, "limit": rows_at_once, "format": "npz"}
        while True:
            content, headers = self.ask(
                f"monitoring-elements/{element}/matrix/?{urllib.parse.urlencode(choice)}", **etag
            )
            parts.append(np.load(io.BytesIO(content), allow_pickle=False))
            if not headers["Link"]:
                return _joined(parts)
            etag = {"If-Match": headers["ETag"]}
            choice["after"] = f"{parts[-1]['run'][-1]}:{parts[-1]['lumisection'][-1]}"

    def set_matrix(self, sample_set: int, element: str = "") -> dict[str, np.ndarray]:
        """The histograms of a frozen set, injected faults included, with ``role`` (1: fit, 2: score, 3: both)."""
        parameters = {"format": "npz", **({"element": element} if element else {})}
        content, _ = self.ask(f"sample-sets/{sample_set}/matrix/?{urllib.parse.urlencode(parameters)}")
        return dict(np.load(io.BytesIO(content), allow_pickle=False))

    def send_scores(
        self,
        sample_set: str,
        model: str,
        revision: str,
        *,
        said: dict[str, Any] | None = None,
        **columns: Any,
    ) -> dict[str, Any]:
        """Scores of all samples of a set, by ``key`` or by ``run`` and ``lumisection``; NaN: not scored.

        ``said``: transductive, offline, alarm_fraction. Sent again, the same scores are found.
        """
        lists = {
            name: [_plain(value) for value in np.asarray(column).tolist()] for name, column in columns.items()
        }
        return self._send(sample_set, model, revision, "scores.json", json.dumps(lists).encode(), said)

    def send_file(
        self, sample_set: str, model: str, revision: str, path: str, *, said: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The same from a file: of millions Parquet is smaller than anything else."""
        return self._send(sample_set, model, revision, Path(path).name, Path(path).read_bytes(), said)

    def _send(
        self,
        sample_set: str,
        model: str,
        revision: str,
        name: str,
        content: bytes,
        said: dict[str, Any] | None,
    ) -> dict[str, Any]:
        mark = uuid.uuid4().hex
        fields = {"sample_set": sample_set, "model": model, "revision": revision, **(said or {})}
        body = b"".join(_form(mark, fields, name, content))
        trial: dict[str, Any] = json.loads(
            self.ask("trials/", body, f"multipart/form-data; boundary={mark}")[0]
        )
        return trial

    def work(self, path: str, **body: Any) -> dict[str, Any]:
        """Starts long work and waits for its end; returns what the job made."""
        job = json.loads(self.ask(path, json.dumps(body).encode())[0])
        while job["state"] in ("queued", "running"):
            time.sleep(0.5)
            job = self.get(f"jobs/{job['id']}/")
        if job["state"] != "succeeded":
            raise Refused(f"job {job['id']} {job['state']}: {job['error']}")
        made: dict[str, Any] = job
        return made


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _joined(parts: list[Any]) -> dict[str, np.ndarray]:
    by_row = ("counts", "entries", "run", "lumisection")
    joined = {name: np.concatenate([part[name] for part in parts]) for name in by_row}
    return {**{name: parts[0][name] for name in parts[0] if name not in by_row}, **joined}


def _form(mark: str, fields: dict[str, Any], name: str, content: bytes) -> Iterator[bytes]:
    for field, value in fields.items():
        yield f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
    yield f'--{mark}\r\nContent-Disposition: form-data; name="scores"; filename="{name}"\r\n\r\n'.encode()
    yield content + f"\r\n--{mark}--\r\n".encode()


def _reasons(error: urllib.error.HTTPError) -> str:
    told = error.read().decode(errors="replace")
    try:
        problem = json.loads(told)
        return f"{error.code} {problem['detail']}"
    except (ValueError, KeyError):
        return f"{error.code} {error.reason}: {told[:200]}"


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    kept = Site().send_file(*sys.argv[1:])
    sys.stdout.write(f"trial {kept['id']}: {kept['n_scored']} scored, from {kept['threshold']} on flagged\n")
