"""One webhook body in, events out: messages, statuses, calls, preferences and echoes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fsm.events import Event
from fsm.webhooks.calls import read_call
from fsm.webhooks.decode import decode
from fsm.webhooks.envelope import Change, Found, Item, Surroundings, flatten
from fsm.webhooks.identities import alias_ids, earlier, item_aliases
from fsm.webhooks.members import Odd, customer_of, id_of, instant_of_seconds, named, object_of, shown, word
from fsm.webhooks.notices import read_change
from fsm.webhooks.reading import Alias, Call, Evidence, Noted, Notice, Reading, Unread
from fsm.webhooks.statuses import read_status

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

PREFERENCE_OF: Final = {"stop": "marketing_stopped", "resume": "marketing_resumed"}

_AD_SOURCES: Final = ("ad", "post")

Said = Event | Evidence | Alias | Call | Notice | Noted | Unread


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
    notes: dict[str, int] = {}
    aliases: dict[tuple[str, tuple[str, ...]], Alias] = {}
    calls: list[Call] = []
    notices: list[Notice] = []
    accounts: dict[tuple[str, str], None] = {}
    peopled: list[Surroundings] = []
    for found in flatten(decoded, f"{where}: " if where else ""):
        for said in _said(found):
            if isinstance(said, Event):
                events.append(said)
            elif isinstance(said, Evidence):
                evidence.append(said)
            elif isinstance(said, Noted):
                notes[said.name] = notes.get(said.name, 0) + 1
            elif isinstance(said, Surroundings):
                if said.business and said.account:
                    accounts[(said.business, said.account)] = None
                if said.people:
                    peopled.append(said)
            elif isinstance(said, Alias):
                key = (said.business, said.ids)
                aliases[key] = earlier(aliases[key], said) if key in aliases else said
            elif isinstance(said, Unread):
                unknown.append(said)
            elif isinstance(said, Call):
                calls.append(said)
            else:
                notices.append(said)
    # Most contacts have been joined to their item by now, which also tells the time.
    for around in peopled:
        for names in around.people:
            ids = alias_ids(around, names)
            if ids and (around.business, ids) not in aliases:
                aliases[(around.business, ids)] = Alias(business=around.business, ids=ids, why="contact")
    return Reading(
        events=tuple(events),
        unknown=tuple(unknown),
        notes=tuple(sorted(notes.items())),
        evidence=tuple(evidence),
        aliases=tuple(aliases.values()),
        calls=tuple(calls),
        notices=tuple(notices),
        accounts=tuple(accounts),
    )


def _said(found: Found) -> tuple[Said | Surroundings, ...]:
    if isinstance(found, Item):
        return _item(found)
    if isinstance(found, Change):
        return read_change(found)
    return (found,)


def _item(item: Item) -> tuple[Said, ...]:
    aliases = item_aliases(item)
    if item.around.field == "history" and item.part != "errors":
        return (Noted(name="history_message"), *aliases)
    try:
        said = _READERS[item.part](item)
        return (*said, *aliases) if aliases else said
    except Odd as odd:
        # The whole item is kept, and with it those of its parts that cannot be read.
        unread = Unread(where=item.where, why=str(odd), raw=item.raw)
        return (unread, *(alias for alias in aliases if isinstance(alias, Alias)))


def _message(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    name = word(raw.get("type"))
    welcome = name == "request_welcome"
    kind = KIND_OF.get(name or "")
    if kind is None and not welcome:
        raise Odd(f"{shown(raw['type'])} is not a message type we know" if "type" in raw else "it has no 'type'")
    if kind == "system" and all(raw.get(name) in (None, "") for name in ("group_id", "from", "from_user_id")):
        # It names an old and a new identity but no sender: whose thread it belongs to is for whoever joins them.
        # A contact beside it may be another customer's, if Meta packed two messages together.
        return (Noted(name="system_message"),)
    if raw.get("group_id") is not None:
        customer: str | None = id_of(raw["group_id"], "group_id")
    else:
        customer = customer_of(raw, item.around.contacts, "from", "from_user_id")
    entry, doubt = _entry(item)
    event = Event(
        event="welcome_requested" if welcome else "customer_message",
        at=instant_of_seconds(raw.get("timestamp")),
        business=item.business,
        customer=named(customer),
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


def _preference(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    if raw.get("category") is not None and word(raw["category"]) != "marketing_messages":
        raise Odd(f"{shown(raw['category'])} is not a category of preferences we know")
    name = PREFERENCE_OF.get(word(raw.get("value")) or "")
    if name is None:
        raise Odd(f"{shown(raw.get('value'))} is not a preference we know")
    customer = named(customer_of(raw, item.around.contacts, "wa_id", "user_id"))
    return (
        Event(
            event=name,
            at=instant_of_seconds(raw.get("timestamp")),
            business=item.business,
            customer=customer,
        ),
    )


def _echo(item: Item) -> tuple[Said, ...]:
    if item.around.standby or item.around.field == "message_echoes":
        return _handler_echo(item)
    if item.around.field != "smb_message_echoes":
        raise Odd(f"an echo in a change of {item.around.field} does not say who sent the message")
    if word(item.raw.get("type")) in ("edit", "revoke"):
        return (Noted(name="app_echo_of_change"),)
    customer = named(customer_of(item.raw, item.around.contacts, "to", "to_user_id"))
    return (_act(item, "message_sent", customer, content="app"),)


def _handler_echo(item: Item) -> tuple[Said, ...]:
    raw = item.raw
    sent, template = object_of(raw.get("message")) or raw, object_of(raw.get("template"))
    if template is None and word(sent.get("type")) != "template":
        # Written by Meta's assistant or by a partner: which of the two is not said, and its status tells the price.
        return (Noted(name="standby_echo"),)
    if word(sent.get("recipient_type")) == "group":
        customer = id_of(sent.get("to"), "to")
    else:
        # The body of the Messages API calls the user id `recipient`.
        ends = {"to": sent.get("to"), "user": sent.get("recipient") or sent.get("to_user_id")}
        customer = named(customer_of(ends, item.around.contacts, "to", "user"))
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
        business=item.business,
        customer=customer,
        id=id_of(item.raw.get("id"), "id"),
        content=content,
        category=category,
        template_status=template_status,
    )


def _optional_id(raw: Mapping[str, object]) -> str:
    return "" if raw.get("id") in (None, "") else id_of(raw["id"], "id")


def _identity(_: Item) -> tuple[Said, ...]:
    return (Noted(name="user_id_update"),)


def _account_error(_: Item) -> tuple[Said, ...]:
    return (Noted(name="account_error"),)


_READERS: Final[Mapping[str, Callable[[Item], tuple[Said, ...]]]] = {
    "messages": _message,
    "statuses": read_status,
    "message_echoes": _echo,
    "calls": read_call,
    "user_preferences": _preference,
    "user_id_update": _identity,
    "errors": _account_error,
}
