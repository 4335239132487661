"""AI providers no longer pay in Italy and the EEA, but still in Brazil: from 2026-05-13."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import ai_providers
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2026, 5, 13)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2026-05-13."""
    return before.amended(
        SINCE,
        "AI providers pay in Brazil only.",
        readings={"ai_markets": ai_providers.BRAZIL},
    )
