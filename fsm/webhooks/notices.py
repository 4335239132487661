"""Facts about accounts, numbers, templates, tiers and groups, decoded without asking what they mean today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import attrs

from fsm.webhooks.envelope import Change, Surroundings
from fsm.webhooks.identities import person_aliases
from fsm.webhooks.members import Odd, business_of, id_of, instant_of_seconds, path_to, printed, shown, word
from fsm.webhooks.reading import Alias, Noted, Notice, Unread

KIND_OF: Final = {
    "account_alerts": "account_alert",
    "account_review_update": "account_review",
    "account_settings_update": "account_settings",
    "account_update": "account",
    "automatic_events": "automatic_event",
    "business_capability_update": "capability",
    "business_status_update": "business_status",
    "business_username_update": "business_username",
    "business_username_updates": "business_username",
    "consumer_profile": "consumer_profile",
    "flows": "flow",
    "group_lifecycle_update": "group_lifecycle",
    "group_participants_update": "group_participants",
    "group_settings_update": "group_settings",
    "group_status_update": "group_status",
    "message_template_components_update": "template_components",
    "message_template_quality_update": "template_quality",
    "message_template_status_update": "template_status",
    "messaging_handovers": "handover",
    "partner_solutions": "partner_solution",
    "payment_configuration_update": "payment_configuration",
    "phone_number_name_update": "number_name",
    "phone_number_quality_update": "number_quality",
    "security": "security",
    "smb_app_state_sync": "app_state",
    "template_category_update": "template_category",
    "template_correct_category_detection": "template_correct_category_detection",
    "tracking_events": "tracking_event",
}
"""The fields, and the kind of notice each gives; `account_update` gives several, by its event."""

ACCOUNT_KIND_OF: Final = {
    "VOLUME_BASED_PRICING_TIER_UPDATE": "tier",
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": "auth_international",
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": "primary_location",
    "ACCOUNT_RESTRICTION": "restriction",
}
_ACCOUNT_EVENTS: Final = frozenset(
    {
        *ACCOUNT_KIND_OF,
        "ACCOUNT_DELETED",
        "ACCOUNT_OFFBOARDED",
        "ACCOUNT_RECONNECTED",
        "ACCOUNT_VIOLATION",
        "AD_ACCOUNT_LINKED",
        "DISABLED_UPDATE",
        "MM_LITE_TERMS_SIGNED",
        "PARTNER_ADDED",
        "PARTNER_APP_INSTALLED",
        "PARTNER_APP_UNINSTALLED",
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        "PARTNER_REMOVED",
        "VERIFIED_ACCOUNT",
    }
)
_TEMPLATE_STATUSES: Final = frozenset(
    {
        "APPROVED",
        "ARCHIVED",
        "DELETED",
        "DISABLED",
        "FLAGGED",
        "IN_APPEAL",
        "LIMIT_EXCEEDED",
        "LOCKED",
        "PAUSED",
        "PENDING",
        "PENDING_DELETION",
        "REINSTATED",
        "REJECTED",
        "UNARCHIVED",
    }
)
_QUALITIES: Final = frozenset({"GREEN", "YELLOW", "RED", "UNKNOWN"})
_TEMPLATE_CATEGORIES: Final = frozenset({"AUTHENTICATION", "MARKETING", "UTILITY"})
_TIER_CATEGORIES: Final = frozenset(
    {"AUTHENTICATION", "AUTHENTICATION_INTERNATIONAL", "CALLING", "MARKETING", "MARKETING_LITE", "SERVICE", "UTILITY"}
)
_RESTRICTIONS: Final = frozenset(
    {
        "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
        "RESTRICTED_BIZ_INITIATED_MESSAGING",
        "RESTRICTED_BUSINESS_INITIATED_CALLING",
        "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
        "RESTRICTED_USER_INITIATED_CALLING",
    }
)
_LIMITS: Final = (
    "max_daily_conversations_per_business",
    "current_limit",
    "max_daily_conversation_per_phone",
)
"""The names of a number's messaging limit, the newest first."""

_CONTEXT: Final = frozenset({"messaging_product", "metadata"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})*")
_TIER: Final = re.compile(r"([0-9]{1,15}):([0-9]{1,15}|MAX)")
_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LIMIT: Final = re.compile(r"TIER_([0-9]{1,6})(K?)")
_DIGITS: Final = re.compile(r"[0-9]+")
_LARGEST_BITS: Final = 64

Said = tuple[Notice | Alias | Noted | Unread, ...]


@attrs.define(eq=False)
class _Page:
    """A value while it is read: what is decoded so far, which members that used up, and what was odd."""

    where: str
    raw: Mapping[str, object]
    members: dict[str, object] = attrs.field(factory=dict)
    used: set[str] = attrs.field(factory=set)
    odd: list[Alias | Noted | Unread] = attrs.field(factory=list)

    def put(self, name: str, member: str, decode: Callable[[object], object]) -> bool:
        """Decode a member under a name; leave the name out if the member is missing, null or odd."""
        self.used.add(member)
        told = self.raw.get(member)
        if told is None:
            return False
        try:
            self.members[name] = decode(told)
        except Odd as odd:
            self.odd.append(Unread(where=f"{self.where}.{member}", why=str(odd), raw=told))
            return False
        return True

    def put_word(self, name: str, member: str, known: frozenset[str], *, note: str, lower: bool = False) -> bool:
        """Decode a word of an open list: known words in one spelling, others as received and counted."""
        if not self.put(name, member, _text):
            return False
        told = str(self.members[name])
        plain = (word(told) or "").upper()
        if plain in known:
            self.members[name] = plain.lower() if lower else plain
        else:
            self.odd.append(Noted(name=f"unknown_{note}: {printed(told)}"))
        return True

    def inside(self, member: str) -> _Page:
        """The page of an object in it."""
        told = self.raw.get(member)
        if not isinstance(told, Mapping):
            raise Odd(f"its '{member}' is {shown(told)}, not an object")
        self.used.add(member)
        return _Page(where=f"{self.where}.{member}", raw=told, members=self.members, odd=self.odd)

    def need(self, name: str, *, member: str) -> None:
        """Refuse the whole page if a name without which it says nothing could not be decoded."""
        if name not in self.members:
            raise Odd(f"its '{member}' is {shown(self.raw.get(member))}, so it says nothing")

    def keep_rest(self) -> None:
        """Keep what was not decoded, as received."""
        rest: Iterable[tuple[object, object]] = self.raw.items()
        for key, told in rest:
            if key in self.used:
                continue
            if isinstance(key, str) and key not in self.members:
                self.members[key] = told
            else:
                why = "it stands beside a member that is decoded under the same name"
                self.odd.append(Unread(where=path_to(self.where, key), why=why, raw=told))


def read_change(change: Change) -> Said:
    """
    The notices of one change, with who is who among group members, and with what could not be read.

    What a notice says, by kind (a member that is missing in the body is missing there):

    - `template_status`: `template_id`, `template_name`, `language` (`en_US`), `status` in upper case, `category`,
      `reason`, `disable_date` (an instant, or Meta's prose as text).
    - `template_category`: `current`, `future` and `takes_effect_at` for a change to come;
      `previous` and `current` for one that is done; `current` alone where the body says no more.
    - `template_correct_category_detection`: `current` and `future`.
    - `template_quality`: `previous`, `current`.
    - `tier`: `category`, `tier` as first and last message (None: no end), `region`, `effective_month`, `updated_at`.
    - `auth_international`: `starts_at`, `countries`, `exceptions` as pairs of country and instant.
    - `primary_location`: `country`. `restriction`: `restrictions` as pairs of type and end. `account`: `event`.
    - `capability` and `number_quality`: `limit`, a number or `unlimited`, under whichever name it came; `event`.
    - `group_...`: `group`, `type`, `business`. The rest is as received.

    >>> value = {"new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": 1746169200}
    >>> said = read_change(Change(where="value", field="template_category_update", account="1", at=None, value=value))
    >>> said[0].members
    {'current': 'utility', 'future': 'marketing', 'takes_effect_at': 1746169200000000}
    """
    if change.field in _LISTED and isinstance(change.value.get(_LISTED[change.field]), list | tuple):
        return _each(change, _LISTED[change.field])
    return _notice(change, change.value, change.where, _DECODERS.get(change.field, _as_received))


def _each(change: Change, part: str) -> Said:
    said: list[Notice | Alias | Noted | Unread] = []
    listed = change.value[part]
    for place, raw in enumerate(listed if isinstance(listed, list | tuple) else ()):
        path = f"{change.where}.{part}[{place}]"
        if isinstance(raw, Mapping):
            said += _notice(change, raw, path, _group if part == "groups" else _as_received)
        else:
            said.append(Unread(where=path, why=f"it is {shown(raw)}, not an object", raw=raw))
    for key, told in change.value.items():
        # Labels that providers add are no loss, here as everywhere.
        if key != part and key not in _CONTEXT and isinstance(told, Mapping | list | tuple) and told:
            said.append(Unread(where=path_to(change.where, key), why="it is not a member we know", raw=told))
    return tuple(said)


def _notice(change: Change, raw: Mapping[str, object], where: str, decode: Callable[[_Page], str]) -> Said:
    page = _Page(where=where, raw=raw)
    if raw is change.value:
        page.used |= _CONTEXT
    metadata = change.value.get("metadata")
    if metadata is not None:
        try:
            page.members["business"] = business_of(metadata)
        except Odd as odd:
            page.odd.append(Unread(where=f"{change.where}.metadata", why=str(odd), raw=metadata))
    try:
        kind = decode(page) or KIND_OF[change.field]
    except Odd as odd:
        return (*page.odd, Unread(where=where, why=str(odd), raw=raw))
    at = change.at
    if page.put("at", "timestamp", instant_of_seconds):
        told = page.members.pop("at")
        at = told if isinstance(told, int) else at
    page.keep_rest()
    if change.field.startswith("group_"):
        page.odd += _members_of_group(change, page, at)
    return (Notice(kind=kind, account=change.account, at=at, members=page.members, where=where), *page.odd)


# --- one decoder for each field; an empty kind is that of the field ------------
def _as_received(_: _Page) -> str:
    return ""


def _template(page: _Page) -> None:
    page.put("template_id", "message_template_id", _number_or_id)
    page.put("template_name", "message_template_name", _text)
    page.put("language", "message_template_language", _language)


def _template_status(page: _Page) -> str:
    if page.raw.get("event") is None and page.raw.get("new_quality_score") is not None:
        # Meta's page about quality shows its example under this field.
        return _template_quality(page)
    _template(page)
    page.put_word("status", "event", _TEMPLATE_STATUSES, note="template_status")
    page.need("status", member="event")
    page.put("reason", "reason", _text)
    page.put_word("category", "message_template_category", _TEMPLATE_CATEGORIES, note="template_category", lower=True)
    if page.raw.get("disable_info") is not None:
        try:
            page.inside("disable_info").put("disable_date", "disable_date", _when)
        except Odd as odd:
            page.odd.append(Unread(where=page.where, why=str(odd), raw=page.raw["disable_info"]))
    return ""


def _template_quality(page: _Page) -> str:
    _template(page)
    page.put_word("previous", "previous_quality_score", _QUALITIES, note="template_quality")
    page.put_word("current", "new_quality_score", _QUALITIES, note="template_quality")
    page.need("current", member="new_quality_score")
    return "template_quality"


def _template_components(page: _Page) -> str:
    _template(page)
    return ""


def _template_category(page: _Page) -> str:
    _template(page)
    # In the notice of a change to come, `new_category` is the one in force; in that of a change done, the one since.
    _category(page, "current", "new_category")
    _category(page, "future", "correct_category")
    _category(page, "previous", "previous_category")
    page.put("takes_effect_at", "category_update_timestamp", instant_of_seconds)
    if "current" not in page.members and "future" not in page.members:
        raise Odd("it names no category")
    return ""


def _correct_category(page: _Page) -> str:
    _template(page)
    _category(page, "current", "category")
    _category(page, "future", "correct_category")
    page.need("future", member="correct_category")
    return ""


def _category(page: _Page, name: str, member: str) -> None:
    page.put_word(name, member, _TEMPLATE_CATEGORIES, note="template_category", lower=True)


def _account(page: _Page) -> str:
    page.put_word("event", "event", _ACCOUNT_EVENTS, note="account_event")
    page.need("event", member="event")
    kind = ACCOUNT_KIND_OF.get(str(page.members["event"]), "account")
    if kind != "account":
        del page.members["event"]
    _ACCOUNT_DECODERS.get(kind, _as_received)(page)
    return kind


def _tier(page: _Page) -> str:
    info = page.inside("volume_tier_info")
    info.put_word("category", "pricing_category", _TIER_CATEGORIES, note="tier_category", lower=True)
    info.need("category", member="pricing_category")
    info.put("tier", "tier", _first_and_last)
    info.need("tier", member="tier")
    info.put("region", "region", _text)
    info.put("effective_month", "effective_month", _month)
    info.put("updated_at", "tier_update_time", instant_of_seconds)
    info.keep_rest()
    return ""


def _auth_international(page: _Page) -> str:
    info = page.inside("auth_international_rate_eligibility")
    info.put("starts_at", "start_time", instant_of_seconds)
    info.put("countries", "countries", lambda told: tuple(_country(one) for one in _listed(told)))
    info.put("exceptions", "exception_countries", lambda told: tuple(_exception(one) for one in _listed(told)))
    info.keep_rest()
    return ""


def _primary_location(page: _Page) -> str:
    page.put("country", "country", _country)
    page.need("country", member="country")
    return ""


def _restriction(page: _Page) -> str:
    told = page.raw.get("restriction_info")
    page.put("restrictions", "restriction_info", lambda _: tuple(_one_restriction(one) for one in _listed(told)))
    page.need("restrictions", member="restriction_info")
    for type_, _ in _pairs(page.members["restrictions"]):
        if type_ not in _RESTRICTIONS:
            page.odd.append(Noted(name=f"unknown_restriction: {printed(type_)}"))
    return ""


def _limits(page: _Page) -> str:
    for member in ("old_limit", "max_phone_numbers_per_business", "max_phone_numbers_per_waba", *reversed(_LIMITS)):
        if page.put(member, member, _limit) and member in _LIMITS:
            page.members["limit"] = page.members[member]
        if isinstance(page.members.get(member), str) and page.members[member] != "unlimited":
            page.odd.append(Noted(name=f"unknown_limit: {printed(page.members[member])}"))
    page.put("event", "event", _text)
    return ""


def _handover(page: _Page) -> str:
    # It has no metadata: the number stands in the recipient.
    recipient = page.raw.get("recipient")
    if isinstance(recipient, Mapping) and recipient.get("phone_number_id") is not None:
        page.members["business"] = id_of(recipient["phone_number_id"], "phone_number_id")
    return ""


def _group(page: _Page) -> str:
    page.put("group", "group_id", lambda told: id_of(told, "group_id"))
    page.need("group", member="group_id")
    page.put("type", "type", _text)
    return ""


def _members_of_group(change: Change, page: _Page, at: int | None) -> list[Alias | Unread]:
    # A group's members are not each other: each list holds people, each person one object.
    around = Surroundings(where=page.where, field=change.field, business=str(page.members.get("business", "")))
    found: list[Alias | Unread] = []
    listed: Iterable[tuple[object, object]] = page.raw.items()
    for key, told in listed:
        if isinstance(key, str) and key.endswith("participants") and isinstance(told, list | tuple):
            for place, person in enumerate(told):
                if isinstance(person, Mapping):
                    found += person_aliases(around, person, f"{page.where}.{key}[{place}]", at)
    return found


_LISTED: Final = {
    "automatic_events": "automatic_events",
    "group_lifecycle_update": "groups",
    "group_participants_update": "groups",
    "group_settings_update": "groups",
    "group_status_update": "groups",
}
_DECODERS: Final[Mapping[str, Callable[[_Page], str]]] = {
    "account_update": _account,
    "business_capability_update": _limits,
    "message_template_components_update": _template_components,
    "message_template_quality_update": _template_quality,
    "message_template_status_update": _template_status,
    "messaging_handovers": _handover,
    "phone_number_quality_update": _limits,
    "template_category_update": _template_category,
    "template_correct_category_detection": _correct_category,
}
_ACCOUNT_DECODERS: Final[Mapping[str, Callable[[_Page], str]]] = {
    "tier": _tier,
    "auth_international": _auth_international,
    "primary_location": _primary_location,
    "restriction": _restriction,
}


# --- single values -----------------------------------------------------------
def _text(told: object) -> str:
    if not isinstance(told, str):
        raise Odd(f"it is {shown(told)}, not a text")
    return told


def _number_or_id(told: object) -> str:
    if isinstance(told, int) and not isinstance(told, bool) and told >= 0 and told.bit_length() <= _LARGEST_BITS:
        return str(told)
    return id_of(told, "id")


def _language(told: object) -> str:
    # `en-US` in some of Meta's examples is the `en_US` of all the others.
    said = _text(told)
    return said.replace("-", "_") if _LANGUAGE.fullmatch(said) else said


def _when(told: object) -> int | str:
    """An instant, or a date in prose, which names no instant and stays as it is."""
    if isinstance(told, str) and not _DIGITS.fullmatch(told):
        return told
    return instant_of_seconds(told, "time")


def _first_and_last(told: object) -> tuple[int, int | None]:
    match = _TIER.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        raise Odd(f"it is {shown(told)}, which is not a tier like '0:25000' or '25001:MAX'")
    first, last = int(match[1]), None if match[2] == "MAX" else int(match[2])
    if last is not None and last < first:
        raise Odd(f"it is {shown(told)}, a tier that ends before it begins")
    return first, last


def _month(told: object) -> str:
    if not isinstance(told, str) or not _MONTH.fullmatch(told):
        raise Odd(f"it is {shown(told)}, which is not a month like '2025-11'")
    return told


def _country(told: object) -> str:
    if not isinstance(told, str) or not _COUNTRY.fullmatch(told):
        raise Odd(f"it is {shown(told)}, which is not a country code of two capital letters")
    return told


def _exception(told: object) -> tuple[str, int | None]:
    if not isinstance(told, Mapping):
        raise Odd(f"one of them is {shown(told)}, not an object")
    starts = told.get("start_time")
    return _country(told.get("country_code")), None if starts is None else instant_of_seconds(starts, "start_time")


def _one_restriction(told: object) -> tuple[str, int | str | None]:
    if not isinstance(told, Mapping):
        raise Odd(f"one of them is {shown(told)}, not an object")
    ends = told.get("expiration")
    return _text(told.get("restriction_type")), None if ends is None else _when(ends)


def _limit(told: object) -> int | str:
    if isinstance(told, int) and not isinstance(told, bool) and told.bit_length() <= _LARGEST_BITS:
        return told
    said = _text(told)
    match = _LIMIT.fullmatch(said)
    if match is not None:
        return int(match[1]) * (1000 if match[2] else 1)
    if said == "TIER_UNLIMITED":
        return "unlimited"
    return int(said) if _DIGITS.fullmatch(said) and len(said) <= 9 else said


def _listed(told: object) -> list[object]:
    # Where Meta documents a list, one object alone was seen too.
    if isinstance(told, list | tuple):
        return list(told)
    return [told]


def _pairs(told: object) -> list[tuple[str, object]]:
    return list(told) if isinstance(told, tuple) else []
