"""The exemption of governments and eligible non-profits is over: from 2028-01-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import from_2026_10_01
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2028, 1, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2028-01-01."""
    return before.amended(
        SINCE,
        "Governments and eligible non-profits pay for service messages like everybody else.",
        retires=("P26-06",),
        charges=from_2026_10_01.table_of_charges(policy, exemption=False),
    )
