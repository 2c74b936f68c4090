"""The command that writes a matrix: whole or not at all, continued where it was killed, with its checksum."""

import hashlib
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from histos.matrix import Block, Stored, contents, file
from histos.models import LumisectionHistogram
from project.models import Job
from tests.histos.test_matrix import READ, content, element  # noqa: F401  the fixture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_ROWS", 3)


def export(path: Path, *more: str, element_: str = "charge", dataset: str = "ZB") -> dict[str, Any]:
    out = StringIO()
    call_command(
        "export_histos",
        str(path),
        f"--element={element_}",
        f"--dataset={dataset}",
        "--json",
        *more,
        stdout=out,
    )
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return found


@pytest.mark.parametrize("name", ["npz", "parquet", "arrow", "csv"])
def test_it_writes_what_the_api_answers(name: str, element: Any, client: Client, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / f"charge.{name}"
    said = export(path, "--runs=315488-315489,315490", "--lumisections=2-6", "--missing=nan")
    asked = f"format={name}&run__in=315488,315490&lumisection__gte=2&lumisection__lte=6&missing=nan"
    found, expected = READ[name](path.read_bytes()), READ[name](content(client, element, asked))
    for column in ("run", "lumisection", "entries", "counts"):
        assert np.array_equal(found[column], expected[column], equal_nan=True)
    assert (said["rows"], said["missing"], said["known"]) == (10, 1, 0)
    assert (said["bytes"], said["sha256"]) == (
        path.stat().st_size,
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    assert (tmp_path / f"charge.{name}.sha256").read_text() == f"{said['sha256']}  charge.{name}\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, f"{path.name}.sha256"]
    assert Job.objects.get().state == "succeeded"


def dying_after(blocks: int) -> Any:
    plain = Stored.blocks

    def some(self: Stored) -> Iterator[Block]:
        for number, block in enumerate(plain(self)):
            if number == blocks:
                raise KeyboardInterrupt
            yield block

    return some


@pytest.mark.parametrize("name", ["npz", "parquet", "arrow", "csv"])
def test_killed_it_goes_on_and_ends_as_a_clean_run_does(
    name: str,
    element: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clean = tmp_path / f"clean.{name}"
    export(clean)
    path = tmp_path / f"charge.{name}"
    with monkeypatch.context() as patch:
        patch.setattr(Stored, "blocks", dying_after(2))
        with pytest.raises(CommandError, match="cancelled"):
            export(path)
    assert not path.exists()
    part = tmp_path / f"charge.{name}.part"
    part.write_bytes(part.read_bytes()[:-5])
    assert export(path)["known"] == 3
    assert path.read_bytes() == clean.read_bytes()
    assert not part.exists()


def test_a_part_of_other_rows_is_begun_anew(
    element: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "charge.npz"
    with monkeypatch.context() as patch:
        patch.setattr(Stored, "blocks", dying_after(2))
        with pytest.raises(CommandError):
            export(path)
    LumisectionHistogram.objects.filter(element=element, lumisection__number=1).delete()
    said = export(path)
    assert (said["known"], said["rows"]) == (0, 9)


def test_the_old_file_stays_until_the_new_one_is_whole(
    element: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "charge.csv"
    path.write_text("old")

    def full(*args: Any) -> Iterator[bytes]:
        yield b"run"
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(file.WRITERS, "csv", full)
    with pytest.raises(CommandError, match="No space left on device"):
        export(path)
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("path", "more", "says"),
    [
        ("a.root", (), "ends in none of"), ("none/a.npz", (), "none"), ("a.npz", ("--runs=5-3",), "lower number"),
        ("a.npz", ("--runs=x",), "neither a number nor a range"), ("a.npz", ("--runs=1",), "no histogram of"),
        ("a.npz", ("--source=x",), "belongs to a flag"), ("a.npz", ("--missing=nan",), "say which runs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(
    path: str,
    more: tuple[str, ...],
    says: str,
    element: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    with pytest.raises(CommandError, match=says) as refused:
        export(tmp_path / path, *more)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / path).exists()


def test_one_element_is_named(element: Any, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(CommandError, match="no monitoring element"):
        export(tmp_path / "a.npz", element_="nothing")
    with pytest.raises(CommandError, match="fits 2 monitoring elements"):
        export(tmp_path / "a.npz", element_="*")
