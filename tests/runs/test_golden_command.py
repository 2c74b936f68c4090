"""export_golden_json as somebody types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from runs.masks import sha256_of
from runs.masks.parse import parse_mask
from runs.models import LumiMask
from tests.runs.mask_world import GOLDEN, certify, make_runs

pytestmark = pytest.mark.django_db
Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_runs()
    certify("golden", (1, 1, 10, "GOOD"), (2, 1, 4, "GOOD"), source=GOLDEN)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Exit code and the JSON of the last line."""

    def command(*arguments: Any) -> tuple[int, dict[str, Any]]:
        code: Any = 0
        try:
            call_command("export_golden_json", *map(str, arguments), "--json")
        except SystemExit as left:
            code = left.code
        except CommandError as error:
            code = error.returncode
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return command


def written(name: str, content: Any) -> Path:
    path = Path(name)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_it_writes_what_is_certified_under_cms_own_name_with_its_provenance_beside_it(
    command: Command,
) -> None:
    code, result = command("--flag", "golden", "--source", GOLDEN)
    assert code == 0
    assert (result["runs"], result["lumisections"], result["recorded_luminosity"]) == (2, 14, 13.0)
    assert (result["share"], result["known_runs"], result["known_lumisections"]) == (0.52, 3, 25)
    path = Path(GOLDEN)
    assert result["file"] == GOLDEN
    assert json.loads(path.read_text()) == {"1": [[1, 10]], "2": [[1, 4]]}
    told = json.loads(Path(GOLDEN.replace(".json", ".provenance.json")).read_text())
    assert told["sha256"] == sha256_of(parse_mask(path.read_bytes()).mask)
    assert told["provenance"]["operands"][0]["sources"] == [[GOLDEN, ""]]
    assert not LumiMask.objects.exists()


def test_it_puts_files_flags_and_versions_together(command: Command) -> None:
    written("dcs.json", {"1": [[3, 20]], "2": [[-1]]})
    assert (
        command("dcs.json", "flag=golden", "--save", "--name", "both", "--kind", "golden")[1]["version"] == 1
    )
    version = LumiMask.objects.get()
    assert json.loads(version.ranges) == {"1": [[3, 10]], "2": [[1, 4]]}
    assert not list(Path().glob("*both*")), "saved on the site, and no file was asked for"
    code, result = command(f"mask={version.pk}", "dcs.json", "--do", "less", "--output", "out/rest.json")
    assert (code, result["lumisections"]) == (0, 0)
    assert Path("out/rest.json").read_text() == "{}\n"
    assert command("dcs.json", "flag=golden", "--save", "--name", "both", "--kind", "golden")[1]["known"] == 1


def test_it_validates_and_leaves_with_1_where_something_is_the_matter(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    written("good.json", {"1": [[1, 4]]})
    written("bad.json", '{\n "1": [[5, 9], [1, 4]],\n "2": [[3, 2]]\n}')
    code, result = command("good.json", "--validate")
    assert (code, result["valid"], result["unknown"]) == (0, True, 0)
    code, result = command("bad.json", "--validate")
    assert (code, result["valid"], result["wrong"], result["untidy"]) == (1, False, 1, 2)
    with pytest.raises(SystemExit):
        call_command("export_golden_json", "bad.json", "--validate")
    text = capsys.readouterr().out
    assert "wrong: line 3: run 2, range [3, 2]: is reversed" in text
    assert "untidy: line 2: run 1, range [1, 4]: comes after [5, 9], which begins later" in text


def test_it_says_what_changes_and_what_it_costs(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    written("old.json", {"1": [[1, 10]], "2": [[1, 10]]})
    written("new.json", {"1": [[1, 9]], "2": [[1, 9]], "3": [[1, 1]]})
    code, result = command("--diff", "old.json", "new.json")
    assert code == 0
    assert (result["removed_lumisections"], result["removed_recorded_luminosity"]) == (2, 2.5)
    assert (result["added_lumisections"], result["added_without_luminosity"]) == (1, 1)
    call_command("export_golden_json", "--diff", "old.json", "new.json")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "run 2: removed [10, 10] (2 pb⁻¹)"
    assert "removed: 2 lumisections, 2.5 pb⁻¹ recorded" in lines


def test_a_dry_run_writes_nothing(command: Command) -> None:
    assert command("flag=golden", "--dry-run", "--save")[0] == 0
    assert not LumiMask.objects.exists()
    assert not list(Path().iterdir())


def test_it_does_not_write_over_another_file_unasked(command: Command) -> None:
    written("out.json", "{}")
    code, result = command("flag=golden", "--output", "out.json")
    assert code == 1
    assert "holds something else: --replace writes over it" in result["error"]
    assert Path("out.json").read_text() == "{}"
    assert command("flag=golden", "--output", "out.json", "--replace")[0] == 0
    assert command("flag=golden", "--output", "out.json")[0] == 0, "the same again is no conflict"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "at least one operand"),
        (["none.json"], "none.json: cannot be read: No such file or directory"),
        (["flag=none"], "nothing is certified as 'none' in CMS"),
        (["--source", "x"], "--source belongs to --flag"),
        (["--diff", "flag=golden"], "--diff needs two operands"),
        (["flag=golden", "--first-run", "5", "--last-run", "2"], "is before the first"),
        (["broken.json"], "broken.json: not JSON"),
        (["wrong.json"], "run 1, range [3, 2]: is reversed"),
        (["flag=golden", "--output", "broken.json/x.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(
    command: Command, arguments: list[str], reason: str
) -> None:
    written("broken.json", '{"1":')
    written("wrong.json", {"1": [[3, 2]]})
    code, result = command(*arguments)
    assert code == 1
    assert reason in result["error"]
    assert "\n" not in result["error"]
    assert not list(Path().glob("Cert*"))
