"""Customers can stop and resume marketing messages of one business: from 2024-11-18."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm import terms
from fsm.rulebooks import permissions
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import STAYS, Lane, Row, Rulebook, State

SINCE: Final = date(2024, 11, 18)


def marketing_preference() -> Lane:
    """The lane of the customer's choice about marketing messages."""
    return Lane(
        name=terms.MARKETING_PREFERENCE,
        about="Does the customer take marketing messages from this business?",
        states=(State(name="receiving"), State(name="stopped")),
        rows=(
            Row(("marketing_stopped",), ("receiving",), "stopped", "OPT-04"),
            Row(("marketing_stopped",), ("stopped",), STAYS, "OPT-04"),
            Row(("marketing_resumed",), ("stopped",), "receiving", "OPT-04"),
            Row(("marketing_resumed",), ("receiving",), STAYS, "OPT-04"),
        ),
    )


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2024-11-18."""
    return before.amended(
        SINCE,
        "Customers can stop marketing messages.",
        lanes=(marketing_preference(),),
        clauses=(permissions.stopped_clause(),),
        rules=permissions.STOPPED_RULES,
    )
