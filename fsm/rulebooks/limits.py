"""Limits besides the window: to how many customers a portfolio may write, and where Meta limits marketing to each."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fsm.rulebooks.ai_providers import ITALY, REST_OF_EEA
from fsm.rulebooks.build import hours, rule
from fsm.rulebooks.numbers import in_market
from fsm.rules.tables import Rulebook

RULES: Final = (
    rule(
        "LIM-01",
        "The messaging limit counts the different customers to whom something was delivered outside a customer service "
        "window, over the last 24 hours: per business portfolio since 2025-10-08, per phone number before.",
        "M-LIM",
        "A",
        "A delivery counts until exactly 24 hours after it, and a group as one customer.",
    ),
    rule(
        "MKT-02",
        "The limit of marketing messages per customer is not active for business numbers or customers in the European "
        "Economic Area, the United Kingdom, Japan and South Korea.",
        "M-PUL",
        "A",
        "A customer is where the calling code says.",
    ),
)

LOOKS_BACK: Final[timedelta] = hours(24)
WITHOUT_MARKETING_LIMIT: Final = ITALY | REST_OF_EEA | {"GB", "JP", "KR"}


def per_user_limit_active(book: Rulebook, business_country: str, customer: str) -> bool | None:
    """
    Whether Meta may hold back a marketing message because the customer gets too many.

    Args:
        book: the law of the day.
        business_country: country (ISO 3166) of the business phone number.
        customer: a phone number in any spelling, or a business-scoped id.

    Returns:
        None if the law of that day says nothing about it.

    Rule: MKT-02

    >>> from datetime import date
    >>> from fsm.rulebooks.timeline import in_force
    >>> book = in_force(date(2025, 8, 11))
    >>> [per_user_limit_active(book, *who) for who in (("DE", "919812345678"), ("IN", "919812345678"))]
    [False, True]
    """
    if "MKT-02" not in book.rules:
        return None
    without = book.readings.without_marketing_limit
    return business_country not in without and not in_market(customer, without)
