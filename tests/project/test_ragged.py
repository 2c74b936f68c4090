"""A column of vectors decoded at once holds what each vector decoded alone holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.ragged import Vectors
from project.vectors import COMPRESS_FROM, VectorError, decode, encode

pytestmark = pytest.mark.sqlite_only

VECTORS = st.one_of(
    st.lists(st.integers(-(2**62), 2**62), max_size=5),
    st.lists(st.integers(0, 200), max_size=5),
    st.lists(st.floats(allow_nan=False), max_size=5),
    st.just([0] * COMPRESS_FROM),
    st.none(),
)


@given(st.lists(VECTORS, max_size=12))
def test_values_and_offsets_are_those_of_each_vector(lists: list[list[float] | None]) -> None:
    blobs = [None if values is None else encode(np.array(values)) for values in lists]
    vectors = Vectors(blobs)
    values, offsets = vectors.values(), vectors.offsets
    assert len(offsets) == len(blobs) + 1
    assert len(values) == offsets[-1]
    for place, blob in enumerate(blobs):
        found = values[offsets[place] : offsets[place + 1]]
        assert np.array_equal(found, [] if blob is None else decode(blob).astype(float))
    assert vectors.missing.tolist() == ([blob is None for blob in blobs] if None in blobs else [])


@given(st.lists(VECTORS, min_size=1, max_size=12), st.data())
def test_a_part_is_the_same_rows(lists: list[list[float] | None], data: st.DataObject) -> None:
    vectors = Vectors([None if values is None else encode(np.array(values)) for values in lists])
    start = data.draw(st.integers(0, len(lists) - 1))
    stop = data.draw(st.integers(start + 1, len(lists)))
    expected = vectors.values()[vectors.offsets[start] : vectors.offsets[stop]]
    assert np.array_equal(vectors.part(start, stop).values(), expected)


@pytest.mark.parametrize("blob", [b"", b"\x01\xff", b"\x01\x02\x00", b"\x01\x10"])
def test_what_is_no_vector_is_refused(blob: bytes) -> None:
    with pytest.raises(VectorError):
        Vectors([encode([1, 2]), blob])
