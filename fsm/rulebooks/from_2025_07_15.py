"""Calls open the window and are charged: from 2025-07-15, the general availability of the Calling API."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, labels, tariffs, windows
from fsm.rulebooks.from_2025_07_01 import OLD_CONVERSATIONS
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2025, 7, 15)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2025-07-15. The last conversations of the old rules ended long before it, so they fall away."""
    return before.amended(
        SINCE,
        "Calls open the customer service window; those by the business are charged by the minute.",
        without=OLD_CONVERSATIONS,
        lanes=(windows.window(policy, calls=True),),
        charges=charges.messages(policy, ai_providers=False),
        tariff=tariffs.CALLS,
        labels=labels.MESSAGES,
        rules=(*windows.CALL_RULES, *tariffs.CALL_RULES),
    )
