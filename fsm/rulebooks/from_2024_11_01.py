"""Service conversations cost nothing, without limit: from 2024-11-01. What opens them is unchanged."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2024, 11, 1)

RULES: Final = (
    rule(
        "CBP2-21",
        "What a service conversation opened before 2024-11-01 costs when it is used after that midnight is not documented.",
        "M-CBP",
        "?",
        "The charge fell when it opened; nothing is given back.",
    ),
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2024-11-01."""
    return before.amended(
        SINCE,
        "Service conversations cost nothing.",
        name="cbp-2024-11",
        title="Conversation-based pricing (service free)",
        charges=charges.conversations(policy, lite=True, service_free=True),
        no_allowance=True,
        rules=RULES,
    )
