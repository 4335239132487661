"""One name per customer, written into events and into the account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from fsm import terms
from fsm.events import Account, Event
from fsm.identity.aliases import Aliases
from fsm.identity.spellings import is_phone


def unify(
    events: Iterable[Event], aliases: Aliases, names: Mapping[tuple[str, str], tuple[str, ...]] | None = None
) -> Iterator[Event]:
    """
    The events, each under the name that represents its customer.

    Members of a group go by one name too: a delivery that names a member once by number
    and once by user id is one delivery. Folding the result is folding the union of the
    threads of all names of a customer.

    Args:
        events: under the names with which they came.
        aliases: which names are one customer's.
        names: what `addressees` says of the same events: a message keeps the name it went out under, which tells where
            it was charged, whatever the customer is called since.

    Rules: CSW-01 (one window per business number and customer), CSW-09 (one per group)

    >>> from fsm.identity.links import Link
    >>> event = Event(event="opted_in", at=0, business="b", customer="US.1")
    >>> [one.customer for one in unify([event], Aliases([Link(business="b", ids=("15550100099", "US.1"))]))]
    ['15550100099']
    """
    for event in events:
        customer = aliases.of(event.business, event.customer)
        participant = aliases.of(event.business, event.participant) if event.participant else ""
        spelled = names.get((event.business, event.id)) if names and event.id else None
        addressee = "" if spelled is None else addressee_of(spelled)
        if addressee == customer or event.event not in terms.MESSAGE_EVENTS:
            addressee = ""
        if customer == event.customer and participant == event.participant and not addressee:
            yield event
        else:
            yield attrs.evolve(event, customer=customer, participant=participant, addressee=addressee)


def addressee_of(names: Iterable[str]) -> str:
    """
    Of the names of one message's recipient the one that tells where they are: a phone number if there is one.

    >>> addressee_of(("US.1", "15550100099"))
    '15550100099'
    """
    return min(names, key=lambda name: (not is_phone(name), name))


def unify_account(account: Account, aliases: Aliases) -> Account:
    """
    The account, with its lists of customers under every name that may now stand for them.

    The account file names customers in any spelling and no business number; after `unify`
    the events go by representatives, which may differ from number to number.

    >>> from fsm.identity.links import Link
    >>> seen = Aliases([Link(business="b", ids=("+52 1 55 5000 1111", "5255 5000 1111"))])
    >>> sorted(unify_account(Account(in_experiment=frozenset({"5215550001111"})), seen).in_experiment)
    ['5215550001111', '525550001111']
    """
    if not account.in_experiment:
        return account
    listed = {aliases.of(business, name) for business in aliases.businesses for name in account.in_experiment}
    return attrs.evolve(account, in_experiment=account.in_experiment | listed)
