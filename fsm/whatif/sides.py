"""One delivery under one rulebook, and what changed from one rulebook to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

import attrs

from fsm import terms
from fsm.errors import BadComparison
from fsm.ledger import Row
from fsm.ledger.rows import CALL, CONVERSATION, CORRECTION, MESSAGE
from fsm.rates import total

CHARGED: Final = "charged"
FREE: Final = "free"
UNDECIDED: Final = "undecided"
ABSENT: Final = "absent"
"""The ledger of this rulebook has no row of it: no rulebook covers its instant, or the traffic was changed."""

BECAME_CHARGED: Final = "became charged"
BECAME_FREE: Final = "became free"
OTHER_LINE: Final = "price changed (rule)"
OTHER_RATE: Final = "price changed (rate)"
UNCHANGED: Final = "unchanged"
NOT_TOLD: Final = "cannot be told"
CHANGES: Final = (BECAME_CHARGED, BECAME_FREE, OTHER_LINE, OTHER_RATE, UNCHANGED, NOT_TOLD)
"""What can become of a delivery under another rulebook."""

NOTHING: Final = Decimal(0)


class Which(NamedTuple):
    """A delivery or a call, told apart from every other."""

    business: str
    id: str
    participant: str
    call: bool = False


@attrs.frozen(kw_only=True)
class Side:
    """
    One delivery or call under one rulebook.

    Attributes:
        state: `charged`, `free`, `undecided` (no rule says) or `absent`.
        kind: what is charged, or would be: `conversation`, `message` or `call`.
        line: the rate line; None if nothing is charged.
        why: the reason, one of `terms.REASONS`; None where no rule says.
        units: how many are charged.
        because: ids of the rules that decided.
        edition: the law it fell under.
        market: whose rates hold; None if unknown.
        opens: the conversation that it opened free of charge, by category; empty if none.
        amount: None if unknown.
        known: the part of the amount that is known; the amount itself, if that is.
    """

    state: str
    kind: str = MESSAGE
    line: str | None = None
    why: str | None = None
    units: int = 0
    because: tuple[str, ...] = ()
    edition: str = ""
    market: str | None = None
    opens: str = ""
    amount: Decimal | None = None
    known: Decimal = NOTHING


NOWHERE: Final = Side(state=ABSENT)


@attrs.frozen(kw_only=True)
class About:
    """
    What a delivery or call is, whatever the rulebook.

    Attributes:
        which: its identity.
        customer: to whom.
        account: who pays.
        day, period: in the zone of the account.
        content, category: what it was.
    """

    which: Which
    customer: str
    account: str
    day: str
    period: str
    content: str
    category: str


def sides_of(rows: Iterable[Row]) -> tuple[dict[Which, Side], dict[Which, About]]:
    """
    Every delivery and call of a ledger: what it cost, and what it was.

    Raises:
        BadComparison: the ledger holds corrections, which belong to no delivery of their own.
    """
    ordered = sorted(rows, key=_which)
    sides: dict[Which, Side] = {}
    about: dict[Which, About] = {}
    for which, together in groupby(ordered, key=_which):
        mine = list(together)
        sides[which] = _side(mine)
        plain = next((row for row in mine if row.kind != CONVERSATION), mine[0])
        about[which] = About(
            which=which,
            customer=plain.customer,
            account=plain.account,
            day=plain.day,
            period=plain.period,
            content=plain.content,
            category=plain.category,
        )
    return sides, about


def _which(row: Row) -> Which:
    if row.kind == CORRECTION:
        raise BadComparison(
            f"the ledger holds the correction of {row.corrects}; the same traffic under another rulebook has none. "
            "Compare ledgers made without settled months."
        )
    return Which(row.business, row.id, row.participant, row.kind == CALL)


def _side(rows: Sequence[Row]) -> Side:
    charged = [row for row in rows if row.line is not None]
    # The message that opens a conversation is `attached` to it; why the conversation is free says more.
    opened = [row for row in rows if row.kind == CONVERSATION and row.category != terms.FREE_ENTRY_POINT]
    deciding = (charged or opened or [row for row in rows if row.kind != CONVERSATION] or rows)[0]
    undecided = not charged and any(row.why is None for row in rows)
    return Side(
        state=CHARGED if charged else UNDECIDED if undecided else FREE,
        kind=deciding.kind,
        line=deciding.line,
        why=deciding.why,
        units=sum(row.units for row in charged),
        because=deciding.because,
        edition=deciding.edition,
        market=deciding.market,
        opens="" if charged or not opened else opened[0].category,
        amount=None if any(row.amount is None for row in rows) else total(_amounts(rows)),
        known=total(_amounts(rows)),
    )


def _amounts(rows: Iterable[Row]) -> Iterable[Decimal]:
    return (row.amount for row in rows if row.amount is not None)


def minus(one: Decimal, other: Decimal) -> Decimal:
    """
    The exact difference.

    >>> minus(Decimal("0.10"), Decimal("0.3"))
    Decimal('-0.20')
    """
    return total((one, other.copy_negate()))


def change_of(before: Side, after: Side) -> str:
    """
    What became of a delivery: one of `CHANGES`.

    >>> free, charged = Side(state=FREE, amount=Decimal(0)), Side(state=CHARGED, line="utility")
    >>> change_of(free, charged), change_of(charged, NOWHERE)
    ('became charged', 'cannot be told')
    """
    if {before.state, after.state} & {UNDECIDED, ABSENT}:
        return NOT_TOLD
    if before.state != after.state:
        return BECAME_CHARGED if after.state == CHARGED else BECAME_FREE
    if after.state == FREE:
        return UNCHANGED
    if (before.line, before.kind, before.units) != (after.line, after.kind, after.units):
        return OTHER_LINE
    if before.amount is None or after.amount is None:
        return NOT_TOLD
    return UNCHANGED if before.amount == after.amount else OTHER_RATE


def causes_of(before: Side, after: Side) -> tuple[str, ...]:
    """The rules that decided under the new rulebook and not under the old; all new ones, if the same decided."""
    return tuple(rule for rule in after.because if rule not in before.because) or after.because
