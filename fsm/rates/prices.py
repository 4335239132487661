"""Prices: several cards and tier tables as one answer, which rate holds for a line in a market on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import attrs

from fsm.errors import BadRates
from fsm.rates.card import CONTRACT, NOT_APPLICABLE, OWN, PRICED, SHIPPED, UNITS, UNPRICED, Card, Cell
from fsm.rates.changes import compare_cards
from fsm.rates.tiers import Band, TierTable


@attrs.frozen(kw_only=True, slots=True)
class Rate:
    """
    What is known about one rate.

    Attributes:
        state: `priced`, `n/a` or `unpriced`.
        rate: the amount, if priced.
        evidence: `read`, `derived` or `own`; empty where there is no figure.
        card: the card that answered; None if none covers the day.
        why: one sentence for a report.
    """

    state: str
    rate: Decimal | None
    evidence: str
    card: Card | None
    why: str


@attrs.frozen(kw_only=True)
class Prices:
    """
    Cards and tier tables of one currency. Build it with `prices_of`, which checks that they fit together.

    Attributes:
        currency: ISO 4217.
        cards: in the order of their days.
        tiers: in the order of their days.
        warnings: what a person should look at before trusting the amounts.
    """

    currency: str
    cards: tuple[Card, ...] = ()
    tiers: tuple[TierTable, ...] = ()
    warnings: tuple[str, ...] = ()
    # By origin, the newest first: `rate` is asked once for every row of a ledger.
    _contracts: tuple[Card, ...] = attrs.field(init=False, repr=False, eq=False)
    _own: tuple[Card, ...] = attrs.field(init=False, repr=False, eq=False)
    _shipped: tuple[Card, ...] = attrs.field(init=False, repr=False, eq=False)

    @_contracts.default
    def _the_contracts(self) -> tuple[Card, ...]:
        return _newest_first(self.cards, CONTRACT)

    @_own.default
    def _the_own(self) -> tuple[Card, ...]:
        return _newest_first(self.cards, OWN)

    @_shipped.default
    def _the_shipped(self) -> tuple[Card, ...]:
        return _newest_first(self.cards, SHIPPED)

    def rate(self, line: str, market: str, on: date, *, unit: str, partial: bool = False) -> Rate:
        """
        The rate of a line in a market on a day.

        A contract answers for the cells it holds; then the caller's own card in force; then a shipped one.

        Args:
            line: one of `terms.RATE_LINES`.
            market: as the cards spell it.
            on: the day in the account's time zone: of the opening for a conversation, of the delivery for a message.
            unit: `conversation` or `message`; a rate for one is never used for the other.
            partial: also use shipped cards that are known in part; for what-if questions only.

        Raises:
            BadRates: there is no such unit.

        Rule: GEO

        >>> from fsm.service.rate_files import shipped_prices
        >>> prices = shipped_prices()
        >>> prices.rate("marketing", "India", date(2026, 1, 1), unit="message").rate
        Decimal('0.0118')
        >>> prices.rate("marketing", "India", date(2027, 1, 1), unit="message").state
        'unpriced'
        """
        if unit not in UNITS:
            raise BadRates(f"unit={unit!r} is nothing a card prices. Pass {' or '.join(UNITS)}.")
        for contract in self._contracts:
            if contract.unit == unit and _holds(contract, on):
                cell = contract.cells.get((market, line))
                if cell is not None and cell.state != UNPRICED:
                    return _answer(contract, cell)
        card, why = self.card_on(on, partial=partial, line=line)
        if card is None:
            return Rate(state=UNPRICED, rate=None, evidence="", card=None, why=why)
        if card.unit != unit:
            return _unknown(card, f"{_cited(card)} prices a {card.unit}, and a rate for a {unit} is asked")
        cell = card.cells.get((market, line))
        if cell is None:
            missing = f"column {line}" if line not in card.lines() else f"row {market}"
            return _unknown(card, f"{_cited(card)} has no {missing}")
        return _answer(card, cell)

    def card_on(self, on: date, *, partial: bool = False, line: str = "") -> tuple[Card | None, str]:
        """
        The card in force on a day, contracts aside, or None and why there is none.

        Calls have cards of their own: one that speaks of calls only says nothing about messages, and is passed over
        for them, as a card without calls is for calls.

        >>> from fsm.service.rate_files import shipped_prices
        >>> shipped_prices().card_on(date(2022, 1, 31))[1]
        'no card covers 2022-01-31: the first starts on 2022-02-01'
        """
        for own in self._own:
            if _holds(own, on) and (not line or _speaks_of(own, line)):
                return own, ""
        card = next((card for card in self._shipped if card.effective_from <= on), None)
        if card is None:
            base = [card for card in self.cards if card.origin != CONTRACT]
            if not base:
                return None, f"no card in {self.currency} is loaded: load Meta's own"
            return None, f"no card covers {on}: the first starts on {base[0].effective_from}"
        if _is_stale(card.read_on, on):
            return None, f"no card covers {on}: the last shipped one was read on {card.read_on}; load Meta's own"
        if not card.complete and not partial:
            return None, f"{_cited(card)} is known in part and serves what-if questions only; load Meta's own"
        return card, ""

    def tier_table_on(self, on: date) -> TierTable | None:
        """
        The tier table in force on a day: the caller's own newest, else a shipped one; None if there is none.

        Rule: PMP-08

        >>> from fsm.service.rate_files import shipped_prices
        >>> shipped_prices().tier_table_on(date(2026, 9, 30)) is None
        True
        """
        started = [table for table in self.tiers if table.effective_from <= on]
        own = next((table for table in reversed(started) if table.origin != SHIPPED), None)
        if own is not None:
            return own
        shipped = next(reversed(started), None)
        return None if shipped is None or _is_stale(shipped.read_on, on) else shipped

    def tier_bands(self, line: str, market: str, on: date) -> tuple[Band, ...] | None:
        """
        The bands of a line in a market on a day.

        Returns:
            None where no table says, so that the list rate is an upper bound; nothing, `()`, where the table says
            that there are no tiers, so that the list rate is the rate.

        Rule: PMP-08

        >>> from fsm.service.rate_files import shipped_prices
        >>> prices = shipped_prices()
        >>> len(prices.tier_bands("utility", "Rest of Africa", date(2026, 10, 1)))
        6
        >>> prices.tier_bands("utility", "India", date(2026, 10, 1)) is None
        True
        """
        table = self.tier_table_on(on)
        if table is None:
            return None
        return () if (market, line) in table.without else table.bands.get((market, line))


def quarter_end(on: date) -> date:
    """
    The last day of a day's quarter. Rates change only on the first day of one, with a month's notice.

    >>> quarter_end(date(2026, 11, 22)), quarter_end(date(2026, 3, 31))
    (datetime.date(2026, 12, 31), datetime.date(2026, 3, 31))
    """
    last_month = on.month + 2 - (on.month - 1) % 3
    return date(on.year + last_month // 12, last_month % 12 + 1, 1) - timedelta(days=1)


def _newest_first(cards: Sequence[Card], origin: str) -> tuple[Card, ...]:
    return tuple(sorted((card for card in cards if card.origin == origin), key=lambda card: card.effective_from))[::-1]


def _is_stale(read_on: date | None, on: date) -> bool:
    """Whether rates may have changed since somebody read them: a later quarter has begun."""
    return read_on is not None and on > quarter_end(read_on)


def _speaks_of(card: Card, line: str) -> bool:
    lines = set(card.lines())
    return "calling" in lines if line == "calling" else bool(lines - {"calling"})


def _holds(card: Card, on: date) -> bool:
    return card.effective_from <= on and (card.effective_to is None or on <= card.effective_to)


def _cited(card: Card) -> str:
    return f"the {card.origin} card {card.name!r} of {card.effective_from}"


def _unknown(card: Card, why: str) -> Rate:
    return Rate(state=UNPRICED, rate=None, evidence="", card=card, why=why)


def _answer(card: Card, cell: Cell) -> Rate:
    if cell.state == PRICED:
        why = f"{_cited(card)}, {cell.evidence}"
    elif cell.state == NOT_APPLICABLE:
        why = f"{_cited(card)} says n/a: there is no such rate in this market"
    elif cell.text:
        why = f"{_cited(card)} prices it in words: {cell.text}"
    else:
        why = f"{_cited(card)} leaves the cell blank: the rate is not known"
    return Rate(state=cell.state, rate=cell.rate, evidence=cell.evidence, card=card, why=why)


def prices_of(cards: Iterable[Card], tiers: Iterable[TierTable] = (), *, currency: str) -> Prices:
    """
    Put cards and tier tables together.

    Raises:
        BadRates: one has another currency; two of one kind start on the same day; two contracts that start on the
            same day name the same cell.

    >>> prices_of((), currency="EUR").rate("marketing", "India", date(2026, 1, 1), unit="message").why
    "no card in EUR is loaded: load Meta's own"
    """
    ordered = tuple(sorted(cards, key=lambda card: card.effective_from))
    tables = tuple(sorted(tiers, key=lambda table: table.effective_from))
    files: list[Card | TierTable] = [*ordered, *tables]
    for each in files:
        if each.currency != currency:
            raise BadRates(
                f"{each.name} is in {each.currency} and the others in {currency}: amounts of two currencies "
                "cannot be added. Load one currency at a time."
            )
    _refuse_twins(ordered, tables)
    return Prices(currency=currency, cards=ordered, tiers=tables, warnings=_warnings(ordered, tables))


def _refuse_twins(cards: Sequence[Card], tables: Sequence[TierTable]) -> None:
    for place, card in enumerate(cards):
        for other in cards[place + 1 :]:
            if (card.origin, card.effective_from) != (other.origin, other.effective_from):
                continue
            if card.origin == CONTRACT and (card.unit != other.unit or not set(card.cells) & set(other.cells)):
                continue
            raise BadRates(
                f"{card.name} and {other.name} are both {card.origin} cards of {card.effective_from}, "
                "so either could be meant. Load one of them."
            )
    for table, following in pairwise(tables):
        if (table.origin, table.effective_from) == (following.origin, following.effective_from):
            raise BadRates(f"{table.name} and {following.name} are both tier tables of {table.effective_from}.")


def _warnings(cards: Sequence[Card], tables: Sequence[TierTable]) -> tuple[str, ...]:
    found: list[str] = []
    own = [card for card in cards if card.origin == OWN]
    for card in cards:
        found += card.warnings
    for card in own:
        before = [other for other in cards if other.origin != CONTRACT and other.effective_from < card.effective_from]
        if before:
            found += compare_cards(before[-1], card)
    if own:
        later = [card for card in cards if card.origin == SHIPPED and card.effective_from > own[-1].effective_from]
        found += [
            f"{own[-1].name} prices every day from {own[-1].effective_from} on, although rates changed on "
            f"{card.effective_from}: load Meta's card of that day"
            for card in later[:1]
            if own[-1].effective_to is None
        ]
    for table in tables:
        found += _list_rates_that_differ(cards, table)
    return tuple(found)


def _list_rates_that_differ(cards: Sequence[Card], table: TierTable) -> list[str]:
    """A band at no discount is the card's own rate; where it is not, one of the two files is the wrong one."""
    base = [card for card in cards if card.origin != CONTRACT and _holds(card, table.effective_from)]
    preferred = [card for card in base if card.origin == OWN] or base
    if not preferred:
        return []
    card = preferred[-1]
    return [
        f"{table.name}: the list rate of {market}, {line} is {bands[0].rate}, and {card.name} says {cell.rate}"
        for (market, line), bands in table.bands.items()
        if (cell := card.cells.get((market, line))) is not None and cell.rate is not None
        if cell.rate != bands[0].rate
    ]
