"""What changed from one card to the next, and whether Meta's own list of changes names exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import attrs

from fsm.errors import BadRates
from fsm.rates.card import NOT_APPLICABLE, PRICED, UNPRICED, Card, Cell
from fsm.rates.markets import Markets
from fsm.rates.names import line_of, market_name
from fsm.rates.sheet import Rows, day_of, table_of

UP: Final = "up"
DOWN: Final = "down"
FREE: Final = "free"
INTRODUCED: Final = "introduced"
WITHDRAWN: Final = "withdrawn"
STANDALONE: Final = "standalone"
MOVED: Final = "moved"
KINDS: Final = (UP, DOWN, FREE, INTRODUCED, WITHDRAWN, STANDALONE, MOVED)

EVERY_MARKET: Final = "*"
SEVERAL_MARKETS: Final = "several"

FACTOR_WORTH_A_LOOK: Final = 2
"""A rate that moved by more is possible (Kuwait 2026), and is more often a wrong column."""


@attrs.frozen(kw_only=True)
class Change:
    """
    One announced change.

    Attributes:
        effective_from: the first day of the card that has it.
        kind: `up`, `down`, `free`, `introduced`, `withdrawn` for a rate; `standalone` and `moved` for a market.
        line: the rate line; empty for a market.
        market: its name, `*` for every market, or `several` where the list does not say which.
        named_by: who names it: Meta's `list`, or only the `cards` themselves.
        note: what the data file remarks.
    """

    effective_from: date
    kind: str
    line: str
    market: str
    named_by: str
    note: str


@attrs.frozen(kw_only=True)
class Step:
    """One cell that differs between two cards: in which market and line, and how."""

    market: str
    line: str
    kind: str


def read_changes(rows: Rows, *, name: str) -> tuple[Change, ...]:
    """
    Read a list of changes in the layout of `data/changes.csv`: a row names one line and any number of markets.

    Raises:
        BadRates: a day, kind, line or market is none.

    >>> rows = [["effective_from", "change", "line", "markets", "named_by", "note"],
    ...         ["2026-01-01", "down", "marketing", "Egypt; France", "list", ""]]
    >>> [change.market for change in read_changes(rows, name="changes.csv")]
    ['Egypt', 'France']
    """
    table = table_of(rows, name, first=("effective_from", "change", "line", "markets", "named_by", "note"))
    columns = table.columns()
    found: list[Change] = []
    for number, row in table.body:
        where = table.where(number)
        said = {heading: row[place] for heading, place in columns.items()}
        of_a_market = said["change"] in (STANDALONE, MOVED)
        line = "" if of_a_market else line_of(said["line"])
        if said["change"] not in KINDS or line is None:
            raise BadRates(
                f"{where}: {said['change']!r} of {said['line']!r} is no change we know. Kinds: {', '.join(KINDS)}."
            )
        for market in said["markets"].split(";"):
            text = market.strip()
            found.append(
                Change(
                    effective_from=day_of(said["effective_from"], where),
                    kind=said["change"],
                    line=line,
                    market=text if text in (EVERY_MARKET, SEVERAL_MARKETS) else market_name(text),
                    named_by=said["named_by"],
                    note=said["note"],
                )
            )
    return tuple(found)


def steps(previous: Card, card: Card, markets: Markets) -> frozenset[Step]:
    """
    The cells that differ between two cards. Cells that are blank on either side are left out.

    A market that has just become standalone is compared with the one its customers were in the day before.

    Source: the cards; which market came from which, `data/markets.csv`.

    >>> from fsm.service.rate_files import shipped_markets, shipped_prices
    >>> cards = {card.effective_from.isoformat(): card for card in shipped_prices().cards}
    >>> sorted((step.market, step.kind) for step in
    ...        steps(cards["2026-04-01"], cards["2026-07-01"], shipped_markets()) if step.line == "marketing")
    [('Italy', 'up'), ('Poland', 'down'), ('Spain', 'up'), ('United Kingdom', 'up')]
    """
    return frozenset(
        Step(market=market, line=line, kind=kind)
        for market, line, old, new in _pairs(previous, card, markets)
        if (kind := _kind(old, new))
    )


def _pairs(previous: Card, card: Card, markets: Markets) -> Iterator[tuple[str, str, Cell, Cell]]:
    blank = Cell(state=UNPRICED)
    before = set(previous.markets())
    for market in card.markets():
        came_from = {market} if market in before else markets.came_from(market, card.effective_from) & before
        if len(came_from) != 1:
            continue
        (old_market,) = came_from
        for line in dict.fromkeys((*previous.lines(), *card.lines())):
            yield market, line, previous.cells.get((old_market, line), blank), card.cells.get((market, line), blank)


def _kind(old: Cell, new: Cell) -> str:
    """How a cell changed; empty if it did not, or if either side is blank."""
    if UNPRICED in (old.state, new.state) or (old.state, old.rate) == (new.state, new.rate):
        return ""
    if old.state == NOT_APPLICABLE:
        return INTRODUCED
    if new.state == NOT_APPLICABLE:
        return WITHDRAWN
    assert old.rate is not None
    assert new.rate is not None
    if new.rate == 0:
        return FREE
    return UP if new.rate > old.rate else DOWN


def unexplained(previous: Card, card: Card, changes: Iterable[Change], markets: Markets) -> tuple[str, ...]:
    """
    Where two consecutive cards and the list of changes disagree: nothing, if the cards were copied well.

    Where the list says `several markets`, only the direction can be held to it.

    Source: Meta's list of changes, `data/changes.csv`.

    >>> from fsm.service.rate_files import shipped_changes, shipped_markets, shipped_prices
    >>> cards = shipped_prices().cards
    >>> unexplained(cards[-2], cards[-1], shipped_changes(), shipped_markets())
    ()
    """
    listed = [change for change in changes if change.effective_from == card.effective_from]
    known = {
        (market, line): (old, new)
        for market, line, old, new in _pairs(previous, card, markets)
        if UNPRICED not in (old.state, new.state)
    }
    expected: set[Step] = set()
    several: set[tuple[str, str]] = set()
    for change in listed:
        if change.market == SEVERAL_MARKETS:
            several.add((change.line, change.kind))
        elif change.line:
            names = {market for market, _ in known} if change.market == EVERY_MARKET else {change.market}
            expected |= {
                Step(market=market, line=change.line, kind=change.kind)
                for market in names
                if (market, change.line) in known
            }
    seen = steps(previous, card, markets)
    vague = {step for step in seen - expected if (step.line, step.kind) in several}
    complaints = [f"{_said(step, card)}: on the cards, and not in the list" for step in seen - expected - vague]
    complaints += [f"{_said(step, card)}: in the list, and not on the cards" for step in expected - seen]
    complaints += [
        f"{card.effective_from} {line} {kind} in several markets: in the list, and in no market on the cards"
        for line, kind in several - {(step.line, step.kind) for step in vague}
    ]
    complaints += _unannounced_markets(previous, card, listed)
    return tuple(sorted(complaints))


def _unannounced_markets(previous: Card, card: Card, listed: Sequence[Change]) -> list[str]:
    new = set(card.markets()) - set(previous.markets())
    named = {change.market for change in listed if change.kind == STANDALONE}
    return [
        *(f"{card.effective_from} {market}: new on the card, and not in the list" for market in new - named),
        *(f"{card.effective_from} {market}: new in the list, and not on the card" for market in named - new),
        *(
            f"{card.effective_from} {market}: gone from the card"
            for market in set(previous.markets()) - set(card.markets())
        ),
    ]


def _said(step: Step, card: Card) -> str:
    return f"{card.effective_from} {step.line} {step.kind} in {step.market}"


def compare_cards(previous: Card, card: Card) -> tuple[str, ...]:
    """
    What a person should look at in a new card: markets that are missing, and rates that moved by more than a factor of 2.

    Source: none; these are the slips a wrong file or a swapped column makes.

    >>> from fsm.service.rate_files import shipped_prices
    >>> cards = {card.effective_from.isoformat(): card for card in shipped_prices().cards}
    >>> compare_cards(cards["2026-01-01"], cards["2026-04-01"])
    ('rate_card_USD_2026-04-01.csv: Turkey, utility moved from 0.0053 to 0.0009', ...)
    """
    if previous.currency != card.currency:
        return (f"{card.name}: it is in {card.currency} and the card before in {previous.currency}: not compared",)
    gone = set(previous.markets()) - set(card.markets())
    found = [f"{card.name}: {market} is missing, and {previous.name} has it" for market in sorted(gone)]
    for (market, line), new in card.cells.items():
        old = previous.cells.get((market, line))
        if old is None or old.state != PRICED or new.state != PRICED or not old.rate or not new.rate:
            continue
        if max(old.rate, new.rate) > FACTOR_WORTH_A_LOOK * min(old.rate, new.rate):
            found.append(f"{card.name}: {market}, {line} moved from {old.rate} to {new.rate}")
    return tuple(found)
