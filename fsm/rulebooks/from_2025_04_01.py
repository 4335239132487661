"""Marketing templates to US numbers are paused: from 2025-04-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import permissions
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2025, 4, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2025-04-01."""
    return before.amended(
        SINCE,
        "Marketing templates to US numbers are not delivered.",
        clauses=(permissions.us_pause_clause(policy),),
        rules=permissions.PAUSE_RULES,
    )
