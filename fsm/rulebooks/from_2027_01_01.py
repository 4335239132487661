"""Businesses sold to in India must bill in INR, or deliver no more: from 2027-01-01."""

from __future__ import annotations

from datetime import date
from typing import Final

from fsm.rulebooks import permissions
from fsm.rulebooks.knobs import Policy
from fsm.rules.tables import Rulebook

SINCE: Final = date(2027, 1, 1)


def law(before: Rulebook, policy: Policy) -> Rulebook:
    """The law of 2027-01-01."""
    return before.amended(
        SINCE,
        "Businesses sold to in India must bill in INR.",
        clauses=(permissions.payment_clause(policy, since_2026_10=True, local_currency=True),),
        rules=permissions.LOCAL_CURRENCY_RULES,
        readings={"billing_currencies": {**before.readings.billing_currencies, "IN": "INR"}},
    )
