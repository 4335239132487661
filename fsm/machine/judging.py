"""Judging: whether a message may be sent, and what its delivery would cost. Nothing here changes a thread."""

from __future__ import annotations

from typing import Final

import attrs

from fsm import terms
from fsm.machine.law import Edition, Law
from fsm.machine.thread import Thread
from fsm.rulebooks import numbers
from fsm.rules import acts, facts
from fsm.rules.tables import OWN_CATEGORY, Charge

_WORST: Final = {terms.ALLOWED: 0, terms.UNSPECIFIED: 1, terms.REFUSED: 2}


@attrs.frozen(kw_only=True)
class Decision:
    """
    The answer of all clauses together.

    Attributes:
        verdict, error: the worst answer, and the error of the first refusal.
        because: the rules behind the lines that decided.
        flags: the doubts behind an unspecified answer.
        assume: where unspecified, what the policy assumes.
        way_out: what would change a refusal.
        advice: the rules that speak against sending although nothing refuses it.
        charge: the line of the table of charges that its delivery now would fall under.
    """

    verdict: str
    error: int | None
    because: tuple[str, ...]
    flags: tuple[str, ...]
    assume: str
    way_out: str
    advice: tuple[str, ...]
    charge: Charge


def decide(
    law: Law,
    edition: Edition,
    thread: Thread,
    message: str,
    template_status: str,
    allowance_left: bool,
    to: str = "",
) -> Decision:
    """
    Ask every clause whether a message may be sent now.

    The worst answer counts: refused before unspecified before allowed. For an allowed
    message `because` names the rules of every clause it passed; otherwise those of the
    lines that give the worst answer.

    Args:
        to: the name under which the message goes out, where it is another than the customer's.
    """
    to = to or thread.customer
    true = set(edition.facts(thread.states))
    place = edition.places.get(terms.FREE_ENTRY_POINT)
    if message != acts.APP and place is not None and thread.states[place] == "eligible":
        true.add(facts.ANSWERS_ENTRY)
    charge = charge_for(law, edition, thread, message, frozenset(true), allowance_left, to)
    true |= law.account_facts(edition, thread.customer)
    if charge.line is not None:
        true.add(facts.WOULD_BE_CHARGED)
    state = edition.book.readings.template_states.get(template_status)
    if state is not None:
        true.add(state)
    if message in acts.MARKETING_TEMPLATES:
        area = numbers.us_area_code(to)
        true |= {fact for fact, word in _AREA if word == area}
    every = edition.lines(message, frozenset(true))
    lines = [line for line in every if not line.advises_against]
    worst = max((line.verdict for line in lines), key=_WORST.__getitem__)
    deciding = [line for line in lines if line.verdict == worst]
    because = tuple(id for line in deciding for id in line.rules)
    knobs = tuple(line.knob for line in deciding if line.knob in terms.FLAGS)
    assume = ""
    if worst == terms.UNSPECIFIED:
        assume = max((line.assume for line in deciding), key=_WORST.__getitem__)
    if charge.unspecified and worst != terms.REFUSED:
        because = (*(because if worst == terms.UNSPECIFIED else ()), *charge.rules)
        assume = assume or terms.ALLOWED
        worst = terms.UNSPECIFIED
        knobs = (*knobs, charge.flag)
    refusal = deciding[0] if worst == terms.REFUSED else None
    return Decision(
        verdict=worst,
        error=refusal.error if refusal else None,
        because=because,
        flags=knobs,
        assume=assume,
        way_out=refusal.way_out if refusal else "",
        advice=tuple(id for line in every if line.advises_against for id in line.rules),
        charge=charge,
    )


_AUTHENTICATION: Final = ("authentication_template", "authentication_direct_send")
_AREA: Final = ((facts.US_AREA_CODE, "yes"), (facts.US_AREA_CODE_IN_DOUBT, "unknown"))


_ALLOWANCE_LEFT: Final = frozenset({facts.ALLOWANCE_LEFT})
_AI_MARKET: Final = frozenset({facts.AI_MARKET})
_INTERNATIONAL_RATE: Final = frozenset({facts.INTERNATIONAL_RATE})


def charge_for(
    law: Law, edition: Edition, thread: Thread, message: str, true: frozenset[str], allowance_left: bool, to: str
) -> Charge:
    """
    The line of the table of charges for a delivery.

    Args:
        true: the facts about the configuration, and whether the delivery answers a free entry point.
        to: the name of whoever receives it: it tells where the message is charged.
    """
    known = true | law.account_facts(edition, thread.customer)
    if allowance_left and edition.book.allowance is not None:
        known |= _ALLOWANCE_LEFT
    if facts.AI_PROVIDER in known and numbers.in_market(to, edition.book.readings.ai_markets):
        known |= _AI_MARKET
    if law.account.international_from and message in _AUTHENTICATION and _international(law, edition, thread, to):
        known |= _INTERNATIONAL_RATE
    return edition.charge(message, known)


def _international(law: Law, edition: Edition, thread: Thread, to: str) -> bool:
    """Whether the international authentication rate has started here (INTL-02), and is not at home (INTL-03)."""
    markets = edition.book.readings.international_markets - {law.account.primary_location}
    return any(
        since <= thread.at and numbers.in_market(to, {country} & markets)
        for country, since in law.account.international_from
    )


def price_line(charge: Charge, content: str, category: str | None) -> str | None:
    """The rate line of a charge; where it is the template's own category, that of the message."""
    if charge.line != OWN_CATEGORY:
        return charge.line
    assert category is not None, f"{content} without a category fell under a line for categories"
    return category
