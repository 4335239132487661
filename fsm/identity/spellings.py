"""One spelling for a phone number in all its spellings, as a table with sources."""

from __future__ import annotations

import re
from typing import Final

import attrs

from fsm.events.numbers import digits_of


@attrs.frozen(kw_only=True)
class Spelling:
    """
    A country whose mobile numbers go by two spellings.

    Attributes:
        country: ISO 3166.
        other: the digits of a number in the spelling that is not canonical; its groups are what is kept.
        canonical: the same number in the canonical spelling, with braces for the groups.
        reading: what was chosen, and why.
        source: where the two spellings were seen; read on 2026-11-22.
    """

    country: str
    other: re.Pattern[str]
    canonical: str
    reading: str
    source: str


SPELLINGS: Final = (
    Spelling(
        country="MX",
        other=re.compile(r"521([2-9][0-9]{9})"),
        canonical="52{}",
        reading="The 1 after 52 is no longer dialled, and national numbers have ten digits, none beginning with 0 or 1.",
        source="chatwoot/chatwoot, pull request 14174 (an inbound 521… of a contact stored as 52…); "
        "Gupshup, 'Inconsistencies for mobile numbers and their WhatsApp IDs'",
    ),
    Spelling(
        country="AR",
        other=re.compile(r"549([1-3][0-9]{9})"),
        canonical="54{}",
        reading="The 9 says that a mobile is called from abroad; area codes begin with 1, 2 or 3, so it is none of theirs.",
        source="chatwoot/chatwoot, pull request 14264 (the same customer with and without the 9 after 54); "
        "Whapi, 'Specifics of sending messages to numbers of different countries'",
    ),
    Spelling(
        country="BR",
        other=re.compile(r"55([1-9][1-9])([6-9][0-9]{7})"),
        canonical="55{}9{}",
        reading="Mobiles of eight digits began with 6 to 9 and got a 9 in front; landlines begin with 2 to 5 and did not.",
        source="chatwoot/chatwoot, pull request 14264 (the same customer with and without the ninth digit); "
        "Gupshup, 'Inconsistencies for mobile numbers and their WhatsApp IDs'",
    ),
)
"""Each row changes the length of what it matches, so no canonical spelling is another row's other one."""

_WEB_SUFFIXES: Final = ("@s.whatsapp.net", "@c.us")
"""What libraries that speak WhatsApp Web write behind a phone number; `@lid` stands behind an opaque id."""

_GROUP_PREFIXES: Final = ("Y2FwaV9ncm91cDo",)
"""The Cloud API's group ids are base64 of `capi_group:...`."""

_GROUP_SUFFIXES: Final = ("@g.us",)


def canonical(customer: str) -> str:
    """
    The one spelling of a phone number; any other name as it is.

    Taken for a phone number: 7 to 15 ASCII digits with the country code, however punctuated. A
    leading 0 is a national way of dialling, and which nation's is not said, so such a name is
    left as it is.

    Source: `SPELLINGS`

    >>> canonical("whatsapp:+52 1 55 5000 1111"), canonical("+52 (55) 5000-1111")
    ('525550001111', '525550001111')
    >>> canonical("US.13491208655302741918"), canonical("ana"), canonical("0052 55 5000 1111")
    ('US.13491208655302741918', 'ana', '0052 55 5000 1111')
    """
    digits = _phone_digits(customer)
    if digits is None:
        return customer
    for spelling in SPELLINGS:
        match = spelling.other.fullmatch(digits)
        if match:
            return spelling.canonical.format(*match.groups())
    return digits


def is_phone(customer: str) -> bool:
    """
    Whether the name is a phone number in some spelling.

    >>> is_phone("+1 (212) 555-0123"), is_phone("US.1"), is_phone("42")
    (True, False, False)
    """
    return _phone_digits(customer) is not None


def is_group(customer: str) -> bool:
    """
    Whether the name has the form of a group's id.

    >>> is_group("Y2FwaV9ncm91cDoxODA1NTU1MDE3MjoxMjAzNjMyMjI3NzE5NjMwNjcZD"), is_group("15550100099")
    (True, False)
    """
    return customer.startswith(_GROUP_PREFIXES) or customer.endswith(_GROUP_SUFFIXES)


def _phone_digits(customer: str) -> str | None:
    for suffix in _WEB_SUFFIXES:
        customer = customer.removesuffix(suffix)
    digits = digits_of(customer)
    return None if digits is None or digits.startswith("0") else digits
