"""Direct Send: a non-template message outside the window, for accounts on Meta's list. Documented on 2026-07-31."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, entry_points, permissions
from fsm.rulebooks.from_2022_02_01 import FURTHER_MESSAGES
from fsm.rulebooks.from_2025_07_01 import COUNTED_FROM
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2026, 7, 31)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-07-31."""
    return before.amended(
        SINCE,
        "Direct Send is documented.",
        lanes=(
            entry_points.entry_point(
                entry_points.THREE_DAYS,
                rule="PMP-05",
                counted_from=COUNTED_FROM[policy.fep_start],
                further_messages_give_time=FURTHER_MESSAGES[policy.fep_reply_deadline],
                direct_send=True,
            ),
        ),
        clauses=(permissions.direct_send_clause(),),
        charges=charges.messages(policy, direct_send=True),
        rules=permissions.DIRECT_SEND_RULES,
    )
