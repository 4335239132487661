"""Marketing Messages Lite: a conversation category of its own, from 2024-10-15 to 2025-06-30."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, conversations
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2024, 10, 15)

RULES: Final = (
    rule(
        "CBP2-18",
        "Marketing Messages Lite has a conversation category of its own.",
        "M-STAT M-CHG",
        "C",
        "That it runs beside an open marketing conversation is our reading.",
    ),
    rule(
        "MM-01",
        "Marketing Messages Lite carries marketing templates only; until 2025-07-01 it has its own category and rates, "
        "since then the marketing rate.",
        "M-CHG M-PMP",
        "A",
    ),
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2024-10-15."""
    return before.amended(
        SINCE,
        "Marketing Messages Lite opens conversations of its own.",
        lanes=(conversations.category("marketing_lite", rule="CBP2-18"),),
        charges=charges.conversations(policy, lite=True),
        rules=RULES,
    )
