"""The guide's words are the harness's words: its examples of the protocol are what is sent and what passes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fsm.cli.main import main
from fsm.harness.conform.adapters.base import CLOCKS, Answered, Claims, read_claims
from fsm.harness.conform.adapters.command import ON_THE_WAY, OUTPUT_LIMIT
from fsm.harness.conform.adapters.http import AT_ONCE
from fsm.harness.conform.adapters.stepwise import answered_by
from fsm.harness.conform.case import PROTOCOL, case_of, steps_of
from fsm.harness.conform.grade import graded
from fsm.harness.conform.init import KINDS
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.outcomes import FAILING, OUTCOMES
from fsm.harness.conform.schemas import protocol_schema
from fsm.harness.conform.vectors import all_vectors, select
from fsm.rulebooks import timeline
from fsm.terms import REASONS, VERDICTS
from tests.harness.test_real import GUIDE

TEXT = GUIDE.read_text(encoding="utf-8")

_BLOCKS = re.findall(r"^```json\n(.*?)^```$", TEXT, re.M | re.S)
EXCHANGES = [
    (json.loads(asked), json.loads(replied))
    for block in _BLOCKS
    for asked, replied in zip(block.splitlines()[::2], block.splitlines()[1::2], strict=True)
]
RUNS = [(asked, reply) for asked, reply in EXCHANGES if asked["do"] == "run"]


def _vector(id: str) -> Any:
    return select(all_vectors(), ids=[id])[0]


def _claims() -> Claims:
    """Those of the guide's greeting, and besides `reading`, which the guide shows apart."""
    greeting = next(reply for asked, reply in EXCHANGES if asked["do"] == "start")
    read_claims(greeting)
    return read_claims(
        {**greeting, "can_answer": [*greeting["can_answer"], "reading"], "rulebooks": list(timeline.names())}
    )


def _rows(heading: str) -> list[str]:
    """The words in the first column of the table behind a heading of its columns."""
    table = TEXT[TEXT.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in table]


def test_the_guide_comes_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "guide"]) == 0
    assert capsys.readouterr().out == TEXT
    assert main(["conform", "guide", "me"]) == 2


def test_every_reply_has_the_number_of_its_message() -> None:
    assert {asked["do"] for asked, _ in EXCHANGES} == {"start", "run", "begin", "set_clock", "event", "question"}
    assert all(asked["seq"] == reply["seq"] for asked, reply in EXCHANGES)
    assert EXCHANGES[0][0]["protocol"] == EXCHANGES[0][1]["protocol"] == PROTOCOL


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_a_case_of_the_guide_is_what_is_sent(number: int) -> None:
    asked, _ = RUNS[number]
    assert asked["case"] == case_of(_vector(asked["case"]["id"]))


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_a_reply_of_the_guide_passes_or_is_what_it_says(number: int) -> None:
    asked, reply = RUNS[number]
    grade = graded(_vector(asked["case"]["id"]), answered_by(reply), _claims())
    says = "unsupported" if "skipped" in reply else "errored" if "errored" in reply else "passed"
    assert grade.outcome == says, grade.reason or grade.differences
    if says == "passed":
        asked_of = {check.level for check in grade.checks if check.outcome == "passed"}
        assert asked_of <= set(_claims().can_answer)


def test_every_message_and_reply_of_the_guide_keeps_to_the_schema() -> None:
    shapes = protocol_schema()["$defs"]
    for asked, reply in EXCHANGES:
        for shape, told in ((f"request {asked['do']}", asked), (f"reply to {asked['do']}", reply)):
            Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": shapes}).validate(told)


def test_a_wrong_reply_would_not_pass() -> None:
    asked, reply = RUNS[0]
    wrong = json.loads(json.dumps(reply).replace("allowed", "refused"))
    assert graded(_vector(asked["case"]["id"]), answered_by(wrong), _claims()).outcome == "failed"
    assert graded(_vector(asked["case"]["id"]), Answered(message={}), _claims()).outcome == "errored"


def test_the_steps_under_a_clock_are_those_of_a_case() -> None:
    steps: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
        each for each in EXCHANGES if each[0]["do"] not in ("start", "run")
    ]
    (begin, _), (clock, _), (event, _), (question, answer) = steps
    case = case_of(_vector("CSW-01.1"))
    assert begin["case"] == {name: value for name, value in case.items() if name not in ("events", "questions")}
    ((_, _, at, first),) = steps_of(case)
    assert (clock["at"], event["event"]) == (at, first)
    assert question["question"] in case_of(_vector("CBP2-04.7"))["questions"]
    assert set(answer["answer"]) == {"states", "status"}


def test_the_guide_lists_every_level_outcome_clock_and_skeleton() -> None:
    assert _rows("| Level | In") == list(LEVELS)
    assert sorted(_rows("| Outcome |")) == sorted(OUTCOMES)
    assert _rows("| `clock` |") == [clock for clock in ("freezegun", "set_clock", "faketime") if clock in CLOCKS]
    listed = re.search(r"`fsm conform init \{([\w,]+)\}` writes a skeleton; `\{([\w,-]+)\}`", TEXT)
    assert listed is not None
    assert ",".join(listed.groups()).split(",") == list(KINDS)


def test_the_guide_says_which_outcomes_make_a_run_fail() -> None:
    table = TEXT[TEXT.index("| Outcome |") :].split("\n\n")[0].splitlines()[2:]
    assert {row.split("|")[1].strip() for row in table if row.split("|")[3].strip() == "yes"} == set(FAILING)


def test_the_guide_names_every_word_of_a_verdict_and_of_a_reason() -> None:
    assert all(f"`{word}`" in TEXT for word in (*VERDICTS, *REASONS))


def test_the_guide_states_the_limits_as_they_are() -> None:
    assert f"Up to {ON_THE_WAY} cases" in TEXT
    assert f"{OUTPUT_LIMIT // 1024 // 1024} MiB" in TEXT
    assert {1: "One case", 4: "Four cases"}[AT_ONCE] in re.sub(r"\s+", " ", TEXT)
