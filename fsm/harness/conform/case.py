"""What is sent: a case is a vector without its answers, and the same case step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fsm.events import parse_instant
from fsm.harness.conform.vectors import Vector

PROTOCOL: Final = 1
"""Version of the messages; it rises when one of them changes its meaning."""

Message = Mapping[str, Any]


def questions_of(vector: Vector) -> list[Message]:
    """What a vector asks beyond the results of its events, each question once, in the order of the scenario."""
    found: list[Message] = []
    for each in vector.expect:
        question = each.get("question")
        if question is not None and question not in found:
            found.append(question)
    return found


def case_of(vector: Vector) -> dict[str, Any]:
    """
    The case as an implementation sees it: nothing in it tells what is expected.

    >>> from fsm.harness.conform.vectors import all_vectors
    >>> sorted(case_of(all_vectors()[0]))
    ['account', 'events', 'id', 'questions', 'rulebooks']
    """
    case: dict[str, Any] = {
        "id": vector.id,
        "rulebooks": list(vector.rulebooks),
        "account": vector.account,
        "events": list(vector.events),
        "questions": questions_of(vector),
    }
    if vector.bill is not None:
        case["bill"] = vector.bill
    return case


def steps_of(case: Message) -> Iterator[tuple[str, int, str, Message]]:
    """
    The events and questions of a case in the order of time, for implementations that go by a clock.

    Yields:
        `event` or `question`, its place in the case, the instant (RFC 3339) at which it happens, and itself. A
        question about an instant comes behind the events of that instant, a question whether the policy speaks
        against a message before its sending, and one about the bill at the end.
    """
    events, questions = case["events"], case["questions"]
    asked = [
        (*_when(question, case), "question", place, question) for place, question in enumerate(questions)
    ]
    told = [(parse_instant(event["at"]), 1, place, "event", place, event) for place, event in enumerate(events)]
    order = sorted([*asked, *told], key=lambda step: step[:3])
    last = events[-1]["at"] if events else None
    for _, _, _, what, place, message in order:
        at = message.get("at")
        if at is None:
            at = events[message["event"]]["at"] if "event" in message else last
        yield what, place, at, message


def _when(question: Message, case: Message) -> tuple[float, int, int]:
    if question["question"] == "advice":
        place = question["event"]
        return (parse_instant(case["events"][place]["at"]), 1, place - 0.5)  # type: ignore[return-value]
    if "at" in question:
        return (parse_instant(question["at"]), 2, 0)
    return (float("inf"), 2, 0)
