"""What is sent: a case is a vector without its answers, and the same case step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        "account": _own(vector.account),
        "events": _own(vector.events),
        "questions": _own(questions_of(vector)),
    }
    if vector.bill is not None:
        case["bill"] = _own(vector.bill)
    return case


def _own(value: Any) -> Any:
    """A copy of plain values: an implementation may do with it what it likes."""
    if isinstance(value, dict):
        return {name: _own(each) if isinstance(each, dict | list) else each for name, each in value.items()}
    if isinstance(value, list):
        return [_own(each) for each in value]
    return value


def steps_of(case: Message) -> Iterator[tuple[str, int, str, Message]]:
    """
    The events of a case as they are told, and the questions in between: for implementations that go step by step.

    The events of a vector are told in the order of time, so these steps are too.

    Yields:
        `event` or `question`, its place in the case, the instant (RFC 3339) at which it happens, and itself. A
        question about an instant comes as soon as every event up to that instant has been told; one whether the policy
        speaks against a message, right after its sending; one about the bill, at the end.
    """
    events, questions = case["events"], case["questions"]
    instants = [parse_instant(event["at"]) for event in events]
    asked = [(_behind(question, instants), 1, place, "question", question) for place, question in enumerate(questions)]
    told = [(place, 0, place, "event", event) for place, event in enumerate(events)]
    calls = case.get("bill", {}).get("calls", [])
    # A case that only asks has neither; its questions bear their instants.
    last = max((told["at"] for told in (*events, *calls)), key=parse_instant, default="")
    for _, _, place, what, message in sorted([*asked, *told], key=lambda step: step[:3]):
        at = message.get("at")
        if at is None:
            at = events[message["event"]]["at"] if "event" in message else last
        yield what, place, at, message


def _behind(question: Message, instants: Sequence[int]) -> int:
    """Behind which event a question stands: the place of that event; -1 if it comes before all of them."""
    if "event" in question:
        return int(question["event"])
    if "at" not in question:
        return len(instants)
    at = parse_instant(question["at"])
    return max((place for place, instant in enumerate(instants) if instant <= at), default=-1)
