"""A rate card as a value: what each cell says, who vouches for it, and which file it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

CONVERSATION: Final = "conversation"
MESSAGE: Final = "message"
UNITS: Final = (CONVERSATION, MESSAGE)

PRICED: Final = "priced"
NOT_APPLICABLE: Final = "n/a"
UNPRICED: Final = "unpriced"

READ: Final = "read"
DERIVED: Final = "derived"
OWN: Final = "own"

SHIPPED: Final = "shipped"
CONTRACT: Final = "contract"


@attrs.frozen(kw_only=True, slots=True)
class Cell:
    """
    One rate of a card.

    Attributes:
        state: `priced`; `n/a`, the card says there is no such rate; or `unpriced`, nobody knows it.
        rate: the amount, if priced. Zero is a price: free by rule while the column existed.
        evidence: who vouches: `read` in a card of this date, `derived` from a neighbouring one, `own` file.
            Empty where there is nothing to vouch for.
        text: what stands in a cell that is no amount, as printed.
    """

    state: str
    rate: Decimal | None = None
    evidence: str = ""
    text: str = ""


@attrs.frozen(kw_only=True)
class Provenance:
    """Which file a figure comes from."""

    name: str
    effective_from: date
    sha256: str
    origin: str


@attrs.frozen(kw_only=True)
class Card:
    """
    The rates of one currency from one day on.

    Attributes:
        name: of the file; of a contract also how it calls itself.
        effective_from: the first day, in the account's time zone.
        effective_to: the last day; None: until the next card.
        unit: what a rate is for: a `conversation` at its opening or a `message` at its delivery.
        currency: ISO 4217.
        cells: by market and rate line.
        complete: a partial card answers what-if questions only.
        sha256: of the file's bytes.
        origin: `shipped`, `own`, or `contract`: a contract may hold a few cells and overrides cell by cell.
        read_on: the day on which somebody read the figures; known for shipped cards.
        notes: the lines above the table, and rows below that are no rates.
        warnings: what a person should look at before trusting it.
    """

    name: str
    effective_from: date
    effective_to: date | None = None
    unit: str
    currency: str
    cells: Mapping[tuple[str, str], Cell] = attrs.field(repr=False)
    complete: bool = True
    sha256: str
    origin: str = OWN
    read_on: date | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def provenance(self) -> Provenance:
        """Which file the rates come from."""
        return Provenance(name=self.name, effective_from=self.effective_from, sha256=self.sha256, origin=self.origin)

    def markets(self) -> tuple[str, ...]:
        """The markets of the card, in its order."""
        return tuple(dict.fromkeys(market for market, _ in self.cells))

    def lines(self) -> tuple[str, ...]:
        """The rate lines of the card, in its order."""
        return tuple(dict.fromkeys(line for _, line in self.cells))
