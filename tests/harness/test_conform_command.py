"""`fsm conform`, as somebody without pytest uses it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fsm.cli.main import main

REFERENCE = "fsm.harness.conform.adapters.reference:Reference"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `fsm conform` in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["conform", *arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


WRONG = """
class Wrong:
    can_answer = ("permission",)
    def event(self, event):
        return {"verdict": "allowed", "error": None} if event["event"] == "message_sent" else None
"""


def test_a_right_one_exits_with_0_and_a_wrong_one_with_1(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("--python", REFERENCE, "--concept", "windows")
    assert (code, "follows the documented rules" in out) == (0, True)
    (tmp_path / "wrong_adapter.py").write_text(WRONG, encoding="utf-8")
    code, out, _ = run("--python", "wrong_adapter:Wrong", "--concept", "windows")
    assert code == 1
    assert "Rules that are most likely not followed" in out
    assert "Smoke test:" in out


def test_without_an_implementation_nothing_is_graded(run: Run) -> None:
    code, out, err = run("--concept", "windows")
    assert (code, out) == (2, "")
    assert "there is no default" in err
    code, _, err = run("--python", REFERENCE, "--url", "http://127.0.0.1:1")
    assert (code, "name one" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--python", "nowhere:Mine"), "cannot be imported"),
        (("--command", "no-such-program"), "cannot be run"),
        (("--url", "http://127.0.0.1:9"), "did not answer"),
        (("--transcript", "none.jsonl"), "cannot be read"),
        (("--python", REFERENCE, "--rule", "CSW-99"), "CSW-99"),
        (("--python", REFERENCE, "--on", "yesterday"), "is no day"),
        (("--python", REFERENCE, "--report", "x.pdf"), "the suffix says no form"),
        (("--python", REFERENCE, "--known-gaps", "none.toml"), "Check the path"),
        (("dance",), "none of guide, init, compare, cases, show"),
        (("show",), "name a scenario"),
        (("show", "CSW-99.1"), "CSW-99.1"),
        (("compare", "a.json"), "two reports or more"),
        (("cases", "x"), "takes options only"),
        (("init",), "say what to write"),
    ],
)
def test_bad_usage_exits_with_2_and_a_sentence(run: Run, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err


def test_known_gaps_make_a_wrong_one_fine_until_they_close(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong_adapter.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "gaps.toml").write_text('"CSW-*" = "ticket 7"\n', encoding="utf-8")
    options = ("--concept", "windows", "--rule", "CSW-03", "--known-gaps", "gaps.toml")
    code, out, _ = run("--python", "wrong_adapter:Wrong", *options)
    assert (code, "known gap" in out) == (0, True)
    code, out, _ = run("--python", REFERENCE, *options)
    assert (code, "strike CSW-*" in out) == (1, True)


@pytest.mark.parametrize(
    ("text", "says"), [("CSW-04", "is not TOML"), ("[CSW]\nx = 1", "has no reason"), ("a = 1", "has no reason")]
)
def test_a_file_of_gaps_that_cannot_be_read_is_refused(run: Run, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "gaps.toml").write_text(text, encoding="utf-8")
    code, _, err = run("--python", REFERENCE, "--known-gaps", "gaps.toml")
    assert (code, says in err) == (2, True)


def test_every_form_of_report_is_written(run: Run, tmp_path: Path) -> None:
    names = ("a.html", "a.json", "a.xml", "a.svg", "a.ndjson")
    code, out, _ = run("--python", REFERENCE, "--concept", "limits", *(w for name in names for w in ("--report", name)))
    assert code == 0
    for name in names:
        assert (tmp_path / name).stat().st_size > 200
        assert f"written: {name}" in out
    code, out, _ = run("compare", "a.json", "a.json", "--report", "b.html")
    assert (code, "They differ on no rule" in out) == (0, True)
    assert (tmp_path / "b.html").exists()


def test_cases_are_written_for_those_who_only_read_files(run: Run) -> None:
    code, out, _ = run("cases", "--rule", "CSW-12")
    cases = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert cases
    assert all("expect" not in case for case in cases)


def test_one_scenario_is_shown_in_words(run: Run) -> None:
    code, out, _ = run("show", "CSW-12.1")
    assert code == 0
    for part in ("Given it is", "Events", "Expected", "verdict: verdict allowed", "Source: Meta", "status: documented"):
        assert part in out


def test_events_can_be_told_in_another_order(run: Run) -> None:
    code, out, _ = run("--python", REFERENCE, "--concept", "windows", "--any-order", "7")
    assert (code, "events in another order (seed 7)" in out) == (0, True)


def test_the_help_names_every_way_to_an_implementation(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for part in ("--command", "--url", "--python", "--transcript", "exit codes", "there is no default"):
        assert part in out
