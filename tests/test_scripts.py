"""The step scripts and nightly.sh: run, and sourced into a shell that must live on unchanged."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.sqlite_only
SCRIPTS = ROOT / "scripts"
STEPS = {
    "step1_extract_runs.sh": "runs",
    "step2_extract_run_histos.sh": "run_histos",
    "step3_extract_certifications.sh": "certifications",
    "step4_extract_lumisections.sh": "lumisections",
    "step5_extract_lumisection_histos1D.sh": "lumisection_histos1D",
    "step6_extract_lumisection_histos2D.sh": "lumisection_histos2D",
}
SHELLS = [shell for shell in ("bash", "dash", "sh", "zsh", "ksh") if shutil.which(shell)]
STATE = (
    'set +o; pwd; trap; set | grep -vE "^(_|BASH_|LINENO|PPID|RANDOM|SECONDS|PIPESTATUS|SHLVL|EPOCH|OLDPWD)"'
)
"""A shell's options, folder, traps and variables, but for those that change by themselves."""

Say = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python that tells how ``manage.py`` is called, and fails where a file ``fail`` says so."""
    script = tmp_path / "python"
    script.write_text(
        f'#!/bin/sh\ncase $1 in *alone.py) exec "{sys.executable}" "$@" ;; esac\nshift\necho "called: $*"\n'
        f'if grep -qsx "$1" "{tmp_path}/fail"; then exit 3; fi\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


@pytest.fixture
def say(python: Path, tmp_path: Path) -> Say:
    def say(*command: str, cwd: Path = SCRIPTS, **environment: str) -> subprocess.CompletedProcess[str]:
        extra = {"PYTHON": str(python), "LUMISIFT_DATA_DIR": str(tmp_path / "data"), **environment}
        extra.setdefault("LUMISIFT_LOCK", str(tmp_path / "lock"))
        return subprocess.run(
            command,
            cwd=cwd,
            env=clean_environment(**extra),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return say


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for kind in STEPS.values():
        (tmp_path / "data" / kind).mkdir(parents=True)
        (tmp_path / "data" / kind / "a file.csv").touch()
    return tmp_path / "data"


EXPECTED = {
    "step1_extract_runs.sh": "load_runs {}/a file.csv",
    "step2_extract_run_histos.sh": "discover_histos {} --now",
    "step3_extract_certifications.sh": "load_certifications {}/a file.csv",
    "step4_extract_lumisections.sh": "load_runs {}/a file.csv",
    "step5_extract_lumisection_histos1D.sh": "discover_histos {} --now",
    "step6_extract_lumisection_histos2D.sh": "discover_histos {} --now",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_run_takes_what_lies_in_its_folder(
    say: Say, data: Path, tmp_path: Path, step: str
) -> None:
    done = say(str(SCRIPTS / step), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"called: {EXPECTED[step].format(data / STEPS[step])}\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_sourced_does_the_same_and_changes_nothing(
    say: Say, data: Path, tmp_path: Path, shell: str, step: str
) -> None:
    """In the folder scripts, as people do it, with an option, a trap and variables that a script might trample on."""
    before, after = tmp_path / "before", tmp_path / "after"
    mine = "here=mine; place=mine; kind=mine; set -u; trap 'true' INT"
    done = say(
        shell, "-c", f"{mine}; ({STATE}) >{before}; . ./{step}; ({STATE}) >{after}; echo $here $place $kind"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"called: {EXPECTED[step].format(data / STEPS[step])}\nmine mine mine\n"
    assert after.read_text() == before.read_text()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_failing_step_leaves_its_code_and_the_shell_alive(
    say: Say, data: Path, tmp_path: Path, shell: str
) -> None:
    (tmp_path / "fail").write_text("load_runs\n")
    done = say(shell, "-c", ". ./step1_extract_runs.sh; echo alive $?")
    assert done.stdout.splitlines()[-1] == "alive 3"
    assert say(str(SCRIPTS / "step1_extract_runs.sh")).returncode == 3


@pytest.mark.parametrize(
    ("shell", "source"), [(shell, "." if shell != "bash" else "source") for shell in SHELLS]
)
def test_a_step_can_be_sourced_from_above_too(say: Say, data: Path, shell: str, source: str) -> None:
    done = say(shell, "-c", f"{source} scripts/step3_extract_certifications.sh", cwd=ROOT)
    assert done.stdout.startswith("called: load_certifications ")


def test_bash_finds_the_step_from_anywhere(say: Say, data: Path, tmp_path: Path) -> None:
    done = say("bash", "-c", f"source {SCRIPTS}/step1_extract_runs.sh one.json; pwd", cwd=tmp_path)
    assert done.stdout == f"called: load_runs one.json\n{tmp_path}\n"


def test_a_shell_that_cannot_tell_where_says_so(say: Say, tmp_path: Path) -> None:
    done = say("sh", "-c", f". {SCRIPTS}/step1_extract_runs.sh; echo alive $?", cwd=tmp_path)
    if "called" not in done.stdout:
        assert "source it from the folder scripts, or run it" in done.stderr
        assert done.stdout == "alive 1\n"


@pytest.mark.parametrize(
    ("step", "arguments", "called"),
    [
        ("step1_extract_runs.sh", ["--since", "7d"], "fetch_oms --since 7d"),
        ("step1_extract_runs.sh", ["a b.json", "--era", "2024B"], "load_runs a b.json --era 2024B"),
        ("step3_extract_certifications.sh", ["--runs", "1", "9"], "fetch_runregistry --runs 1 9"),
        ("step4_extract_lumisections.sh", ["--since=last"], "fetch_oms --since=last"),
        ("step2_extract_run_histos.sh", ["x.csv", "--dataset", "ZeroBias"], "load_histos x.csv --dataset ZeroBias"),
        ("step5_extract_lumisection_histos1D.sh", [".", "--elements", "P*"], "discover_histos . --elements P* --now"),
    ],
)  # fmt: skip
def test_arguments_choose_between_files_and_services(
    say: Say, step: str, arguments: list[str], called: str
) -> None:
    assert say(str(SCRIPTS / step), *arguments).stdout == f"called: {called}\n"


def test_an_empty_folder_is_said(say: Say) -> None:
    done = say(str(SCRIPTS / "step1_extract_runs.sh"))
    assert "runs: nothing to load in " in done.stderr
    assert done.stdout == ""


# nightly.sh


def test_nightly_does_all_and_says_when(say: Say, data: Path) -> None:
    done = say(str(SCRIPTS / "nightly.sh"))
    assert done.returncode == 0, done.stderr
    called = [line.removeprefix("called: ") for line in done.stdout.splitlines() if line.startswith("called")]
    folders = " ".join(str(data / kind) for kind in STEPS.values() if "histos" in kind)
    assert called == [
        "fetch_oms --since last",
        "fetch_runregistry --since last",
        f"discover_histos {folders} --now",
    ]
    assert "Z fetch_oms done" in done.stdout


def test_nightly_goes_on_after_a_failure_and_tells(say: Say, data: Path, tmp_path: Path) -> None:
    (tmp_path / "fail").write_text("fetch_oms\n")
    done = say(str(SCRIPTS / "nightly.sh"), LUMISIFT_NIGHTLY="oms histos", LUMISIFT_NIGHTLY_SINCE="3d")
    assert done.returncode == 1
    assert "fetch_oms failed (3)" in done.stdout
    assert "Z discover_histos done" in done.stdout
    assert "fetch_runregistry" not in done.stdout


def test_a_second_nightly_leaves_with_a_message(say: Say, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as held:
        held.write("4711\n")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        done = say(str(SCRIPTS / "nightly.sh"))
    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr == "nightly: another copy is at work (process 4711), so this one does nothing\n"
    assert say(str(SCRIPTS / "nightly.sh")).returncode == 0


def test_a_nightly_that_was_killed_bars_nobody(say: Say, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("4711\n")
    assert say(str(SCRIPTS / "nightly.sh")).returncode == 0


def test_the_scripts_may_be_executed() -> None:
    for name in (*STEPS, "nightly.sh", "run_step.sh"):
        assert os.access(SCRIPTS / name, os.X_OK), name


def test_a_step_loads_for_real(tmp_path: Path) -> None:
    """The whole way: script, ``manage.py``, database."""
    folder = tmp_path / "runs"
    folder.mkdir()
    shutil.copy(ROOT / "tests" / "data" / "runs" / "oms-json.json", folder)
    environment = clean_environment(
        PYTHON=sys.executable,
        LUMISIFT_DATA_DIR=str(tmp_path),
        DJANGO_DATABASE_NAME=str(tmp_path / "new.sqlite3"),
    )
    for command in ([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
                    ["bash", "-c", "source ./step1_extract_runs.sh; exit $?"]):  # fmt: skip
        done = subprocess.run(
            command, cwd=SCRIPTS, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("stored 4, known 0")
