"""How much of the messaging limit of a business portfolio is used."""

from __future__ import annotations

from collections.abc import Iterable

from fsm import terms
from fsm.events.instants import micros
from fsm.identity import canonical, is_phone
from fsm.ledger.book import Movement
from fsm.machine import Law


def portfolio_limit_use(law: Law, movements: Iterable[Movement], at: int) -> int | None:
    """
    To how many different customers something was delivered outside a window, as the messaging limit counts them.

    Args:
        law: of the account whose limit it is.
        movements: of every number that shares the limit; of several accounts, one after the other.
        at: the instant of asking.

    Returns:
        None if the law of that instant says nothing about it.

    Rule: LIM-01

    >>> portfolio_limit_use(Law(), [], 1_760_000_000_000_000)
    0
    """
    looks_back = law.edition_at(at).book.readings.limit_looks_back
    if looks_back is None:
        return None
    since = at - micros(looks_back)
    delivered: set[tuple[str, str, str]] = set()
    customers: set[str] = set()
    for movement in movements:
        event = movement.event
        if event.event not in terms.DELIVERY_EVENTS or (*event.thread, event.id) in delivered:
            continue
        delivered.add((*event.thread, event.id))
        if since < event.at <= at and terms.CUSTOMER_SERVICE_WINDOW not in movement.deadlines:
            # Two numbers of a portfolio may spell one customer differently.
            customers.add(canonical(event.customer) if is_phone(event.customer) else event.customer)
    return len(customers)
