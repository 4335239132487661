"""What every way of reaching an implementation gives: what it claims, and one answer per case, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import attrs

from fsm.errors import FsmError
from fsm.harness.conform.case import PROTOCOL
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import Vector
from fsm.rulebooks import timeline

CLOCKS: Final = ("events", "set_clock", "freezegun", "faketime")
"""Where an implementation learns the time: from the events, or from a clock that the harness moves."""


class CannotStart(FsmError):
    """An implementation that cannot be reached, or whose greeting makes no sense. Nothing can be graded."""


@attrs.frozen(kw_only=True)
class Claims:
    """
    What an implementation says of itself.

    Attributes:
        name, version, language: for reports.
        can_answer: levels; see `fsm.harness.conform.levels.LEVELS`.
        rulebooks: names of the rulebooks it follows.
        clock: one of `CLOCKS`.
    """

    name: str
    version: str = ""
    language: str = ""
    can_answer: tuple[str, ...]
    rulebooks: tuple[str, ...]
    clock: str = "events"


@attrs.frozen(kw_only=True)
class Answered:
    """
    What came back for one case.

    Attributes:
        message: the reply, if there is one.
        skipped: why the implementation declined the case.
        errored: what went wrong: it crashed, hung, or answered nonsense.
        seconds: how long it took.
    """

    message: Mapping[str, Any] | None = None
    skipped: str = ""
    errored: str = ""
    seconds: float = 0.0


class Driver(Protocol):
    """One implementation, reached in one way."""

    def start(self) -> Claims:
        """
        Reach it, and hear what it claims.

        Raises:
            CannotStart: it cannot be reached.
        """

    def run(self, vectors: Iterable[Vector]) -> Iterator[tuple[Vector, Answered]]:
        """One answer for every vector, in any order. Nothing that an implementation does ends the iteration early."""

    def stop(self) -> None:
        """Let it go. May be called at any time, and twice."""


def read_claims(greeting: Mapping[str, Any]) -> Claims:
    """
    What a greeting claims.

    Raises:
        CannotStart: it claims a level, rulebook, clock or protocol that does not exist, or nothing at all.

    >>> read_claims({"protocol": 1, "implementation": {"name": "mine"}, "can_answer": ["permission"]}).can_answer
    ('permission',)
    """
    if greeting.get("protocol") != PROTOCOL:
        raise CannotStart(
            f"it speaks protocol {greeting.get('protocol')!r}, and this harness speaks {PROTOCOL}. "
            f'Answer the start message with "protocol": {PROTOCOL}.'
        )
    who = greeting.get("implementation")
    if not isinstance(who, Mapping) or not isinstance(who.get("name"), str) or not who["name"]:
        raise CannotStart('its greeting has no "implementation" with a "name": reports could not say what was graded.')
    clock = greeting.get("clock", "events")
    if clock not in CLOCKS:
        raise CannotStart(f"it goes by the clock {clock!r}, which is none of {', '.join(CLOCKS)}.")
    return Claims(
        name=who["name"],
        version=str(who.get("version", "")),
        language=str(who.get("language", "")),
        can_answer=_known("can_answer", greeting.get("can_answer"), tuple(LEVELS)),
        rulebooks=_known("rulebooks", greeting.get("rulebooks", list(timeline.names())), timeline.names()),
        clock=str(clock),
    )


def _known(member: str, claimed: object, known: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(claimed, Sequence) or isinstance(claimed, str) or not claimed:
        raise CannotStart(f"{member!r} is {claimed!r}; it must be a list of some of: {', '.join(known)}.")
    for each in claimed:
        if each not in known:
            raise CannotStart(f"{member!r} names {each!r}, which is none of {', '.join(known)}.")
    return tuple(each for each in known if each in claimed)
