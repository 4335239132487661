"""What reading a webhook body gives: events, what was not understood, and what needs no understanding."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fsm.events import Event


@attrs.frozen(kw_only=True)
class Unread:
    """
    Something in a body that was not understood, kept so that nothing is lost.

    Attributes:
        where: its place as a JSON path, such as `entry[0].changes[1].value.messages[0]`; the body itself is `$`.
        why: the reason, in plain words.
        raw: the thing itself, as received.
    """

    where: str
    why: str
    raw: object


@attrs.frozen(kw_only=True)
class Noted:
    """Something recognised that does nothing to a thread; only its name is kept, to be counted."""

    name: str


@attrs.frozen(kw_only=True)
class Evidence:
    """
    What Meta says about one message in one status, word for word.

    It never drives a thread: it is what a verdict is compared with.

    Attributes:
        business, customer, id: the thread and the message.
        status: `sent`, `delivered`, `read`, `played` or `failed`.
        at: instant of the status, microseconds since 1970 (UTC).
        pricing, conversation: the objects as received, or None; not copies, so do not change them.
    """

    business: str
    customer: str
    id: str
    status: str
    at: int
    pricing: Mapping[str, object] | None = None
    conversation: Mapping[str, object] | None = None


@attrs.frozen(kw_only=True)
class Reading:
    """
    All that one webhook body says.

    Every message, status, echo, call and preference of the body is in exactly one of
    `events`, `unknown` and `notes`. A part of an item (a price object, an error code)
    that could not be read stands in `unknown` under its own, longer path, beside the
    event of its item.

    Attributes:
        events: in the order found, within one value messages before statuses; Meta's duplicates are still in it.
        unknown: what was not understood.
        notes: how often each recognised thing without effect occurred, sorted by name; `dict(notes)` looks one up.
        evidence: one per message status that could be placed, in the order found.
    """

    events: tuple[Event, ...] = ()
    unknown: tuple[Unread, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    evidence: tuple[Evidence, ...] = ()
