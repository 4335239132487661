"""Entries of the other side that count several messages: data points of analytics, lines of an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

DIMENSIONS: Final = ("account", "phone", "country", "tier", "type", "category", "direction")
"""What an entry may be about; one that it does not name, it does not tell apart."""


@attrs.frozen(kw_only=True)
class Entry:
    """
    One data point, or one line of an invoice.

    Attributes:
        place: where it stands: the file, and the path or line in it.
        begins, ends: the instants between which it counts (half-open); None where it names a day or month.
        when: the day or month it counts, in the account's zone: `2026-10-01` or `2026-10`; empty where it has instants.
        labels: the dimensions it names, in one spelling; see `DIMENSIONS`.
        said: the same, as received.
        volume: how many it counts; None if it does not say.
        amount: what they cost; None if withheld.
        currency: of the amount; empty if it does not say.
        rate: for one of them; None if it does not say.
        extra: members that nobody asked for, as received.
    """

    place: str
    begins: int | None = None
    ends: int | None = None
    when: str = ""
    labels: Mapping[str, str] = attrs.field(factory=dict)
    said: Mapping[str, str] = attrs.field(factory=dict)
    volume: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    rate: Decimal | None = None
    extra: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def time(self) -> tuple[int, int, str]:
        """The time it counts, as one value: equal for entries of one bucket."""
        return (self.begins or 0, self.ends or 0, self.when)

    @property
    def words(self) -> str:
        """What it counts, its time aside, as received."""
        return " ".join(self.said[name] for name in DIMENSIONS if self.said.get(name))


@attrs.frozen(kw_only=True)
class Export:
    """
    Everything that one source states.

    Attributes:
        name: the file.
        kind: `pricing_analytics`, `conversation_analytics` or `invoice`.
        entries: in the order found.
    """

    name: str
    kind: str
    entries: tuple[Entry, ...]
