"""What `fsm conform init` writes runs as it stands, is graded honestly, and overwrites nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fsm.cli.main import main
from fsm.errors import FsmError
from fsm.harness.conform.init import KINDS, init

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def _fsm(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "fsm", "conform", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _is_graded(out: str) -> None:
    assert "permission" in out
    assert "errored" not in out
    assert "not claimed, so not graded: windows" in out


def test_the_python_adapter_is_graded_and_its_test_file_runs(tmp_path: Path) -> None:
    init("python", tmp_path)
    code, out = _fsm(tmp_path, "--python", "my_adapter:MyAdapter")
    assert code == 1  # it never forgets that a customer wrote
    _is_graded(out)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "CSW-01 or smoke"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert " passed" in done.stdout
    assert "error" not in done.stdout.lower().replace("error 1", "").replace("error-codes", "").replace(
        "error codes", ""
    )


@needs_node
def test_the_node_adapter_is_graded(tmp_path: Path) -> None:
    init("node", tmp_path)
    code, out = _fsm(tmp_path, "--command", "node my_adapter.js")
    assert code == 1
    _is_graded(out)


def test_the_file_of_answers_is_graded(tmp_path: Path) -> None:
    init("transcript", tmp_path)
    _, cases = _fsm(tmp_path, "cases", "--concept", "windows")
    (tmp_path / "cases.jsonl").write_text(cases, encoding="utf-8")
    answers = subprocess.run(
        [sys.executable, "answer_cases.py", "cases.jsonl"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "answers.jsonl").write_text(answers, encoding="utf-8")
    code, out = _fsm(tmp_path, "--transcript", "answers.jsonl", "--concept", "windows")
    assert code == 1
    assert "permission" in out


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_overwritten(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "init", kind, str(tmp_path / "new" / "folder")]) == 0
    assert "Now: " in capsys.readouterr().out
    before = {path: path.read_bytes() for path in (tmp_path / "new" / "folder").iterdir()}
    assert main(["conform", "init", kind, str(tmp_path / "new" / "folder")]) == 2
    assert "is there already" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (tmp_path / "new" / "folder").iterdir()}


def test_a_kind_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FsmError, match="python, node, transcript"):
        init("cobol", tmp_path)
