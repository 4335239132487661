"""
The alphabet of the tables: what can happen to a thread, with nothing left out.

An *act* is an event reduced to what lanes distinguish. A *message* is what a
business sends, reduced the same way; its delivery is the act of the same name
with `_delivered` behind it.
"""

from __future__ import annotations

from typing import Final

from fsm import terms

UNCATEGORISED: Final = "uncategorised"
"""A template whose category is absent, or unknown to every rulebook."""

TEMPLATES: Final = tuple(f"{category}_template" for category in (*terms.CATEGORIES, UNCATEGORISED))
MARKETING_TEMPLATES: Final = ("marketing_template", "marketing_lite_template")
DIRECT_SENDS: Final = ("utility_direct_send", "authentication_direct_send", "uncategorised_direct_send")
NON_TEMPLATES: Final = ("free_form", "reaction", "business_agent")
APP: Final = "app"
"""Typed in the WhatsApp Business app on a number that also uses the API."""

BUSINESS_MESSAGES: Final = (*TEMPLATES, *NON_TEMPLATES, *DIRECT_SENDS)
MESSAGES: Final = (*BUSINESS_MESSAGES, APP)


def delivered(*messages: str) -> tuple[str, ...]:
    """
    The acts that are the delivery of these messages.

    >>> delivered("free_form", "reaction")
    ('free_form_delivered', 'reaction_delivered')
    """
    return tuple(f"{message}_delivered" for message in messages)


CUSTOMER_ACTS: Final = terms.CUSTOMER_EVENTS
PREFERENCE_ACTS: Final = terms.PREFERENCE_EVENTS
DELIVERY_ACTS: Final = delivered(*MESSAGES)
ACTS: Final = (*CUSTOMER_ACTS, *PREFERENCE_ACTS, *DELIVERY_ACTS)


def normal_category(category: str | None) -> str | None:
    """
    The category in one spelling: lower case, with underscores.

    >>> normal_category("Authentication-International")
    'authentication_international'
    """
    return None if category is None else category.lower().replace("-", "_")


def message_of(content: str, category: str | None) -> str:
    """
    What a business sends, as the tables name it.

    The international authentication rate is a price of the authentication
    category, so both are the same message (INTL-05, CBP2-16).

    >>> message_of("template", "authentication-international")
    'authentication_template'
    >>> message_of("template", "newsletter")
    'uncategorised_template'
    """
    if content not in ("template", "direct_send"):
        return content
    word = normal_category(category)
    if word == terms.AUTHENTICATION_INTERNATIONAL:
        word = "authentication"
    message = f"{word}_{content}"
    return message if message in MESSAGES else f"{UNCATEGORISED}_{content}"


def words(name: str) -> str:
    """
    The name as a person would say it.

    >>> words("marketing_lite_template_delivered")
    'marketing lite template delivered'
    """
    return name.replace("_", " ")
