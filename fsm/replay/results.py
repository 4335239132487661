"""The result of one event, and the JSON object it is written as."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fsm.events import Event, format_instant
from fsm.machine import Outcome
from fsm.machine.thread import written_deadlines


@attrs.frozen(kw_only=True)
class Result:
    """
    What one event of a log did, under which law.

    Attributes:
        event: the event.
        rulebook: the name of the rulebook in force at its instant.
        edition: the very edition of it.
        outcome: what it did.
        deadlines: the clocks that run after it: lane to instant.
        status: what a reader would call the thread after it.
    """

    event: Event
    rulebook: str
    edition: str
    outcome: Outcome
    deadlines: Mapping[str, int]
    status: str


def write_result(result: Result) -> dict[str, object]:
    """The result as a JSON object, with the members that every tool of this kit shares."""
    event, outcome = result.event, result.outcome
    return {
        "id": event.id or None,
        "event": event.event,
        "at": format_instant(event.at),
        "business": event.business,
        "customer": event.customer,
        "rulebook": result.rulebook,
        "verdict": outcome.verdict,
        "error": outcome.error,
        "because": list(outcome.because),
        "opens": list(outcome.opens),
        "refreshes": list(outcome.refreshes),
        "closes": list(outcome.closes),
        "joins": outcome.joins,
        "charge": outcome.charge,
        "why": outcome.why,
        "deadlines": written_deadlines(result.deadlines),
        "flags": list(outcome.flags),
    }
