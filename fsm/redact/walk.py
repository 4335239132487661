"""What of a line is kept, and what the rest is replaced by."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from fsm.redact.ids import Key, identifier, identity, is_phone, letters, opaque, phone

# --- what may stay, and where ---------------------------------------------------
_WORD: Final = re.compile(r"(?=.{1,64}\Z)(?=(?:[^0-9]*[0-9]){0,3}[^0-9]*\Z)[A-Za-z]+(?:[_-][A-Za-z0-9]+)*")
"""One word of an enum, in any case: letters, joined by underscores or hyphens, with three digits at most."""

_TIME: Final = re.compile(
    # Ten digits are seconds, thirteen milliseconds; what lies between could be a phone number.
    r"[0-9]{1,10}|1[3-9][0-9]{11}"
    r"|[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{1,2}, [0-9]{4}"
)
_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?")
_CODE: Final = re.compile(r"[0-9]{1,9}")

_ENUMS: Final = """
    object field messaging_product status type category event direction device entry kind content
    template_status pricing_model subtype recipient_type source_type reason
    new_category previous_category correct_category pricing_category
    message_template_category message_template_button_type quality_score new_quality_score previous_quality_score
    restriction_type violation_type waba_ban_state ban_state decision alert_type alert_severity alert_status
    current_limit old_limit new_limit
    action control initiated_by rejection_reason entity_type solution_status join_approval_mode
    response response_source call_icon_visibility callback_permission_status sdp_type media_type
    previous_owner_app_role new_owner_app_role
""".split()
_TIMES: Final = """
    at timestamp time entry_point_ends_at expiration expiration_timestamp created_timestamp updated_timestamp
    category_update_timestamp tier_update_time effective_month start_time end_time open_time close_time
    auth_international_rate_eligibility_start_time disable_date waba_ban_date
""".split()
_AMOUNTS: Final = """
    amount amount_1000 offset quantity item_price duration phase chunk_order progress
    max_daily_conversation_per_phone max_phone_numbers_per_waba
""".split()

_KEPT: Final[Mapping[str, re.Pattern[str]]] = {
    **dict.fromkeys(_TIMES, _TIME),
    **dict.fromkeys(_AMOUNTS, _AMOUNT),
    **dict.fromkeys(_ENUMS, _WORD),
    "max_daily_conversations_per_business": re.compile(rf"{_AMOUNT.pattern}|TIER_[0-9A-Z]{{1,12}}"),
    "currency": re.compile(r"[A-Z]{3}"),
    "country": re.compile(r"[A-Z]{2}"),
    "country_code": re.compile(r"[A-Z]{2}"),
    "language": re.compile(r"[a-z]{2,3}(?:[_-][A-Z]{2})?"),
    "message_template_language": re.compile(r"[a-z]{2,3}(?:[_-][A-Z]{2})?"),
    "mime_type": re.compile(r"[a-z]{1,12}/[a-z.+-]{1,40}(?:; codecs=[a-z]{1,8})?"),
    "tier": re.compile(r"[0-9]{1,12}:(?:[0-9]{1,12}|MAX)"),
    "day_of_week": re.compile(r"(?:MON|TUES|WEDNES|THURS|FRI|SATUR|SUN)DAY"),
    "href": re.compile(r"https://developers\.facebook\.com/docs/whatsapp/cloud-api/support/error-codes/"),
    "error": _CODE,
}
"""The keys whose values may stay, and what such a value must look like in full."""

_KEPT_ONLY_IN: Final[Mapping[tuple[str, str], re.Pattern[str]]] = {
    ("errors", "code"): _CODE,
    ("volume_tier_info", "region"): re.compile(r"[A-Z][A-Za-z&]*(?: [A-Za-z&]+){0,4}"),
    ("language", "code"): _KEPT["language"],
    ("user_preferences", "value"): re.compile(r"(?i:stop|resume|signup)"),
    ("cost", "value"): _AMOUNT,
    ("amount", "value"): _AMOUNT,
    ("custom_data", "value"): _AMOUNT,
}
"""Keys that mean something harmless in one place only: a code is also what a customer types in, a region where they live."""

_KNOWN: Final = frozenset(
    """
    added_participants alert_info amount audio auth_international_rate_eligibility automatic_events ban_info button
    button_reply call_hours call_permission_reply call_recording call_transcript calling calls changes contacts context
    control_passed control_taken conversation cost custom_data disable_info document edit entry error_data errors
    exception_countries group_description group_subject groups history history_context holiday_schedule identity image
    interactive language list_reply location message message_echoes messages metadata nfm_reply order origin
    partner_client_certification_info phone_number_settings pricing product_items profile reaction recipient referral
    referred_product rejection_info removed_participants restriction_info revoke sender session sip standby state_sync
    statuses sticker system template text threads unsupported user_id user_id_update user_preferences value video
    violation_info volume_tier_info waba_info weekly_operating_hours welcome_message
    """.split()
)
"""The objects in which the keys above mean what Meta means by them. In any other nothing is kept."""

# --- what the rest becomes --------------------------------------------------------
_SOMEBODY: Final = re.compile(
    r"customer|participant|from|to|recipient|input|current|previous|requester|group_id"
    r"|(?:\w+_)?(?:wa_id|user_id|recipient_id|participant_id|phone_number|phone)"
)
"""Keys of customers, groups and phone numbers, old and new, in the order Meta joined the words that year."""

_NAMES: Final = frozenset(
    """
    name first_name last_name middle_name formatted_name full_name username verified_name requested_verified_name
    display_name company department
    """.split()
)
_PLACES: Final[Mapping[str, int]] = {"latitude": 90, "longitude": 180}
_KNOWN_KEY: Final = re.compile(r"(?=(?:[^0-9]*[0-9]){0,3}[^0-9]*\Z)[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LONG_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{8,15}(?![0-9])")
_INTERNATIONAL: Final = re.compile(r"\+[0-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9])")
_CARD_NUMBER: Final = re.compile(
    r"^(?:[^:\r\n]*\.)?TEL\b[^:\r\n]*:[ \t]*(?:tel:)?([^\r\n]*)", re.MULTILINE | re.IGNORECASE
)
_DEEPEST: Final = 64
_LONGEST: Final = 200
"""Digits of a number, or letters of an e-mail address; what is longer is neither."""


def redact(key: Key, line: object) -> object:
    """
    The same line about other people: a webhook body, or an event of a log, decoded from JSON.

    Structure, times, amounts, booleans, error codes and the words of Meta's enums stay; every
    number, id, name and text is replaced, the same one always by the same other one.

    Args:
        key: chooses the replacements.
        line: objects, lists, texts, integers, booleans, None, and Decimals for other numbers, so
            that an amount stays as it was written. The value itself is not changed.

    >>> key = Key(b"sixteen bytes or more")
    >>> event = {"event": "opted_in", "at": "2026-01-01T10:00:00Z", "business": "1", "customer": "15550100099"}
    >>> redacted = redact(key, event)
    >>> redacted["at"], redacted["customer"][:4], redacted["customer"] == event["customer"]
    ('2026-01-01T10:00:00Z', '1555', False)
    """
    return _walked(key, line, name="", within="", known=True, depth=0)


def written(value: object) -> str:
    """
    The line as JSON, in ASCII, its numbers as they were written.

    >>> from decimal import Decimal
    >>> written({"amount": Decimal("0.10"), "name": "é"})
    '{"amount": 0.10, "name": "\\\\u00e9"}'
    """
    match value:
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(name)}: {written(member)}" for name, member in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(written, value)) + "]"
        case Decimal():
            return str(value)
    return json.dumps(value)


def _walked(key: Key, value: object, *, name: str, within: str, known: bool, depth: int) -> object:
    """
    A value and all below it.

    Args:
        name: the key under which the value stands, through any lists.
        within: the key of the object that holds it.
        known: whether every key on the way is one of Meta's.
        depth: of the nesting, through texts that hold JSON as well.
    """
    match value:
        case Mapping():
            inside = known and (not depth or name in _KNOWN)
            return {
                _key(key, member): _walked(key, held, name=member, within=name, known=inside, depth=depth + 1)
                for member, held in value.items()
            }
        case list() | tuple():
            return [_walked(key, held, name=name, within=within, known=known, depth=depth + 1) for held in value]
        case str():
            return value if known and _stays(value, name, within) else _text(key, value, name, within, depth)
        case bool() | None:
            return value
        case int() | float() | Decimal():
            return value if known and _stays(_digits(value), name, within) else _number(key, value, name)
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")


def _stays(text: str, name: str, within: str) -> bool:
    pattern = _KEPT_ONLY_IN.get((within, name)) or _KEPT.get(name)
    return pattern is not None and pattern.fullmatch(text) is not None


def _digits(number: float | Decimal) -> str:
    # Written out in full, as amounts are, unless that would fill the memory.
    short = isinstance(number, Decimal) and -20 < number.adjusted() < 20
    return format(number, "f") if short else str(number)


def _key(key: Key, name: str) -> str:
    if _KNOWN_KEY.fullmatch(name):
        return name
    return identity(key, name) if name.isascii() and " " not in name else f"key-{letters(key, 'key', name)}"


def _text(key: Key, text: str, name: str, within: str, depth: int) -> str:
    if text == "":
        return text
    if _SOMEBODY.fullmatch(name) or (name, within) == ("id", "threads"):
        return identity(key, text)
    if name == "id" or name.endswith("_id") or name in ("business", "wacid"):
        return identifier(key, text)
    if text.lstrip()[:1] in ("{", "["):
        held = _json(text)
        if held is not None and depth < _DEEPEST:
            return written(_walked(key, held, name="", within="", known=False, depth=depth + 1))
    if text.lstrip()[:11].upper() == "BEGIN:VCARD":
        return _card(key, text)
    if text.isascii() and text.isdigit():
        return identifier(key, text)
    if text.startswith(("wamid.", "wacid.")) or re.fullmatch(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{6,128}", text):
        return identifier(key, text)
    if re.match(r"https?://", text):
        return f"https://{letters(key, 'url', text)}.invalid/"
    if len(text) <= _LONGEST and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return f"{letters(key, 'email', text)}@mail.invalid"
    kind = "name" if name in _NAMES else "text"
    return " ".join([f"{kind}-{letters(key, kind, text)}", *_quoted_numbers(key, text, within)])


def _quoted_numbers(key: Key, text: str, within: str) -> list[str]:
    # Only where it is sure that the digits are a phone number: of other numbers four digits would be told.
    numbers = _INTERNATIONAL.findall(text)
    if within == "system":
        numbers += _LONG_NUMBER.findall(_INTERNATIONAL.sub(" ", text))
    return [phone(key, number) for number in numbers if is_phone(number)]


def _card(key: Key, text: str) -> str:
    numbers = [number.strip() for number in _CARD_NUMBER.findall(text)]
    lines = [f"TEL:{phone(key, number)}" for number in numbers if is_phone(number)]
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:name-{letters(key, 'card', text)}", *lines, "END:VCARD"])


def _json(text: str) -> object:
    """The object or list that a text holds, or None. It is content: whatever is odd about it, it is replaced."""
    try:
        held: object = json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return held if isinstance(held, dict | list) and not _is_deep(held) else None


def _is_deep(held: object) -> bool:
    """Whether it is nested too deep to be walked."""
    level = [held]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    return bool(level)


def _number(key: Key, number: float | Decimal, name: str) -> object:
    if name in _PLACES:
        # A millionth of a degree is a tenth of a metre.
        half = _PLACES[name] * 1_000_000
        hashed = int.from_bytes(letters(key, name, _digits(number)).encode())
        return Decimal(hashed % (2 * half + 1) - half).scaleb(-6)
    if isinstance(number, int):
        digits = str(abs(number))[:_LONGEST]
        new = phone(key, digits) if _SOMEBODY.fullmatch(name) and is_phone(digits) else opaque(key, digits)
        return -int(new) if number < 0 else int(new)
    sign, coefficient, exponent = Decimal(str(number)).as_tuple()
    assert isinstance(exponent, int), "neither NaN nor infinity is JSON"
    new = opaque(key, "".join(map(str, coefficient))[:_LONGEST])
    return Decimal((sign, tuple(map(int, new)), exponent))
