"""Rows of ours and entries of theirs that belong together, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from fsm.ledger import Row
from fsm.ledger.rows import CORRECTION
from fsm.ledger.volume import ladder_of
from fsm.rates import written
from fsm.reconcile.entries import Entry
from fsm.reconcile.lines import Difference, Line, once
from fsm.reconcile.naming import book_of
from fsm.reconcile.places import Facet
from fsm.rules.tables import Label


@attrs.define(eq=False)
class Group:
    """
    Rows and entries that belong together.

    Attributes:
        rows: each with its label.
        entries: those that count them; none, if no entry does.
        facet: of rows without an entry, what decides where they would be counted.
        covered: whether the export counts their time at all.
    """

    rows: list[tuple[Row, Label | None]] = attrs.field(factory=list)
    entries: list[Entry] = attrs.field(factory=list)
    facet: Facet | None = None
    covered: bool = True

    @property
    def ours(self) -> list[Row]:
        """Our rows, without their labels."""
        return [row for row, _ in self.rows]

    @property
    def their_volume(self) -> int | None:
        """How many they count; None if one of their entries does not say."""
        known = [entry.volume for entry in self.entries if entry.volume is not None]
        return sum(known) if len(known) == len(self.entries) else None

    @property
    def delta(self) -> int:
        """How many more they count than we do; 0 if they do not say."""
        theirs = self.their_volume
        return 0 if theirs is None else theirs - len(self.rows)

    @property
    def times(self) -> set[object]:
        """The times that are counted, each as one value."""
        if self.entries:
            return {entry.when or entry.time for entry in self.entries}
        return {row.day for row in self.ours} | {row.period for row in self.ours}

    @property
    def days(self) -> tuple[str, str]:
        """The first and last day of our rows."""
        days = sorted(row.day for row in self.ours)
        return days[0], days[-1]


def is_free(row: Row) -> bool:
    """Whether a rule says that a row costs nothing; one that no rule is about is not free."""
    return row.line is None and row.why is not None and row.kind != CORRECTION


def labels_of(group: Group) -> set[tuple[str, str]]:
    """The types and categories under which a group is, or would be, counted."""
    if group.entries:
        return {(entry.labels.get("type", ""), entry.labels.get("category", "")) for entry in group.entries}
    facet = group.facet
    return set() if facet is None else {(t, c) for t in facet.types or ("",) for c in facet.categories or ("",)}


def means(group: Group) -> str:
    """Our rows of a group, counted by what they are, with the rules that made them so."""
    kinds: dict[tuple[str, tuple[str, ...]], int] = {}
    for row, label in group.rows:
        key = (label.means if label else row.category or row.kind, row.because)
        kinds[key] = kinds.get(key, 0) + 1
    parts = [
        f"{count:,} × {means}" + (f" ({', '.join(rules)})" if rules else "")
        for (means, rules), count in sorted(kinds.items())
    ]
    return f"{len(group.rows):,}: {'; '.join(parts)}" if parts else "none"


def words_of(group: Group) -> str:
    """What rows without an entry would be counted as, for people."""
    first, last = group.days
    facet = group.facet
    said = [*(facet.types[:1] if facet else ()), *(facet.categories[:1] if facet else ())]
    return " ".join([first if first == last else f"{first} to {last}", *(word.upper() for word in said)])


def stated_words(base: Line) -> str:
    """What their side of a line says, in words."""
    volume = "no count" if base.their_volume is None else f"{base.their_volume:,} counted"
    return f"{volume}, {'no cost' if base.their_amount is None else f'cost {written(base.their_amount)}'}"


def rules_of_cost(rows: Iterable[Row]) -> Iterator[str]:
    """The rules that a rate follows from, beside those that made a row charged: market and volume tier."""
    for row in rows:
        if row.market is not None and row.line is not None:
            yield "GEO-01"
        ladder = ladder_of(book_of(row).tariff, row.line, to_group=bool(row.participant)) if row.line else None
        if ladder is not None:
            yield from ladder.rules


def rates_that_differ(group: Group, rules: Iterable[str]) -> list[Difference]:
    """Their unit price beside ours, where both sides have one and only one."""
    ours = {row.rate for row in group.ours if row.line is not None}
    theirs = {entry.rate for entry in group.entries}
    if len(ours) != 1 or len(theirs) != 1 or None in ours | theirs or ours == theirs:
        return []
    mine, other = ours.pop(), theirs.pop()
    assert mine is not None
    assert other is not None
    behind = once((*rules, *rules_of_cost(group.ours)))
    return [Difference(member="rate", ours=written(mine), theirs=written(other), rules=behind)]
