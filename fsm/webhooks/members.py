"""Single members of a webhook object, read without trust: ids, instants, words, and whose thread it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from fsm.errors import UnreadableInstant
from fsm.events import parse_instant
from fsm.webhooks.reading import Unread

PERSON: Final = ("wa_id", "user_id", "parent_user_id")
"""The members that name a person in a contact."""

_ID: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_PHONE: Final = re.compile(r"\+?([0-9]{1,15})")
_TYPED: Final = re.compile(r"\+?[0-9][0-9 ().-]*")
_PUNCTUATION: Final = re.compile(r"[ ().-]")
_LONGEST_PHONE: Final = 15
_PLAIN_DIGITS: Final = 10
SECOND: Final = 1_000_000
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


def path_to(where: str, key: object) -> str:
    """
    The JSON path of a member, from that of its object.

    >>> path_to("entry[0]", "id"), path_to("entry[0]", "two words"), path_to("", "entry")
    ('entry[0].id', 'entry[0]["two words"]', 'entry')
    """
    if not isinstance(key, str):
        return f"{where}[{shown(key)}]"
    if not (key.isidentifier() and key.isascii()):
        return f"{where}[{json.dumps(key)}]"
    # The name of a source ends in a blank.
    return f"{where}.{key}" if where and not where.endswith(" ") else f"{where}{key}"


def word(value: object) -> str | None:
    """
    An ASCII word in lower case with underscores, or None if it is not one.

    >>> word("Authentication-International"), word("ſent"), word(7)
    ('authentication_international', None, None)
    """
    if not isinstance(value, str) or not value:
        return None
    return _plain(value) if len(value) <= _LONGEST_SHOWN else _spelled(value)


def _spelled(value: str) -> str | None:
    return value.lower().replace("-", "_") if value.isascii() else None


_plain = lru_cache(maxsize=1024)(_spelled)


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
    # What nearly all of them are, and nothing else: ten ASCII digits end in the year 2286.
    if isinstance(value, str) and len(value) <= _PLAIN_DIGITS and value.isascii() and value.isdigit():
        return int(value) * SECOND
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
    told = raw.get(phone)
    if isinstance(told, str) and _is_digits(told):
        other = raw.get(user)
        if other is None or (isinstance(other, str) and _ID.fullmatch(other)):
            return told
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


def named(customer: str | None) -> str:
    """
    The customer, who must be named.

    Raises:
        Odd: nobody is.

    >>> named("15550100099")
    '15550100099'
    """
    if customer is None:
        raise Odd("it names no customer")
    return customer


def object_of(value: object) -> Mapping[str, object] | None:
    """
    The value if it is an object, else None.

    >>> object_of({"a": 1}), object_of([])
    ({'a': 1}, None)
    """
    # Asking for a dict first: the abstract class takes five times as long to say yes.
    if type(value) is dict or isinstance(value, Mapping):
        return value
    return None


def printed(value: object) -> str:
    """
    A word that nobody knows, in a few characters, as the name of a note.

    >>> printed("HOLOGRAM"), printed(["x"])
    ('HOLOGRAM', 'a list')
    """
    said = shown(value)
    return said[1:-1] if isinstance(value, str) and len(value) <= _LONGEST_SHOWN else said


def name_of(value: object, member: str) -> str:
    """
    One of the ids that name a customer, spelled as in a thread: digits alone for a phone number.

    Lists of group members hold phone numbers as JSON numbers, and `input` is what somebody typed.

    Raises:
        Odd: it is anything else than such an id.

    >>> name_of("+15550100099", "wa_id"), name_of(15550100099, "wa_id"), name_of("US.1", "user_id")
    ('15550100099', '15550100099', 'US.1')
    >>> name_of("+1 (555) 010-0099", "input")
    '15550100099'
    """
    if isinstance(value, str):
        if _is_digits(value):
            return value
        if member != "input" and value[:1] != "+":
            return id_of(value, member)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_LONGEST_PHONE:
        return str(value)
    if member == "input" and isinstance(value, str):
        value = typed_number(value) or value
    return _phone(value) or id_of(value, member)


def typed_number(written: str) -> str:
    """
    The digits of a phone number as people write it; empty if it is none.

    >>> typed_number("+1 (555) 010-0099"), typed_number("US.1")
    ('15550100099', '')
    """
    return _phone(_PUNCTUATION.sub("", written)) or "" if _TYPED.fullmatch(written) else ""


def names_of(
    raw: Mapping[str, object], members: Sequence[str], where: str
) -> tuple[frozenset[str], tuple[Unread, ...]]:
    """
    The distinct names in some members of an object, and those that cannot be read.

    >>> names, doubts = names_of({"wa_id": "15550100099", "user_id": []}, PERSON, "value.contacts[0]")
    >>> sorted(names), doubts[0].where
    (['15550100099'], 'value.contacts[0].user_id')
    """
    names: set[str] = set()
    doubts: tuple[Unread, ...] = ()
    for member in members:
        told = raw.get(member)
        if told is None or told == "":
            continue
        if isinstance(told, str) and _is_digits(told):
            names.add(told)
            continue
        try:
            names.add(name_of(told, member))
        except Odd as odd:
            doubts += (Unread(where=f"{where}.{member}", why=str(odd), raw=told),)
    return frozenset(names), doubts


def _contact(contact: Mapping[str, object]) -> str | None:
    ids = [contact.get("wa_id"), contact.get("user_id")]
    return _phone(ids[0]) or next((i for i in reversed(ids) if isinstance(i, str) and _ID.fullmatch(i)), None)


def _is_digits(value: str) -> bool:
    # Without the check for ASCII, the digits of every script would pass.
    return len(value) <= _LONGEST_PHONE and value.isascii() and value.isdigit()


def _phone(value: object) -> str | None:
    match = _PHONE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else None
