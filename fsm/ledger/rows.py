"""The rows of a ledger, and what Meta states beside them: plain values."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs

from fsm.events import format_instant
from fsm.rates import written

CONVERSATION: Final = "conversation"
MESSAGE: Final = "message"
CALL: Final = "call"
CORRECTION: Final = "correction"
KINDS: Final = (CONVERSATION, MESSAGE, CALL, CORRECTION)
"""What a row is about, in the order in which rows of one delivery stand."""

PROVISIONAL: Final = "provisional"
SETTLED: Final = "settled"

PRICED_BY: Final = {
    "card": "the rate card",
    "tier": "the volume tier of the rate card",
    "cost": "the cost that Meta stated in its webhook",
    "free": "free of charge, so no rate is needed",
    "not_on_card": "the rate card has no such rate in this market (n/a): it cannot be charged there",
    "unpriced": "no rate is known",
    "undecided": "no rule says what it costs",
    "correction": "the difference from a settled row",
}
"""Where an amount comes from, and why there may be none."""

LEDGER_FLAGS: Final = {
    "call_without_direction": "no webhook says who called, so whether the call is free is not known",
    "call_without_duration": "no webhook says how long the call lasted",
    "cost_differs": "the cost that Meta states is not the rate of the card",
    "cost_in_another_currency": "Meta states a cost in another currency than the ledger's, so the card is used",
    "cost_of_a_free_message": "Meta states a cost for what the rules make free",
    "derived_rate": "the rate was derived from a neighbouring card, not read",
    "evidence_differs": "Meta's statuses of this message state different prices; the first that reports a delivery counts",
    "list_price": "no table of volume tiers is loaded: the amount is an upper bound at list price",
    "old_card": "your rate card began in an earlier quarter, and rates may have changed since: load the newest",
    "same_rate": "the card has no rate of its own for this line; the rulebook names the line whose rate it has",
    "cost_unreadable": "Meta states a cost that cannot be read, so the card is used",
    "tier_not_in_table": "Meta's tier webhook names a tier that the loaded table does not have; the one around it is used",
    "tier_from_webhook": "Meta's tier webhook names another tier than our own count; Meta's is used",
    "two_names": "the customer is known under several names that lie in different markets; the smallest number decides",
    "unknown_market": "neither the number nor the id of the customer tells a market",
}
"""Doubts that only a ledger can have; those of the events stand in `terms.FLAGS`."""


Fact = tuple[str, int]
"""An event behind a row, and its instant."""


@attrs.frozen(kw_only=True)
class Stated:
    """
    What Meta's statuses state about one message, word for word.

    Attributes:
        model, type, category, subtype: of `pricing`; empty if absent.
        billable: as stated; None if absent.
        cost: the amount stated; None if absent.
        currency: of that cost.
        conversation: id of the conversation; empty if absent.
        origin: what the conversation's origin says.
        expires_at: instant at which the conversation ends, as stated.
        status, at: of the status that states it.
        differs: another status states another price.
        odd: the cost that it states cannot be read.
    """

    model: str = ""
    type: str = ""
    category: str = ""
    subtype: str = ""
    billable: bool | None = None
    cost: Decimal | None = None
    currency: str = ""
    conversation: str = ""
    origin: str = ""
    expires_at: int | None = None
    status: str = ""
    at: int = 0
    differs: bool = False
    odd: bool = False


@attrs.frozen(kw_only=True)
class Row:
    """
    One line of a ledger: a conversation opened, a message delivered, a call, or a correction of one of these.

    Attributes:
        kind: one of `KINDS`.
        account: the account that pays.
        business, customer: the thread.
        id: of the message (for a conversation, of the one that opened it) or of the call.
        participant: the member of a group to whom it was delivered.
        at: instant of the delivery or opening, or at which the call began; microseconds since 1970 (UTC).
        day: that day, in the account's time zone.
        period: the month it counts for, in the account's time zone: `2026-10`.
        content, category: what was delivered; of a conversation, its category.
        conversation: id of the message that opened the conversation it belongs to; empty if none, or not told.
        ends_at: when the conversation or free entry point ends.
        rulebook, edition: the law it fell under.
        because: ids of the rules that decided, in the order in which they are documented.
        line: the rate line; None if nothing is charged.
        why: the reason, one of `terms.REASONS`; None where no rule says.
        market: whose rates hold; None if unknown.
        units: of what is charged: 1, or the pulses of a call; of a correction, the difference of the units charged.
        rate: for one unit (of a call: for the length of time that the tariff names); None if unknown.
        amount: None if unknown; never zero for want of a rate.
        currency: of rate and amount.
        priced_by: one of `PRICED_BY`.
        card: name of the rate card or tier table.
        evidence: how the rate was read: `read`, `derived` or `own`; empty where there is none.
        allowance: place in the free allowance of the month, as `12 of 1000`.
        volume: place in the month's volume of its ladder; None where nothing is counted.
        tier: the volume tier, as `100001:1000000`.
        stated: what Meta states.
        facts: the events behind it, each with its instant.
        flags: doubts, names from `terms.FLAGS` and `LEDGER_FLAGS`.
        status: `provisional` or `settled`.
        corrects: of a correction, the row it corrects.
        reason: of a correction, what changed.
    """

    kind: str
    account: str = ""
    business: str
    customer: str
    id: str
    participant: str = ""
    at: int
    day: str
    period: str
    content: str = ""
    category: str = ""
    conversation: str = ""
    ends_at: int | None = None
    rulebook: str
    edition: str
    because: tuple[str, ...] = ()
    line: str | None = None
    why: str | None = None
    market: str | None = None
    units: int = 1
    rate: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    priced_by: str = "undecided"
    card: str = ""
    evidence: str = ""
    allowance: str = ""
    volume: int | None = None
    tier: str = ""
    stated: Stated | None = None
    facts: tuple[Fact, ...] = ()
    flags: tuple[str, ...] = ()
    status: str = PROVISIONAL
    corrects: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """
        Its identity: the same key in two ledgers is about the same thing.

        The customer is not part of it: who a customer is may become clearer with time.
        """
        if self.kind == CORRECTION:
            # A row that moved to another line, market or account has two corrections: there and here.
            return "/".join((CORRECTION, self.corrects, self.period, self.account, self.line or "", self.market or ""))
        about = self.category if self.kind == CONVERSATION else self.participant
        return "/".join((self.kind, self.business, self.id, about))

    @property
    def order(self) -> tuple[int, str, str, str, int, str]:
        """Its place in the ledger: by instant, then by thread, message and kind."""
        return (self.at, self.business, self.id, self.participant, KINDS.index(self.kind), self.category)


def charged_units(row: Row) -> int:
    """
    How many units of a row are charged; of a correction, how many more or fewer than was settled.

    >>> charged_units(Row(kind="message", business="b", customer="c", id="m", at=0, day="1970-01-01",
    ...     period="1970-01", rulebook="nbp", edition="nbp", why="attached"))
    0
    """
    return row.units if row.line is not None or row.kind == CORRECTION else 0


def write_row(row: Row) -> dict[str, object]:
    """
    The row as a JSON object: instants as RFC 3339, amounts as decimal text, what is absent as null.

    >>> row = Row(kind="message", business="b", customer="c", id="m", at=0, day="1970-01-01", period="1970-01",
    ...     rulebook="nbp", edition="nbp", amount=Decimal("0.0260"))
    >>> write_row(row)["amount"], write_row(row)["at"]
    ('0.0260', '1970-01-01T00:00:00Z')
    """
    written_row: dict[str, object] = {}
    for field in attrs.fields(Row):
        value = getattr(row, field.name)
        written_row[field.name] = write_stated(value) if field.name == "stated" else _plain(field.name, value)
    return written_row


def write_stated(stated: Stated | None) -> dict[str, object] | None:
    """What Meta states as a JSON object without what is absent; None if it states nothing."""
    if stated is None:
        return None
    return {
        field.name: _plain(field.name, getattr(stated, field.name))
        for field in attrs.fields(Stated)
        if getattr(stated, field.name) != field.default
    }


def _plain(name: str, value: object) -> object:
    if name in ("at", "ends_at", "expires_at") and isinstance(value, int):
        return format_instant(value)
    if isinstance(value, Decimal):
        return written(value)
    if name == "facts" and isinstance(value, tuple):
        return [f"{event} {format_instant(at)}" for event, at in value]
    if isinstance(value, tuple):
        return list(value)
    return None if value == "" else value
