"""Businesses sold to in Brazil must bill in BRL, or deliver no more: from 2027-07-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import permissions
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2027, 7, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2027-07-01."""
    return before.amended(
        SINCE,
        "Businesses sold to in Brazil must bill in BRL.",
        clauses=(permissions.payment_clause(policy, since_2026_10=True, local_currency=True),),
        rules=permissions.LOCAL_CURRENCY_RULES,
        readings={"billing_currencies": {**before.readings.billing_currencies, "BR": "BRL"}},
    )
