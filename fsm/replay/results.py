"""The result of one event, and the JSON object it is written as."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fsm.events import Event, format_instant
from fsm.machine import Outcome, Thread
from fsm.machine.allowances import FreeUnit
from fsm.machine.thread import deadlines_by_lane, states_by_lane, status, written_deadlines
from fsm.rules.tables import Rulebook


@attrs.frozen(kw_only=True)
class Result:
    """
    What one event of a log did, under which law.

    Attributes:
        event: the event.
        outcome: what it did.
        thread: the thread after it.
        book: the edition of the law it happened under.
        free_unit: the unit of the month's free allowance that it used, if any.
    """

    event: Event
    outcome: Outcome
    thread: Thread
    book: Rulebook
    free_unit: FreeUnit | None = None

    @property
    def rulebook(self) -> str:
        """The name of the rulebook in force at its instant."""
        return self.book.name

    @property
    def edition(self) -> str:
        """The very edition of it."""
        return self.book.edition

    @property
    def deadlines(self) -> Mapping[str, int]:
        """The clocks that run after it: lane to instant."""
        return deadlines_by_lane(self.thread, self.book)

    @property
    def status(self) -> str:
        """What a reader would call the thread after it."""
        return status(states_by_lane(self.thread, self.book))


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
