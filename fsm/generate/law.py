"""What a careful business would look up in the rulebooks: how long it may answer freely, and how refusals are told."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from fsm import terms
from fsm.rulebooks.timeline import in_force


@lru_cache
def window_seconds(on: date) -> int:
    """
    How long the customer service window of a day's law lasts, in seconds.

    >>> window_seconds(date(2024, 1, 1)) > 0
    True
    """
    for lane in in_force(on).lanes:
        if lane.name == terms.CUSTOMER_SERVICE_WINDOW:
            return max(int(state.lasts.total_seconds()) for state in lane.states if state.lasts is not None)
    return 0


@lru_cache
def refusal_codes(on: date, message: str) -> tuple[int, ...]:
    """
    The error codes with which a day's law refuses a message, in the order of its clauses.

    >>> refusal_codes(date(2024, 1, 1), "free_form") != ()
    True
    """
    return tuple(
        dict.fromkeys(
            row.error
            for clause in sorted(in_force(on).clauses, key=lambda clause: clause.place)
            for row in clause.rows
            if row.error is not None and message in row.messages
        )
    )
