"""A thread as a value: the state and clock of every lane, and the messages still waiting for a status."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from fsm import terms
from fsm.events import format_instant
from fsm.rules.tables import Rulebook


@attrs.frozen(kw_only=True)
class Sent:
    """
    A message of the business that later statuses may be about.

    Attributes:
        at: instant of sending.
        answered: a free entry point was waiting for an answer when it was sent.
        refused: the documented rules refused it.
        delivered, failed: what was reported since.
        inferred: read off a status, not out of a record of sending.
        entry_point_ends_at: instant; as Meta's webhook states it.
        recipients: of a message to a group, the members to whom it was delivered.
    """

    id: str
    content: str
    category: str | None
    at: int
    answered: bool = False
    refused: bool = False
    delivered: bool = False
    failed: bool = False
    inferred: bool = False
    entry_point_ends_at: int | None = None
    recipients: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Thread:
    """
    One customer with one business phone number, at an instant.

    Attributes:
        at: the last instant it has seen; microseconds since 1970 (UTC).
        edition: the edition of the law its lanes belong to.
        states: the state of every lane, in the order of that edition.
        deadlines: for every lane the instant at which its clock runs out; None while no clock runs.
        opened: for lanes of which it matters, the instant at which they became open; None elsewhere.
        messages: what was sent, oldest first, as long as a status may still come.
        ran_out_at: the last instant at which a clock ran out: what happens in that very instant is in doubt.
    """

    business: str
    customer: str
    at: int
    edition: str
    states: tuple[str, ...]
    deadlines: tuple[int | None, ...]
    opened: tuple[int | None, ...]
    messages: tuple[Sent, ...] = ()
    ran_out_at: int | None = None

    def message(self, id: str) -> Sent | None:
        """The message of that id, if it is remembered."""
        for sent in reversed(self.messages):
            if sent.id == id:
                return sent
        return None


def new_thread(business: str, customer: str, at: int, book: Rulebook, nothing: tuple[None, ...]) -> Thread:
    """A thread to which nothing has happened yet. `nothing` is shared by all of them: there may be many."""
    return Thread(
        business=business,
        customer=customer,
        at=at,
        edition=book.edition,
        states=tuple(lane.states[0].name for lane in book.lanes),
        deadlines=nothing,
        opened=nothing,
    )


def states_by_lane(thread: Thread, book: Rulebook) -> dict[str, str]:
    """The state of every lane, by the lane's name."""
    return {lane.name: state for lane, state in zip(book.lanes, thread.states, strict=True)}


def deadlines_by_lane(thread: Thread, book: Rulebook) -> dict[str, int]:
    """The running clocks, by the lane's name. The one second of doubt after a window's end is not one of them."""
    return {
        lane.name: deadline
        for lane, state, deadline in zip(book.lanes, thread.states, thread.deadlines, strict=True)
        if deadline is not None and state != "boundary"
    }


def status(states: Mapping[str, str]) -> str:
    """
    What a reader would call the thread: idle, service-open, business-open: marketing, ...

    Only conversations and the free entry point show in it. It does not say what may
    be sent: a service conversation can be open while the window is closed.

    >>> status({"service": "service_open", "utility": "business_open", "customer_service_window": "closed"})
    'service-open + business-open: utility'
    """
    if states.get(terms.FREE_ENTRY_POINT) == "open":
        return "free-entry-point-open"
    words: list[str] = []
    old = states.get(terms.CONVERSATION, "idle")
    if old != "idle":
        words.append("business-open" if old.startswith("business") else "service-open")
    if states.get("service") == "service_open":
        words.append("service-open")
    open_categories = [name for name in terms.CATEGORIES if states.get(name) == "business_open"]
    if open_categories:
        words.append(f"business-open: {', '.join(open_categories).replace('_', ' ')}")
    return " + ".join(words) or "idle"


def written_deadlines(deadlines: Mapping[str, int]) -> dict[str, str]:
    """The deadlines as RFC 3339 texts."""
    return {lane: format_instant(at) for lane, at in deadlines.items()}
