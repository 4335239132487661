"""What a scenario says about money: rates, volume tiers, calls and accounts; and the ledger that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs

from fsm.events import Account, Event, format_instant, read_account
from fsm.identity import addressees
from fsm.ledger import Called, Paying, Row, TierSwitch, rows_of
from fsm.machine import Law
from fsm.rates import Band, Card, Cell, Markets, Prices, TierTable, prices_of
from fsm.rates.card import CONVERSATION, MESSAGE, NOT_APPLICABLE, OWN, PRICED
from fsm.replay import replay
from fsm.service.rate_files import shipped_markets

CURRENCY: Final = "USD"


@attrs.frozen(kw_only=True)
class ListedRate:
    """
    One rate that a scenario gives.

    Attributes:
        since: first day of the card or tier table, as `2026-10-01`.
        line, market: what is charged, and where.
        unit: what the rate is for: a `message`, a `conversation`, or a `minute` of a call.
        rate: as decimal text; None where the card says `n/a`.
        first: number of the month from which it holds; 1 is the list rate.
    """

    since: str
    line: str
    market: str
    unit: str
    rate: str | None
    first: int = 1


@attrs.frozen(kw_only=True)
class Announced:
    """
    A volume tier that Meta announces.

    Attributes:
        at: instant of the announcement.
        line, market, period: what it holds for; the period is a month, as `2026-10`.
        first: number of the month from which the tier holds.
    """

    at: int
    line: str
    market: str
    period: str
    first: int


@attrs.frozen(kw_only=True)
class Bill:
    """
    What a scenario says beside its events, for the ledger.

    Attributes:
        rates: of cards and volume tiers.
        calls: between business and customer.
        announced: tiers that Meta announces.
        accounts: further accounts of the portfolio; each names its business numbers.
    """

    rates: tuple[ListedRate, ...] = ()
    calls: tuple[Called, ...] = ()
    announced: tuple[Announced, ...] = ()
    accounts: tuple[Mapping[str, Any], ...] = ()

    def told(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "rates": [attrs.asdict(rate) for rate in self.rates],
            "calls": [{**attrs.asdict(call), "at": format_instant(call.at)} for call in self.calls],
            "announced": [{**attrs.asdict(tier), "at": format_instant(tier.at)} for tier in self.announced],
            "accounts": [dict(account) for account in self.accounts],
        }


NOTHING: Final = Bill()


def amount_text(amount: Decimal) -> str:
    """
    An amount in one spelling, so that 0.0080 and 0.008 are the same expectation.

    >>> amount_text(Decimal("0.0080")), amount_text(Decimal("100")), amount_text(Decimal("0.00"))
    ('0.008', '100', '0')
    """
    return format(amount.normalize(), "f") if amount else "0"


def prices(rates: Iterable[ListedRate]) -> Prices:
    """
    The cards and tier tables that a scenario gives; nothing is taken from those shipped with the package.

    Raises:
        BadRates: they contradict each other.
    """
    listed: dict[str, list[ListedRate]] = {}
    for rate in rates:
        listed.setdefault(rate.since, []).append(rate)
    cards = [_card(since, [rate for rate in told if rate.first == 1]) for since, told in listed.items()]
    tables = [_tiers(since, told) for since, told in listed.items() if any(rate.first > 1 for rate in told)]
    return prices_of(cards, tables, currency=CURRENCY)


def _card(since: str, told: Sequence[ListedRate]) -> Card:
    return Card(
        name=f"card of {since}",
        effective_from=date.fromisoformat(since),
        unit=CONVERSATION if any(rate.unit == CONVERSATION for rate in told) else MESSAGE,
        currency=CURRENCY,
        cells={
            (rate.market, rate.line): Cell(state=NOT_APPLICABLE, evidence=OWN)
            if rate.rate is None
            else Cell(state=PRICED, rate=Decimal(rate.rate), evidence=OWN)
            for rate in told
        },
        sha256="",
    )


def _tiers(since: str, told: Sequence[ListedRate]) -> TierTable:
    steps: dict[tuple[str, str], dict[int, Decimal]] = {}
    for rate in told:
        if rate.rate is not None:
            steps.setdefault((rate.market, rate.line), {})[rate.first] = Decimal(rate.rate)
    return TierTable(
        name=f"volume tiers of {since}",
        effective_from=date.fromisoformat(since),
        currency=CURRENCY,
        # A line without tiers of its own is left to the card.
        bands={cell: _bands(rates) for cell, rates in steps.items() if len(rates) > 1},
        sha256="",
    )


def _bands(rates: Mapping[int, Decimal]) -> tuple[Band, ...]:
    firsts = sorted(rates)
    ends: list[int | None] = [first - 1 for first in firsts[1:]]
    return tuple(
        Band(first=first, last=last, rate=rates[first], discount="")
        for first, last in zip(firsts, [*ends, None], strict=True)
    )


def accounts_of(account: Mapping[str, Any], bill: Bill) -> list[Account]:
    """The account of a scenario, and the further ones of its portfolio."""
    return [read_account(account), *(read_account(members) for members in bill.accounts)]


def ledger_rows(events: Sequence[Event], law: Law, bill: Bill) -> tuple[Row, ...]:
    """
    The ledger of a script under a law.

    Args:
        events: of every account.
        law: of the account that owns every business number which no other account names.
        bill: prices, calls, announced tiers and further accounts.
    """
    books = tuple(edition.book for edition in law.editions)
    laws = [law, *(Law(read_account(members), engine="table", books=books) for members in bill.accounts)]
    owned = {number: place for place, each in enumerate(laws) for number in each.account.numbers}
    names = addressees(events)
    paying = [
        Paying(
            name=each.account.name,
            law=each,
            movements=replay(each, [event for event in events if owned.get(event.business, 0) == place]),
            calls=[call for call in bill.calls if owned.get(call.business, 0) == place],
            names=names,
        )
        for place, each in enumerate(laws)
    ]
    switches = [
        TierSwitch(market=tier.market, ladder=tier.line, period=tier.period, first=tier.first, last=None, at=tier.at)
        for tier in bill.announced
    ]
    return rows_of(paying, prices(bill.rates), markets(), switches)


def markets() -> Markets:
    """The market table that the scenarios are about: the one shipped with the package."""
    return shipped_markets()
