"""Hostile histories: many threads in few instants, an allowance that runs out among them, records that contradict."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from fsm import terms
from fsm.events import Event, read_account
from fsm.events.account import Account
from fsm.rulebooks.timeline import editions

SECOND = 1_000_000
CUSTOMERS = ("5215550001111", "12125550123", "17875550123", "393331112222", "5511999990000", "US.123", "ana", "12345")
STEPS = (0, 0, 0, 0, 1, 1, 60, 3600, 86399, 86400, 86401, 3 * 86400, 29 * 86400, 31 * 86400)
POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"free_form_attach": "newest"},
    {"free_form_attach": "oldest"},
    {"fep_model": "rolling_24h_cap_7d"},
    {"fep_model": "fixed_72h", "boundary": "closed"},
    {"fep_start": "sent"},
    {"fep_start": "delivered", "transition_2023": "opens"},
    {"fep_reply_deadline": "csw"},
    {"fep_consumes_free_tier": "yes"},
)


def hostile(seed: int) -> tuple[list[Event], Account]:
    """A log of several customers and an account; the same for the same seed."""
    random = Random(seed)
    day = datetime.combine(random.choice(editions()[1:]).since, datetime.min.time(), UTC)
    at = int(day.timestamp()) + random.choice((-86400, -3600, 0, 5 * 86400))
    threads = [(random.choice(("one", "two")), random.choice(CUSTOMERS)) for _ in range(random.choice((1, 2, 3, 6)))]
    groups = random.random() < 0.15
    messages: list[tuple[str, str, str]] = []
    events: list[Event] = []
    for number in range(random.randint(4, 40)):
        at += random.choice(STEPS)
        business, customer = random.choice(threads)
        when = at * SECOND + random.choice((0, 0, 0, 250_000))
        draw = random.random()
        common: dict[str, Any] = {"at": when, "business": business, "customer": customer}
        if draw < 0.25:
            events.append(
                Event(
                    event="customer_message",
                    id=f"in-{random.randint(0, 50) if random.random() < 0.1 else 100 + number}",
                    kind=random.choice((*["text"] * 5, *terms.KINDS)),
                    entry=random.choice((None, None, "ad", "page_cta")),
                    device=random.choice(terms.DEVICES),
                    **common,
                )
            )
        elif draw < 0.32:
            events.append(Event(event=random.choice((*terms.CUSTOMER_EVENTS[1:], *terms.PREFERENCE_EVENTS)), **common))
        elif draw < 0.6 or not messages:
            message = f"m-{random.randint(0, 99):02}"
            messages.append((business, customer, message))
            events.append(_sent(random, message, common))
        else:
            events.append(_status(random, messages, when, groups))
    doubled = random.sample(events, random.randint(0, len(events) // 3))
    events += doubled
    random.shuffle(events)
    return events, _account(random)


def _sent(random: Random, message: str, common: dict[str, Any]) -> Event:
    content = random.choice((*["free_form"] * 3, *["template"] * 4, *terms.CONTENTS))
    category = None
    if content in ("template", "direct_send"):
        category = random.choice(
            (*terms.CATEGORIES, *terms.CATEGORIES, "authentication-international", "newsletter", "UTILITY", None)
        )
    return Event(
        event="message_sent",
        id=message,
        content=content,
        category=category,
        template_status=random.choice((*["APPROVED"] * 6, "PAUSED", "DISABLED", "WEIRD")),
        inferred=random.random() < 0.15,
        entry_point_ends_at=_ends(random, common["at"]),
        **common,
    )


def _ends(random: Random, at: int) -> int | None:
    return at + random.choice((-1, 3600, 5 * 86400)) * SECOND if random.random() < 0.1 else None


def _status(random: Random, messages: list[tuple[str, str, str]], when: int, groups: bool) -> Event:
    business, customer, message = random.choice(messages[-4:] if random.random() < 0.9 else messages)
    if random.random() < 0.05:
        message = f"other-{random.randint(0, 3)}"
    told: dict[str, Any] = {}
    name = random.choice(("message_delivered", "message_delivered", *terms.STATUS_EVENTS))
    if name != "message_failed" and random.random() < 0.2:
        told = {"content": random.choice(("free_form", "template")), "inferred": random.random() < 0.8}
        if told["content"] == "template":
            told["category"] = random.choice(terms.CATEGORIES)
    if name == "message_failed" and random.random() < 0.5:
        told["error"] = random.choice((131047, 131026))
    if groups and random.random() < 0.3:
        told["participant"] = random.choice(("393331112222", "5511999990000"))
    if random.random() < 0.2:
        when = max(when - random.choice((1, 60, 86400)) * SECOND, SECOND)
    return Event(
        event=name,
        at=when,
        business=business,
        customer=customer,
        id=message,
        entry_point_ends_at=_ends(random, when),
        **told,
    )


def _account(random: Random) -> Account:
    members: dict[str, Any] = {
        "time_zone": random.choice(("UTC", "+05:30", "America/Mexico_City", "America/Sao_Paulo", "Asia/Beirut")),
        "allowances": {"free_left": random.choice((0, 1, 2, 3, 5, 1000))},
        "policy": random.choice(POLICIES),
        "sender": random.choice((*["business"] * 6, "ai_provider", "government")),
        "direct_send": random.random() < 0.5,
        "payment_method": random.random() < 0.7,
        "integration": random.choice(("direct", "direct", "partner")),
    }
    if random.random() < 0.2:
        members["customers"] = {"in_experiment": [random.choice(CUSTOMERS)]}
    if random.random() < 0.2:
        members |= {"sold_to": "IN", "currency": random.choice(("USD", "INR"))}
    if random.random() < 0.3:
        members |= {
            "primary_location": "BR",
            "authentication_international": {
                "IN": "2024-06-01T00:00:00Z",
                "ID": "2024-07-01T00:00:00Z",
                "US": "2025-02-01T00:00:00Z",
            },
        }
    return read_account(members)


def crowd(seed: int) -> tuple[list[Event], Account]:
    """Dozens of events of few threads in two seconds, around the last free units of a month; the same for a seed."""
    random = Random(seed)
    at = int(datetime(random.choice((2023, 2024, 2026)), 10, 12, 9, tzinfo=UTC).timestamp()) * SECOND
    events: list[Event] = []
    for number in range(random.randint(14, 60)):
        common: dict[str, Any] = {
            "business": "one",
            "customer": random.choice(("5215550001111", "12125550123")),
            "at": at + random.choice((0, 0, 0, SECOND)),
        }
        sent = _sent(random, f"m-{number:02}", common)
        events.append(sent)
        if random.random() < 0.7:
            events.append(Event(event="message_delivered", id=sent.id, **common))
        if random.random() < 0.3:
            events.append(Event(event="customer_message", id=f"in-{number}", **common))
    random.shuffle(events)
    return events, read_account(
        {
            "allowances": {"free_left": random.choice((1, 5, 14, 15, 16, 20, 30))},
            "payment_method": random.random() < 0.5,
            "policy": random.choice(POLICIES),
        }
    )
