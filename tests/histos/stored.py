"""Elements stored for the tests of pages, and what a figure on a page holds."""

import base64
import json
from typing import Any

import numpy as np
from django.test import Client

from histos.models import LumisectionHistogram, MonitoringElement
from histos.services import ensure_dataset
from runs.models import Lumisection, Run

FLAT = [0, 10, 10, 10, 10, 10, 0]
RUN = "CMS/1000"


def element(name: str = "element_1") -> MonitoringElement:
    return MonitoringElement.objects.get(name=name)


def at(name: str = "element_1", run: str = RUN, end: str = "") -> str:
    return f"/histograms/{element(name).pk}/{run}/{end}"


def unpacked(data: dict[str, Any]) -> np.ndarray:
    array = np.frombuffer(base64.b64decode(data["bdata"]), f"<{data['dtype']}")
    return array.reshape([int(size) for size in data["shape"].split(", ")]) if "shape" in data else array


def figure(client: Client, url: str) -> dict[str, Any]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return dict(json.loads(answer.content))


def heat(found: dict[str, Any]) -> np.ndarray:
    return unpacked(found["data"][0]["z"])


def store(
    name: str, values: list[list[float]], *, axes: list[dict[str, Any]] | None = None, storage: str = "int64",
    numbers: list[int] | None = None, run: int = 5,
) -> MonitoringElement:  # fmt: skip
    """An element with a histogram in each of a few lumisections of a run."""
    axes = axes or [{"lower": 0.0, "upper": 3.0, "bins": len(values[0]) - 2}]
    made = MonitoringElement.objects.create(
        name=name, binning="b", dimension=len(axes), axes=axes, storage=storage
    )
    of, _ = Run.objects.get_or_create(number=run)
    dataset = ensure_dataset("ZB")
    for number, counts in zip(numbers or range(1, len(values) + 1), values, strict=True):
        lumisection, _ = Lumisection.objects.get_or_create(run=of, number=number)
        LumisectionHistogram.objects.create(
            lumisection=lumisection,
            dataset=dataset,
            element=made,
            entries=100 * any(counts),
            counts=np.array(counts, float),
        )
    return made
