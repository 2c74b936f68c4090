"""VectorField in a model: bytes in the database, arrays in Python."""

import numpy as np
import pytest
from django.core import serializers
from django.core.exceptions import ValidationError

from histos.models import Dataset, LightCurveHistogram, MonitoringElement, RunHistogram
from project.fields import VectorField
from runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def histogram() -> RunHistogram:
    element = MonitoringElement.objects.create(name="e", binning="b", dimension=1, axes=[])
    return RunHistogram(
        run=Run.objects.create(number=1), dataset=Dataset.objects.create(name="d"), element=element, entries=6
    )


@pytest.mark.parametrize("counts", [[1, 2, 3], [0.5, np.nan], [], np.zeros(10_000)])
def test_a_vector_comes_back(histogram: RunHistogram, counts: list) -> None:
    histogram.counts = counts
    histogram.save()
    np.testing.assert_array_equal(RunHistogram.objects.get().counts, counts)
    np.testing.assert_array_equal(RunHistogram.objects.values_list("counts", flat=True).get(), counts)


def test_a_model_with_a_vector_can_be_checked(histogram: RunHistogram) -> None:
    histogram.counts = np.array([1, 2, 3])
    histogram.full_clean()


def test_what_is_no_vector_is_told(histogram: RunHistogram) -> None:
    histogram.counts = [[1, 2], [3, 4]]
    with pytest.raises(ValidationError, match="one dimension"):
        histogram.save()


@pytest.mark.parametrize("counts", [[1, 2, 3], [0.1, np.nan, np.inf]])
def test_dumpdata_and_loaddata_keep_it(histogram: RunHistogram, counts: list) -> None:
    histogram.counts = np.array(counts)
    histogram.save()
    text = serializers.serialize("json", RunHistogram.objects.all())
    RunHistogram.objects.all().delete()
    for loaded in serializers.deserialize("json", text):
        loaded.save()
    np.testing.assert_array_equal(RunHistogram.objects.get().counts, counts)


def test_text_that_is_no_list_is_told() -> None:
    with pytest.raises(ValidationError):
        VectorField(name="counts").to_python("[1, 2")


def test_a_fixed_type_goes_into_the_migration() -> None:
    field = LightCurveHistogram._meta.get_field("edges")
    assert field.deconstruct()[3]["dtype"] == "<f8"
    assert "dtype" not in LightCurveHistogram._meta.get_field("counts").deconstruct()[3]
