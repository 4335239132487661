"""Replies of the Meta Business Agent are charged by tokens: from 2026-08-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import charges, labels
from fsm.rulebooks.build import rule
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2026, 8, 1)

RULES: Final = (
    rule(
        "PMP-15",
        "Replies of the Meta Business Agent are neither templates nor service messages: charged by tokens, and free "
        "neither in the window nor in a free entry point.",
        "M-NT",
        "A",
        "Before this date such a reply is a message like any other that is not a template.",
    ),
)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-08-01."""
    return before.amended(
        SINCE,
        "Replies of the Meta Business Agent are charged by tokens.",
        name="pmp-2026-08",
        title="Per-message pricing (agent replies by tokens)",
        charges=charges.messages(policy, direct_send=True, agent_tokens=True),
        labels=labels.WITH_AGENT,
        rules=RULES,
    )
