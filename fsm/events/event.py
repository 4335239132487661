"""One event of one thread, its identity and its place in the canonical order."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

import attrs

from fsm import terms
from fsm.errors import BadEvent
from fsm.events.instants import format_instant, parse_instant


def _none_if_zero(instant: int | None) -> int | None:
    """Nothing ended in 1970: a stated end of 0 states none."""
    return instant or None


def _unlike_others(id: str) -> str:
    """An id, marked where it reads like an instant or like the name of another id with a member of a group."""
    if " to " in id:
        id = id.replace(" to ", " to\0 ")
    return f"\0{id}" if id.endswith("Z") and id[:4].isdigit() else id


@attrs.frozen(kw_only=True)
class Event:
    """
    Something that happened to a thread, at an instant.

    Attributes:
        event: one of `terms.EVENTS`.
        at: instant, microseconds since 1970 (UTC).
        business, customer: the two ids that make the thread.
        id: the message id; empty where the event is not about one message.
        kind, entry, device: what a customer's message is and how it came.
        content, category, template_status: what the business sends.
        error: Meta's code on `message_failed`.
        entry_point_ends_at: instant; the end of a free entry point as Meta's webhook states it.
        inferred: the content was read off a status, not out of a record of sending.
        participant: of a message to a group, the member whom a status is about.
        addressee: the name under which the message went out, where the customer has come to be known by another. It is
            worked out from all facts about the message and never stands in a log.
    """

    event: str
    at: int
    business: str = ""
    customer: str = ""
    id: str = ""
    kind: str = "text"
    entry: str | None = None
    device: str = "android"
    content: str | None = None
    category: str | None = None
    template_status: str = "APPROVED"
    error: int | None = None
    entry_point_ends_at: int | None = attrs.field(default=None, converter=_none_if_zero)
    inferred: bool = False
    participant: str = ""
    addressee: str = ""

    @property
    def thread(self) -> tuple[str, str]:
        """The thread it belongs to: one customer with one business phone number."""
        return (self.business, self.customer)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """
        Its identity: the same key twice is the same event twice.

        An event that is about no message has no id; its instant stands in for one.
        Each member of a group has statuses of their own.
        """
        name = _unlike_others(self.id) if self.id else format_instant(self.at)
        return (self.business, self.customer, self.event, f"{name} to {self.participant}" if self.participant else name)

    @property
    def order(self) -> tuple[int, int, str, str, str, str, str]:
        """Its place in the canonical order: instant, then kind, then id."""
        return (self.at, RANK[self.event], self.id, self.event, self.business, self.customer, self.participant)


RANK: Final = {
    **dict.fromkeys(terms.CUSTOMER_EVENTS, 0),
    **dict.fromkeys(terms.PREFERENCE_EVENTS, 1),
    "message_sent": 2,
    "message_failed": 3,
    "message_delivered": 4,
    "message_read": 5,
    "message_played": 6,
}
"""Customer events first: a reply stamped with the second of the question answers it."""

_MEMBERS: Final = {a.name for a in attrs.fields(Event)} - {"addressee"}
CHOICES: Final = {
    "kind": (terms.KINDS, ("customer_message",)),
    "entry": (terms.ENTRIES, ("customer_message",)),
    "device": (terms.DEVICES, ("customer_message",)),
    # On a delivery: what the status itself tells of the message, for want of a record of sending.
    "content": (terms.CONTENTS, ("message_sent", *terms.DELIVERY_EVENTS)),
}
"""Members that hold one of a list of words, and the events that may have them."""


def read_event(members: Mapping[str, object]) -> tuple[Event, tuple[str, ...]]:
    """
    The event that a JSON object describes, and the names of members nobody knows.

    Raises:
        BadEvent: a member is missing, of the wrong type, or not one of the known words.
        NaiveInstant, UnreadableInstant: `at` is not an instant.

    >>> event, unknown = read_event({"event": "customer_message", "at": 0, "business": "b", "customer": "c", "id": "m"})
    >>> event.kind, unknown
    ('text', ())
    """
    name = _word(members, "event", terms.EVENTS)
    if name is None:
        raise BadEvent(f"it has no 'event'. Say which of these it is: {', '.join(terms.EVENTS)}.")
    if "at" not in members:
        raise BadEvent(f"this {name} has no 'at'. Say when it happened, for example 2023-06-01T10:00:00Z.")
    values: dict[str, object] = {"event": name, "at": parse_instant(members["at"])}
    for member in ("business", "customer", "id"):
        values[member] = _text(members, member, name)
    for member in ("category", "template_status"):
        if members.get(member) == "":
            raise BadEvent(f"'{member}' is empty, which says nothing. Leave it out, or say which it is.")
        if members.get(member) is not None:
            values[member] = _text(members, member, name)
    for member, (words, owners) in CHOICES.items():
        word = _word(members, member, words)
        if word is not None:
            if name not in owners:
                raise BadEvent(f"'{member}' belongs to {owners[0]}, not to {name}. Leave it out here.")
            values[member] = word
    if name == "message_sent" and "content" not in values:
        raise BadEvent(f"this message_sent has no 'content'. Say what was sent: {', '.join(terms.CONTENTS)}.")
    if members.get("error") is not None:
        values["error"] = _whole_number(members["error"])
    if members.get("entry_point_ends_at") is not None:
        values["entry_point_ends_at"] = parse_instant(members["entry_point_ends_at"])
    if members.get("participant") is not None:
        if name not in terms.STATUS_EVENTS:
            raise BadEvent(
                f"'participant' belongs to a status of a message to a group, not to {name}. Leave it out here."
            )
        values["participant"] = _text(members, "participant", name)
    inferred = members.get("inferred")
    inferred = False if inferred is None else inferred
    if not isinstance(inferred, bool):
        raise BadEvent(f"'inferred' is {inferred!r}; it must be true or false.")
    values["inferred"] = inferred
    return Event(**values), tuple(sorted(set(members) - _MEMBERS))  # type: ignore[arg-type]


def write_event(event: Event) -> dict[str, object]:
    """
    The event as the JSON object that `read_event` reads back; what is default is left out.

    >>> write_event(Event(event="opted_in", at=0, business="b", customer="c"))
    {'event': 'opted_in', 'at': '1970-01-01T00:00:00Z', 'business': 'b', 'customer': 'c'}
    """
    written: dict[str, object] = {}
    for field in attrs.fields(Event):
        value = getattr(event, field.name)
        if field.name in ("at", "entry_point_ends_at") and value is not None:
            written[field.name] = format_instant(value)
        elif field.name in _MEMBERS and (field.name == "event" or value != field.default):
            written[field.name] = value
    return written


def _text(members: Mapping[str, object], member: str, name: str) -> str:
    value = members.get(member)
    if value is None or value == "":
        if member == "id" and name not in terms.NEEDS_ID:
            return ""
        raise BadEvent(f"this {name} has no '{member}'. It is needed to tell events apart and tie them together.")
    if not isinstance(value, str):
        raise BadEvent(f"'{member}' is {value!r}; it must be text. Put it in quotes.")
    return value


def _word(members: Mapping[str, object], member: str, words: tuple[str, ...]) -> str | None:
    value = members.get(member)
    if value is None:
        return None
    if not isinstance(value, str) or value not in words:
        close = get_close_matches(value, words, 1) if isinstance(value, str) else []
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise BadEvent(f"'{member}' is {value!r}, which is none of {', '.join(words)}.{hint}")
    return value


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadEvent(f"'error' is {value!r}; it must be Meta's code as a whole number, for example 131047.")
    return value
