"""Random histories: logs and accounts that crowd around the dates on which the law changed and the edges of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from fsm.events import Account, Event, read_account, read_event
from fsm.rulebooks.timeline import editions

CUSTOMERS = ("5215550001111", "12125550123", "393331112222", "5511999990000", "ana")
KINDS = (*["text"] * 6, "button", "media", "reaction", "edit", "revoke", "system", "unsupported")
CONTENTS = (*["free_form"] * 4, *["template"] * 6, "direct_send", "reaction", "business_agent", "app")
CATEGORIES = ("marketing", "utility", "marketing", "utility", "authentication", "marketing_lite")
ODD_CATEGORIES = ("authentication_international", "newsletter", None)
PAUSES = (0, 1, 60, 3600, 6 * 3600, 12 * 3600, 20 * 3600, 86399, 86400, 86401, 71 * 3600, 72 * 3600, 7 * 86400)
DELAYS = (0, 1, 5, 60, 3600, 5 * 3600, 86400, 86401)
PREFERENCES = ("opted_in", "opted_out", "marketing_stopped", "marketing_resumed")


def history(seed: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A log of one customer, as JSON objects, and an account; the same for the same seed."""
    random = Random(seed)
    day = datetime.combine(random.choice(editions()[1:]).since, datetime.min.time(), UTC)
    at = int(day.timestamp()) + random.choice((-3 * 86400, -20 * 3600, -3600, 5 * 86400, 40 * 86400))
    customer = random.choice(CUSTOMERS)
    log: list[dict[str, Any]] = []
    for number in range(random.randint(3, 14)):
        at += random.choice(PAUSES)
        common = {"business": "the bakery", "customer": customer, "at": at}
        draw = random.random()
        if draw < 0.35:
            log.append(_customer_message(random, number, common))
        elif draw < 0.42:
            names = ("customer_call", "call_accepted", "welcome_requested", *PREFERENCES)
            log.append({"event": random.choice(names), **common})
        else:
            log += _business_message(random, number, common)
    return log, _account(random, customer)


def history_of(seed: int) -> tuple[list[Event], Account]:
    """The same as events."""
    log, account = history(seed)
    return [read_event(event)[0] for event in log], read_account(account)


def _customer_message(random: Random, number: int, common: dict[str, Any]) -> dict[str, Any]:
    event = {"event": "customer_message", "id": f"in-{number}", "kind": random.choice(KINDS), **common}
    if random.random() < 0.4:
        event |= {
            "entry": random.choice(("ad", "page_cta")),
            "device": random.choice(("android", "ios", "web", "desktop")),
        }
    return event


def _business_message(random: Random, number: int, common: dict[str, Any]) -> list[dict[str, Any]]:
    content = random.choice(CONTENTS)
    sent = {"event": "message_sent", "id": f"out-{number}", "content": content, **common}
    if content == "template":
        sent["category"] = random.choice((*CATEGORIES, *CATEGORIES, *ODD_CATEGORIES))
        sent["template_status"] = random.choice((*["APPROVED"] * 8, "PAUSED", "DISABLED", "REJECTED", "WEIRD"))
    if content == "direct_send":
        sent["category"] = random.choice(("utility", "authentication", "marketing"))
    events = [{member: value for member, value in sent.items() if value is not None}]
    about = {"id": f"out-{number}", "business": common["business"], "customer": common["customer"]}
    if random.random() < 0.85:
        name = random.choice(("message_delivered", "message_delivered", "message_read", "message_played"))
        events.append({"event": name, "at": common["at"] + random.choice(DELAYS), **about})
    if random.random() < 0.2:
        name = random.choice(("message_read", "message_failed", "message_delivered"))
        events.append({"event": name, "at": common["at"] + random.choice((0, 2, 7200)), **about})
    return events


def _account(random: Random, customer: str) -> dict[str, Any]:
    account: dict[str, Any] = {
        "time_zone": random.choice(("UTC", "UTC", "+03:00", "-03:00", "America/Mexico_City")),
        "allowances": {"free_left": random.choice((0, 1, 2, 1000))},
    }
    if random.random() < 0.3:
        account["sender"] = random.choice(("ai_provider", "government", "nonprofit"))
    if random.random() < 0.2:
        account["integration"] = "partner"
    if random.random() < 0.3:
        account["direct_send"] = True
    if random.random() < 0.1:
        account["payment_method"] = False
    if random.random() < 0.1:
        account |= {"sold_to": "IN", "currency": random.choice(("USD", "INR"))}
    if random.random() < 0.1:
        account["customers"] = {"in_experiment": [customer]}
    return account
