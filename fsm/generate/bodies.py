"""Traffic as a business receives it: webhook bodies, and its own records of what no webhook tells."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Final, TextIO

from fsm.columns.coding import to_events
from fsm.events import Event, write_event
from fsm.events.instants import SECOND
from fsm.generate.output import PART, Statistics, Tick, generate_batches
from fsm.generate.traffic import Traffic
from fsm.service.files import whole_file
from fsm.webhooks.calls import USER_INITIATED
from fsm.webhooks.read import KIND_OF, PREFERENCE_OF
from fsm.webhooks.statuses import STATUS_OF

ACCOUNT: Final = "200000000000000"
"""Id of the WhatsApp Business Account that all bodies name."""

_ROWS_AT_ONCE: Final = 20_000
_TYPE_OF: Final = {kind: type for type, kind in reversed(KIND_OF.items())}
_STATUS: Final = {event: status for status, event in STATUS_OF.items() if event != "message_sent"}
_PREFERENCE: Final = {event: word for word, event in PREFERENCE_OF.items()}
_AD: Final = {"source_type": "ad", "source_id": "300000000000000", "ctwa_clid": "generated"}

Told = tuple[str, dict[str, object]]
"""The field of a change, and what its value holds beside the surroundings."""


def body_of(event: Event) -> dict[str, object] | None:
    """
    The webhook body that tells an event; None if no webhook tells all of it.

    Sending, opting in and out, pages' buttons and devices stand in a business's own records only.

    >>> body = body_of(Event(event="message_read", at=0, business="1", customer="2", id="wamid.A"))
    >>> body["entry"][0]["changes"][0]["value"]["statuses"][0]["status"]
    'read'
    """
    write = _WRITERS.get(event.event)
    if write is None or event.device != "android" or event.entry not in (None, "ad"):
        return None
    field, value = write(event)
    metadata = {"display_phone_number": event.business, "phone_number_id": event.business}
    change = {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": [change]}]}


def _seconds(event: Event) -> str:
    return str(event.at // SECOND)


def _message(event: Event) -> Told:
    type = "request_welcome" if event.event == "welcome_requested" else _TYPE_OF[event.kind]
    message: dict[str, object] = {"from": event.customer, "timestamp": _seconds(event), "type": type}
    if event.id:
        message["id"] = event.id
    if type == "text":
        message["text"] = {"body": "..."}
    if event.entry == "ad":
        message["referral"] = _AD
    return "messages", {"contacts": [{"wa_id": event.customer}], "messages": [message]}


def _status(event: Event) -> Told:
    status: dict[str, object] = {
        "id": event.id,
        "status": _STATUS[event.event],
        "timestamp": _seconds(event),
        "recipient_id": event.customer,
    }
    if event.error is not None:
        status["errors"] = [{"code": event.error}]
    return "messages", {"statuses": [status]}


def _preference(event: Event) -> Told:
    preference = {
        "wa_id": event.customer,
        "category": "marketing_messages",
        "value": _PREFERENCE[event.event],
        "timestamp": _seconds(event),
    }
    return "user_preferences", {"user_preferences": [preference]}


def _call(event: Event) -> Told:
    call = {
        "id": event.id,
        "from": event.customer,
        "to": event.business,
        "event": "connect",
        "direction": USER_INITIATED.upper(),
        "timestamp": _seconds(event),
    }
    return "calls", {"calls": [call]}


def _accepted(event: Event) -> Told:
    status = {
        "id": event.id,
        "type": "call",
        "status": "ACCEPTED",
        "timestamp": _seconds(event),
        "recipient_id": event.customer,
    }
    return "calls", {"statuses": [status]}


_WRITERS: Final[Mapping[str, Callable[[Event], Told]]] = {
    "customer_message": _message,
    "welcome_requested": _message,
    "customer_call": _call,
    "call_accepted": _accepted,
    **dict.fromkeys(_PREFERENCE, _preference),
    **dict.fromkeys(_STATUS, _status),
}


def write_bodies(
    traffic: Traffic, path: str, *, jobs: int = 1, part: int = PART, tick: Tick | None = None
) -> Statistics:
    """
    JSON Lines of webhook bodies, one event each; what no webhook tells stands between them as events of the log.

    Read again, they give the events of `write_log`. `-` is standard output.
    """
    statistics = Statistics(files=1)
    written = 0
    with ExitStack() as last:
        stream: TextIO = sys.stdout
        if path != "-":
            stream = last.enter_context(last.enter_context(whole_file(path)).open("w", encoding="utf-8"))
        for batch in generate_batches(traffic, jobs=jobs, part=part, statistics=statistics):
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                events = list(to_events(batch.slice(start, _ROWS_AT_ONCE)))
                stream.writelines(
                    json.dumps(body_of(event) or write_event(event), ensure_ascii=False) + "\n" for event in events
                )
                written += len(events)
                if tick is not None:
                    tick(written)
    return statistics
