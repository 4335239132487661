"""The published schemas: everything that is sent or shipped keeps to them, and they refuse what is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fsm.harness.conform.adapters import command
from fsm.harness.conform.adapters.command import command_driver
from fsm.harness.conform.grade import grade
from fsm.harness.conform.schemas import SCHEMAS
from fsm.harness.conform.vectors import all_vectors, vectors_folder, write_vector

_BY_ABOUT = {each["about"]: vector for vector in all_vectors() if len(vector.events) < 20 for each in vector.expect}
SOME = tuple({vector.id: vector for vector in _BY_ABOUT.values()}.values())
"""One vector for everything that can be expected."""
SERVED = f"{sys.executable} -m fsm.harness.conform.serve"
REFERENCE = "fsm.harness.conform.adapters.reference:Reference"


def _schema(name: str) -> Any:
    return json.loads((vectors_folder() / f"{name}.schema.json").read_text(encoding="utf-8"))


def _problem(schema: Mapping[str, Any], told: object) -> str:
    found = next(iter(Draft202012Validator(schema).iter_errors(told)), None)
    return "" if found is None else f"{found.json_path}: {found.message}"


def _part(name: str) -> dict[str, Any]:
    protocol = _schema("protocol")
    return {"$ref": f"#/$defs/{name}", "$defs": protocol["$defs"]}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_published_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(_schema(name))


def test_every_published_vector_keeps_to_the_schema() -> None:
    validator = Draft202012Validator(_schema("vector"))
    for vector in all_vectors():
        problem = next(validator.iter_errors(json.loads(write_vector(vector))), None)
        assert problem is None, f"{vector.id}: {problem}"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("status", "rumoured"),
        ("rules", []),
        ("id", "CSW"),
        ("events", [{"event": "seen"}]),
        ("expects", []),
        ("vector", 9),
    ],
)
def test_a_vector_that_is_not_one_is_refused(member: str, value: object) -> None:
    vector = json.loads(write_vector(SOME[0]))
    assert not _problem(_schema("vector"), vector)
    assert _problem(_schema("vector"), {**vector, member: value})


def _clocked() -> str:
    """The reference, asked step by step under a clock that is told."""
    told = (
        "from fsm.harness.conform.serve import *; from fsm.harness.conform.adapters.reference import Reference as R\n"
        "class Clocked(R):\n"
        "    def begin(self, case): self.case, self.told = {**case, 'events': [], 'questions': []}, 0\n"
        "    def set_clock(self, at): pass\n"
        "    def event(self, event):\n"
        "        self.case['events'].append(event)\n"
        "        return self.run(self.case)['results'][-1]\n"
        "    def question(self, question):\n"
        "        return self.run({**self.case, 'questions': [question]})['answers'][0]\n"
        "from fsm.harness.conform.adapters.base import Claims\n"
        "from fsm.harness.conform.levels import LEVELS\n"
        "from fsm.rulebooks import timeline\n"
        "claims = Claims(name='clocked', can_answer=tuple(LEVELS), rulebooks=timeline.names())\n"
        "serve(Server(Clocked(), claims), sys.stdin, sys.stdout)\n"
    )
    return f"{sys.executable} -c {json.dumps(told)}".replace("\\n", "\n")


@pytest.mark.parametrize("served", [f"{SERVED} {REFERENCE}", _clocked()], ids=["whole cases", "step by step"])
def test_every_message_keeps_to_the_schema(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways: what the harness sends, and what the reference replies to it."""
    program = command._Program
    send, receive = program.send, program.receive
    asked: dict[int, str] = {}
    sent: list[dict[str, Any]] = []
    replies: list[tuple[str, Mapping[str, Any]]] = []

    def overheard(self: Any, message: Mapping[str, Any]) -> None:
        asked[message["seq"]] = message["do"]
        sent.append(json.loads(json.dumps(message)))
        send(self, message)

    def answered(self: Any, seconds: float) -> Mapping[str, Any]:
        reply = receive(self, seconds)
        replies.append((asked[reply["seq"]], reply))
        return reply

    monkeypatch.setattr(program, "send", overheard)
    monkeypatch.setattr(program, "receive", answered)
    report = grade(command_driver(served), SOME)
    assert [(each.vector.id, each.reason) for each in report.grades if each.outcome != "passed"] == []
    whole = Draft202012Validator(_schema("protocol"))
    for message in sent:
        problem = next(whole.iter_errors(message), None)
        assert problem is None, f"{message['do']}: {problem}"
    parts = {do: Draft202012Validator(_part(f"reply to {do}")) for do in {do for do, _ in replies}}
    for do, reply in replies:
        problem = next(parts[do].iter_errors(reply), None)
        assert problem is None, f"reply to {do}: {problem}"
    # What is expected is never sent.
    assert not any("expect" in json.dumps(message) for message in sent)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("reply to start", {"seq": 1, "protocol": 1, "implementation": {"name": "x"}, "can_answer": ["everything"]}),
        ("reply to start", {"seq": 1, "protocol": 2, "implementation": {"name": "x"}, "can_answer": ["permission"]}),
        ("reply to run", {"seq": 1, "results": {}}),
        ("reply to run", {"results": []}),
        ("result", {"verdict": "maybe"}),
        ("result", {"opens": ["session"]}),
        ("result", {"error": "131047"}),
        ("answer", {"sum": 0.5}),
        ("request event", {"do": "event", "seq": 1, "event": {"event": "message_sent", "at": 1.5}}),
    ],
)
def test_a_malformed_message_is_refused(part: str, message: Mapping[str, Any]) -> None:
    assert _problem(_part(part), message)
