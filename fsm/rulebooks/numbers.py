"""What a customer's id says about where they are: only what rules of permission and price ask for."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from fsm.events.numbers import digits_of, scoped_country_of
from fsm.rulebooks.us_area_codes import US_STATES, US_TERRITORIES

CALLING_CODES: Final[Mapping[str, str | tuple[str, ...]]] = {
    "AE": "971",
    "AT": "43",
    "BD": "880",
    "BE": "32",
    "BG": "359",
    "BR": "55",
    "CY": "357",
    "CZ": "420",
    "DE": "49",
    "DK": "45",
    "EE": "372",
    "EG": "20",
    "ES": "34",
    "FI": "358",
    "FR": "33",
    "GB": "44",
    "GR": "30",
    "HR": "385",
    "HU": "36",
    "ID": "62",
    "IE": "353",
    "IN": "91",
    "IQ": "964",
    "IS": "354",
    "IT": "39",
    "JP": "81",
    "KR": "82",
    "KW": "965",
    "KZ": ("76", "77"),
    "LI": "423",
    "LK": "94",
    "LT": "370",
    "LU": "352",
    "LV": "371",
    "MA": "212",
    "MT": "356",
    "MY": "60",
    "NG": "234",
    "NL": "31",
    "NO": "47",
    "NP": "977",
    "OM": "968",
    "PK": "92",
    "PL": "48",
    "PT": "351",
    "RO": "40",
    "SA": "966",
    "SE": "46",
    "SI": "386",
    "SK": "421",
    "UA": "380",
    "ZA": "27",
}
"""
Of the markets that rules about permission or price name; no code here begins another.

Kazakhstan shares +7 with Russia: its numbers go on with 6 or 7.
"""


def in_market(customer: str, markets: Set[str]) -> bool:
    """
    Whether the customer is in one of these countries (ISO 3166).

    A phone number tells by its calling code, a business-scoped id by its prefix.

    >>> in_market("+39055012345", {"IT"}), in_market("BR.123", {"IT"})
    (True, False)
    """
    digits = digits_of(customer)
    if digits is not None:
        return any(digits.startswith(CALLING_CODES[market]) for market in markets)
    return scoped_country_of(customer) in markets


def us_area_code(customer: str) -> str:
    """
    Whether the customer's number has a US area code: `yes`, `no`, or `unknown`.

    It is unknown for a US territory, and for a business-scoped id of the US, which hides the number.

    >>> us_area_code("+12125550123"), us_area_code("+14165550123"), us_area_code("US.123")
    ('yes', 'no', 'unknown')
    """
    digits = digits_of(customer)
    if digits is None:
        return "unknown" if customer.startswith("US.") else "no"
    if len(digits) != len("1") + 10 or not digits.startswith("1"):
        return "no"
    area = digits[1:4]
    return "yes" if area in US_STATES else "unknown" if area in US_TERRITORIES else "no"
