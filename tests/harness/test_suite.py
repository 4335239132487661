"""The suite for pytest users, as a stranger's project sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fsm.harness import conformance_suite
from fsm.harness.conform.adapters.reference import Reference
from fsm.harness.conform.suite import driver_of
from fsm.harness.conform.vectors import UnknownVector

ADAPTER = """
from datetime import datetime, timedelta
from fsm.harness import Adapter, conformance_suite

class Mine(Adapter):
    can_answer = ("permission",)
    rulebooks = ("pmp-2025-07",)
    longest = timedelta(hours=24)
    def begin(self, case):
        self.wrote = {}
    def event(self, event):
        at = datetime.fromisoformat(event["at"])
        thread = (event["business"], event["customer"])
        if event["event"] == "customer_message" and event.get("kind") not in ("reaction", "edit", "revoke", "system"):
            self.wrote[thread] = at
        if event["event"] != "message_sent":
            return None
        if event["content"] in ("template", "app") or (thread in self.wrote and at - self.wrote[thread] < self.longest):
            return {"verdict": "allowed"}
        return {"verdict": "refused", "error": 131047}
"""
WINDOWS = "rules=['CSW-12', 'CSW-02'], concepts=['windows']"


def _pytest(folder: Path, text: str, *options: str) -> tuple[str, int]:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "conftest.py").write_text("", encoding="utf-8")
    (folder / "tests" / "test_mine.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-W", "error", "--strict-markers", *options]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-p", "no:bdd", "-p", "no:cov"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.returncode


def test_two_lines_grade_an_adapter(tmp_path: Path) -> None:
    out, code = _pytest(tmp_path, f"{ADAPTER}\ntest_mine = conformance_suite(Mine, {WINDOWS})\n")
    assert code == 0, out
    assert " passed" in out
    assert "does not claim the rulebook" in out
    assert "failed" not in out


def test_a_difference_shows_scenario_expectation_rule_and_source(tmp_path: Path) -> None:
    text = f"{ADAPTER}\nMine.longest = timedelta(hours=25)\ntest_mine = conformance_suite(Mine, {WINDOWS})\n"
    out, code = _pytest(tmp_path, text)
    assert code == 1
    for part in ("Given it is ", "expected: verdict refused", "got:      verdict allowed", "Source: Meta", "CSW-12"):
        assert part in out
    assert "Traceback" not in out
    assert "pytest.fail" not in out


def test_a_known_gap_is_an_expected_failure_and_a_closed_one_is_a_failure(tmp_path: Path) -> None:
    gaps = "known_gaps={'CSW-12': 'ticket 7', 'CSW-02': 'ticket 8'}"
    text = f"{ADAPTER}\nMine.longest = timedelta(hours=25)\ntest_mine = conformance_suite(Mine, {WINDOWS}, {gaps})\n"
    out, code = _pytest(tmp_path, text, "-rx")
    assert code == 1
    assert "ticket 7" in out
    assert "none of the" in out
    assert "vectors of CSW-02 fails any more: strike it" in out
    one = text.replace("'CSW-02': 'ticket 8'", "'CSW-02.17': 'ticket 9'")
    out, code = _pytest(tmp_path, one)
    assert code == 1
    assert "CSW-02.17 passes now: strike it" in out


def test_a_difference_where_no_source_speaks_is_skipped_as_review(tmp_path: Path) -> None:
    text = f"{ADAPTER}\ntest_mine = conformance_suite(Mine, rules=['CSW-06'])\n"
    out, _ = _pytest(tmp_path, text)
    assert "review: the sources are unspecified here" in out


def test_a_mis_wired_adapter_is_told_so_in_one_sentence(tmp_path: Path) -> None:
    text = f"{ADAPTER}\nMine.event = lambda self, event: None\ntest_mine = conformance_suite(Mine, {WINDOWS})\n"
    out, code = _pytest(tmp_path, text, "-k", "smoke")
    assert code == 1
    assert "the smoke test got no usable answer to any of its" in out


@pytest.mark.parametrize("call", ["conformance_suite()", "conformance_suite(None)", "conformance_suite('')"])
def test_without_an_adapter_collection_fails_and_the_reference_is_not_tested(tmp_path: Path, call: str) -> None:
    out, code = _pytest(tmp_path, f"from fsm.harness import conformance_suite\ntest_mine = {call}\n")
    assert code == 2
    assert "no adapter is given" in out
    assert "passed" not in out


def test_several_adapters_share_a_file_and_run_under_several_workers(tmp_path: Path) -> None:
    served = f"command: {sys.executable} -m fsm.harness.conform.serve fsm.harness.conform.adapters.reference:Reference"
    text = (
        f"{ADAPTER}\ntest_a = conformance_suite(Mine, {WINDOWS})\ntest_b = conformance_suite({served!r}, {WINDOWS})\n"
    )
    out, code = _pytest(tmp_path, text, "-n", "2")
    assert code == 0, out


def test_pytest_does_not_load_the_suite_unasked(tmp_path: Path) -> None:
    text = "import sys\ndef test_nothing():\n    assert not [name for name in sys.modules if name.startswith('fsm')]\n"
    out, code = _pytest(tmp_path, text)
    assert code == 0, out


def test_the_room_is_imported_without_pytest_and_without_a_gherkin_parser() -> None:
    code = (
        "import sys\nfrom fsm.harness import Adapter, conformance_suite\n"
        "from fsm.harness.conform.grade import grade\n"
        "print([name for name in ('pytest', 'gherkin', 'freezegun', 'pytest_bdd') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("wrong", [{"known_gaps": {"CSW-99": "x"}}, {"rules": ["CSW-99"]}, {"concepts": ["x"]}])
def test_a_gap_or_selection_of_nothing_is_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(UnknownVector):
        conformance_suite(Reference, **wrong)  # type: ignore[arg-type]


def test_a_text_that_names_no_adapter_is_refused() -> None:
    with pytest.raises(TypeError, match="names no adapter"):
        driver_of("node my_impl.js")
