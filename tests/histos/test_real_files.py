"""Real histograms load, draw and can be read back; only where LUMISIFT_REAL_DATA names the folder of them."""

import os
from pathlib import Path

import numpy as np
import pytest

from histos.discovery import Wanted, discover
from histos.models import LumisectionHistogram, MonitoringElement
from histos.readers import READERS
from histos.readers.recognise import recognised
from histos.tasks import load_found
from project.jobs.services import start

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def folders():
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    return [Path(folder) / "cms" / name for name in ("hist1d", "hist2d", "dqmio")]


@pytest.fixture
def loaded(folders):
    found = discover(folders, Wanted(settled=0, now=True), lambda **how: start(load_found, **how))
    assert (found.queued, found.unread, found.copies) == (8, 0, 0)
    return folders


def test_real_files_are_read_back_as_they_were_written(loaded):
    assert LumisectionHistogram.objects.count() == 9 + 32 + 2 * (45 + 5 + 5)
    for path in (path for folder in loaded for path in folder.iterdir()):
        for record in READERS[recognised(path, READERS)]().read(path):
            rows = LumisectionHistogram.objects.filter(
                lumisection__run__number=record.run, lumisection__number=record.lumisection,
                element__name=record.name, element__axes__0__flow__isnull=record.element.axes[0].flow,
            )  # fmt: skip
            row = rows.get()
            assert row.entries == record.entries
            assert np.array_equal(row.counts, record.counts)


def test_real_histograms_draw(loaded, client, viewer):
    client.force_login(viewer)
    assert MonitoringElement.objects.count() == 9 + 2 + 2 * 3
    for element in MonitoringElement.objects.all():
        histogram = element.histograms.select_related("lumisection__run").first()
        run = histogram.lumisection.run.number
        page = client.get(f"/histograms/{element.pk}/CMS/{run}/")
        assert page.status_code == 200, element
        assert client.get(f"/histograms/{element.pk}/").status_code == 200
        assert client.get(f"/histograms/{element.pk}/CMS/{run}/figure.json").status_code == 200


def test_real_histograms_leave_over_the_api_as_uhi(loaded, client, viewer):
    client.force_login(viewer)
    element = MonitoringElement.objects.get(name__endswith="zphi_ontrack_PXLayer_1", axes__0__flow=False)
    answer = client.get("/api/v1/lumisection-histograms/", {"element_id": element.pk, "format": "uhi"}).json()
    assert len(answer["results"]) == 5
    for one in answer["results"]:
        assert one["axes"][0]["underflow"] is False
        assert np.shape(one["storage"]["values"]) == (300, 200)
