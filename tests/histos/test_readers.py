"""The contract of every histogram reader."""

from pathlib import Path

import numpy as np
import pytest

from histos.readers import READERS
from histos.readers.base import chosen
from histos.records import HistogramRecord
from project.records import BadRow, ReaderError
from tests.histos.reading import kept, same

DATA = Path(__file__).parent.parent / "data" / "histos"


@pytest.fixture(params=READERS.values(), ids=lambda reader: reader.name)
def reader(request):
    return request.param()


@pytest.fixture
def sample(reader):
    (path,) = DATA.glob(f"{reader.name}.*")
    return path


def test_reader_is_registered_under_its_name(reader):
    assert READERS[reader.name] is type(reader)
    assert reader.summary


def test_every_row_of_the_sample_is_a_record_with_flow_bins(reader, sample):
    records = kept(reader.read(sample))
    assert records
    for record in records:
        assert isinstance(record, reader.yields)
        if reader.yields is not HistogramRecord:
            continue
        assert record.counts.shape == (record.element.cells,)
        assert record.counts.dtype == (np.int64 if record.element.storage == "int64" else np.float64)
        assert np.isfinite(record.counts).all()
        assert record.element.storage != "int64" or (record.counts >= 0).all()


def test_reading_twice_gives_the_same(reader, sample):
    assert all(map(same, reader.read(sample), reader.read(sample)))


def test_equal_elements_are_one_object(reader, sample):
    if reader.yields is not HistogramRecord:
        pytest.skip("yields no histograms")
    elements = [record.element for record in kept(reader.read(sample))]
    assert len(set(elements)) < len(elements)
    assert len({id(element) for element in elements}) == len(set(elements))


def test_reader_streams(reader, sample):
    assert next(iter(reader.read(sample))).line


def test_missing_file_is_a_reader_error(reader, tmp_path):
    with pytest.raises(ReaderError, match=r"^nowhere: cannot be read: No such file"):
        next(iter(reader.read(tmp_path / "nowhere")))


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2" * 99, b"PK\3\4\0\0", b"<html>\n<p>", b'{"a": [1]}', b"\xff\xfe\n"]
)
def test_another_kind_of_file_is_a_reader_error_in_one_line(reader, tmp_path, content):
    path = tmp_path / "strange"
    path.write_bytes(content)
    with pytest.raises(ReaderError, match=r"^strange: .+$") as refusal:
        list(reader.read(path))
    assert "\n" not in str(refusal.value)


def test_reader_recognises_its_sample_and_no_other(reader, sample):
    for path in DATA.iterdir():
        assert reader.recognises(path) == (path.stem.split("_")[0] == reader.name)
    assert not reader.recognises(DATA / "nowhere")


def test_only_the_elements_that_are_wanted_are_read(reader, sample):
    names = sorted({record.name for record in kept(reader.read(sample))})
    reader.elements = (names[0],)
    assert {record.name for record in chosen(reader.read(sample), reader)} == {names[0]}


def test_progress_grows_to_the_whole_and_never_beyond_also_when_read_again(reader, sample):
    for _ in range(2):
        told = [reader.done() for _ in reader.read(sample)]
        assert told == sorted(told)
        assert all(0 <= done <= 1 for done in (*told, reader.done()))
    assert reader.done() == 1


def test_no_cut_file_is_taken_for_a_whole_one(reader, sample, tmp_path):
    content = sample.read_bytes()
    whole = kept(reader.read(sample))
    path = tmp_path / sample.name
    for size in (8, len(content) // 3, len(content) // 2, len(content) * 2 // 3, len(content) - 60):
        path.write_bytes(content[:size])
        refused, items = "", []
        try:
            items = list(reader.read(path))
        except ReaderError as error:
            refused = str(error)
        assert "\n" not in refused
        assert refused.startswith(sample.name) or len(kept(items)) < len(whole)


def test_truncated_file_names_the_line_and_keeps_the_rest(reader, sample, tmp_path):
    if sample.suffix != ".csv" or reader.yields is not HistogramRecord:
        pytest.skip("not read line by line")
    content = sample.read_bytes()
    whole = list(reader.read(sample))
    path = tmp_path / sample.name
    path.write_bytes(content[:-40])
    *rest, last = reader.read(path)
    assert all(map(same, rest, whole))
    assert len(rest) == len(whole) - 1
    assert isinstance(last, BadRow)
    assert last.line == content.count(b"\n")
    assert last.reason.startswith("truncated last line: ")
