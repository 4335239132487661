"""The envelope: every item of every change of every entry, however deep it is packed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from fsm.webhooks.members import shown
from fsm.webhooks.reading import Noted, Unread

OBJECT: Final = "whatsapp_business_account"

ITEMS: Final = ("messages", "statuses", "message_echoes", "calls", "user_preferences", "user_id_update", "errors")
"""The lists of a value whose elements are read one by one."""

CONVERSING: Final = (
    "messages",
    "standby",
    "calls",
    "smb_message_echoes",
    "message_echoes",
    "user_preferences",
    "user_id_update",
    "history",
)
"""The fields whose values carry such lists."""

IDLE: Final = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_username_update",
        "business_username_updates",
        "consumer_profile",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "template_category_update",
        "template_correct_category_detection",
    }
)
"""The fields that are about accounts, numbers, templates and groups: no thread moves."""

_CONTEXT: Final = ("messaging_product", "metadata", "contacts")


@attrs.frozen(kw_only=True)
class Item:
    """
    One element of a list of a value, with what its surroundings say about it.

    Attributes:
        where: JSON path.
        part: the list it stands in, one of `ITEMS`.
        field: the field of its change.
        standby: it was nested under `standby`: another handler holds the thread.
        metadata: names the business phone number; as received.
        contacts: the objects of `contacts`; as received.
        raw: the element.
    """

    where: str
    part: str
    field: str
    standby: bool
    metadata: object
    contacts: tuple[Mapping[str, object], ...]
    raw: Mapping[str, object]


Found = Item | Noted | Unread


def flatten(body: object, prefix: str = "") -> Iterator[Found]:
    """
    Everything in a body, one by one and in order: items, things that do nothing, things not understood.

    >>> value = {"metadata": {"phone_number_id": "1"}, "messages": [{}, None]}
    >>> for found in flatten({"entry": [{"changes": [{"field": "messages", "value": value}]}]}):
    ...     print(type(found).__name__, found.where)
    Item entry[0].changes[0].value.messages[0]
    Unread entry[0].changes[0].value.messages[1]
    """
    if not isinstance(body, Mapping):
        yield Unread(where=f"{prefix}$", why=f"the body is {shown(body)}, not an object", raw=body)
        return
    # Wrappers of providers leave `object` out; another product's body must not be read as ours.
    if body.get("object") not in (None, OBJECT):
        yield Unread(where=f"{prefix}$", why=f"it is about {shown(body.get('object'))}, not about {OBJECT}", raw=body)
        return
    if "entry" not in body:
        yield Unread(where=f"{prefix}$", why="it has no 'entry'", raw=body)
        return
    for where, entry in _objects(body["entry"], f"{prefix}entry"):
        if isinstance(entry, Unread):
            yield entry
        elif "changes" not in entry:
            yield Unread(where=where, why="it has no 'changes'", raw=entry)
        else:
            for path, change in _objects(entry["changes"], f"{where}.changes"):
                yield from (change,) if isinstance(change, Unread) else _change(change, path)
            yield from _unexpected(entry, ("id", "time", "changes"), where)
    yield from _unexpected(body, ("object", "entry"), prefix)


def _change(change: Mapping[str, object], where: str) -> Iterator[Found]:
    field, value = change.get("field"), change.get("value")
    if not isinstance(field, str):
        yield Unread(where=where, why="it does not say which field it is about", raw=change)
    elif field not in CONVERSING and field not in IDLE:
        yield Unread(where=where, why=f"{shown(field)} is not a field we know", raw=change)
    elif not isinstance(value, Mapping):
        yield Unread(where=where, why=f"its value is {shown(value)}, not an object", raw=change)
    elif field in IDLE:
        if any(value.get(part) is not None for part in (*ITEMS, "standby", "history") if part != "errors"):
            yield Unread(where=where, why=f"a change of {field} that carries messages is not known", raw=change)
        else:
            yield Noted(name=field)
    else:
        empty = True
        for found in _value(value, f"{where}.value", field, standby=False, metadata=value.get("metadata")):
            empty = False
            yield found
        if empty:
            yield Noted(name="history" if field == "history" else "empty_change")
        yield from _unexpected(change, ("field", "value"), where)


def _value(value: Mapping[str, object], where: str, field: str, *, standby: bool, metadata: object) -> Iterator[Found]:
    contacts = []
    for _, contact in _objects(value.get("contacts"), f"{where}.contacts"):
        if isinstance(contact, Unread):
            yield contact
        else:
            contacts.append(contact)
    for part in ITEMS:
        for path, raw in _objects(value.get(part), f"{where}.{part}"):
            if isinstance(raw, Unread):
                yield raw
            else:
                yield Item(
                    where=path,
                    part=part,
                    field=field,
                    standby=standby,
                    metadata=metadata,
                    contacts=tuple(contacts),
                    raw=raw,
                )
    yield from _history(value.get("history"), f"{where}.history")
    if not standby:
        inner = value.get("standby")
        if isinstance(inner, Mapping):
            at_hand = inner.get("metadata", metadata)
            yield from _value(inner, f"{where}.standby", field, standby=True, metadata=at_hand)
        elif inner is not None:
            yield Unread(where=f"{where}.standby", why=f"it is {shown(inner)}, not an object", raw=inner)
    yield from _unexpected(value, (*ITEMS, *_CONTEXT, "history", *(() if standby else ("standby",))), where)


def _history(chunks: object, where: str) -> Iterator[Found]:
    # Old messages, handed over when a number joins: they never open anything, so they are only counted.
    for path, chunk in _objects(chunks, where):
        if isinstance(chunk, Unread):
            yield chunk
            continue
        for place, thread in _objects(chunk.get("threads"), f"{path}.threads"):
            if isinstance(thread, Unread):
                yield thread
                continue
            for _, message in _objects(thread.get("messages"), f"{place}.messages"):
                yield message if isinstance(message, Unread) else Noted(name="history_message")


def _objects(listed: object, where: str) -> Iterator[tuple[str, Mapping[str, object] | Unread]]:
    """The objects of a list, each with its path; whatever is not an object as an `Unread`. Null is an empty list."""
    if listed is None:
        return
    if not isinstance(listed, list | tuple):
        yield where, Unread(where=where, why=f"it is {shown(listed)}, not a list", raw=listed)
        return
    for index, element in enumerate(listed):
        path = f"{where}[{index}]"
        if isinstance(element, Mapping):
            yield path, element
        else:
            yield path, Unread(where=path, why=f"it is {shown(element)}, not an object", raw=element)


def _unexpected(holder: Mapping[str, object], known: tuple[str, ...], where: str) -> Iterator[Unread]:
    # Labels that providers add are no loss; a list or an object may carry messages.
    for key, held in holder.items():
        if key not in known and isinstance(held, Mapping | list | tuple) and held:
            step = _step(key)
            dot = "." if where and not where.endswith(" ") and not step.startswith("[") else ""
            yield Unread(where=f"{where}{dot}{step}", why="it is not a member we know", raw=held)


def _step(key: object) -> str:
    if not isinstance(key, str):
        return f"[{shown(key)}]"
    return key if key.isidentifier() and key.isascii() else f"[{json.dumps(key)}]"
