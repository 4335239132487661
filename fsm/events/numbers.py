"""How a customer's id is spelled: a phone number in any punctuation, or a business-scoped id."""

from __future__ import annotations

import re
from typing import Final

_PHONE: Final = re.compile(r"(?:whatsapp:)?\+?([0-9]{7,15})", re.ASCII)
_PUNCTUATION: Final = str.maketrans("", "", " -().")
_BUSINESS_SCOPED: Final = re.compile(r"([A-Z]{2})\.[A-Za-z0-9.]+", re.ASCII)


def digits_of(customer: str) -> str | None:
    """
    The digits of a phone number, if the id is one.

    >>> digits_of("whatsapp:+39055012345"), digits_of("+1 (212) 555-0123")
    ('39055012345', '12125550123')
    """
    match = _PHONE.fullmatch(customer.translate(_PUNCTUATION))
    return match[1] if match else None


def scoped_country_of(customer: str) -> str | None:
    """
    The country (ISO 3166) that a business-scoped id begins with, if the id is one.

    >>> scoped_country_of("BR.123"), scoped_country_of("IN.ENT.77"), scoped_country_of("+39055012345")
    ('BR', 'IN', None)
    """
    match = _BUSINESS_SCOPED.fullmatch(customer)
    return match[1] if match else None
