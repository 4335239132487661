"""Systems that do harm: the run goes on and ends, nothing counts as passed that was not, and every report stays whole."""

from __future__ import annotations

import copy
import json
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fsm.harness.conform.adapters.command import command_driver
from fsm.harness.conform.adapters.python import PythonDriver
from fsm.harness.conform.case import PROTOCOL
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.reports.badge import write_badge
from fsm.harness.conform.reports.junit import write_junit
from fsm.harness.conform.reports.messages import write_messages
from fsm.harness.conform.reports.page import write_page
from fsm.harness.conform.reports.saved import read_json, write_json
from fsm.harness.conform.reports.terminal import summary
from fsm.harness.conform.vectors import Vector, all_vectors, select
from fsm.replay.story import plain
from tests.harness.evil.objects import NASTY, OBJECTS, Evil, Mutates, Swallows, sleeping

FEW = tuple(
    vector
    for concept in ("windows", "charges", "ledger", "opt-in", "limits")
    for vector in select(all_vectors(), concepts=[concept])[:2]
    if len(vector.events) < 20
)
ONES = tuple(
    vector for vector in select(all_vectors(), rules=["CSW-03"], rulebooks=["pmp-2025-07"]) if len(vector.events) < 5
)


class _Markup(HTMLParser):
    """Reads a page, and keeps which tags it has and how often."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def _tags(page: str) -> list[str]:
    reader = _Markup()
    reader.feed(page)
    reader.close()
    return reader.tags


def _whole(report: Report) -> None:
    """Every report can be written, is well formed, and has nothing in it that acts."""
    told = "\n".join(summary(report, plain))
    page, junit, saved = write_page(report), write_junit(report), write_json(report)
    badge, messages = write_badge(report), write_messages(report)
    for text in (told, page, junit, saved, badge, messages):
        text.encode("utf-8")
        for character in "\x1b\x00\x07\u202e\u2066\ud800":
            assert character not in text
    for text in (page, junit, badge):
        assert "<script>alert" not in text
    assert len(told) < 20_000
    assert _tags(page).count("script") <= 2
    ElementTree.fromstring(junit)
    ElementTree.fromstring(badge)
    assert read_json(saved, "saved.json").counts == report.counts
    for line in messages.splitlines():
        json.loads(line)


# The alarm may ring while Python collects garbage; what is raised there is dropped, and the case still counts as hung.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_that_does_harm_passes_nothing_and_leaves_every_report_whole(name: str) -> None:
    before = copy.deepcopy([(vector.events, vector.expect, vector.account) for vector in FEW])
    began = time.perf_counter()
    report = grade(PythonDriver(OBJECTS[name], time_limit=0.5), FEW, smoke=False)
    assert [(vector.events, vector.expect, vector.account) for vector in FEW] == before
    assert len(report.grades) == len(FEW)
    assert not report.fine
    assert report.counts["errored"] + report.counts["failed"] > 0
    passed = [check for each in report.grades for check in each.checks if check.outcome == "passed" and check.got]
    assert all(check.got is True for check in passed), "only where the value really is the answer"
    _whole(report)
    assert time.perf_counter() - began < 60


def test_an_object_that_changes_what_it_is_given_changes_its_own_copy() -> None:
    before = copy.deepcopy([(vector.events, vector.expect, vector.account) for vector in ONES])
    report = grade(PythonDriver(Mutates), ONES, smoke=False)
    assert [(vector.events, vector.expect, vector.account) for vector in ONES] == before
    assert report.counts["failed"] > 0
    _whole(report)


@pytest.mark.parametrize(("takes", "outcome"), [(0.1, True), (1.2, False)])
def test_an_object_may_take_until_the_limit_and_no_longer(takes: float, outcome: bool) -> None:
    report = grade(PythonDriver(sleeping(takes), time_limit=0.6), ONES[:2], smoke=False)
    assert [each.outcome != "errored" for each in report.grades] == [outcome] * 2


def test_an_object_that_swallows_the_alarm_is_still_said_to_have_hung() -> None:
    report = grade(PythonDriver(Swallows, time_limit=0.3), ONES[:2], smoke=False)
    assert [each.reason for each in report.grades] == ["hung: no answer within 0.3 s"] * 2


def test_claims_that_do_harm_are_harmless_in_every_report() -> None:
    class Named(Evil):
        name = f"me{NASTY}"
        version = NASTY
        language = NASTY

    _whole(grade(PythonDriver(Named), ONES, smoke=False, known_gaps={"CSW-03": NASTY}))


# --- programs -----------------------------------------------------------------------------------
GREETING = {"protocol": PROTOCOL, "implementation": {"name": "evil"}, "can_answer": ["permission"]}


def _program(tmp_path: Path, body: str, before: str = "") -> str:
    """A program that refuses everything; `body` runs before each reply is said, with `reply`, `n` and `say`."""
    file = tmp_path / "evil.py"
    indented = body.replace("\n", "\n    ")
    file.write_text(
        f"""import json, os, subprocess, sys, time
def say(text): sys.stdout.write(text); sys.stdout.flush()
{before}
n = 0
for line in sys.stdin:
    message = json.loads(line); seq = message["seq"]
    if message["do"] == "stop": break
    if message["do"] == "start":
        say(json.dumps({{"seq": seq, **{GREETING!r}}}) + "\\n"); continue
    n += 1
    results = [{{"verdict": "refused", "error": 131047}} for event in message["case"]["events"]]
    reply = {{"seq": seq, "results": results, "answers": []}}
    {indented}
    say((reply if isinstance(reply, str) else json.dumps(reply)) + "\\n")
""",
        encoding="utf-8",
    )
    return f"{sys.executable} {file}"


def _graded(command: str, vectors: tuple[Vector, ...] = ONES, **options: Any) -> Report:
    return grade(
        command_driver(command, **{"time_limit": 1.5, "output_limit": 200_000, **options}), vectors, smoke=False
    )


PROGRAMS = {
    "markup in every text": f"reply['results'] = [{{'verdict': {NASTY!r}, 'error': {NASTY!r}, {NASTY!r}: 1}} for _ in results]",
    "markup as its excuse": f"reply = {{'seq': seq, 'errored': {NASTY!r} * 100}}",
    "markup on the way out": f"sys.stderr.write({NASTY!r}.encode('utf-8', 'replace').decode() + '\\n'); sys.exit(1)",
    "numbers without end": 'reply = \'{"seq": %d, "results": [{"verdict": "allowed", "error": 1e999}]}\' % seq',
    "a number of 5,000 digits": 'reply = \'{"seq": %d, "results": [{"error": %s}]}\' % (seq, \'9\' * 5000)',
    "members twice": 'reply = \'{"seq": %d, "seq": -1, "results": []}\' % seq',
    "half of a pair of surrogates": 'reply = \'{"seq": %d, "results": [{"verdict": "\\\\ud800"}]}\' % seq',
    "depth": "reply = '{\"seq\": %d, \"results\": %s%s}' % (seq, '[' * 50_000, ']' * 50_000)",
    "every result a list": "reply['results'] = [[] for _ in results]",
    "results as a text": "reply['results'] = 'allowed'",
    "an empty line first": "say('\\n')",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_does_harm_at_every_case_passes_none(name: str, tmp_path: Path) -> None:
    began = time.perf_counter()
    report = _graded(_program(tmp_path, PROGRAMS[name]), ONES[:4])
    assert len(report.grades) == 4
    assert {each.outcome for each in report.grades[1:]} == {"errored"}, [each.reason for each in report.grades]
    assert not report.fine
    _whole(report)
    assert time.perf_counter() - began < 30


def test_a_program_that_crashes_at_every_third_case_is_graded_on_the_others(tmp_path: Path) -> None:
    thirds = [vector.id for vector in ONES[2:7:3]]
    body = f"if message['case']['id'] in {thirds}: os._exit(7)"
    report = _graded(_program(tmp_path, body), ONES[:7])
    assert [each.outcome == "errored" for each in report.grades] == [False, False, True, False, False, True, False]
    assert "exit code 7" in report.grades[2].reason
    _whole(report)


def test_a_program_whose_child_keeps_the_output_open_ends_all_the_same(tmp_path: Path) -> None:
    body = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); os._exit(3)"
    began = time.perf_counter()
    report = _graded(_program(tmp_path, body), ONES[:2])
    assert {each.outcome for each in report.grades} == {"errored"}
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(("takes", "errored"), [(0.2, False), (2.5, True)])
def test_a_program_may_take_until_the_limit_and_no_longer(takes: float, errored: bool, tmp_path: Path) -> None:
    report = _graded(_program(tmp_path, f"time.sleep({takes})"), ONES[:2], time_limit=1.2)
    assert [each.outcome == "errored" for each in report.grades] == [errored] * 2


def test_a_program_that_floods_its_error_output_is_heard_out(tmp_path: Path) -> None:
    report = _graded(_program(tmp_path, "sys.stderr.write('y' * 1_000_000); sys.stderr.flush()"), ONES[:4])
    assert report.counts["errored"] == 0
    assert report.counts["passed"] + report.counts["failed"] == 4


def test_a_program_that_answers_before_it_is_asked_passes_nothing(tmp_path: Path) -> None:
    ready = json.dumps({"seq": 2, "results": [], "answers": []})
    report = _graded(_program(tmp_path, f"say({ready + chr(10)!r} * 3)"), ONES[:3])
    assert report.counts["passed"] == 0
    assert report.counts["errored"] >= 2
