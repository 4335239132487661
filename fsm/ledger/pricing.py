"""From a charge to an amount: market, rate, volume tier, and what Meta states it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Final, NamedTuple

import attrs

from fsm.events import changed
from fsm.events.numbers import digits_of
from fsm.ledger.rows import CONVERSATION, Row, Stated
from fsm.ledger.volume import Volume, band_for, ladder_of
from fsm.rates import Band, Markets, Prices, TierTable, times
from fsm.rates.card import CONTRACT, OWN, READ, SHIPPED, UNITS
from fsm.rates.prices import quarter_end
from fsm.rules.tables import Ladder, Tariff

NOTHING: Final = Decimal(0)
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])
"""For the share of a minute's rate that a pulse costs: were it to need rounding, that would be an error."""


@attrs.frozen(kw_only=True)
class Tag:
    """
    The price of one row.

    Attributes:
        rate, priced_by, card, evidence, tier: as in `Row`.
        origin: whose card it is: `shipped`, `own` or a `contract`; empty without one.
        flags: doubts about it.
    """

    rate: Decimal | None = None
    priced_by: str
    card: str = ""
    origin: str = ""
    evidence: str = ""
    tier: str = ""
    flags: tuple[str, ...] = ()


_FREE: Final = Tag(priced_by="free")
_UNDECIDED: Final = Tag(priced_by="undecided")
_UNKNOWN_MARKET: Final = Tag(priced_by="unpriced", flags=("unknown_market",))


class _Listed(NamedTuple):
    """The price of a line by the card, the same where its volume counts, and the tiers that may replace it."""

    tag: Tag
    counted: Tag
    bands: tuple[Band, ...] = ()
    table: TierTable | None = None


class Pricing:
    """
    The prices of a ledger: asked row by row, in the order of delivery.

    Args:
        prices: rate cards and tier tables in one currency.
        volume: what was counted so far; counted on.
        partial: also use shipped cards that are known in part, as what-if questions do.
    """

    def __init__(self, prices: Prices, volume: Volume, *, partial: bool = False) -> None:
        self._prices, self._volume, self._partial = prices, volume, partial
        self._known: dict[tuple[str, str, date, str, str | None], _Listed] = {}

    def price(self, row: Row, tariff: Tariff, priced_on: date) -> Row:
        """
        The row with its price.

        Args:
            row: with line, reason, market and units.
            tariff: of the edition it fell under.
            priced_on: the day whose rates hold, usually its own.

        Rules: CBP1-07, CBP2-10, GRP-01, PMP-08, PMP-09, PMP-10, CALL-01, TIER-02
        """
        tag, place, amount = self._priced(row, tariff, priced_on)
        if row.stated is not None and row.stated.cost is not None:
            tag, amount = _with_cost(row, tag, amount, self._prices.currency)
        return changed(
            row,
            rate=tag.rate,
            amount=amount,
            currency=self._prices.currency,
            priced_by=tag.priced_by,
            card=tag.card,
            evidence=tag.evidence,
            volume=place,
            tier=tag.tier,
            flags=tuple(sorted({*row.flags, *tag.flags})) if tag.flags else row.flags,
        )

    def _priced(self, row: Row, tariff: Tariff, day: date) -> tuple[Tag, int | None, Decimal | None]:
        """The tag of a row, its place in the month's volume, and its amount."""
        if row.line is None:
            return (_FREE, None, NOTHING) if row.why is not None else (_UNDECIDED, None, None)
        if row.market is None:
            return _UNKNOWN_MARKET, None, None
        calls = tariff.calls if row.line == (tariff.calls.line if tariff.calls else None) else None
        ladder = calls.ladder if calls else ladder_of(tariff, row.line, to_group=bool(row.participant))
        listed = self._listed(row.line, row.market, tariff, day)
        place = None
        if ladder is None:
            tag = listed.tag
        else:
            units = row.units if calls is None else row.units * int(calls.pulse.total_seconds())
            reached = self._volume.add(ladder, row.market, row.period, units)
            place = reached if ladder.whole else reached - units + 1
            if calls is not None:
                # Tiers of calls count minutes; a minute that was begun counts.
                place = -(-place // int(calls.rate_for.total_seconds()))
            tag = self._tiered(listed, row, row.market, ladder, place)
        if tag.rate is None:
            return tag, place, None
        amount = times(tag.rate, row.units)
        if calls is not None:
            amount = _EXACT.divide(amount, Decimal(calls.rate_for // calls.pulse))
        return tag, place, amount

    def _listed(self, line: str, market: str, tariff: Tariff, day: date) -> _Listed:
        """What cards and tier tables say of a line; many rows share a line, a market and a day."""
        key = (line, market, day, tariff.charged, tariff.same_rate.get(line))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look_up(line, market, tariff, day)
        return found

    def _look_up(self, line: str, market: str, tariff: Tariff, day: date) -> _Listed:
        """
        The list price, and the tiers that may take its place; where nobody knows the tiers, a doubt beside it.

        A contract holds at any volume, and what ships with this kit does not price over the caller's own card.
        """
        tag = self._from_card(line, market, tariff, day)
        table, bands = self._prices.tier_table_on(day), self._prices.tier_bands(line, market, day)
        if tag.origin == CONTRACT or bands == () or (tag.rate is None and not bands):
            return _Listed(tag, tag)
        doubtful = changed(tag, flags=(*tag.flags, "list_price")) if tag.rate is not None else tag
        foreign = table is not None and table.origin == SHIPPED and tag.origin == OWN
        if table is None or not bands or (foreign and tag.rate not in (None, bands[0].rate)):
            return _Listed(tag, changed(tag, flags=(*tag.flags, "list_price")))
        return _Listed(tag, doubtful, bands, table)

    def _tiered(self, listed: _Listed, row: Row, market: str, ladder: Ladder, place: int) -> Tag:
        table = listed.table
        if table is None:
            return listed.counted
        band, doubt = band_for(listed.bands, place, self._volume.announced(ladder, market, row.period, row.at))
        if band is None:
            return listed.counted
        return Tag(
            rate=band.rate,
            priced_by="tier",
            card=table.name,
            evidence=OWN if table.origin == OWN else READ,
            tier=f"{band.first}:{'MAX' if band.last is None else band.last}",
            flags=(doubt,) if doubt else (),
        )

    def _from_card(self, line: str, market: str, tariff: Tariff, day: date) -> Tag:
        if tariff.charged not in UNITS:
            return Tag(priced_by="unpriced")
        found = self._prices.rate(line, market, day, unit=tariff.charged, partial=self._partial)
        flags: tuple[str, ...] = ()
        if found.state != "priced" and line in tariff.same_rate:
            found = self._prices.rate(tariff.same_rate[line], market, day, unit=tariff.charged, partial=self._partial)
            flags = ("same_rate",)
        card, origin = (found.card.name, found.card.origin) if found.card is not None else ("", "")
        if found.state == "n/a":
            return Tag(priced_by="not_on_card", card=card, origin=origin, flags=flags)
        if found.rate is None:
            return Tag(priced_by="unpriced", card=card, origin=origin, flags=flags)
        derived = ("derived_rate",) if found.evidence == "derived" else ()
        if found.card is not None and origin == OWN and day > quarter_end(found.card.effective_from):
            # Meta changes rates on the first day of a quarter: behind the card's own, another one may hold.
            derived = (*derived, "old_card")
        return Tag(
            rate=found.rate,
            priced_by="card",
            card=card,
            origin=origin,
            evidence=found.evidence,
            flags=(*flags, *derived),
        )


def _with_cost(row: Row, tag: Tag, amount: Decimal | None, currency: str) -> tuple[Tag, Decimal | None]:
    """What Meta states it cost beats any card; the card then agrees, or differs."""
    stated = row.stated
    assert stated is not None
    if stated.cost is None or row.kind == CONVERSATION:
        return tag, amount
    if row.line is None:
        wrong = row.why is not None and stated.cost != NOTHING
        return (changed(tag, flags=(*tag.flags, "cost_of_a_free_message")) if wrong else tag), amount
    if stated.currency != currency:
        return changed(tag, flags=(*tag.flags, "cost_in_another_currency")), amount
    differs = amount is not None and amount != stated.cost
    flags = (*tag.flags, "cost_differs") if differs else tag.flags
    return changed(tag, priced_by="cost", flags=flags), stated.cost


def market_of(markets: Markets, names: Iterable[str], day: date) -> tuple[str | None, bool]:
    """
    The market of a recipient on a day, and whether its names disagree about it.

    Args:
        names: every name under which the recipient of this message is known; the first that tells decides, phone
            numbers before ids.
    """
    found = [
        market for name in sorted(names, key=_numbers_first) if (market := markets.market_of(name, day)) is not None
    ]
    return (found[0].name if found else None, len({market.name for market in found}) > 1)


def _numbers_first(name: str) -> tuple[bool, str, str]:
    digits = digits_of(name)
    return (digits is None, digits or "", name)


def first_stated(all_stated: Iterable[Stated]) -> Stated | None:
    """
    What Meta states about one message, out of all its statuses.

    The price is that of the first status that reports a delivery and states one: what a `sent` states was expected.
    Of the conversation, what the first status says; a later one without an end does not erase it. Prices that differ
    are marked. The answer does not depend on the order in which the statuses arrive.
    """
    ordered = list(all_stated)
    if len(ordered) < _SEVERAL:
        return ordered[0] if ordered else None
    ordered.sort(key=_stated_order)
    priced = [stated for stated in ordered if _price(stated) != _NO_PRICE]
    delivered = [stated for stated in priced if stated.status in _DELIVERED]
    price = next(iter(delivered or priced), ordered[0])
    return changed(
        ordered[0],
        **{name: getattr(price, name) for name in _OF_PRICE},
        **{name: next(filter(None, (getattr(each, name) for each in ordered)), None) for name in ("expires_at",)},
        **{
            name: next(filter(None, (getattr(each, name) for each in ordered)), "")
            for name in ("conversation", "origin")
        },
        differs=any(_price(other) != _price(price) for other in priced),
    )


_SEVERAL: Final = 2
_DELIVERED: Final = ("delivered", "read", "played")
_OF_PRICE: Final = ("model", "type", "category", "subtype", "billable", "cost", "currency")


def _price(stated: Stated) -> tuple[object, ...]:
    return tuple(getattr(stated, name) for name in _OF_PRICE)


_NO_PRICE: Final = _price(Stated())


_STATUS_ORDER: Final[Mapping[str, int]] = {name: place for place, name in enumerate(("sent", *_DELIVERED, "failed"))}
"""Of one instant, in the order in which they happen."""


def _stated_order(stated: Stated) -> tuple[int, int, str]:
    return (stated.at, _STATUS_ORDER.get(stated.status, len(_STATUS_ORDER)), repr(attrs.astuple(stated)))
