"""
The compiled twin of the machines: one dense table per rulebook.

It is made by driving every lane's machine over every state, act and valuation of
the facts its rows ask, and by nothing else. Replays and exports use the table; the
parity tests hold it equal to the machines, cell by cell.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

import attrs

from fsm.machine.lanes import CLOCK, Fired, Machines
from fsm.rules import acts, facts
from fsm.rules.tables import Row, Rulebook


@attrs.frozen
class Symbol:
    """An act together with the event facts that are true of it: one column of the table."""

    act: str
    true: frozenset[str] = frozenset()
    lane: str = ""

    def __str__(self) -> str:
        """The column's name, for exports: the act, and what is true of it."""
        given = ", ".join(acts.words(fact) for fact in sorted(self.true))
        name = f"{acts.words(self.lane)} ran out" if self.act == CLOCK else acts.words(self.act)
        return f"{name} ({given})" if given else name


def symbols_of(book: Rulebook) -> tuple[Symbol, ...]:
    """Every act some lane knows, with every combination of event facts that can occur, and every clock."""
    known = dict.fromkeys(act for lane in book.lanes for act in lane.acts)
    columns: list[Symbol] = []
    for act in known:
        if act == "customer_message":
            kinds: Iterable[frozenset[str]] = (
                frozenset({facts.COUNTS}),
                frozenset({facts.COUNTS, facts.THROUGH_ENTRY}),
                frozenset({facts.MAY_COUNT}),
                frozenset(),
            )
        elif act in acts.DELIVERY_ACTS and any(lane.name == "free_entry_point" for lane in book.lanes):
            kinds = (frozenset(), frozenset({facts.ANSWERS_ENTRY}))
        else:
            kinds = (frozenset(),)
        columns += [Symbol(act, true) for true in kinds]
    columns += [
        Symbol(CLOCK, lane=lane.name) for lane in book.lanes if any(state.lasts is not None for state in lane.states)
    ]
    return tuple(columns)


class Table:
    """
    The machines of a rulebook, compiled. Threads may share one.

    Attributes:
        book: the rulebook.
        symbols: the columns.
    """

    def __init__(self, machines: Machines) -> None:
        self.book = machines.book
        self.symbols = symbols_of(self.book)
        self._machines = machines
        self._asked: dict[tuple[int, str], tuple[str, ...]] = {}
        self._cells: dict[tuple[int, str, str, frozenset[str]], tuple[str, Row]] = {}
        self._moved_by: dict[str, tuple[int, ...]] = {}
        self._memo: dict[tuple[tuple[str, ...], str, frozenset[str]], tuple[tuple[str, ...], tuple[Fired, ...]]] = {}
        for index, lane in enumerate(self.book.lanes):
            for act in lane.acts:
                self._moved_by[act] = (*self._moved_by.get(act, ()), index)

    def _compile(self, index: int, act: str) -> None:
        lane = self.book.lanes[index]
        rows = [row for row in lane.rows if act in row.on]
        asked = tuple(dict.fromkeys(fact for row in rows for fact in (*row.needs, *row.unless)))
        start = tuple(other.states[0].name for other in self.book.lanes)
        for state, answers in product(lane.states, product((False, True), repeat=len(asked))):
            true = frozenset(fact for fact, answer in zip(asked, answers, strict=True) if answer)
            before = (*start[:index], state.name, *start[index + 1 :])
            after, fired = self._machines.move(before, act, true)
            row = next(row for lane_index, row in fired if lane_index == index)
            self._cells[index, act, state.name, true] = (after[index], row)
        # Last, for it says that the cells are there. A table is shared: another thread may ask at any moment.
        self._asked[index, act] = asked

    def knows(self, act: str) -> bool:
        """Whether some lane has rows about this act."""
        return act in self._moved_by

    def move(
        self, states: tuple[str, ...], act: str, true: frozenset[str]
    ) -> tuple[tuple[str, ...], tuple[Fired, ...]]:
        """The same as `Machines.move`, by looking it up."""
        known = self._memo.get((states, act, true))
        if known is not None:
            return known
        after = list(states)
        fired: list[Fired] = []
        for index in self._moved_by.get(act, ()):
            if (index, act) not in self._asked:
                # An account rarely lives under more than a few editions, and each edition has columns nobody asks for.
                self._compile(index, act)
            relevant = true.intersection(self._asked[index, act])
            after[index], row = self._cells[index, act, states[index], relevant]
            fired.append((index, row))
        self._memo[states, act, true] = found = (tuple(after), tuple(fired))
        return found

    def ran_out(self, states: tuple[str, ...], lane: int) -> tuple[str, ...]:
        """The states after the clock of one lane has run out."""
        then = self.book.lanes[lane].state(states[lane]).then
        return (*states[:lane], then, *states[lane + 1 :])

    # --- the dense form -----------------------------------------------------
    @cached_property
    def configurations(self) -> tuple[tuple[str, ...], ...]:
        """Every configuration, reachable or not; a configuration's number is its place here."""
        return tuple(product(*([state.name for state in lane.states] for lane in self.book.lanes)))

    @cached_property
    def _facts(self) -> Sequence[frozenset[str]]:
        guards = frozenset(facts.GUARDS)
        return [facts.facts_of(self.book, states) & guards for states in self.configurations]

    def cell(self, configuration: int, symbol: int) -> tuple[tuple[str, ...], tuple[Fired, ...]]:
        """The states after a symbol, and the rows that acted."""
        states, column = self.configurations[configuration], self.symbols[symbol]
        if column.act == CLOCK:
            index = next(i for i, lane in enumerate(self.book.lanes) if lane.name == column.lane)
            has_clock = self.book.lanes[index].state(states[index]).lasts is not None
            return (self.ran_out(states, index) if has_clock else states), ()
        return self.move(states, column.act, true_of(self._facts[configuration], column))

    @cached_property
    def dense(self) -> tuple[array[int], ...]:
        """
        For every symbol, the number of the next configuration, by the number of the present one.

        uint16 or uint32 by need, one array of length `len(configurations)` per symbol; owned by the table.
        """
        sizes = [len(lane.states) for lane in self.book.lanes]
        weights = [1] * len(sizes)
        for index in range(len(sizes) - 2, -1, -1):
            weights[index] = weights[index + 1] * sizes[index + 1]
        places = [{state.name: place for place, state in enumerate(lane.states)} for lane in self.book.lanes]
        kind = "H" if len(self.configurations) <= 0xFFFF else "I"
        return tuple(array(kind, self._column(number, places, weights)) for number in range(len(self.symbols)))

    def _column(self, symbol: int, places: list[dict[str, int]], weights: list[int]) -> Iterator[int]:
        for configuration in range(len(self.configurations)):
            after, _ = self.cell(configuration, symbol)
            yield sum(place[state] * weight for state, place, weight in zip(after, places, weights, strict=True))

    def walk(self, configuration: int, symbols: Iterable[int]) -> int:
        """
        The configuration after a run of symbols, by the dense table alone.

        Args:
            configuration: number of the configuration to start from.
            symbols: numbers of symbols, in order; clocks that run out are symbols like any other.
        """
        dense = self.dense
        for symbol in symbols:
            configuration = dense[symbol][configuration]
        return configuration


def true_of(configuration_facts: frozenset[str], symbol: Symbol) -> frozenset[str]:
    """The facts that lanes may ask about this configuration and symbol. Nothing answers an open entry point."""
    true = configuration_facts | symbol.true
    return true - {facts.ANSWERS_ENTRY} if facts.ENTRY_POINT_OPEN in configuration_facts else true
