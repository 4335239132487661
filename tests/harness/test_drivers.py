"""Every way of reaching an implementation, and everything that one can do to whoever asks."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fsm.harness.conform.adapters.base import Answered, CannotStart
from fsm.harness.conform.adapters.command import CommandDriver, command_driver
from fsm.harness.conform.adapters.faketime import FakeClock, library
from fsm.harness.conform.adapters.http import http_driver
from fsm.harness.conform.adapters.python import PythonDriver, python_driver, run_stepwise
from fsm.harness.conform.adapters.reference import Reference
from fsm.harness.conform.adapters.transcript import transcript_driver, write_cases
from fsm.harness.conform.case import case_of
from fsm.harness.conform.grade import grade
from fsm.harness.conform.serve import Server, http_server
from fsm.harness.conform.vectors import all_vectors, select

REFERENCE = "fsm.harness.conform.adapters.reference:Reference"
SERVED = f"{sys.executable} -m fsm.harness.conform.serve {REFERENCE}"
SOME = select(all_vectors(), concepts=["windows"], rules=["CSW-12"])[:8]
CULPRIT = SOME[3].id
GREETING = '{"seq": seq, "protocol": 1, "implementation": {"name": "evil"}, "can_answer": ["permission"]}'


# --- the same answers over every transport -----------------------------------------------
def test_the_reference_passes_everything_as_a_program() -> None:
    report = grade(command_driver(SERVED))
    assert report.counts["passed"] == len(all_vectors())
    assert report.claims.name == "whatsapp-conversation-fsm"


@pytest.fixture
def url() -> Iterator[str]:
    """The reference behind a server."""
    driver = python_driver(REFERENCE)
    claims = driver.start()
    with http_server(Server(driver.adapter, claims), 0) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


def test_the_reference_passes_as_a_server(url: str) -> None:
    vectors = select(all_vectors(), concepts=["windows", "ledger"])
    report = grade(http_driver(url), vectors)
    assert report.counts["passed"] == len(vectors)


def test_the_reference_passes_as_a_file_of_answers(tmp_path: Path) -> None:
    vectors = select(all_vectors(), concepts=["windows"])
    cases = io.StringIO()
    assert write_cases(cases, vectors) == len(vectors)
    driver = python_driver(REFERENCE)
    server = Server(None, driver.start())
    lines = [json.dumps(server.answer({"do": "start"}))]
    for line in cases.getvalue().splitlines():
        case = json.loads(line)
        lines.append(json.dumps({"id": case["id"], **driver.adapter.run(case)}))
    answers = tmp_path / "answers.jsonl"
    answers.write_text("\n".join(lines), encoding="utf-8")
    assert grade(transcript_driver(answers), vectors, smoke=False).counts["passed"] == len(vectors)
    answers.write_text("\n".join(lines[:-1]), encoding="utf-8")
    report = grade(transcript_driver(answers), vectors, smoke=False)
    assert (report.counts["errored"], report.counts["passed"]) == (1, len(vectors) - 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "is empty"), ("{", "line 1: it is not JSON"), ("[]", "line 1: it is no JSON object"), ("{}", "protocol")],
)
def test_a_file_without_a_greeting_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CannotStart, match=problem):
        transcript_driver(file).start()
    with pytest.raises(CannotStart, match="cannot be read"):
        transcript_driver(tmp_path / "none.jsonl").start()


def test_an_answer_without_an_id_and_two_answers_to_one_case_are_named(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    greeting = GREETING.replace("seq}", "0}").replace('"seq": seq', '"seq": 0')
    file.write_text(f"{greeting}\n{{}}\n", encoding="utf-8")
    with pytest.raises(CannotStart, match="line 2"):
        transcript_driver(file).start()
    one = json.dumps({"id": SOME[0].id, "results": []})
    file.write_text(f"{greeting}\n{one}\n\n{one}\n", encoding="utf-8")
    driver = transcript_driver(file)
    driver.start()
    assert "two answers" in next(driver.run(SOME[:1]))[1].errored


# --- programs that misbehave -----------------------------------------------------------------
def _program(tmp_path: Path, on_culprit: str, before: str = "") -> str:
    """A program that refuses everything, and does something else at one case."""
    file = tmp_path / "evil.py"
    indented = on_culprit.replace("\n", "\n        ")
    file.write_text(
        f"""import json, os, signal, subprocess, sys, time
def say(text): sys.stdout.write(text); sys.stdout.flush()
{before}
for line in sys.stdin:
    message = json.loads(line); seq = message["seq"]
    if message["do"] == "stop": break
    if message["do"] == "start":
        say(json.dumps({GREETING}) + "\\n"); continue
    results = [{{"verdict": "refused", "error": 131047}} for event in message["case"]["events"]]
    reply = json.dumps({{"seq": seq, "results": results, "answers": [None for _ in message["case"]["questions"]]}})
    if message["case"]["id"] == {CULPRIT!r}:
        {indented}
    say(reply + "\\n")
""",
        encoding="utf-8",
    )
    return f"{sys.executable} {file}"


def _answers(command: str, **options: Any) -> dict[str, Answered]:
    driver = command_driver(command, **{"time_limit": 1.0, **options})
    driver.start()
    try:
        return {vector.id: answered for vector, answered in driver.run(SOME)}
    finally:
        driver.stop()


EVIL = {
    "exits": ("sys.exit(3)", "crashed: it ended with exit code 3"),
    "exits as if nothing were": ("sys.exit(0)", "crashed: it ended with exit code 0"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "crashed: it ended by signal 9"),
    "raises": ("raise ValueError('no such customer')", "it said: ValueError: no such customer"),
    "loops for ever": ("while True: pass", "hung: no answer within 1 s"),
    "sleeps": ("time.sleep(60)", "hung: no answer within 1 s"),
    "ignores every word": ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", "hung"),
    "closes its output": ("os.close(1); time.sleep(60)", "crashed: it ended its output but still runs"),
    "says too much": ("say('x' * 3_000_000 + '\\n')", "malformed: a line of more than 1000000 bytes"),
    "never ends a line": ("while True: say('x' * 100_000)", "malformed: a line of more than 1000000 bytes"),
    "says no JSON": ("say('allowed\\n')", "malformed: a line that is not JSON"),
    "says half of it": ("say(reply[:20] + '\\n')", "malformed: a line that is not JSON"),
    "says a list": ("say('[1]\\n')", "malformed: a line that is no JSON object"),
    "says NaN": ("say('{\"seq\": NaN}\\n')", "NaN is no JSON number"),
    "nests": ("say('[' * 200_000 + '\\n')", "malformed: a line that is not JSON"),
    "says no text": (
        "sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush()",
        "malformed: a line that is not UTF-8",
    ),
    "says zeros": ("say('\\0\\0\\n')", "malformed: a line that is not JSON"),
    "answers another": (
        "reply = reply.replace(f'\"seq\": {seq}', '\"seq\": 987654')",
        "malformed: it answers seq 987654",
    ),
    "answers nobody": ("reply = '{\"results\": []}'", "malformed: it answers seq None"),
    "answers a list of seqs": ("reply = '{\"seq\": [1]}'", "malformed: it answers seq [1]"),
    "says it failed": ("reply = json.dumps({'seq': seq, 'errored': 'database is gone'})", "it says: database is gone"),
    "leaves a child behind": (
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); sys.exit(1)",
        "crashed",
    ),
    "chatters": ("sys.stderr.write('y' * 5_000_000); sys.stderr.flush(); sys.exit(1)", "crashed"),
}


@pytest.mark.parametrize("name", EVIL)
def test_what_one_case_does_costs_that_case_only(name: str, tmp_path: Path) -> None:
    does, says = EVIL[name]
    began = time.perf_counter()
    answers = _answers(_program(tmp_path, does), output_limit=1_000_000)
    assert set(answers) == {vector.id for vector in SOME}
    assert says in answers[CULPRIT].errored
    assert len(answers[CULPRIT].errored) < 1000
    for id, answered in answers.items():
        if id != CULPRIT:
            assert answered.message is not None, f"{id}: {answered.errored}"
    assert time.perf_counter() - began < 30


def test_an_answer_given_twice_is_noticed_at_the_next(tmp_path: Path) -> None:
    answers = _answers(_program(tmp_path, "say(reply + '\\n')"))
    wrong = [answered for answered in answers.values() if answered.errored]
    assert len(wrong) <= 2
    assert all("has been answered" in each.errored or "instead of" in each.errored for each in wrong)


def test_answers_may_come_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "backwards.py"
    file.write_text(
        f"""import json, sys
held = []
for line in sys.stdin:
    message = json.loads(line); seq = message["seq"]
    if message["do"] == "start":
        print(json.dumps({GREETING}), flush=True); continue
    if message["do"] == "stop": break
    held.append(seq)
    if len(held) == {len(SOME)}:
        for seq in reversed(held): print(json.dumps({{"seq": seq, "skipped": str(seq)}}), flush=True)
""",
        encoding="utf-8",
    )
    answers = _answers(f"{sys.executable} {file}")
    assert [int(answers[vector.id].skipped) for vector in SOME] == sorted(
        int(each.skipped) for each in answers.values()
    )


def test_a_program_that_always_crashes_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "crashes.py"
    file.write_text(
        f"import json, sys\nseq = json.loads(input())['seq']\nprint(json.dumps({GREETING}), flush=True)\ninput()\n",
        encoding="utf-8",
    )
    driver = command_driver(f"{sys.executable} {file}", time_limit=2)
    driver.start()
    vectors = select(all_vectors(), concepts=["windows"])[:40]
    answers = [answered.errored for _, answered in driver.run(vectors)]
    driver.stop()
    assert len(answers) == 40
    assert all(answers)
    assert sum(each.startswith("not asked") for each in answers) >= 25


def test_control_characters_and_markup_come_through_as_they_are(tmp_path: Path) -> None:
    answers = _answers(_program(tmp_path, "reply = json.dumps({'seq': seq, 'skipped': '\\x1b[31m<b>\\x00'})"))
    assert answers[CULPRIT].skipped == "\x1b[31m<b>\x00"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("", "the command is empty"),
        ("no-such-program-anywhere --x", "'no-such-program-anywhere' cannot be run"),
        (f"{sys.executable} -c 'print(1)'", "did not answer the start message"),
        (f"{sys.executable} -c ''", "exit code 0"),
        (f"{sys.executable} -c 'import time; time.sleep(9)'", "no answer within 1 s"),
        (f"""{sys.executable} -c 'input(); print("{{\\"seq\\": 1}}")'""", "protocol None"),
        (f"""{sys.executable} -c 'input(); print("{{\\"seq\\": 77}}")'""", "answers seq 77"),
    ],
)
def test_a_program_that_does_not_greet_is_not_graded(command: str, problem: str) -> None:
    driver = command_driver(command, time_limit=1)
    with pytest.raises(CannotStart, match=problem):
        driver.start()
    driver.stop()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_nothing_is_left_open_or_running(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    _answers(_program(tmp_path, "sys.exit(1)"))
    time.sleep(0.3)
    before, threads = open_files(), threading.active_count()
    for _ in range(3):
        _answers(_program(tmp_path, "time.sleep(60)"), time_limit=0.3)
    time.sleep(0.5)
    assert open_files() <= before
    assert threading.active_count() <= threads


# --- servers that misbehave --------------------------------------------------------------------
def test_nobody_there_is_said() -> None:
    with pytest.raises(CannotStart, match="did not answer the start message"):
        http_driver("http://127.0.0.1:9", time_limit=1).start()
    for wrong in ("127.0.0.1:80", "ftp://x", "http://"):
        with pytest.raises(CannotStart, match="is no address"):
            http_driver(wrong).start()


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, b"Traceback", "HTTP status 500"),
        (302, b"", "HTTP status 302"),
        (200, b"<html>", "not JSON"),
        (200, b"[]", "no JSON object"),
        (200, b"x" * 2_000_000, "more than 1000000 bytes"),
        (200, None, "hung"),
    ],
)
def test_a_server_that_answers_nonsense_costs_the_case_only(
    url: str, status: int, body: bytes | None, says: str
) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Evil(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["do"] == "start":
                told, code = (
                    json.dumps(json.loads(GREETING.replace("seq,", "0,").replace('"0"', '"seq"'))).encode(),
                    200,
                )
            elif asked["do"] == "run" and asked["case"]["id"] == CULPRIT:
                if body is None:
                    time.sleep(2)
                told, code = body or b"{}", status
            else:
                told, code = json.dumps({"skipped": "fine"}).encode(), 200
            self.send_response(code)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as listening:
        # Whoever waited too long has gone when the answer comes.
        listening.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        driver = http_driver(f"http://127.0.0.1:{listening.server_address[1]}", time_limit=1, output_limit=1_000_000)
        driver.start()
        answers = {vector.id: answered for vector, answered in driver.run(SOME)}
        driver.stop()
        listening.shutdown()
    assert says in answers[CULPRIT].errored
    assert {answered.skipped for id, answered in answers.items() if id != CULPRIT} == {"fine"}


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("count = globals().get('count', 0) + 1\nif count % 3 == 0: sys.exit(7)", "exit code 7"),
        ("say(reply + '\\n')", "instead of"),
    ],
    ids=["ends at every third case", "answers everything twice"],
)
def test_a_program_that_is_given_up_ends_the_run(tmp_path: Path, what: str, says: str) -> None:
    """More cases than it may crash times: the rest is told so, and the run is over."""
    vectors = select(all_vectors(), rules=["CSW-*"])
    assert len(vectors) > 100
    command = _program(tmp_path, "pass").replace("evil.py", "tired.py")
    text = (tmp_path / "evil.py").read_text(encoding="utf-8")
    everything = what.replace("\n", "\n    ")
    (tmp_path / "tired.py").write_text(
        text.replace(f'    if message["case"]["id"] == {CULPRIT!r}:', f"    {everything}\n    if False:"),
        encoding="utf-8",
    )
    driver = command_driver(command, time_limit=2)
    driver.start()
    began = time.monotonic()
    answers = [answered for _, answered in driver.run(vectors)]
    driver.stop()
    assert len(answers) == len(vectors)
    told = {answered.errored for answered in answers if answered.errored}
    assert any(says in each for each in told)
    assert any("crashed or hung" in each for each in told)
    assert time.monotonic() - began < 300, "a loop without an end"


# --- clocks ------------------------------------------------------------------------------------
CLOCKED = """
from datetime import UTC, datetime, timedelta
class Clocked:
    name = "goes by a clock"
    can_answer = ("permission",)
    now = None
    def begin(self, case): self.wrote = None
    def set_clock(self, at): self.now = datetime.fromisoformat(at)
    def question(self, question): return None
    def event(self, event):
        if event["event"] == "customer_message": self.wrote = self.now
        if event["event"] != "message_sent": return None
        free = self.wrote is not None and self.now - self.wrote < timedelta(hours=24)
        return {"verdict": "allowed" if free else "refused", "error": None if free else 131047}
"""


def test_a_program_whose_clock_is_set_by_messages_follows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clocked.py").write_text(CLOCKED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', str(Path.cwd()))}")
    report = grade(command_driver(f"{sys.executable} -m fsm.harness.conform.serve clocked:Clocked"), SOME)
    assert report.claims.clock == "set_clock"
    assert report.counts["errored"] == 0
    assert report.counts["passed"] >= 4


NODE_CLOCK = """
const lines = require('readline').createInterface({input: process.stdin});
let wrote = null;
lines.on('line', line => {
  const m = JSON.parse(line), say = r => process.stdout.write(JSON.stringify({seq: m.seq, ...r}) + '\\n');
  if (m.do === 'start') return say({protocol: 1, implementation: {name: 'node'}, can_answer: ['permission'], clock: 'faketime'});
  if (m.do === 'stop') return lines.close();
  if (m.do === 'begin') { wrote = null; return say({}); }
  if (m.do !== 'event') return say({answer: null});
  if (m.event.event === 'customer_message') wrote = Date.now();
  if (m.event.event !== 'message_sent') return say({result: null});
  const free = wrote !== null && Date.now() - wrote < 24 * 3600 * 1000 - 500;
  say({result: {verdict: free ? 'allowed' : 'refused', error: free ? null : 131047}});
});
"""
needs_faketime = pytest.mark.skipif(library() is None, reason="libfaketime is not installed")


@needs_faketime
@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_an_unmodified_node_program_is_moved_through_time(tmp_path: Path) -> None:
    (tmp_path / "clock.js").write_text(NODE_CLOCK, encoding="utf-8")
    report = grade(command_driver(f"node {tmp_path}/clock.js"), SOME)
    assert report.counts["errored"] == 0
    assert report.counts["passed"] >= 4


def test_a_clock_that_cannot_be_moved_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSM_FAKETIME_LIBRARY", "/nowhere")
    with pytest.raises(CannotStart, match="libfaketime"):
        FakeClock()


def test_a_program_cannot_go_by_freezegun(tmp_path: Path) -> None:
    command = _program(tmp_path, "pass").replace("evil.py", "frozen.py")
    text = (tmp_path / "evil.py").read_text(encoding="utf-8")
    (tmp_path / "frozen.py").write_text(
        text.replace('["permission"]}', '["permission"], "clock": "freezegun"}'), encoding="utf-8"
    )
    driver = CommandDriver(command)
    with pytest.raises(CannotStart, match="freezegun"):
        driver.start()
    assert driver._program is None, "it is left running"


# --- the server behind which a Python adapter can be put --------------------------------------
class _StepByStep(Reference):
    """Knows of one case only, and takes its time over each step of it."""

    def begin(self, case: Any) -> None:
        self.case, self.told = case, list[Any]()

    def event(self, event: Any) -> Any:
        time.sleep(0.001)
        self.told.append(event)
        return super().run({**self.case, "events": self.told, "questions": []})["results"][-1]

    def run(self, case: Any) -> Any:
        return run_stepwise(self, case, None)


def test_an_adapter_that_knows_of_one_case_is_asked_for_one_at_a_time() -> None:
    vectors = [each for each in select(all_vectors(), concepts=["windows"]) if not case_of(each)["questions"]][:60]
    with http_server(Server(_StepByStep(), python_driver(REFERENCE).start()), 0) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        told = grade(http_driver(f"http://127.0.0.1:{listening.server_address[1]}"), vectors, smoke=False)
        listening.shutdown()
    alone = grade(PythonDriver(_StepByStep), vectors, smoke=False)
    assert told.counts == alone.counts
    assert told.counts["passed"] > 30


@pytest.mark.parametrize(
    ("head", "body", "status", "says"),
    [
        ("", "", 411, "Content-Length"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 411, "Content-Length"),
        ("Content-Length: abc\r\n", "{}", 411, "Content-Length"),
        ("Content-Length: -1\r\n", "{}", 411, "Content-Length"),
        ("Content-Length: 1000000000000\r\n", "{}", 413, "longer than"),
        ("Content-Length: 5\r\n", "{}", 400, "ends after 2 of 5 bytes"),
        ("Content-Length: 100000\r\n", "[" * 100_000, 400, "cannot be read"),
        ("Content-Length: 12\r\n", '{"seq": NaN}', 400, "NaN is no number"),
        ("Content-Length: 2\r\n", "[]", 400, "it is no JSON object"),
        ("Content-Length: 2\r\n", "{}", 200, "no such message"),
    ],
    ids=["none", "chunked", "letters", "negative", "huge", "short", "deep", "NaN", "list", "fine"],
)
def test_a_request_that_cannot_be_read_is_answered_and_harms_nobody(
    head: str, body: str, status: int, says: str, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    place = urlsplit(url)
    assert place.hostname
    assert place.port
    with socket.create_connection((place.hostname, place.port), timeout=20) as asking:
        asking.sendall(f"POST /nothing HTTP/1.1\r\nHost: x\r\n{head}\r\n{body}".encode())
        asking.shutdown(socket.SHUT_WR)
        reply = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
    assert reply.startswith(f"HTTP/1.1 {status} ")
    assert reply.count("HTTP/1.1") == 1
    assert says in reply
    for _ in range(3):
        with socket.create_connection((place.hostname, place.port), timeout=20) as asking:
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            asking.sendall(b"POST /start HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
    driver = http_driver(url)
    assert driver.start().name == "whatsapp-conversation-fsm"
    driver.stop()
    assert capfd.readouterr().err == ""
