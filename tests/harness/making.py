"""Small vectors and implementations for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fsm.harness.conform.adapters.base import Answered, Claims
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import Vector, all_vectors
from fsm.rulebooks import timeline

THREAD = {"business": "bakery", "customer": "ana"}
SENT = {"event": "message_sent", "at": "2025-08-11T10:00:00Z", **THREAD, "id": "out-1", "content": "free_form"}
DELIVERED = {"event": "message_delivered", "at": "2025-08-11T10:00:01Z", **THREAD, "id": "out-1"}


def vector(
    *expect: Mapping[str, Any], events: Sequence[Mapping[str, Any]] = (SENT, DELIVERED), **members: Any
) -> Vector:
    """A vector of two events, or of those given."""
    return Vector(
        **{
            "id": "CSW-01.900",
            "feature": "windows/a.feature",
            "concept": "windows",
            "rules": ("CSW-01",),
            "status": "documented",
            "rulebooks": ("pmp-2025-07",),
            "first": "2025-08-11T10:00:00Z",
            "last": "2025-08-11T10:00:01Z",
            "text": {"en": {"title": "A test", "steps": []}},
            "account": {},
            "events": events,
            "expect": expect,
            **members,
        }
    )


def refused(event: int = 0) -> dict[str, Any]:
    """That a message is refused for want of an open window."""
    error = next(
        each["value"]["error"]
        for known in all_vectors()
        for each in known.expect
        if each["about"] == "verdict" and each["value"]["verdict"] == "refused" and "CSW-03" in known.rules
    )
    return {
        "about": "verdict",
        "level": "permission",
        "events": [event],
        "value": {"verdict": "refused", "error": error},
    }


def claims(*can_answer: str, rulebooks: Sequence[str] = ()) -> Claims:
    """What an implementation claims; every level and every rulebook by default."""
    return Claims(name="a test", can_answer=can_answer or tuple(LEVELS), rulebooks=tuple(rulebooks) or timeline.names())


class Scripted:
    """A driver that answers what it was told to, by the vector's id; everything else it declines."""

    def __init__(self, answers: Mapping[str, Answered], claims_: Claims | None = None) -> None:
        self.answers = answers
        self.claims = claims_ or claims()
        self.asked: list[str] = []
        self.stopped = 0

    def start(self) -> Claims:
        """What it claims."""
        return self.claims

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """The answers."""
        for each in vectors:
            self.asked.append(each.id)
            yield each, self.answers.get(each.id, Answered(skipped="not in the script"))

    def stop(self) -> None:
        """Count how often it was let go."""
        self.stopped += 1
