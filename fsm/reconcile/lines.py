"""The values of a reconciliation: lines with one outcome each, and their counts and sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import attrs

from fsm.ledger import Row
from fsm.rates import total

MATCHED: Final = "matched"
ONLY_OURS: Final = "only_ours"
ONLY_THEIRS: Final = "only_theirs"
DIFFERS: Final = "differs"
OUTCOMES: Final = (MATCHED, DIFFERS, ONLY_OURS, ONLY_THEIRS)
"""What can become of a line, in the order in which reports name it."""

WEBHOOK: Final = "webhook"
PRICING_ANALYTICS: Final = "pricing_analytics"
CONVERSATION_ANALYTICS: Final = "conversation_analytics"
INVOICE: Final = "invoice"
KINDS: Final = (WEBHOOK, PRICING_ANALYTICS, CONVERSATION_ANALYTICS, INVOICE)
"""What a ledger is reconciled with."""


@attrs.frozen(kw_only=True)
class Difference:
    """
    One member in which the two sides differ.

    Attributes:
        member: what differs: `category`, `volume`, `end` and so on.
        ours, theirs: both values, as text.
        rules: the rules that our value follows from.
    """

    member: str
    ours: str
    theirs: str
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Line:
    """
    Something that stands on our side, on theirs, or on both.

    Attributes:
        outcome: one of `OUTCOMES`.
        about: what it is: `message`, `conversation`, or what the line of an export counts.
        name: what tells it from others of its kind, for people.
        day: in the account's zone; empty if a longer time is meant, and `name` says so.
        ours: keys of our rows.
        theirs: places of their statements, data points or invoice lines.
        differences: the members that differ.
        because: the rules that our side follows from.
        says: our reason, in words.
        states: what they state, in words.
        our_volume, their_volume: how many are counted; None if that side does not say.
        our_amount, their_amount: sums of what is known; None if nothing is.
        our_unknown: how many of our rows have no known amount.
        normal: an outcome that needs nobody's attention, although the sides are not the same.
        flags: doubts about our rows, by name.
    """

    outcome: str
    about: str
    name: str
    day: str = ""
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    because: tuple[str, ...] = ()
    says: str = ""
    states: str = ""
    our_volume: int | None = None
    their_volume: int | None = None
    our_amount: Decimal | None = None
    their_amount: Decimal | None = None
    our_unknown: int = 0
    normal: bool = False
    flags: tuple[str, ...] = ()

    @property
    def explained_by(self) -> tuple[str, ...]:
        """The rules behind its differences; where no member differs, those behind our side."""
        return once(rule for difference in self.differences for rule in difference.rules) or self.because


@attrs.frozen(kw_only=True)
class LeftOut:
    """
    Rows that the other side does not speak about at all, so that comparing them would mean nothing.

    Attributes:
        why: the reason, in words.
        rows: their keys.
        amount: the sum of their known amounts.
        rules: the rules behind the reason.
    """

    why: str
    rows: tuple[str, ...]
    amount: Decimal
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Tally:
    """
    Lines of one outcome, taken together.

    Attributes:
        lines: how many.
        ours, theirs: how many entries of each side stand in them.
        our_amount, their_amount: sums of what is known.
        our_unknown, their_unknown: how many of our rows, and of their entries, have no known amount.
    """

    lines: int
    ours: int
    theirs: int
    our_amount: Decimal
    their_amount: Decimal
    our_unknown: int
    their_unknown: int


@attrs.frozen(kw_only=True)
class Reconciliation:
    """
    Our ledger beside what somebody else states.

    Every row of ours is in exactly one line or in exactly one `left_out`; every entry of
    theirs is in exactly one line.

    Attributes:
        against: the other side, by name: `webhook`, or a file.
        kind: one of `KINDS`.
        currency: of our amounts, and of those of theirs that are added up.
        lines: in a fixed order.
        left_out: our rows that the other side does not speak about.
        notes: what a reader must know before trusting the lines.
        missing: months in which rows of ours are not free and the other side has no entry at all.
    """

    against: str
    kind: str
    currency: str
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """Counts and sums by outcome; every outcome is named, also where nothing has it."""
        return {outcome: tally_of(line for line in self.lines if line.outcome == outcome) for outcome in OUTCOMES}

    @property
    def agrees(self) -> bool:
        """Whether nothing needs anybody's attention."""
        return not self.missing and all(line.outcome == MATCHED or line.normal for line in self.lines)


def tally_of(lines: Iterable[Line]) -> Tally:
    """
    Lines taken together.

    >>> tally_of([]).our_amount
    Decimal('0')
    """
    listed = list(lines)
    return Tally(
        lines=len(listed),
        ours=sum(len(line.ours) for line in listed),
        theirs=sum(len(line.theirs) for line in listed),
        our_amount=total(line.our_amount for line in listed if line.our_amount is not None),
        their_amount=total(line.their_amount for line in listed if line.their_amount is not None),
        our_unknown=sum(line.our_unknown for line in listed),
        their_unknown=sum(len(line.theirs) for line in listed if line.their_amount is None),
    )


def once(words: Iterable[str]) -> tuple[str, ...]:
    """
    Each word once, in the order in which it first occurs.

    >>> once(["PMP-01", "PMP-03", "PMP-01"])
    ('PMP-01', 'PMP-03')
    """
    return tuple(dict.fromkeys(words))


def amount_of(rows: Iterable[Row]) -> Decimal | None:
    """The sum of the rows whose amount is known; None if that of none is."""
    known = [row.amount for row in rows if row.amount is not None]
    return total(known) if known else None


def left_out(rows: Iterable[tuple[Row, str, tuple[str, ...]]]) -> tuple[LeftOut, ...]:
    """Rows, each with the reason why it is left out and its rules, gathered by reason."""
    gathered: dict[str, list[Row]] = {}
    rules: dict[str, tuple[str, ...]] = {}
    for row, why, behind in rows:
        gathered.setdefault(why, []).append(row)
        rules[why] = once((*rules.get(why, ()), *behind))
    return tuple(
        LeftOut(why=why, rows=tuple(row.key for row in mine), amount=amount_of(mine) or Decimal(0), rules=rules[why])
        for why, mine in sorted(gathered.items())
    )


def flags_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """The doubts about some rows, each once, in the order of their names."""
    return tuple(sorted(Counter(flag for row in rows for flag in row.flags)))
