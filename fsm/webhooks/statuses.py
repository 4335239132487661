"""Statuses: what became of a message, for whom, and what Meta says about its price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fsm.events import Event
from fsm.webhooks.calls import read_call_status
from fsm.webhooks.envelope import Item
from fsm.webhooks.identities import PARTICIPANT, PARTICIPANT_PHONES, PARTICIPANT_USERS
from fsm.webhooks.infer import implied_content, stated_entry_point_end, unknown_words
from fsm.webhooks.members import Odd, customer_of, id_of, instant_of_seconds, named, object_of, shown, word
from fsm.webhooks.reading import Call, Evidence, Noted, Unread

STATUS_OF: Final = {
    "sent": "message_sent",
    "delivered": "message_delivered",
    "read": "message_read",
    "played": "message_played",
    "failed": "message_failed",
}

_CODE: Final = re.compile(r"[0-9]{1,9}")

Said = tuple[Event | Evidence | Call | Noted | Unread, ...]


def read_status(item: Item) -> Said:
    """
    An element of `statuses`: of a message, or of a call.

    Raises:
        Odd: it is not a status we know, or it cannot be placed.

    >>> from fsm.webhooks.envelope import Surroundings
    >>> around = Surroundings(where="value", field="messages", business="1", account="2")
    >>> raw = {"id": "wamid.A", "status": "read", "recipient_id": "15550100099", "timestamp": "1685613600"}
    >>> event, evidence = read_status(Item(where="value.statuses[0]", part="statuses", around=around, raw=raw))
    >>> event.event, evidence.account, evidence.via
    ('message_read', '2', 'messages')
    """
    raw = item.raw
    if item.around.field == "calls" or word(raw.get("type")) == "call":
        return read_call_status(item, _recipient(item, ""))
    status = word(raw.get("status")) or ""
    name = STATUS_OF.get(status)
    if name is None:
        raise Odd(f"{shown(raw['status'])} is not a status we know" if "status" in raw else "it has no 'status'")
    pricing, conversation = object_of(raw.get("pricing")), object_of(raw.get("conversation"))
    parts: list[Noted | Unread] = []
    for part, read in (("pricing", pricing), ("conversation", conversation)):
        if read is None and raw.get(part) is not None:
            why = f"it is {shown(raw[part])}, not an object"
            parts.append(Unread(where=f"{item.where}.{part}", why=why, raw=raw[part]))
    if pricing is None and conversation is not None:
        # In Meta's example of a group the price stands inside the conversation.
        pricing = object_of(conversation.get("pricing"))
    participant = _participant(item)
    evidence = Evidence(
        business=item.business,
        customer=_recipient(item, participant),
        id=id_of(raw.get("id"), "id"),
        status=status,
        at=instant_of_seconds(raw.get("timestamp")),
        pricing=pricing,
        conversation=conversation,
        participant=participant,
        account=item.around.account,
        via=item.around.via,
    )
    if pricing is not None or conversation is not None:
        parts += [Noted(name=name) for name in unknown_words(evidence)]
    if name == "message_failed":
        error, doubt = _error(item)
        parts.extend(() if doubt is None else (doubt,))
        return (event_about(evidence, name, error=error), evidence, *parts)
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
        event = event_about(evidence, name, content=content, category=category, ends_at=ends_at, inferred=True)
        return (event, evidence, *parts)
    if name == "message_sent":
        # A record of sending must say what was sent, and this status does not.
        return (Noted(name="sent_without_evidence"), evidence, *parts)
    return (event_about(evidence, name, ends_at=ends_at), evidence, *parts)


def event_about(
    evidence: Evidence,
    name: str,
    *,
    content: str | None = None,
    category: str | None = None,
    error: int | None = None,
    ends_at: int | None = None,
    inferred: bool = False,
) -> Event:
    """The event that a status tells, with what its evidence implies."""
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
        # A message to a group is sent once, whoever receives it.
        participant="" if name == "message_sent" else evidence.participant,
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


def _recipient(item: Item, participant: str) -> str:
    # One message to a group has a status per participant; the thread is the group's all the same.
    raw = item.raw
    if raw.get("group_id") is not None:
        return id_of(raw["group_id"], "group_id")
    if participant or word(raw.get("recipient_type")) == "group":
        return id_of(raw.get("recipient_id"), "recipient_id")
    return named(customer_of(raw, item.around.contacts, "recipient_id", "recipient_user_id"))


def _participant(item: Item) -> str:
    raw = item.raw
    if raw.keys().isdisjoint(PARTICIPANT):
        return ""
    phone = next((member for member in PARTICIPANT_PHONES if raw.get(member)), PARTICIPANT_PHONES[0])
    user = next((member for member in PARTICIPANT_USERS if raw.get(member)), PARTICIPANT_USERS[0])
    if raw.get(phone) in (None, "") and raw.get(user) in (None, ""):
        return ""
    return customer_of(raw, item.around.contacts, phone, user) or ""
