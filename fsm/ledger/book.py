"""From what a log did to the rows of a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

import attrs

from fsm import terms
from fsm.events import Event, changed
from fsm.ledger.pricing import Pricing, market_of
from fsm.ledger.rows import CALL, CONVERSATION, MESSAGE, Fact, Row, Stated
from fsm.ledger.volume import TierSwitch, Volume
from fsm.machine import Law, Outcome
from fsm.rates import Markets, Prices
from fsm.rules import acts

_CONVERSATIONS: Final = tuple(name for name in terms.REPORTED if name != terms.CUSTOMER_SERVICE_WINDOW)


class Movement(Protocol):
    """What one event did, as a replay tells it."""

    @property
    def event(self) -> Event: ...
    @property
    def rulebook(self) -> str: ...
    @property
    def edition(self) -> str: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def deadlines(self) -> Mapping[str, int]: ...
    @property
    def free_unit(self) -> tuple[int, int] | None: ...


@attrs.frozen(kw_only=True)
class Called:
    """
    One call between a business and a customer.

    Attributes:
        business, customer, id: the thread and the call.
        direction: `user_initiated` or `business_initiated`; empty if no webhook says.
        at: instant at which it began.
        seconds: how long it lasted; None if no webhook says.
        names: every name of the customer; they tell the market.
    """

    business: str
    customer: str
    id: str
    direction: str
    at: int
    seconds: int | None = None
    names: tuple[str, ...] = ()


class Recipient(NamedTuple):
    """One delivery: the message, and to a group the member."""

    business: str
    id: str
    participant: str


@attrs.frozen(kw_only=True)
class Paying:
    """
    One account of a portfolio: its law, and what happened in its threads.

    Attributes:
        name: of the account.
        law: the law as it applies to it.
        movements: in canonical order.
        calls: in any order.
        stated: what Meta states, by delivery.
        names: every name under which the recipient of a message is known, by business number and message id.
    """

    name: str = ""
    law: Law
    movements: Iterable[Movement]
    calls: Iterable[Called] = ()
    stated: Mapping[Recipient, Stated] = attrs.field(factory=dict)
    names: Mapping[tuple[str, str], tuple[str, ...]] = attrs.field(factory=dict)


def rows_of(
    accounts: Sequence[Paying],
    prices: Prices,
    markets: Markets,
    switches: Iterable[TierSwitch] = (),
    *,
    partial: bool = False,
) -> tuple[Row, ...]:
    """
    The rows of a business portfolio: every conversation, delivered message and call, priced.

    Args:
        accounts: they share volume tiers and nothing else.
        prices: rate cards and tier tables in one currency.
        markets: which market a number belongs to.
        switches: tiers that Meta's webhooks announce.
        partial: also use shipped cards that are known in part, as what-if questions do.

    Rules: CBP1-01, CBP2-01, CBP2-04, PMP-01, PMP-08, PMP-10, GRP-01, CALL-01
    """
    unpriced: list[tuple[Row, Law]] = []
    for account in accounts:
        reader = _Reader(account, markets)
        unpriced.extend((row, account.law) for row in reader.rows())
    unpriced.sort(key=lambda pair: pair[0].order)
    pricing = Pricing(prices, Volume(switches), partial=partial)
    priced: list[Row] = []
    for row, law in unpriced:
        book = law.edition_named(row.edition).book
        priced.append(pricing.price(row, book.tariff, law.priced_on(row.at)))
    return tuple(priced)


_Message = tuple[str, str, str]
"""A message: business number, customer and id. In a log whose ids repeat the id alone would not tell two apart."""


def _message_of(event: Event) -> _Message:
    return (event.business, event.customer, event.id)


@attrs.frozen
class _SentAs:
    content: str
    category: str | None
    fact: Fact


class _Reader:
    """The movements of one account, read in order."""

    def __init__(self, account: Paying, markets: Markets) -> None:
        self._account, self._law, self._markets = account, account.law, markets
        self._sent: dict[_Message, _SentAs] = {}
        self._delivered: dict[_Message, set[str]] = {}
        self._failed_later: set[tuple[_Message, str]] = set()
        self._in_doubt: dict[tuple[_Message, str], Movement] = {}
        self._untold: list[Row] = []
        self._open: dict[tuple[str, str, str], str] = {}
        self._market_of: dict[tuple[tuple[str, ...], date], tuple[str | None, bool]] = {}
        self._written: dict[date, tuple[str, str]] = {}

    def rows(self) -> Iterator[Row]:
        """The rows, not priced yet."""
        for row in list(self._read()):
            # A failure that is reported behind the delivery contradicts it as much as one before it.
            failed = ((row.business, row.customer, row.id), row.participant) in self._failed_later
            yield changed(row, flags=tuple(sorted({*row.flags, "delivered_and_failed"}))) if failed else row

    def _read(self) -> Iterator[Row]:
        for movement in self._account.movements:
            event = movement.event
            message = _message_of(event)
            if event.event == "message_sent" and event.content is not None:
                self._sent[message] = _SentAs(event.content, event.category, _fact(event))
            elif event.event == "message_failed":
                if "delivered_and_failed" in movement.outcome.flags:
                    self._failed_later.add((message, event.participant))
            elif event.event in terms.DELIVERY_EVENTS and not self._has_reached(message, event.participant):
                if "unknown_message" in movement.outcome.flags:
                    # What was delivered is not known yet; a later status of the same delivery may tell.
                    self._in_doubt.setdefault((message, event.participant), movement)
                else:
                    self._delivered.setdefault(message, set()).add(event.participant)
                    yield from self._delivery(movement)
        for (message, participant), movement in self._in_doubt.items():
            if not self._has_reached(message, participant):
                self._delivered.setdefault(message, set()).add(participant)
                yield from self._delivery(movement)
        yield from map(self._told_late, self._untold)
        yield from map(self._call, self._account.calls)

    def _has_reached(self, message: _Message, participant: str) -> bool:
        """Whether a delivery was counted before, as the machine counts them: see `fsm.machine.step.has_reached`."""
        reached = self._delivered.get(message, set())
        return participant in reached or "" in reached or (not participant and bool(reached))

    def _told_late(self, row: Row) -> Row:
        """A row of a delivery that is dated before the record of its sending, with what that record tells."""
        sent = self._sent.get((row.business, row.customer, row.id))
        if sent is None:
            return row
        category = row.category if "category_drift" in row.flags else acts.normal_category(sent.category) or ""
        return changed(row, content=sent.content, category=category, facts=(sent.fact, *row.facts))

    def _delivery(self, movement: Movement) -> Iterator[Row]:
        event, outcome = movement.event, movement.outcome
        sent = self._sent.get(_message_of(event))
        content, category = (sent.content, sent.category) if sent else (event.content or "", event.category)
        if "category_drift" in outcome.flags:
            category = event.category
        recipient, whole = (Recipient(event.business, event.id, to) for to in (event.participant, ""))
        stated = self._account.stated.get(recipient) or self._account.stated.get(whole)
        message = self._message(
            movement,
            content=content,
            category=acts.normal_category(category) or "",
            facts=(sent.fact, _fact(event)) if sent else (_fact(event),),
            stated=stated,
        )
        opened = [name for name in outcome.opens if name in _CONVERSATIONS]
        thread = (event.business, event.customer)
        for name in opened:
            self._open[(*thread, name)] = event.id
        tariff = self._law.edition_named(movement.edition).book.tariff
        if tariff.charged == "conversation" and opened:
            # The conversation is what is charged; its first message belongs to it like any other.
            row = changed(message, line=None, why="attached", conversation=event.id, allowance="")
        else:
            # Inside a free entry point nothing is joined by name, but that is where the message belongs.
            into = outcome.joins or (terms.FREE_ENTRY_POINT if outcome.why == terms.FREE_ENTRY_POINT else "")
            joined = self._open.get((*thread, into), "") if into else ""
            row = changed(message, conversation=joined) if joined else message
        if sent is None and event.content is None:
            self._untold.append(row)
        else:
            yield row
        for name in opened:
            charged = tariff.charged == "conversation"
            yield changed(
                message,
                kind=CONVERSATION,
                content="",
                category=name,
                conversation=event.id,
                ends_at=movement.deadlines.get(_lane_of(name)),
                line=message.line if charged else None,
                why=message.why if charged else terms.FREE_ENTRY_POINT,
                allowance=message.allowance if charged else "",
            )

    def _message(
        self, movement: Movement, *, content: str, category: str, facts: tuple[Fact, ...], stated: Stated | None
    ) -> Row:
        event, outcome = movement.event, movement.outcome
        names = self._account.names.get((event.business, event.id)) or (event.customer,)
        market, disagree = self._market((event.participant,) if event.participant else names, event.at)
        flags = outcome.flags
        if disagree or (stated is not None and (stated.differs or stated.odd)):
            doubts = (
                ("two_names", disagree),
                ("evidence_differs", stated is not None and stated.differs),
                ("cost_unreadable", stated is not None and stated.odd),
            )
            flags = tuple(sorted({*flags, *(flag for flag, raised in doubts if raised)}))
        day, period = self._day(event.at)
        return Row(
            kind=MESSAGE,
            account=self._account.name,
            business=event.business,
            customer=event.customer,
            id=event.id,
            participant=event.participant,
            at=event.at,
            day=day,
            period=period,
            content=content,
            category=category,
            rulebook=movement.rulebook,
            edition=movement.edition,
            because=outcome.because,
            line=outcome.charge,
            why=outcome.why,
            market=market,
            allowance="" if movement.free_unit is None else "{} of {}".format(*movement.free_unit),
            stated=stated,
            facts=facts,
            flags=flags,
        )

    def _market(self, names: tuple[str, ...], at: int) -> tuple[str | None, bool]:
        # Many messages go to the same few numbers, and the table of markets changes a few times a year.
        key = (names, self._law.priced_on(at))
        found = self._market_of.get(key)
        if found is None:
            found = self._market_of[key] = market_of(self._markets, names, key[1])
        return found

    def _day(self, at: int) -> tuple[str, str]:
        day = self._law.day_of(at)
        found = self._written.get(day)
        if found is None:
            found = self._written[day] = (day.isoformat(), period_of(day))
        return found

    def _call(self, call: Called) -> Row:
        edition = self._law.edition_at(call.at)
        calls = edition.book.tariff.calls
        day, period = self._day(call.at)
        free = calls is not None and call.direction in calls.free
        charged = calls is not None and bool(call.direction) and not free and call.seconds is not None
        unanswered = charged and call.seconds == 0
        market, disagree = self._market(call.names or (call.customer,), call.at)
        flags = [
            flag
            for flag, raised in (
                ("call_without_duration", call.seconds is None and not free),
                ("call_without_direction", not call.direction),
                ("undocumented_charge", calls is None),
                ("two_names", disagree),
            )
            if raised
        ]
        return Row(
            kind=CALL,
            account=self._account.name,
            business=call.business,
            customer=call.customer,
            id=call.id,
            at=call.at,
            day=day,
            period=period,
            content="call",
            category=call.direction,
            rulebook=edition.book.name,
            edition=edition.book.edition,
            because=calls.rules if calls else (),
            line=calls.line if calls and charged and not unanswered else None,
            why=("not_billable" if free or unanswered else "regular" if charged else None),
            market=market,
            units=0 if calls is None or not call.seconds else -(-timedelta(seconds=call.seconds) // calls.pulse),
            facts=(("call", call.at),),
            flags=tuple(sorted(flags)),
        )


def period_of(day: date) -> str:
    """
    The month of a day, as ledgers write it.

    >>> period_of(date(2026, 10, 31))
    '2026-10'
    """
    return f"{day.year:04}-{day.month:02}"


def _fact(event: Event) -> Fact:
    return (event.event, event.at)


def _lane_of(name: str) -> str:
    return terms.CONVERSATION if name in ("user_initiated", "business_initiated") else name
