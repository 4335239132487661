"""The international authentication rate, for India and Indonesia: from 2024-06-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm import terms
from fsm.rulebooks import charges, conversations, international
from fsm.rulebooks.from_2023_06_01 import CATEGORIES
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2024, 6, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2024-06-01. The last conversations of the 2022 rules ended a year before it, so they fall away."""
    return before.amended(
        SINCE,
        "Authentication messages to India and Indonesia may have an international rate.",
        without=(terms.CONVERSATION,),
        lanes=tuple(conversations.category(name) for name in CATEGORIES),
        charges=charges.conversations(policy),
        rules=international.RULES,
        readings={"international_markets": international.FIRST},
    )
