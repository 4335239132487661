"""AI providers pay for every message to Italy: from 2026-02-16."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import ai_providers, charges, labels
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2026, 2, 16)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-02-16."""
    return before.amended(
        SINCE,
        "AI providers pay for every non-template message to Italy.",
        charges=charges.messages(policy),
        labels=labels.WITH_AI_PROVIDERS,
        rules=ai_providers.RULES,
        readings={"ai_markets": ai_providers.ITALY},
    )
