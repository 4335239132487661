"""AI providers pay for every message to the EEA and Brazil: from 2026-03-11."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import ai_providers
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2026, 3, 11)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-03-11."""
    return before.amended(
        SINCE,
        "AI providers pay in the rest of the EEA and in Brazil as well.",
        readings={"ai_markets": ai_providers.ITALY | ai_providers.REST_OF_EEA | ai_providers.BRAZIL},
    )
