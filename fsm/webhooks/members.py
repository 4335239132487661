"""Single members of a webhook object, read without trust: ids, instants, words, and whose thread it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from fsm.errors import UnreadableInstant
from fsm.events import parse_instant

_ID: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_PHONE: Final = re.compile(r"\+?([0-9]{1,15})")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_MILLISECONDS: Final = re.compile(r"[0-9]{13}")
_LONGEST_SHOWN: Final = 40


class Odd(Exception):
    """Something cannot be read, and why. It never leaves this room: it becomes an `Unread`."""


def shown(value: object) -> str:
    """
    The value in a few characters, for a reason: scalars as written, the rest by what they are.

    >>> shown("x" * 100) == repr("x" * 40) + "..."
    True
    >>> shown([1, 2]), shown(None)
    ('a list', 'null')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            # Printing a number of thousands of digits is refused by Python itself.
            return str(value) if value.bit_length() <= 64 else "a very large number"
        case float():
            return repr(value)
        case str():
            return ascii(value[:_LONGEST_SHOWN]) + ("..." if len(value) > _LONGEST_SHOWN else "")
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a {type(value).__name__}"


def word(value: object) -> str | None:
    """
    An ASCII word in lower case with underscores, or None if it is not one.

    >>> word("Authentication-International"), word("ſent"), word(7)
    ('authentication_international', None, None)
    """
    if isinstance(value, str) and value and value.isascii():
        return value.lower().replace("-", "_")
    return None


def id_of(value: object, name: str) -> str:
    """
    An id: text of printable ASCII characters.

    Raises:
        Odd: it is missing or anything else.

    >>> id_of("wamid.A=", "id")
    'wamid.A='
    """
    if value is None or value == "":
        raise Odd(f"it has no '{name}'")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Odd(f"'{name}' is {shown(value)}, which is not an id of printable ASCII characters")
    return value


def instant_of_seconds(value: object, name: str = "timestamp") -> int:
    """
    The instant of a webhook's time: whole seconds since 1970, as text or as a number.

    Raises:
        Odd: it is missing, in milliseconds, or anything else.

    >>> instant_of_seconds("1685613600") == instant_of_seconds(1685613600) == 1685613600000000
    True
    """
    if value is None:
        raise Odd(f"it has no '{name}'")
    written = None
    if isinstance(value, str):
        written = value
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        written = str(value)
    # The digits are matched before int() sees them: int() also takes underscores, blanks and the digits
    # of every script, and a time that another reader refuses must not be a time here.
    if written is None or not _SECONDS.fullmatch(written):
        if written is not None and _MILLISECONDS.fullmatch(written):
            raise Odd(f"'{name}' is {shown(value)}, which looks like milliseconds; Meta writes whole seconds")
        raise Odd(f"'{name}' is {shown(value)}, which is not whole seconds since 1970")
    try:
        return parse_instant(int(written))
    except UnreadableInstant:
        raise Odd(f"'{name}' is {shown(value)}, which lies beyond the year 9998") from None


def business_of(metadata: object) -> str:
    """
    The business phone number id, the business half of every thread.

    Raises:
        Odd: the body does not say which number it is about.

    >>> business_of({"display_phone_number": "15550100001", "phone_number_id": "100000000000001"})
    '100000000000001'
    """
    if not isinstance(metadata, Mapping):
        raise Odd("its value has no 'metadata' object, so the business phone number is not known")
    try:
        return id_of(metadata.get("phone_number_id"), "phone_number_id")
    except Odd as odd:
        raise Odd(f"in 'metadata', {odd}") from None


def customer_of(
    raw: Mapping[str, object], contacts: Sequence[Mapping[str, object]], phone: str, user: str
) -> str | None:
    """
    The customer half of the thread: the phone number where the body gives it, else the business-scoped user id.

    Args:
        raw: the message, status, call, echo or preference.
        contacts: the `contacts` of the same value; they may give the phone number that `raw` leaves out.
        phone, user: the names of the members of `raw` that hold the phone number and the user id.

    Returns:
        None if the body names nobody.

    Raises:
        Odd: one of the two members holds something that is not an id.

    >>> customer_of({"from_user_id": "US.1"}, [{"user_id": "US.1", "wa_id": "15550100099"}], "from", "from_user_id")
    '15550100099'
    >>> customer_of({"from_user_id": "US.1"}, [], "from", "from_user_id")
    'US.1'
    """
    named = [id_of(raw[name], name) for name in (user, phone) if raw.get(name) not in (None, "")]
    for name in reversed(named):
        number = _phone(name)
        if number:
            return number
    if not named:
        # One contact and nobody named: that contact. With several there is no telling which.
        return _contact(contacts[0]) if len(contacts) == 1 else None
    for contact in contacts:
        if contact.get("user_id") in named:
            return _phone(contact.get("wa_id")) or named[0]
    return named[0]


def _contact(contact: Mapping[str, object]) -> str | None:
    ids = [contact.get("wa_id"), contact.get("user_id")]
    return _phone(ids[0]) or next((i for i in reversed(ids) if isinstance(i, str) and _ID.fullmatch(i)), None)


def _phone(value: object) -> str | None:
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None
