"""The international authentication rate reaches seven more countries: from 2025-02-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import international
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2025, 2, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2025-02-01."""
    return before.amended(
        SINCE,
        "Seven more countries have an international authentication rate.",
        readings={"international_markets": international.SINCE_2025},
    )
