"""The values of a comparison: totals, parts, causes, days, and the step from one rulebook to another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from fsm.rates import total
from fsm.whatif.sides import NOTHING, About, Side


@attrs.frozen(kw_only=True)
class Total:
    """
    Deliveries and calls taken together, under one rulebook.

    Attributes:
        deliveries: how many there are.
        charged, free, undecided: how many of them are; `undecided` is where no rule says.
        amount: of those whose amount is known.
        unknown: how many have no known amount; `amount` leaves them out.
    """

    deliveries: int
    charged: int
    free: int
    undecided: int
    amount: Decimal
    unknown: int


@attrs.frozen(kw_only=True)
class Split:
    """
    One part of the traffic under every rulebook.

    Attributes:
        name: of the part: a number, a market, a line or reason, a month.
        totals: one for each rulebook, in their order.
    """

    name: str
    totals: tuple[Total, ...]


@attrs.frozen(kw_only=True)
class Group:
    """
    Customers who cost about the same, under every rulebook.

    Attributes:
        name: `costliest 1 %`, `costliest 10 %`, `customer in the middle` or `all`.
        customers: how many.
        amounts: what they cost together, one for each rulebook.
        unknown: how many of their deliveries have no known amount, one for each rulebook.
    """

    name: str
    customers: int
    amounts: tuple[Decimal, ...]
    unknown: tuple[int, ...]


@attrs.frozen(kw_only=True)
class Priced:
    """
    The traffic under one rulebook.

    Attributes:
        name: of the rulebook, or `auto`.
        total: of everything.
        charges: how many of each thing are charged, the most frequent first: what, then which line.
    """

    name: str
    total: Total
    charges: tuple[tuple[str, str, int], ...]


@attrs.frozen(kw_only=True)
class Delivery:
    """
    One delivery or call under two rulebooks.

    Attributes:
        about: what it is.
        before, after: under the old and the new rulebook.
        change: one of `CHANGES`.
        rules, rates: the parts of the difference; both 0 where an amount is unknown.
        one_sided: what the known side adds to the difference of the totals, where the other is unknown.
        unknown: an amount is unknown, so there is no difference in money.
        causes: the rules behind the change; empty if nothing changed.
    """

    about: About
    before: Side
    after: Side
    change: str
    rules: Decimal = NOTHING
    rates: Decimal = NOTHING
    one_sided: Decimal = NOTHING
    unknown: bool = False
    causes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Change:
    """
    Deliveries to which the same happened.

    Attributes:
        name: one of `CHANGES`.
        count: how many.
        difference: in money, of those with both amounts known.
        unknown: how many have an amount that is not known.
    """

    name: str
    count: int
    difference: Decimal
    unknown: int


@attrs.frozen(kw_only=True)
class Cause:
    """
    Differences that the same rules caused.

    Attributes:
        rules: their ids.
        says: the sentence of each, in the same order.
        instead_of: ids of rules that decided before and no longer do.
        count: how many deliveries.
        changes: how many of them changed how, in the order of `CHANGES`.
        difference: in money, of those with both amounts known.
        unknown: how many have an amount that is not known.
    """

    rules: tuple[str, ...]
    says: tuple[str, ...]
    instead_of: tuple[str, ...]
    count: int
    changes: tuple[tuple[str, int], ...]
    difference: Decimal
    unknown: int


@attrs.frozen(kw_only=True)
class Pattern:
    """
    What a customer's day became: the same on so many days of so many customers.

    Attributes:
        before, after: what was charged that day, and which conversations opened free of charge: how many, of what, by
            which line or of which category.
        days: on how many days of a customer.
        difference: in money, of deliveries with both amounts known.
        unknown: how many deliveries have an amount that is not known.
    """

    before: tuple[tuple[int, str, str], ...]
    after: tuple[tuple[int, str, str], ...]
    days: int
    difference: Decimal
    unknown: int


@attrs.frozen(kw_only=True)
class Rise:
    """
    How much more a customer costs.

    Attributes:
        customer: as the ledger calls them.
        before, after: the known amounts.
        difference: of deliveries with both amounts known.
    """

    customer: str
    before: Decimal
    after: Decimal
    difference: Decimal


@attrs.frozen(kw_only=True)
class Step:
    """
    From the first rulebook to another one.

    Attributes:
        before, after: their names.
        rules, rates, one_sided: the parts of the difference; they add up to it exactly.
        unknown: how many deliveries have no known amount on one side or both.
        changes: of each kind, in the order of `CHANGES`.
        causes: by rules, the most money first.
        patterns: what customers' days became, the most money first; days on which nothing changed are left out.
        rises: customers whose cost changed, the greatest rise first.
        deliveries: every delivery and call, in order.
    """

    before: str
    after: str
    rules: Decimal
    rates: Decimal
    one_sided: Decimal
    unknown: int
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    patterns: tuple[Pattern, ...]
    rises: tuple[Rise, ...]
    deliveries: tuple[Delivery, ...] = attrs.field(repr=False)

    @property
    def difference(self) -> Decimal:
        """By how much the known total of the new rulebook is greater."""
        return total((self.rules, self.rates, self.one_sided))


@attrs.frozen(kw_only=True)
class Comparison:
    """
    The same traffic under several rulebooks.

    Attributes:
        currency: of every amount.
        rulebooks: in the order asked for; the first is the base.
        splits: by `business number`, `market`, `line` and `month`.
        groups: customers by what they cost.
        steps: from the base to each other rulebook.
    """

    currency: str
    rulebooks: tuple[Priced, ...]
    splits: Mapping[str, tuple[Split, ...]]
    groups: tuple[Group, ...]
    steps: tuple[Step, ...]
