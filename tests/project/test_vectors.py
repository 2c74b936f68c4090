"""Vectors as bytes: what goes in comes out, in as few bytes as that takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from project.stacked import encode_all
from project.vectors import COMPRESS_FROM, DTYPES, VectorError, decode, decode_matrix, encode

NUMBERS = st.sampled_from(
    [np.dtype(name) for name in ("<f8", ">f8", "<f4", "<f2", "<i8", ">i4", "i2", "i1", "u4", "u2", "u1", "?")]
)


@given(NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, st.integers(0, 40))))
def test_every_vector_comes_back(array: np.ndarray) -> None:
    np.testing.assert_array_equal(decode(encode(array)), array)


STACKS = st.tuples(
    st.sampled_from([np.dtype(name) for name in ("<i8", "<f8", ">f4", "u1", "?")]),
    st.sampled_from([0, 1, 3, COMPRESS_FROM // 2, 5000]), st.integers(0, 5), st.integers(0, 2**32),
)  # fmt: skip


@given(st.lists(STACKS, max_size=4))
def test_vectors_encoded_together_are_those_encoded_one_by_one(stacks: list[tuple]) -> None:
    vectors = [
        (draws.integers(-(2**62), 2**62, size) >> draws.integers(0, 64)).astype(dtype)
        for dtype, size, number, seed in stacks
        for draws in [np.random.default_rng(seed)]
        for _ in range(number)
    ]
    vectors += [np.array([np.nan, -0.0, 0.1]), np.array([1e300, 1.0, np.inf]), np.array([0.5, 2.0, -0.0])]
    assert encode_all(vectors) == [encode(vector) for vector in vectors]


def test_a_vector_that_cannot_be_stored_is_refused_among_others_too() -> None:
    with pytest.raises(VectorError, match="one dimension"):
        encode_all([np.zeros(4), np.zeros((2, 2))])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([], "u1"), ([255], "u1"), ([256], "<u2"), ([65_536], "<u4"), ([2**32], "<i8"), ([-1, 127], "i1"),
        ([-1, 128], "<i2"), ([-40_000], "<i4"), ([-(2**40)], "<i8"), ([0.5], "<f4"), ([0.1], "<f8"), ([1e300], "<f8"),
    ],
)  # fmt: skip
def test_the_narrowest_exact_type_is_taken(values: list, dtype: str) -> None:
    assert decode(encode(np.array(values, int if not values else None))).dtype == np.dtype(dtype)


def test_special_floats_come_back() -> None:
    values = np.array([np.nan, np.inf, -np.inf, -0.0])
    back = decode(encode(values))
    assert back.dtype == np.dtype("<f4")
    np.testing.assert_array_equal(np.signbit(back), np.signbit(values))


def test_long_vectors_are_compressed_where_it_pays() -> None:
    sparse, noise = np.zeros(60_000, int), np.random.default_rng(1).random(COMPRESS_FROM)
    sparse[::500] = 7
    assert len(encode(sparse)) < 3_000
    assert len(encode(noise)) == noise.nbytes + 1
    np.testing.assert_array_equal(decode(encode(sparse)), sparse)


def test_a_fixed_type_is_kept_and_whole_numbers_are_not_changed() -> None:
    assert decode(encode([1, 2], "<f8")).dtype == np.dtype("<f8")
    for values, dtype in (([1.5], "<i4"), ([300], "u1"), ([np.nan], "<i8"), ([1], "<U3")):
        with pytest.raises(VectorError):
            encode(values, dtype)


@pytest.mark.parametrize(
    "values", [[[1, 2]], ["a"], [1j], np.array([2**63], "u8"), np.array([1], "longdouble")]
)
def test_what_is_no_vector_is_refused(values: object) -> None:
    with pytest.raises(VectorError):
        encode(values)


def test_what_comes_back_is_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode(encode([1, 2]))[0] = 5


COMPRESSED = encode(np.zeros(5_000))


@pytest.mark.parametrize(
    "blob",
    [
        b"", b"\xff", b"\x00\x0f", b"ab\x00", b"\x10", COMPRESSED[:5] + COMPRESSED[-5:], b"x" * 20 + COMPRESSED[-5:],
        COMPRESSED[:-5] + b"\xff\xff\xff\xff" + COMPRESSED[-1:],
    ],
)  # fmt: skip
def test_damaged_bytes_are_refused(blob: bytes) -> None:
    with pytest.raises(VectorError):
        decode(blob)


def test_a_matrix_holds_rows_of_every_type() -> None:
    rng = np.random.default_rng(2)
    rows = [rng.integers(0, top, 3_000) for top in (10, 1_000, 100_000, 2**40)] + [
        rng.random(3_000),
        np.zeros(3_000),
    ]
    blobs = [encode(row) for row in rows]
    np.testing.assert_array_equal(decode_matrix(blobs, 3_000), rows)
    np.testing.assert_array_equal(decode_matrix(list(map(memoryview, blobs)), 3_000), rows)
    assert decode_matrix([], 7).shape == (0, 7)


@pytest.mark.parametrize("odd", [[1, 2], [], np.zeros(5_000), b""])
def test_a_row_of_another_length_is_refused(odd: object) -> None:
    blob = odd if isinstance(odd, bytes) else encode(np.array(odd))
    for others in ([], [encode([1, 2, 3])]):
        with pytest.raises(VectorError):
            decode_matrix([*others, blob], 3)


def test_tags_never_change() -> None:
    """The place of a dtype in this list is what is written behind every stored vector."""
    assert [dtype.str for dtype in DTYPES] == ["<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "<u4", "<u2", "|u1"]
    assert encode([1, 2]) == b"\x01\x02\x08"
