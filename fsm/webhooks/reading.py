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
        participant: of a message to a group, the member whom the status is about; else empty.
        account: the id of the entry it came in, the WhatsApp Business account; empty if not given.
        via: how it came: the field of its change (`messages`), or `standby`.
    """

    business: str
    customer: str
    id: str
    status: str
    at: int
    pricing: Mapping[str, object] | None = None
    conversation: Mapping[str, object] | None = None
    participant: str = ""
    account: str = ""
    via: str = "messages"


@attrs.frozen(kw_only=True)
class Alias:
    """
    Several ids that name one customer of one business number.

    Attributes:
        business: the business phone number id.
        ids: sorted, distinct, at least two: phone numbers as digits, user ids as received.
        at: instant of what said so, or None if it bears no time.
        why: what said so: `contact`, `sender`, `recipient`, `caller`, `preference`, `participant`,
            `user_changed_number`, `user_changed_user_id` or `user_id_update`.
    """

    business: str
    ids: tuple[str, ...]
    at: int | None = None
    why: str = "contact"


@attrs.frozen(kw_only=True)
class Call:
    """
    What one webhook says about one call; several share its id, and joining them is the reader's.

    Attributes:
        business, customer: the two ends; the customer is empty if this webhook names nobody.
        id: the id of the call.
        direction: `user_initiated` or `business_initiated`; empty if this webhook does not say.
        event: `connect`, `terminate`, or `status` for the ringing, accepting and rejecting of a business's call.
        status: Meta's word in upper case (`COMPLETED`, `FAILED`, `RINGING`, `ACCEPTED`, `REJECTED`), else empty.
        at: instant of its start where this webhook gives one, else of what the webhook tells.
        started_at, ended_at: instants of its beginning and end, if given.
        seconds: how long the phones talked, if given.
        account, via: as in `Evidence`.
    """

    business: str
    customer: str
    id: str
    direction: str
    event: str
    status: str
    at: int
    started_at: int | None = None
    ended_at: int | None = None
    seconds: int | None = None
    account: str = ""
    via: str = "calls"


@attrs.frozen(kw_only=True)
class Notice:
    """
    A fact about an account, a number, a template, a tier or a group: it moves no thread.

    Attributes:
        kind: what it is about, such as `template_category` or `tier`; see `fsm.webhooks.notices`.
        account: the id of the entry it came in; empty if not given.
        at: instant of the fact, microseconds since 1970 (UTC), or None if it bears none.
        members: what it says, decoded; what this room does not decode stands in it as received.
        where: its place as a JSON path.
    """

    kind: str
    account: str
    at: int | None
    members: Mapping[str, object]
    where: str


@attrs.frozen(kw_only=True)
class Reading:
    """
    All that one webhook body says.

    Every message, status, echo, call and preference of the body is in exactly one of
    `events`, `unknown` and `notes`. A part of an item (a price object, an error code)
    that could not be read stands in `unknown` under its own, longer path, beside the
    event of its item. The other members say more about the same items and changes.

    Attributes:
        events: in the order found, within one value messages before statuses; Meta's duplicates are still in it.
        unknown: what was not understood.
        notes: how often each recognised thing without effect occurred, sorted by name; `dict(notes)` looks one up.
            Words that Meta has added since (`unknown_pricing_category: foo`) are counted here too.
        evidence: one per message status that could be placed, in the order found.
        aliases: which ids name one customer; each saying once, in the order found.
        calls: what is said about calls, in the order found.
        notices: what is said about accounts, numbers, templates, tiers and groups, in the order found.
        accounts: the pairs of business number id and account id that stand together, in the order found.
    """

    events: tuple[Event, ...] = ()
    unknown: tuple[Unread, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    aliases: tuple[Alias, ...] = ()
    calls: tuple[Call, ...] = ()
    notices: tuple[Notice, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
