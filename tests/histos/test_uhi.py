"""What the API says of a histogram opens in boost-histogram and in hist, with the same contents in every cell."""

from typing import Any

import hist
import numpy as np
import pytest
from boost_histogram import serialization
from django.test import Client

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db

LIST = "/api/v1/lumisection-histograms/"
X = {"lower": -1.0, "upper": 2.0, "bins": 3}
Y = {"lower": 0.0, "upper": 9.0, "bins": 2, "edges": [0.0, 1.0, 9.0]}
COUNTS = {
    "counts": ([X], "int64", [1, 2, 3, 2**53, 5]),
    "large counts": ([X], "int64", [0, 2**62 + 1, 0, 0, 7]),
    "weights": ([X], "double", [0.5, 1 / 3, -2.0, 0, 1e-300]),
    "weighted": ([X], "weighted", [0.25, 1.5, 2.5, 3.5, 4.0]),
    "profile": ([Y], "mean", [0.1, -3.5, 2.25, 0.0]),
    "a map": ([X, Y], "int64", list(range(20))),
    "a map of weights": ([Y, X], "double", [value / 3 for value in range(20)]),
}


@pytest.fixture(params=COUNTS)
def histogram(request: pytest.FixtureRequest, client: Client, viewer: Any) -> LumisectionHistogram:
    client.force_login(viewer)
    axes, storage, counts = COUNTS[request.param]
    element = MonitoringElement.objects.create(
        name=request.param, binning="h", dimension=len(axes), axes=axes, storage=storage
    )
    return LumisectionHistogram.objects.create(
        lumisection=Lumisection.objects.create(run=Run.objects.create(number=1), number=1),
        dataset=Dataset.objects.create(name="d", primary_dataset="d"),
        element=element, entries=1, counts=np.array(counts),
    )  # fmt: skip


def answers(client: Client, histogram: LumisectionHistogram) -> list[dict[str, Any]]:
    one = client.get(f"{LIST}{histogram.pk}/?format=uhi").json()
    several = client.get(f"{LIST}?format=uhi").json()["results"]
    assert several == [one]
    return [one, *several]


@pytest.mark.parametrize("opened_by", ["boost-histogram", "hist"])
def test_an_answer_opens_with_every_cell_and_edge(
    opened_by: str, client: Client, histogram: LumisectionHistogram
) -> None:
    axes = histogram.element.axes
    expected = histogram.counts.reshape([axis["bins"] + 2 for axis in reversed(axes)]).T
    for answer in answers(client, histogram):
        opened: Any = serialization.from_uhi(answer)
        if opened_by == "hist":
            opened = hist.Hist(opened)
        assert np.array_equal(opened.values(flow=True), expected)
        for axis, told in zip(opened.axes, axes, strict=True):
            edges = told.get("edges") or np.linspace(told["lower"], told["upper"], told["bins"] + 1)
            assert axis.edges == pytest.approx(np.array(edges))


def test_an_answer_says_where_it_is_from_and_what_its_values_are(
    client: Client, histogram: LumisectionHistogram
) -> None:
    for answer in answers(client, histogram):
        assert answer["metadata"]["element"] == histogram.element.name
        assert answer["metadata"]["storage"] == histogram.element.storage
        assert answer["uhi_schema"] == 1
