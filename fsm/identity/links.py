"""What events alone say about names: which were seen, and which a message ties together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import attrs

from fsm import terms
from fsm.events import Event
from fsm.identity.spellings import canonical, is_group, is_phone

MOST_NUMBERS: Final = 2
"""Phone numbers that one customer may well have at a time: the old one and the new one."""


class Linked(Protocol):
    """Anything that says: these ids name one customer of this business phone number."""

    @property
    def business(self) -> str:
        """The business phone number id."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The names, as written."""


@attrs.frozen(kw_only=True)
class Link:
    """
    Names that belong together, or were seen and belong to nobody else yet.

    Attributes:
        business: the business phone number id.
        ids: the names as written, sorted; one alone says that it was seen.
        why: `seen`, `group`, or what ties them: `message`.
        joins: false if they only look like one customer's: they are kept to be reported.
    """

    business: str
    ids: tuple[str, ...]
    why: str = "seen"
    joins: bool = True


def links_of(events: Iterable[Event]) -> tuple[Link, ...]:
    """
    The links that events give by themselves, before any webhook says more.

    Every customer and participant is a name that was seen. A message has one recipient,
    so statuses of one message id under several customers name one customer, even where
    a `failed` has no user id to say so. The exceptions stand in the room's charter.

    >>> sent = Event(event="message_sent", at=0, business="b", customer="US.1", id="m", content="free_form")
    >>> failed = Event(event="message_failed", at=1, business="b", customer="15550100099", id="m", error=131026)
    >>> [link.ids for link in links_of([sent, failed]) if link.why == "message"]
    [('15550100099', 'US.1')]
    """
    seen: set[tuple[str, str]] = set()
    groups: set[tuple[str, str]] = set()
    first: dict[tuple[str, str], str] = {}
    shared: set[tuple[str, str]] = set()
    events = tuple(events)
    for event in events:
        name = (event.business, event.customer)
        if name not in seen:
            seen.add(name)
            if is_group(event.customer):
                groups.add(name)
        if event.participant:
            groups.add(name)
            seen.add((event.business, event.participant))
        if event.event in _MESSAGE_EVENTS:
            message = (event.business, event.id)
            if first.setdefault(message, event.customer) != event.customer:
                shared.add(message)
    by_message: dict[tuple[str, str], list[Event]] = {}
    for event in events if shared else ():
        if event.event in _MESSAGE_EVENTS and (event.business, event.id) in shared:
            by_message.setdefault((event.business, event.id), []).append(event)
    links = {Link(business=business, ids=(name,)) for business, name in seen - groups}
    links |= {Link(business=business, ids=(name,), why="group") for business, name in groups}
    links |= {_of_message(business, about, groups) for (business, _), about in by_message.items()}
    return tuple(sorted(links, key=lambda link: (link.business, link.ids, link.why, link.joins)))


def addressees(events: Iterable[Event]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """
    All spellings under which each message came, by business number and message id, sorted.

    The market of a message follows the number it went to, so ask before names are unified.

    >>> event = Event(event="message_delivered", at=0, business="b", customer="+52 55 5000 1111", id="m")
    >>> addressees([event, attrs.evolve(event, customer="5215550001111")])[("b", "m")]
    ('+52 55 5000 1111', '5215550001111')
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for event in events:
        if event.event in _MESSAGE_EVENTS:
            message = (event.business, event.id)
            names = found.get(message, ())
            if event.customer not in names:
                found[message] = tuple(sorted((*names, event.customer)))
    return found


_MESSAGE_EVENTS: Final = frozenset(terms.MESSAGE_EVENTS)


def _of_message(business: str, about: list[Event], groups: set[tuple[str, str]]) -> Link:
    names = {event.customer for event in about}
    # What the business itself recorded; a sending read off a status repeats the message, whatever its instant.
    records = {
        (event.at, event.content, event.category, canonical(event.customer) if is_phone(event.customer) else "")
        for event in about
        if _is_record(event)
    }
    joins = (
        len(records) <= 1
        and not any((business, name) in groups for name in names)
        and len({canonical(name) for name in names if is_phone(name)}) <= MOST_NUMBERS
    )
    return Link(business=business, ids=tuple(sorted(names)), why="message", joins=joins)


def _is_record(event: Event) -> bool:
    return event.event == "message_sent" and not event.inferred
