"""One webhook body in, events out: messages, statuses, calls, preferences and echoes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from fsm.events import Event
from fsm.webhooks.decode import decode
from fsm.webhooks.envelope import Item, flatten
from fsm.webhooks.infer import implied_content, stated_entry_point_end
from fsm.webhooks.members import Odd, business_of, customer_of, id_of, instant_of_seconds, shown, word
from fsm.webhooks.reading import Evidence, Noted, Reading, Unread

KIND_OF: Final = {
    "text": "text",
    "image": "media",
    "audio": "media",
    "voice": "media",
    "video": "media",
    "document": "media",
    "sticker": "media",
    "button": "button",
    "interactive": "interactive",
    "order": "order",
    "location": "location",
    "contacts": "contacts",
    "reaction": "reaction",
    "edit": "edit",
    "revoke": "revoke",
    "system": "system",
    "unsupported": "unsupported",
}
"""Meta's message types, and what they are in a log."""

STATUS_OF: Final = {
    "sent": "message_sent",
    "delivered": "message_delivered",
    "read": "message_read",
    "played": "message_played",
    "failed": "message_failed",
}
PREFERENCE_OF: Final = {"stop": "marketing_stopped", "resume": "marketing_resumed"}

_IDLE_CALL_EVENTS: Final = ("terminate", "call_recording_available", "call_transcription_available")
_IDLE_CALL_STATUSES: Final = ("ringing", "rejected")
_AD_SOURCES: Final = ("ad", "post")
_CODE: Final = re.compile(r"[0-9]{1,9}")

Said = Event | Evidence | Noted | Unread


def read_body(body: Mapping[str, object] | bytes | str, *, where: str = "") -> Reading:
    """
    What a webhook body of the Cloud API says happened.

    Args:
        body: the request's bytes, its text, or the object already decoded.
        where: a name for the body, put before every path of `unknown` and into the error.

    Raises:
        BadBody: the bytes or the text are not JSON that can be relied on. Nothing in a decoded body raises.

    >>> message = {"id": "wamid.A", "from": "15550100099", "timestamp": "1685613600", "type": "text"}
    >>> value = {"metadata": {"phone_number_id": "100000000000001"}, "messages": [message]}
    >>> reading = read_body({"entry": [{"changes": [{"field": "messages", "value": value}]}]})
    >>> reading.events[0].event, reading.events[0].customer
    ('customer_message', '15550100099')
    """
    decoded = decode(body, where) if isinstance(body, bytes | bytearray | str) else body
    events: list[Event] = []
    evidence: list[Evidence] = []
    unknown: list[Unread] = []
    notes: Counter[str] = Counter()
    for found in flatten(decoded, f"{where}: " if where else ""):
        for said in _said(found) if isinstance(found, Item) else (found,):
            match said:
                case Event():
                    events.append(said)
                case Evidence():
                    evidence.append(said)
                case Unread():
                    unknown.append(said)
                case Noted():
                    notes[said.name] += 1
    return Reading(
        events=tuple(events),
        unknown=tuple(unknown),
        notes=tuple(sorted(notes.items())),
        evidence=tuple(evidence),
    )


def _said(item: Item) -> tuple[Said, ...]:
    if item.field == "history" and item.part != "errors":
        return (Noted(name="history_message"),)
    try:
        return _READERS[item.part](item)
    except Odd as odd:
        return (Unread(where=item.where, why=str(odd), raw=item.raw),)


def _message(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    name = word(raw.get("type"))
    welcome = name == "request_welcome"
    kind = KIND_OF.get(name or "")
    if kind is None and not welcome:
        raise Odd(f"{shown(raw['type'])} is not a message type we know" if "type" in raw else "it has no 'type'")
    if raw.get("group_id") is not None:
        customer: str | None = id_of(raw["group_id"], "group_id")
    else:
        customer = customer_of(raw, item.contacts, "from", "from_user_id")
    if customer is None and kind == "system":
        # It names an old and a new identity but no sender: whose thread it belongs to is for whoever joins them.
        return (Noted(name="system_message"),)
    entry, doubt = _entry(item)
    event = Event(
        event="welcome_requested" if welcome else "customer_message",
        at=instant_of_seconds(raw.get("timestamp")),
        business=business_of(item.metadata),
        customer=_named(customer),
        id=_optional_id(raw) if welcome else id_of(raw.get("id"), "id"),
        kind=kind or "text",
        entry=None if welcome else entry,
    )
    return (event,) if doubt is None else (event, doubt)


def _entry(item: Item) -> tuple[str | None, Unread | None]:
    referral = item.raw.get("referral")
    if referral is None:
        return None, None
    if isinstance(referral, Mapping):
        # The click id stands only in click-to-WhatsApp ads, whatever the source is called.
        if word(referral.get("source_type")) in _AD_SOURCES or word(referral.get("ctwa_clid")):
            return "ad", None
        why = f"its source_type is {shown(referral.get('source_type'))}, so it is not known to be an ad"
    else:
        why = f"it is {shown(referral)}, not an object"
    return None, Unread(where=f"{item.where}.referral", why=why, raw=referral)


def _status(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    if item.field == "calls" or word(raw.get("type")) == "call":
        return _call_status(item)
    status = word(raw.get("status")) or ""
    name = STATUS_OF.get(status)
    if name is None:
        raise Odd(f"{shown(raw['status'])} is not a status we know" if "status" in raw else "it has no 'status'")
    parts = [
        Unread(where=f"{item.where}.{part}", why=f"it is {shown(raw[part])}, not an object", raw=raw[part])
        for part in ("pricing", "conversation")
        if raw.get(part) is not None and not isinstance(raw[part], Mapping)
    ]
    evidence = Evidence(
        business=business_of(item.metadata),
        customer=_recipient(item),
        id=id_of(raw.get("id"), "id"),
        status=status,
        at=instant_of_seconds(raw.get("timestamp")),
        pricing=_object(raw.get("pricing")),
        conversation=_object(raw.get("conversation")),
    )
    if name == "message_failed":
        error, doubt = _error(item)
        parts.extend(() if doubt is None else (doubt,))
        return (_about(evidence, name, error=error), evidence, *parts)
    ends_at = None
    try:
        ends_at = stated_entry_point_end(evidence)
    except Odd as odd:
        path = f"{item.where}.conversation.expiration_timestamp"
        stated = evidence.conversation.get("expiration_timestamp") if evidence.conversation else None
        parts.append(Unread(where=path, why=str(odd), raw=stated))
    implied = implied_content(evidence)
    if implied is not None:
        content, category = implied
        event = _about(evidence, name, content=content, category=category, ends_at=ends_at, inferred=True)
        return (event, evidence, *parts)
    if name == "message_sent":
        # A record of sending must say what was sent, and this status does not.
        return (Noted(name="sent_without_evidence"), evidence, *parts)
    return (_about(evidence, name, ends_at=ends_at), evidence, *parts)


def _about(
    evidence: Evidence,
    name: str,
    *,
    content: str | None = None,
    category: str | None = None,
    error: int | None = None,
    ends_at: int | None = None,
    inferred: bool = False,
) -> Event:
    return Event(
        event=name,
        at=evidence.at,
        business=evidence.business,
        customer=evidence.customer,
        id=evidence.id,
        content=content,
        category=category,
        error=error,
        entry_point_ends_at=ends_at,
        inferred=inferred,
    )


def _error(item: Item) -> tuple[int | None, Unread | None]:
    errors = item.raw.get("errors")
    if errors is None or errors == []:
        return None, None
    first = errors[0] if isinstance(errors, list | tuple) else errors
    code = first.get("code") if isinstance(first, Mapping) else None
    if isinstance(code, int) and not isinstance(code, bool) and code.bit_length() <= 32:
        return code, None
    if isinstance(code, str) and _CODE.fullmatch(code):
        return int(code), None
    return None, Unread(where=f"{item.where}.errors", why="its first error has no whole number as 'code'", raw=errors)


def _call_status(item: Item) -> tuple[Said, ...]:
    status = word(item.raw.get("status"))
    if status in _IDLE_CALL_STATUSES:
        return (Noted(name="call_status"),)
    if status != "accepted":
        raise Odd(f"{shown(item.raw.get('status'))} is not a status of a call we know")
    return (_act(item, "call_accepted", _recipient(item)),)


def _call(item: Item) -> tuple[Said, ...]:
    event, direction = word(item.raw.get("event")), word(item.raw.get("direction"))
    if event in _IDLE_CALL_EVENTS:
        return (Noted(name="call"),)
    if event != "connect":
        raise Odd(f"{shown(item.raw.get('event'))} is not an event of a call we know")
    if direction == "business_initiated":
        # The phones are talking to each other; the customer accepts with a status of its own.
        return (Noted(name="call"),)
    if direction != "user_initiated":
        raise Odd(f"its direction is {shown(item.raw.get('direction'))}, so who called is not known")
    return (_act(item, "customer_call", _named(customer_of(item.raw, item.contacts, "from", "from_user_id"))),)


def _preference(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    if raw.get("category") is not None and word(raw["category"]) != "marketing_messages":
        raise Odd(f"{shown(raw['category'])} is not a category of preferences we know")
    name = PREFERENCE_OF.get(word(raw.get("value")) or "")
    if name is None:
        raise Odd(f"{shown(raw.get('value'))} is not a preference we know")
    customer = _named(customer_of(raw, item.contacts, "wa_id", "user_id"))
    return (
        Event(
            event=name,
            at=instant_of_seconds(raw.get("timestamp")),
            business=business_of(item.metadata),
            customer=customer,
        ),
    )


def _echo(item: Item) -> tuple[Said, ...]:
    if item.standby or item.field == "message_echoes":
        return _handler_echo(item)
    if item.field != "smb_message_echoes":
        raise Odd(f"an echo in a change of {item.field} does not say who sent the message")
    if word(item.raw.get("type")) in ("edit", "revoke"):
        return (Noted(name="app_echo_of_change"),)
    customer = _named(customer_of(item.raw, item.contacts, "to", "to_user_id"))
    return (_act(item, "message_sent", customer, content="app"),)


def _handler_echo(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    sent, template = _object(raw.get("message")) or raw, _object(raw.get("template"))
    if template is None and word(sent.get("type")) != "template":
        # Written by Meta's assistant or by a partner: which of the two is not said, and its status tells the price.
        return (Noted(name="standby_echo"),)
    if word(sent.get("recipient_type")) == "group":
        customer = id_of(sent.get("to"), "to")
    else:
        # The body of the Messages API calls the user id `recipient`.
        named = {"to": sent.get("to"), "user": sent.get("recipient") or sent.get("to_user_id")}
        customer = _named(customer_of(named, item.contacts, "to", "user"))
    about = template or {}
    category, status = about.get("category"), about.get("status")
    return (
        _act(
            item,
            "message_sent",
            customer,
            content="template",
            category=None if category is None else word(id_of(category, "category")),
            template_status="APPROVED" if status is None else id_of(status, "status").upper(),
        ),
    )


def _act(
    item: Item,
    name: str,
    customer: str,
    *,
    content: str | None = None,
    category: str | None = None,
    template_status: str = "APPROVED",
) -> Event:
    return Event(
        event=name,
        at=instant_of_seconds(item.raw.get("timestamp")),
        business=business_of(item.metadata),
        customer=customer,
        id=id_of(item.raw.get("id"), "id"),
        content=content,
        category=category,
        template_status=template_status,
    )


def _recipient(item: Item) -> str:
    # One message to a group has a status per participant; the thread is the group's all the same.
    if item.raw.get("group_id") is not None:
        return id_of(item.raw["group_id"], "group_id")
    if word(item.raw.get("recipient_type")) == "group":
        return id_of(item.raw.get("recipient_id"), "recipient_id")
    return _named(customer_of(item.raw, item.contacts, "recipient_id", "recipient_user_id"))


def _named(customer: str | None) -> str:
    if customer is None:
        raise Odd("it names no customer")
    return customer


def _optional_id(raw: Mapping[str, object]) -> str:
    return "" if raw.get("id") in (None, "") else id_of(raw["id"], "id")


def _object(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, Mapping) else None


def _identity(_: Item) -> tuple[Said, ...]:
    return (Noted(name="user_id_update"),)


def _account_error(_: Item) -> tuple[Said, ...]:
    return (Noted(name="account_error"),)


_READERS: Final[Mapping[str, Callable[[Item], tuple[Said, ...]]]] = {
    "messages": _message,
    "statuses": _status,
    "message_echoes": _echo,
    "calls": _call,
    "user_preferences": _preference,
    "user_id_update": _identity,
    "errors": _account_error,
}
