"""
Business-initiated conversations leave the free tier: from 2023-04-01.

Only for accounts integrated directly with Meta; those on a partner's credit line
keep it until 2023-06-01.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2023, 4, 1)

RULES: Final = (
    rule(
        "CBP1-09",
        "From 2023-04-01 business-initiated conversations of directly integrated accounts are not free any more and use no "
        "unit of the free tier; accounts billed through a partner keep them until 2023-06-01.",
        "M-2023T",
        "A",
    ),
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2023-04-01."""
    return before.amended(
        SINCE,
        "Business-initiated conversations leave the free tier, except for accounts billed through a partner.",
        name="cbp-2023-04",
        charges=charges.single_conversations(business_initiated_in_tier=False),
        rules=RULES,
    )
