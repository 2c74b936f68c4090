"""Reading ahead gives what reading gives, ends when told, and passes errors on."""

import bz2
import io
import threading
from pathlib import Path

import pytest

from lightcurves.surveys import ahead
from lightcurves.surveys.rows import open_text


def running() -> int:
    return sum(thread.name == "read-ahead" for thread in threading.enumerate())


@pytest.mark.parametrize("size", [0, 1, 7, 64, 1000])
def test_it_gives_every_byte(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BLOCK", 7)
    data = bytes(range(256)) * 4
    with io.BufferedReader(ahead.ReadAhead(io.BytesIO(data[:size])), 16) as stream:
        assert stream.read() == data[:size]
        assert stream.read() == b""
    assert not running()


def test_who_leaves_early_leaves_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BLOCK", 16)
    path = tmp_path / "long.txt.bz2"
    path.write_bytes(bz2.compress(b"a line\n" * 10_000))
    with open_text(path) as stream:
        assert next(stream) == "a line\n"
    assert not running()


def test_a_truncated_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.txt.bz2"
    path.write_bytes(bz2.compress(b"a line\n" * 10_000)[:-20])
    with pytest.raises(EOFError), open_text(path) as stream:
        stream.read()
    assert not running()
