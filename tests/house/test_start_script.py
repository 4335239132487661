"""The script between a fresh checkout and a result: what it decides, without running it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "start.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start = _load()


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_an_old_python_is_refused_in_one_sentence(version: tuple[int, int]) -> None:
    refusal = start.too_old(version)
    assert "needs Python 3.11 or later" in refusal
    assert f"this is Python {version[0]}.{version[1]}:" in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (4, 0)])
def test_python_3_11_and_later_are_accepted(version: tuple[int, int]) -> None:
    assert start.too_old(version) == ""


def test_the_refusal_comes_before_anything_an_old_python_cannot_read() -> None:
    """A newcomer on Python 3.8 must see the sentence, not a traceback."""
    source = SCRIPT.read_text(encoding="utf-8")
    before, asked, _ = source.partition("if too_old(THIS):")
    assert asked
    assert "from __future__" not in source
    assert before.count("def ") == 1


def test_a_virtual_environment_keeps_its_commands_where_the_system_wants_them() -> None:
    assert start.python_of(Path("v"), "posix") == Path("v", "bin", "python")
    assert start.python_of(Path("v"), "nt") == Path("v", "Scripts", "python.exe")


def _stamp(digest: str, extra: str) -> str:
    return json.dumps({"digest": digest, "extra": extra})


def test_what_is_installed_is_not_installed_again() -> None:
    assert start.is_installed(_stamp("d", "dev"), "d", "dev")
    assert start.is_installed(_stamp("d", ""), "d", "")


def test_an_installation_for_development_serves_the_demo_but_not_the_other_way_round() -> None:
    assert start.is_installed(_stamp("d", "dev"), "d", "")
    assert not start.is_installed(_stamp("d", ""), "d", "dev")


@pytest.mark.parametrize("stamp", ["", "{", "[]", "null", "{}", _stamp("another", "dev")])
def test_a_stamp_that_is_damaged_or_of_another_project_file_serves_nothing(stamp: str) -> None:
    assert not start.is_installed(stamp, "d", "")


def test_a_changed_project_file_or_place_or_python_asks_for_a_new_installation() -> None:
    before = start.digest_of(b"a", Path("x"), (3, 11))
    assert start.digest_of(b"a", Path("x"), (3, 11)) == before
    assert start.digest_of(b"b", Path("x"), (3, 11)) != before
    assert start.digest_of(b"a", Path("y"), (3, 11)) != before
    assert start.digest_of(b"a", Path("x"), (3, 12)) != before


def test_steps_run_in_the_usual_order_whatever_the_order_of_their_names() -> None:
    assert [step.name for step in start.chosen_steps(["tests", "lint"])] == ["lint", "tests"]
    assert start.chosen_steps([]) == list(start.STEPS)


def test_the_tests_come_last_and_what_they_cover_is_measured_when_asked() -> None:
    assert start.STEPS[-1].name == "tests"
    assert [step.name for step in start.chosen_steps(["coverage", "measured"])] == ["measured", "coverage"]
    assert not set(start.APART) & set(start.STEPS)


def test_an_unknown_step_is_refused_with_the_names_of_those_that_exist() -> None:
    with pytest.raises(start.CannotGoOn, match=r"no step called 'lnt'.*lint, format, types") as refusal:
        start.chosen_steps(["lint", "lnt"])
    assert refusal.value.code == 2


def test_the_tools_see_the_virtual_environment_first_and_no_foreign_modules() -> None:
    given = {"PATH": "somewhere", "PYTHONPATH": "x", "PYTHONHOME": "y", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C"}
    made = start.environment(Path("v"), given)
    assert made == {
        "PYTHONPYCACHEPREFIX": str(Path("v", "compiled")),
        "PATH": str(start.scripts_of(Path("v"))) + os.pathsep + "somewhere",
        "VIRTUAL_ENV": "v",
        "LANG": "C",
    }


def test_a_failing_step_is_named_with_its_exit_code_and_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(start.CannotGoOn, match="'lint' failed with exit code 3") as failure:
        start.run_step("lint", [sys.executable, "-c", "print('line 7 is too long'); raise SystemExit(3)"])
    assert failure.value.code == 3
    assert "line 7 is too long" in capsys.readouterr().out


def test_quiet_steps_are_told_in_their_order_until_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    slow, bad, never = "import time; time.sleep(0.5)", "raise SystemExit(4)", "print('unseen')"
    steps = [(name, [sys.executable, "-c", code]) for name, code in (("a", slow), ("b", bad), ("c", never))]
    with pytest.raises(start.CannotGoOn, match="'b' failed with exit code 4"):
        start.run_quiet(steps)
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["a", "ok"], ["b", "failed"]]


def test_a_passing_step_is_one_line_without_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    start.run_step("lint", [sys.executable, "-c", "print('noise')"])
    out = capsys.readouterr().out
    assert out.startswith("lint")
    assert out.count("\n") == 1
    assert "ok" in out
    assert "noise" not in out


@pytest.mark.parametrize(("seconds", "words"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (60.0, "1 min 0 s")])
def test_a_duration_reads_like_a_duration(seconds: float, words: str) -> None:
    assert start.took(seconds) == words


@pytest.mark.parametrize("arguments", [[], ["tset"], ["setup", "more"]])
def test_bad_usage_says_what_there_is_and_exits_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "start.py demo" in done.stderr
    assert "start.py test" in done.stderr


def test_the_continuous_integration_runs_the_command_of_the_readme() -> None:
    assert "python3 .ci/start.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
