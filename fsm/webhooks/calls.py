"""Calls: who called whom, whether it opened a window, and how long the phones talked."""

from __future__ import annotations

import re
from typing import Final

from fsm.events import Event
from fsm.webhooks.envelope import Item
from fsm.webhooks.members import Odd, customer_of, id_of, instant_of_seconds, shown, word
from fsm.webhooks.reading import Call, Noted, Unread

USER_INITIATED: Final = "user_initiated"
BUSINESS_INITIATED: Final = "business_initiated"

_DIRECTIONS: Final = (USER_INITIATED, BUSINESS_INITIATED)
_ENDINGS: Final = ("COMPLETED", "FAILED")
_IDLE_STATUSES: Final = ("ringing", "rejected")
_FILES: Final = ("call_recording_available", "call_transcription_available")
_DURATION: Final = re.compile(r"[0-9]{1,9}")

Said = tuple[Event | Call | Noted | Unread, ...]


def read_call(item: Item) -> Said:
    """
    An element of `calls`: a call connects, or it ends.

    A call by the customer is an event when it connects. Every connecting and ending is
    kept as a `Call` besides, with what it says about start, end and length.

    Raises:
        Odd: it is not an event of a call we know, or it cannot be placed.

    >>> from fsm.webhooks.envelope import Surroundings
    >>> around = Surroundings(where="value", field="calls", business="1")
    >>> raw = {"id": "wacid.A", "event": "terminate", "timestamp": "1685613600", "duration": 61}
    >>> note, call = read_call(Item(where="value.calls[0]", part="calls", around=around, raw=raw))
    >>> note.name, call.seconds
    ('call', 61)
    """
    raw = item.raw
    event, direction = word(raw.get("event")), word(raw.get("direction"))
    if event in _FILES:
        return (Noted(name="call"),)
    if event not in ("connect", "terminate"):
        raise Odd(f"{shown(raw.get('event'))} is not an event of a call we know")
    if event == "connect" and direction not in _DIRECTIONS:
        raise Odd(f"its direction is {shown(raw.get('direction'))}, so who called is not known")
    doubts: list[Unread] = []
    if direction not in _DIRECTIONS:
        if raw.get("direction") is not None:
            doubts.append(_doubt(item, "direction", f"{shown(raw['direction'])} is not a direction we know"))
        direction = ""
    told_at = instant_of_seconds(raw.get("timestamp"))
    customer = _customer(item, direction)
    started_at = _part(item, "start_time", doubts)
    call = Call(
        business=item.business,
        customer=customer or "",
        id=id_of(raw.get("id"), "id"),
        direction=direction or "",
        event=event,
        status=_status(item, doubts),
        at=told_at if started_at is None else started_at,
        started_at=started_at,
        ended_at=_part(item, "end_time", doubts),
        seconds=_seconds(item, doubts),
        account=item.around.account,
        via=item.around.via,
    )
    if direction != USER_INITIATED or (event == "terminate" and not customer):
        # A call by the business connects before the customer accepts: that is a status of its own.
        opening: tuple[Event | Noted, ...] = (Noted(name="call"),)
    elif not customer:
        raise Odd("it names no customer")
    else:
        # The end of a call tells of it too: the webhook of its beginning may be lost. Both bear the call's id.
        opening = (_event(call, "customer_call", call.at if event == "terminate" else told_at),)
    unknown = call.status and call.status not in _ENDINGS
    return (*opening, call, *((Noted(name=f"unknown_call_status: {call.status}"),) if unknown else ()), *doubts)


def read_call_status(item: Item, customer: str) -> Said:
    """
    A status of a call by the business: it rings, is accepted or is rejected.

    Raises:
        Odd: it is not a status of a call we know, or it cannot be placed.

    >>> from fsm.webhooks.envelope import Surroundings
    >>> around = Surroundings(where="value", field="calls", business="1")
    >>> raw = {"id": "wacid.A", "status": "ACCEPTED", "timestamp": "1685613600"}
    >>> item = Item(where="value.statuses[0]", part="statuses", around=around, raw=raw)
    >>> [type(said).__name__ for said in read_call_status(item, "15550100099")]
    ['Event', 'Call']
    """
    raw = item.raw
    status = word(raw.get("status"))
    if status != "accepted" and status not in _IDLE_STATUSES:
        raise Odd(f"{shown(raw.get('status'))} is not a status of a call we know")
    call = Call(
        business=item.business,
        customer=customer,
        id=id_of(raw.get("id"), "id"),
        direction=BUSINESS_INITIATED,
        event="status",
        status=status.upper(),
        at=instant_of_seconds(raw.get("timestamp")),
        account=item.around.account,
        via=item.around.via,
    )
    if status == "accepted":
        return (_event(call, "call_accepted", call.at), call)
    return (Noted(name="call_status"), call)


def _event(call: Call, name: str, at: int) -> Event:
    return Event(event=name, at=at, business=call.business, customer=call.customer, id=call.id)


def _customer(item: Item, direction: str | None) -> str | None:
    if direction == BUSINESS_INITIATED:
        named = customer_of(item.raw, item.around.contacts, "to", "to_user_id")
    elif direction == USER_INITIATED:
        named = customer_of(item.raw, item.around.contacts, "from", "from_user_id")
    else:
        # Either end may be the customer's: only a contact can tell.
        named = customer_of({}, item.around.contacts, "from", "from_user_id")
    return named


def _status(item: Item, doubts: list[Unread]) -> str:
    status: object = item.raw.get("status")
    if isinstance(status, list | tuple) and len(status) == 1:
        # Some of Meta's examples put the one word into a list.
        status = status[0]
    if status is None:
        return ""
    try:
        return id_of(status, "status").upper()
    except Odd as odd:
        doubts.append(_doubt(item, "status", str(odd)))
        return ""


def _part(item: Item, member: str, doubts: list[Unread]) -> int | None:
    if item.raw.get(member) is None:
        return None
    try:
        return instant_of_seconds(item.raw[member], member)
    except Odd as odd:
        doubts.append(_doubt(item, member, str(odd)))
        return None


def _seconds(item: Item, doubts: list[Unread]) -> int | None:
    told = item.raw.get("duration")
    if told is None:
        return None
    written = str(told) if isinstance(told, int) and not isinstance(told, bool) and told.bit_length() <= 64 else told
    if isinstance(written, str) and _DURATION.fullmatch(written):
        return int(written)
    doubts.append(_doubt(item, "duration", f"it is {shown(told)}, which is not a number of whole seconds"))
    return None


def _doubt(item: Item, member: str, why: str) -> Unread:
    return Unread(where=f"{item.where}.{member}", why=why, raw=item.raw.get(member))
