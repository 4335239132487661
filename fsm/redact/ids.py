"""
Keyed replacements: one number, id or text always becomes the same other one.

Numbers and ids are moved by a permutation, so two of them cannot become one: Python
integers below a size are shuffled by a Feistel network whose rounds are HMAC-SHA256,
as in format-preserving encryption, and walked on until the result is of the same kind.
Texts become the name of their kind and a keyed hash.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import attrs

from fsm.errors import BadRedactionKey

SHORTEST_KEY: Final = 16
"""Bytes. Phone numbers are few: whoever guesses the key gets every number back by trying them all."""

_ROUNDS: Final = 10
_KEPT_OF_A_NUMBER: Final = 4
_LONGEST_ID: Final = 200

_DIGITS: Final = "0123456789"
_LOWER_HEX: Final = _DIGITS + "abcdef"
_UPPER_HEX: Final = _DIGITS + "ABCDEF"
_ALPHANUMERIC: Final = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS: Final = (_DIGITS, _LOWER_HEX, _UPPER_HEX, _ALPHANUMERIC)
_IN_ALPHABET: Final = re.compile(r"[0-9A-Za-z]")

_PHONE: Final = re.compile(r"(?:whatsapp:)?\+?[0-9(][0-9 ().-]*")
_PRINTABLE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_BUSINESS_SCOPED: Final = re.compile(r"([A-Z]{2}\.(?:ENT\.)?)([A-Za-z0-9.]*[A-Za-z0-9][A-Za-z0-9.]*)")
_MESSAGE_ID: Final = re.compile(r"(wamid\.)([A-Za-z0-9+/]+={0,2})")
_PREFIXES: Final = ("wamid.", "wacid.")
_GROUP: Final = "Y2FwaV9ncm91cDo"
"""Base64 of `capi_group:`, with which the ids of groups begin; a phone number follows."""
_WEB: Final = re.compile(r"(.+)(@(?:s\.whatsapp\.net|c\.us))")
"""How libraries that speak WhatsApp Web write a phone number; what they write before other suffixes is none."""
_WEB_OPAQUE: Final = re.compile(r"(.+)(@(?:g\.us|lid))")
_TEXT_FOLLOWS: Final = 0x18
_READABLE: Final = re.compile(rb"[0-9A-Za-z]{3}")

_SPELLINGS: Final = (
    # What is kept, a digit that only some spellings of the number have, what is kept after it, what is
    # replaced; then the first digits among which the first replaced one stays (or outside of which).
    # North America: an exchange begins with 2 to 9; other numbers there are not numbers at all.
    (re.compile(r"(1[0-9]{3})()()([0-9]{7})"), "01"),
    # Mexico writes a 1 after the country code, or leaves it out.
    (re.compile(r"(52)(1?)([0-9]{2})([0-9]{8})"), ""),
    # Argentina: a 9 in the same place.
    (re.compile(r"(54)(9?)([0-9]{2})([0-9]{8})"), ""),
    # Brazil: a ninth digit before the eight of a mobile number, which begin with 6 to 9.
    (re.compile(r"(55[0-9]{2})(9?)()([0-9]{8})"), "6789"),
    (re.compile(r"(55[0-9]{2})()()([0-9]{9})"), "9"),
    (re.compile(rf"([0-9]{{{_KEPT_OF_A_NUMBER}}})()()([0-9]{{3,11}})"), ""),
)


@attrs.frozen
class Key:
    """
    The secret of a redaction: the same key gives the same replacements, another key unrelated ones.

    Attributes:
        secret: at least 16 bytes, better 32 random ones; never shared with the redacted log.

    Raises:
        BadRedactionKey: the secret is too short.

    >>> Key(b"sixteen bytes or more")
    Key()
    """

    secret: bytes = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise BadRedactionKey(
                f"the key has {len(self.secret)} bytes. Phone numbers are few, so a key that can be guessed gives "
                f"them all away. Use at least {SHORTEST_KEY} bytes, better 32 random ones."
            )


def permuted(key: Key, purpose: str, size: int, place: int, belongs: Callable[[int], bool] | None = None) -> int:
    """
    Another number below `size`: a permutation that moves every number, chosen by key and purpose.

    The numbers stand in one secret circle and each is replaced by the next, so two never
    become one and none stays itself unless it is alone.

    Args:
        key: chooses the circle.
        purpose: so does this; circles of different purposes are unrelated.
        size: how many numbers there are.
        place: the number to replace.
        belongs: of which kind the result must be. `place` must be of that kind itself: then the
            numbers of the kind are permuted among themselves.

    >>> key = Key(b"sixteen bytes or more")
    >>> sorted(permuted(key, "demo", 10, place) for place in range(10))
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    while True:
        place = _shuffled(key, purpose, size, (_unshuffled(key, purpose, size, place) + 1) % size)
        if belongs is None or belongs(place):
            return place


def _shuffled(key: Key, purpose: str, size: int, place: int) -> int:
    while True:
        place = _network(key, purpose, size, place, range(_ROUNDS))
        if place < size:
            return place


def _unshuffled(key: Key, purpose: str, size: int, place: int) -> int:
    while True:
        place = _network(key, purpose, size, place, range(_ROUNDS - 1, -1, -1))
        if place < size:
            return place


def _network(key: Key, purpose: str, size: int, place: int, rounds: range) -> int:
    # Each round masks one half with a hash of the other, so the same rounds backwards undo it.
    bits = max(2, (size - 1).bit_length())
    low = bits // 2
    high = bits - low
    left, right = place >> low, place & ((1 << low) - 1)
    for turn in rounds:
        if turn % 2:
            right ^= _mask(key, f"{purpose}|{size}|{turn}|{left}", low)
        else:
            left ^= _mask(key, f"{purpose}|{size}|{turn}|{right}", high)
    return left << low | right


def _mask(key: Key, message: str, bits: int) -> int:
    made = hmac.digest(key.secret, message.encode(), "sha256")
    while 8 * len(made) < bits:
        # Long ids need more than one hash gives: each further block hashes all before it.
        made += hmac.digest(key.secret, message.encode() + made, "sha256")
    return int.from_bytes(made) >> (8 * len(made) - bits)


def letters(key: Key, purpose: str, text: str) -> str:
    """
    Twenty letters that stand for a text: 80 bits of a keyed hash, without a digit that could pass for a number.

    >>> key = Key(b"sixteen bytes or more")
    >>> letters(key, "name", "Ana") == letters(key, "name", "Ana") != letters(key, "name", "Bea")
    True
    """
    made = hmac.digest(key.secret, f"letters|{purpose}|{text}".encode("utf-8", "surrogatepass"), "sha256")
    return "".join("abcdefghijklmnop"[int(digit, 16)] for digit in made.hex()[:20])


def opaque(key: Key, text: str) -> str:
    """
    An id of the same look: every ASCII letter and digit is replaced, everything else stays in its place.

    Digits stay digits and hexadecimal stays hexadecimal, a leading zero stays one; else letters
    and digits are mixed, since where base64 has capitals says what it hides.

    >>> key = Key(b"sixteen bytes or more")
    >>> import re
    >>> bool(re.fullmatch("[1-9][0-9]{14}", opaque(key, "100000000000001")))
    True
    """
    return _opaque(key, text)


def phone(key: Key, written: str) -> str:
    """
    Another phone number, written in the same way: calling code, area code of the United States and length stay.

    The first four digits are kept, which is as long as the prefixes of markets are. Spellings
    of one number (Mexico's 1, Argentina's 9, Brazil's ninth digit) become spellings of one number.

    Args:
        written: 7 to 15 digits; `+`, blanks, brackets, dots and hyphens stay where they are.

    >>> key = Key(b"sixteen bytes or more")
    >>> phone(key, "+1 (555) 010-0099")[:8]
    '+1 (555)'
    >>> phone(key, "5215550001111") == "521" + phone(key, "525550001111")[2:]
    True
    """
    new = iter(_number(key, _digits_of(written)))
    return re.sub(r"[0-9]", lambda _: next(new), written)


def is_phone(written: str) -> bool:
    """
    Whether a text can be a phone number: 7 to 15 digits and the usual punctuation.

    >>> is_phone("+1 (555) 010-0099"), is_phone("333"), is_phone("US.1234567")
    (True, False, False)
    """
    return bool(_PHONE.fullmatch(written)) and 7 <= len(_digits_of(written)) <= 15


def identifier(key: Key, text: str) -> str:
    """
    Another id of the same kind: message id, business-scoped user id, or anything opaque.

    The country of a business-scoped id stays, since it names the market. A message id whose
    base64 hides a phone number hides that number's replacement. What is not printable ASCII
    was no id before and is none afterwards.

    >>> key = Key(b"sixteen bytes or more")
    >>> identifier(key, "US.10000000000000000099")[:3], identifier(key, "wamid.DEMO=")[:6]
    ('US.', 'wamid.')
    """
    if not _PRINTABLE.fullmatch(text):
        return f"id-{letters(key, 'id', text)}…"
    if len(text) > _LONGEST_ID or not _IN_ALPHABET.search(text):
        return f"id-{letters(key, 'id', text)}"
    message = _MESSAGE_ID.fullmatch(text)
    if message:
        return message[1] + (_message_id(key, message[2]) or opaque(key, message[2]))
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            return prefix + opaque(key, text.removeprefix(prefix))
    if text.startswith(_GROUP):
        return _GROUP + opaque(key, text.removeprefix(_GROUP))
    scoped = _BUSINESS_SCOPED.fullmatch(text)
    if scoped:
        return scoped[1] + opaque(key, scoped[2])
    web = _WEB_OPAQUE.fullmatch(text)
    if web:
        return opaque(key, web[1]) + web[2]
    return opaque(key, text)


def identity(key: Key, text: str) -> str:
    """
    Another name of a customer or group, by its look: a phone number, or an id of any kind.

    >>> identity(Key(b"sixteen bytes or more"), "15550100099")[:4]
    '1555'
    """
    web = _WEB.fullmatch(text)
    if web and is_phone(web[1]):
        return phone(key, web[1]) + web[2]
    return phone(key, text) if is_phone(text) else identifier(key, text)


def _digits_of(written: str) -> str:
    return re.sub(r"[^0-9]", "", written)


@lru_cache(maxsize=65_536)
def _number(key: Key, digits: str) -> str:
    if digits.startswith("00") and len(digits) - 2 >= 7:
        # The way to dial what others write with a plus.
        return "00" + _number(key, digits[2:])
    for pattern, firsts in _SPELLINGS:
        match = pattern.fullmatch(digits)
        if match:
            before, spelling, after, rest = match.groups()
            inside = rest[0] in firsts
            new = permuted(
                key,
                f"phone|{before}{after}",
                10 ** len(rest),
                int(rest),
                lambda place: (f"{place:0{len(rest)}}"[0] in firsts) == inside,  # noqa: B023 - called before the next turn
            )
            return f"{before}{spelling}{after}{new:0{len(rest)}}"
    return _opaque(key, digits)


@lru_cache(maxsize=65_536)
def _opaque(key: Key, text: str) -> str:
    found = _IN_ALPHABET.findall(text)
    if not found:
        return text
    alphabet, kind = _alphabet_of(found), _kind(text)
    worth = {letter: place for place, letter in enumerate(alphabet)}
    place = 0
    for letter in found:
        place = place * len(alphabet) + worth[letter]

    def spelled(number: int) -> str:
        made = []
        for _ in found:
            number, rest = divmod(number, len(alphabet))
            made.append(alphabet[rest])
        new = reversed(made)
        return _IN_ALPHABET.sub(lambda _: next(new), text)

    # The punctuation is part of the purpose, so that equal digits in ids of different looks are unrelated.
    looks = _IN_ALPHABET.sub("x", text)
    size = len(alphabet) ** len(found)
    return spelled(
        permuted(key, f"opaque|{alphabet}|{looks}", size, place, lambda number: _kind(spelled(number)) == kind)
    )


def _alphabet_of(found: Iterable[str]) -> str:
    return next(alphabet for alphabet in _ALPHABETS if set(found) <= set(alphabet))


def _kind(text: str) -> tuple[str, bool, bool]:
    """What a replacement shares with the id: alphabet, leading zero, and whether it would be taken for another kind."""
    found = _IN_ALPHABET.findall(text)
    alphabet = _alphabet_of(found)
    special = bool(_BUSINESS_SCOPED.fullmatch(text)) or text.startswith(_PREFIXES)
    return alphabet, alphabet == _DIGITS and found[0] == "0", special


def _message_id(key: Key, coded: str) -> str | None:
    """The same layout with other texts inside, or None if it is not the layout of Meta's message ids."""
    try:
        raw = base64.b64decode(coded, validate=True)
    except binascii.Error:
        return None
    if base64.b64encode(raw).decode() != coded:
        # Unused last bits: another id has the same bytes, and the two must not become one.
        return None
    made, between, texts, place = bytearray(), bytearray(), 0, 0
    while place < len(raw):
        length = raw[place + 1] if raw[place] == _TEXT_FOLLOWS and place + 1 < len(raw) else 0
        inside = raw[place + 2 : place + 2 + length].decode("latin-1")
        if 0 < len(inside) == length <= _LONGEST_ID and _PRINTABLE.fullmatch(inside) and _IN_ALPHABET.search(inside):
            made += raw[place : place + 2] + identity(key, inside).encode()
            # A gap, so that the bytes on both sides are not read as one word.
            between.append(0)
            texts += 1
            place += 2 + length
        else:
            made.append(raw[place])
            between.append(raw[place])
            place += 1
    if not texts or _READABLE.search(between):
        return None
    return base64.b64encode(made).decode()
