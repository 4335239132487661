"""The envelope: every item of every change of every entry, however deep it is packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from fsm.webhooks.members import PERSON, Odd, business_of, id_of, instant_of_seconds, names_of, path_to, shown
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
        "business_status_update",
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
        "tracking_events",
    }
)
"""The fields that are about accounts, numbers, templates and groups: no thread moves."""

_BODY: Final = frozenset({"object", "entry"})
_CHANGE: Final = frozenset({"field", "value"})
_ENTRY: Final = frozenset({"id", "time", "changes"})
_INNER: Final = frozenset({*ITEMS, "messaging_product", "metadata", "contacts", "history"})
_NAMES: Final = (*PERSON, "input")
_VALUE: Final = _INNER | {"standby"}


@attrs.frozen(kw_only=True)
class Surroundings:
    """
    What the items of one value share.

    Attributes:
        where: JSON path of the value.
        field: the field of its change.
        standby: it was nested under `standby`: another handler holds the thread.
        account: the id of its entry; empty if not given.
        business: the business phone number id; empty if the value does not name it.
        doubt: why the value does not name its business; empty if it does.
        display: the business phone number as people read it; as received, never a key.
        contacts: the objects of `contacts`, as received.
        people: the names in each of them that holds any.
    """

    where: str
    field: str
    standby: bool = False
    account: str = ""
    business: str = ""
    doubt: str = ""
    display: object = None
    contacts: tuple[Mapping[str, object], ...] = ()
    people: tuple[frozenset[str], ...] = ()

    @property
    def via(self) -> str:
        """How its items came, as `Evidence` says it."""
        return "standby" if self.standby else self.field


@attrs.frozen(kw_only=True)
class Item:
    """
    One element of a list of a value.

    Attributes:
        where: JSON path.
        part: the list it stands in, one of `ITEMS`.
        around: what it shares with the other items of its value.
        raw: the element.
        alone: it is the only item of its value, so the contacts there are about it.
    """

    where: str
    part: str
    around: Surroundings
    raw: Mapping[str, object]
    alone: bool = False

    @property
    def business(self) -> str:
        """
        The business phone number id, the business half of its thread.

        Raises:
            Odd: its value does not say which number it is about.
        """
        if self.around.doubt:
            raise Odd(self.around.doubt)
        return self.around.business


@attrs.frozen(kw_only=True)
class Change:
    """
    One change that is about an account, a number, a template or a group.

    Attributes:
        where: JSON path of its value.
        field: one of `IDLE`.
        account: the id of its entry; empty if not given.
        at: the time of its entry, or None.
        value: as received.
    """

    where: str
    field: str
    account: str
    at: int | None
    value: Mapping[str, object]


Found = Item | Surroundings | Change | Noted | Unread


def flatten(body: object, prefix: str = "") -> list[Found]:
    """
    Everything in a body, one by one and in order: items, things that do nothing, things not understood.

    The surroundings of a value come before its items.

    >>> value = {"metadata": {"phone_number_id": "1"}, "messages": [{}, None]}
    >>> for found in flatten({"entry": [{"changes": [{"field": "messages", "value": value}]}]}):
    ...     print(type(found).__name__, found.where)
    Surroundings entry[0].changes[0].value
    Item entry[0].changes[0].value.messages[0]
    Unread entry[0].changes[0].value.messages[1]
    """
    if not isinstance(body, Mapping):
        return [Unread(where=f"{prefix}$", why=f"the body is {shown(body)}, not an object", raw=body)]
    # Wrappers of providers leave `object` out; another product's body must not be read as ours.
    if body.get("object") not in (None, OBJECT):
        why = f"it is about {shown(body.get('object'))}, not about {OBJECT}"
        return [Unread(where=f"{prefix}$", why=why, raw=body)]
    if "entry" not in body:
        return [Unread(where=f"{prefix}$", why="it has no 'entry'", raw=body)]
    # One list is handed down: passing each thing up through five generators took longer than reading it.
    found: list[Found] = []
    for where, entry in _needed(found, body["entry"], f"{prefix}entry"):
        _entry(found, entry, where)
    _unexpected(found, body, _BODY, prefix)
    return found


def _entry(found: list[Found], entry: Mapping[str, object], where: str) -> None:
    if "changes" not in entry:
        found.append(Unread(where=where, why="it has no 'changes'", raw=entry))
        return
    account = ""
    if entry.get("id") is not None:
        try:
            account = id_of(entry["id"], "id")
        except Odd as odd:
            found.append(Unread(where=f"{where}.id", why=str(odd), raw=entry["id"]))
    at = None
    if entry.get("time") is not None:
        try:
            at = instant_of_seconds(entry["time"], "time")
        except Odd as odd:
            found.append(Unread(where=f"{where}.time", why=str(odd), raw=entry["time"]))
    for path, change in _needed(found, entry["changes"], f"{where}.changes"):
        _change(found, change, path, account, at)
    _unexpected(found, entry, _ENTRY, where)


def _change(found: list[Found], change: Mapping[str, object], where: str, account: str, at: int | None) -> None:
    field, value = change.get("field"), change.get("value")
    if not isinstance(field, str):
        found.append(Unread(where=where, why="it does not say which field it is about", raw=change))
    elif field not in CONVERSING and field not in IDLE:
        found.append(Unread(where=where, why=f"{shown(field)} is not a field we know", raw=change))
    elif not isinstance(value, Mapping):
        found.append(Unread(where=where, why=f"its value is {shown(value)}, not an object", raw=change))
    elif field in IDLE:
        if any(value.get(part) is not None for part in (*ITEMS, "standby", "history") if part != "errors"):
            found.append(Unread(where=where, why=f"a change of {field} that carries messages is not known", raw=change))
        else:
            found.append(Noted(name=field))
            found.append(Change(where=f"{where}.value", field=field, account=account, at=at, value=value))
    else:
        before = len(found)
        inner = _value(found, value, f"{where}.value", field, account, standby=False, metadata=value.get("metadata"))
        # The surroundings alone say nothing yet.
        if len(found) - before == inner:
            found.append(Noted(name="history" if field == "history" else "empty_change"))
        _unexpected(found, change, _CHANGE, where)


def _value(
    found: list[Found],
    value: Mapping[str, object],
    where: str,
    field: str,
    account: str,
    *,
    standby: bool,
    metadata: object,
) -> int:
    """Read one value, and the one under its `standby`; say how many surroundings were found."""
    contacts: list[Mapping[str, object]] = []
    people: list[frozenset[str]] = []
    if value.get("contacts") is not None:
        for path, contact in _objects(found, value["contacts"], f"{where}.contacts"):
            contacts.append(contact)
            names, doubts = names_of(contact, _NAMES, path)
            found += doubts
            if names:
                people.append(names)
    business = doubt = ""
    try:
        business = business_of(metadata)
    except Odd as odd:
        doubt = str(odd)
    around = Surroundings(
        where=where,
        field=field,
        standby=standby,
        account=account,
        business=business,
        doubt=doubt,
        display=metadata.get("display_phone_number") if isinstance(metadata, Mapping) else None,
        contacts=tuple(contacts),
        people=tuple(people),
    )
    found.append(around)
    parts = [(part, value[part]) for part in ITEMS if value.get(part) is not None]
    alone = len(parts) == 1 and isinstance(parts[0][1], list | tuple) and len(parts[0][1]) == 1
    for part, listed in parts:
        for path, raw in _objects(found, listed, f"{where}.{part}"):
            found.append(Item(where=path, part=part, around=around, raw=raw, alone=alone))
    surroundings = 1
    if value.get("history") is not None:
        _history(found, value["history"], f"{where}.history")
    if not standby and value.get("standby") is not None:
        inner = value["standby"]
        if isinstance(inner, Mapping):
            at_hand = inner.get("metadata", metadata)
            surroundings += _value(found, inner, f"{where}.standby", field, account, standby=True, metadata=at_hand)
        else:
            found.append(Unread(where=f"{where}.standby", why=f"it is {shown(inner)}, not an object", raw=inner))
    _unexpected(found, value, _INNER if standby else _VALUE, where)
    return surroundings


def _history(found: list[Found], chunks: object, where: str) -> None:
    # Old messages, handed over when a number joins: they never open anything, so they are only counted.
    for path, chunk in _objects(found, chunks, where):
        for place, thread in _objects(found, chunk.get("threads"), f"{path}.threads"):
            for _ in _objects(found, thread.get("messages"), f"{place}.messages"):
                found.append(Noted(name="history_message"))


def _needed(found: list[Found], listed: object, where: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    # Null is an empty list further down, where Meta leaves lists out. A body of nothing is not a body.
    if listed is None:
        found.append(Unread(where=where, why="it is null, not a list", raw=listed))
    else:
        yield from _objects(found, listed, where)


def _objects(found: list[Found], listed: object, where: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The objects of a list, each with its path; whatever is not an object is kept. Null is an empty list."""
    if listed is None:
        return
    # Asking for the plain type first: a union or an abstract class takes five times as long to say yes.
    if type(listed) is not list and not isinstance(listed, list | tuple):
        found.append(Unread(where=where, why=f"it is {shown(listed)}, not a list", raw=listed))
        return
    for index, element in enumerate(listed):
        path = f"{where}[{index}]"
        if type(element) is dict or isinstance(element, Mapping):
            yield path, element
        else:
            found.append(Unread(where=path, why=f"it is {shown(element)}, not an object", raw=element))


def _unexpected(found: list[Found], holder: Mapping[str, object], known: frozenset[str], where: str) -> None:
    if known.issuperset(holder):
        return
    # Labels that providers add are no loss; a list or an object may carry messages.
    for key, held in holder.items():
        if key not in known and isinstance(held, Mapping | list | tuple) and held:
            found.append(Unread(where=path_to(where, key), why="it is not a member we know", raw=held))
