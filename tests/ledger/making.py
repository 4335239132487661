"""What the stories about ledgers are made of: events, webhooks' evidence, cards and tiers, and the ledger of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fsm.events import Account, Event, instant_of
from fsm.ledger import Row
from fsm.rates import Band, Card, Cell, Prices, TierTable, prices_of
from fsm.rates.card import NOT_APPLICABLE, OWN, PRICED, READ
from fsm.service.accounting import Ledger, ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log
from fsm.webhooks import Call, Evidence, Notice

BAKERY = "100000000000001"
ANA = "5215550001111"
"""In Mexico."""
RAVI = "919812345678"
"""In India."""
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def instant(text: str) -> int:
    """The instant of a text such as `2026-10-12 10:00` (UTC)."""
    return instant_of(datetime.fromisoformat(f"{text}+00:00"))


def wrote(at: str | int, customer: str = ANA, business: str = BAKERY, **more: Any) -> list[Event]:
    """The customer writes."""
    at = instant(at) if isinstance(at, str) else at
    more.setdefault("id", f"in-{customer}-{at}")
    return [Event(event="customer_message", at=at, business=business, customer=customer, **more)]


def sent(
    id: str,
    at: str | int,
    what: str,
    customer: str = ANA,
    business: str = BAKERY,
    *,
    delivered: str | int | None = 1_000_000,
    members: Sequence[str] = (),
) -> list[Event]:
    """
    The business sends `free_form`, or a template of a category, and it is delivered.

    Args:
        delivered: the instant, or how long after the sending; None: never.
        members: of a group, to whom it is delivered.
    """
    at = instant(at) if isinstance(at, str) else at
    contents = ("free_form", "reaction", "app", "business_agent")
    content, category = (what, None) if what in contents else ("template", what)
    common: dict[str, Any] = {"business": business, "customer": customer, "id": id}
    events = [Event(event="message_sent", at=at, content=content, category=category, **common)]
    if delivered is not None:
        when = instant(delivered) if isinstance(delivered, str) else at + delivered
        events += [
            Event(event="message_delivered", at=when, participant=member, **common) for member in members or ("",)
        ]
    return events


def status(
    id: str,
    at: str | int,
    name: str,
    customer: str = ANA,
    *,
    pricing: Mapping[str, object] | None = None,
    conversation: Mapping[str, object] | None = None,
    participant: str = "",
) -> Evidence:
    """What one of Meta's statuses states."""
    return Evidence(
        business=BAKERY,
        customer=customer,
        id=id,
        status=name,
        at=instant(at) if isinstance(at, str) else at,
        pricing=pricing,
        conversation=conversation,
        participant=participant,
    )


def ledger(
    events: Iterable[Event],
    *accounts: Account,
    prices: Prices | None = None,
    evidence: Iterable[Evidence] = (),
    calls: Iterable[Call] = (),
    notices: Iterable[Notice] = (),
    **options: Any,
) -> Ledger:
    """The ledger of a story; without an account, of an ordinary business in UTC."""
    log = Log(events=list(events), evidence=list(evidence), calls=list(calls), notices=list(notices))
    log.places += [f"story, event {number}" for number in range(len(log.events))]
    return ledger_of(log, accounts or (Account(),), prices or shipped_prices(), shipped_markets(), **options)


def rows_of(events: Iterable[Event], *accounts: Account, **more: Any) -> tuple[Row, ...]:
    """The rows of the ledger of a story."""
    return ledger(events, *accounts, **more).rows


def row_of(id: str, rows: Iterable[Row], kind: str = "message") -> Row:
    """The one row of a kind about a message or a call."""
    (found,) = [row for row in rows if row.id == id and row.kind == kind]
    return found


def amounts(rows: Iterable[Row], kind: str = "message") -> dict[str, Decimal | None]:
    """What the rows of a kind cost, by id."""
    return {row.id: row.amount for row in rows if row.kind == kind}


def card(day: str, rates: Mapping[tuple[str, str], str], *, origin: str = OWN, name: str = "", **more: Any) -> Card:
    """A rate card; `n/a` is a cell that says so."""
    cells = {
        key: Cell(state=NOT_APPLICABLE, evidence=READ)
        if rate == "n/a"
        else Cell(state=PRICED, rate=Decimal(rate), evidence=more.get("evidence", READ))
        for key, rate in rates.items()
    }
    more.pop("evidence", None)
    return Card(
        name=name or f"{origin} {day}",
        effective_from=date.fromisoformat(day),
        cells=cells,
        sha256="",
        origin=origin,
        **{"unit": "message", "currency": "USD", **more},
    )


def tiers(
    day: str,
    bands: Mapping[tuple[str, str], Mapping[int, str]],
    *,
    origin: str = OWN,
    without: Iterable[tuple[str, str]] = (),
) -> TierTable:
    """A tier table: for each market and line the first unit of every tier, and its rate."""

    def band_list(rates: Mapping[int, str]) -> tuple[Band, ...]:
        firsts = sorted(rates)
        lasts: list[int | None] = [first - 1 for first in firsts[1:]]
        return tuple(
            Band(first=first, last=last, rate=Decimal(rates[first]), discount="")
            for first, last in zip(firsts, [*lasts, None], strict=True)
        )

    return TierTable(
        name=f"{origin} tiers {day}",
        effective_from=date.fromisoformat(day),
        currency="USD",
        bands={key: band_list(rates) for key, rates in bands.items()},
        without=frozenset(without),
        sha256="",
        origin=origin,
    )


def prices(*files: Card | TierTable, currency: str = "USD") -> Prices:
    """Prices out of cards and tier tables."""
    return prices_of(
        [each for each in files if isinstance(each, Card)],
        [each for each in files if isinstance(each, TierTable)],
        currency=currency,
    )
