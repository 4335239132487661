"""Step by step over any transport: for implementations that read a clock of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fsm.harness.conform.adapters.base import Answered
from fsm.harness.conform.case import case_of, steps_of
from fsm.harness.conform.vectors import Vector

Exchange = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Sends one message, without its `seq`, and gives the reply."""


def answered_by(reply: Mapping[str, Any]) -> Answered:
    """What a reply to a case amounts to: an answer, a refusal to answer, or an error of its own making."""
    for member in ("skipped", "errored"):
        if member in reply and reply[member] not in (None, False):
            why = str(reply[member])[:500] or "no reason given"
            return Answered(skipped=why) if member == "skipped" else Answered(errored=f"it says: {why}")
    return Answered(message=reply)


def stepwise(vector: Vector, exchange: Exchange, set_clock: Callable[[str], None] | None) -> Answered:
    """
    One case, event by event, under a clock.

    Args:
        exchange: sends a message and gives the reply.
        set_clock: moves the clock that the implementation reads; None to send it `set_clock` messages.
    """
    case = case_of(vector)
    results: list[Any] = [None] * len(case["events"])
    answers: list[Any] = [None] * len(case["questions"])
    opening = {name: value for name, value in case.items() if name not in ("events", "questions")}
    said = answered_by(exchange({"do": "begin", "case": opening}))
    for what, place, at, message in steps_of(case):
        if said.message is None:
            return said
        if set_clock is not None:
            set_clock(at)
        else:
            said = answered_by(exchange({"do": "set_clock", "at": at}))
            if said.message is None:
                return said
        said = answered_by(exchange({"do": what, what: message}))
        if said.message is None:
            return said
        if what == "event":
            results[place] = said.message.get("result")
        else:
            answers[place] = said.message.get("answer")
    return said if said.message is None else Answered(message={"results": results, "answers": answers})
