"""Facts in any order: the distinct events of a log, merged and in canonical order."""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps

import attrs

from fsm.events import Event, write_event


@attrs.frozen
class Fact:
    """
    One distinct event.

    Attributes:
        event: the event, as it counts.
        conflict: it arrived more than once, with different content.
        sending: of a status that is dated before it, the record of its message's sending.
    """

    event: Event
    conflict: bool = False
    sending: Event | None = None


def gather(events: Iterable[Event]) -> tuple[Fact, ...]:
    """
    The distinct events, in canonical order: instant, then kind, then id.

    The same event twice counts once. With different content, the earliest counts and
    the fact is marked; but a record of sending always counts before what was read off
    a status, and the two are no conflict. So any order, duplication or batching of the
    same events gives the same answer.

    A status that is dated before the record of its sending learns from it what was sent.
    """
    versions: dict[tuple[str, str, str, str], list[Event]] = {}
    for event in events:
        versions.setdefault(event.key, []).append(event)
    facts = [_merged(found) for found in versions.values()]
    sent = {fact.event.key: fact.event for fact in facts if fact.event.event == "message_sent"}
    return tuple(
        sorted((_told(fact, sent) for fact in facts), key=lambda fact: fact.event.order),
    )


def _merged(versions: list[Event]) -> Fact:
    if len(versions) == 1:
        return Fact(versions[0])
    by_content = {dumps(write_event(event), sort_keys=True): event for event in versions}
    if len(by_content) == 1:
        return Fact(versions[0])
    recorded = {text: event for text, event in by_content.items() if not event.inferred} or by_content
    text = min(recorded, key=lambda text: (recorded[text].at, text))
    ends = [event.entry_point_ends_at for event in versions if event.entry_point_ends_at is not None]
    event = attrs.evolve(recorded[text], entry_point_ends_at=min(ends) if ends else None)
    if event.content is None:
        # Our own record of a delivery says that it happened; Meta's status also says what it was charged as (PMP-11).
        told = [(other.at, written, other) for written, other in by_content.items() if other.content is not None]
        if told:
            _, _, status = min(told, key=lambda found: found[:2])
            event = attrs.evolve(event, content=status.content, category=status.category, inferred=status.inferred)
    # A call is told when it connects and when it ends; the earlier of the two is when it came.
    return Fact(event, conflict=len(recorded) > 1 and event.event != "customer_call")


def _told(fact: Fact, sent: dict[tuple[str, str, str, str], Event]) -> Fact:
    event = fact.event
    if not event.event.startswith("message_") or event.event == "message_sent":
        return fact
    record = sent.get((event.business, event.customer, "message_sent", event.id))
    if record is None or record.order < event.order:
        return fact
    return attrs.evolve(fact, sending=record)
