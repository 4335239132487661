"""Calls open the window: from 2025-07-15, the general availability of the Calling API."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, windows
from fsm.rulebooks.from_2025_07_01 import OLD_CONVERSATIONS
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2025, 7, 15)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2025-07-15. The last conversations of the old rules ended long before it, so they fall away."""
    return before.amended(
        SINCE,
        "Calls open the customer service window.",
        without=OLD_CONVERSATIONS,
        lanes=(windows.window(policy, calls=True),),
        charges=charges.messages(policy, ai_providers=False),
        rules=windows.CALL_RULES,
    )
