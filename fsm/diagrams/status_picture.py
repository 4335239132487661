"""
The thread status as a picture: idle, service-open, business-open, free-entry-point-open.

Nothing here is drawn by hand. Every configuration that a thread can reach is walked
through by the compiled table, and what a reader would call it (`thread.status`) is
drawn; the categories of business-open are one box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Final

import attrs

from fsm import terms
from fsm.diagrams import graphs
from fsm.diagrams.canvas import Picture
from fsm.diagrams.graphs import ANY, Arrow, Graph, Node
from fsm.machine.lanes import CLOCK, Machines
from fsm.machine.table import Symbol, Table, true_of
from fsm.machine.thread import status
from fsm.rules import acts, facts, words
from fsm.rules.tables import EXTENDS, JOINS, STAYS, Rulebook

IDLE: Final = "idle"
SERVICE: Final = "service-open"
BUSINESS: Final = "business-open"
BOTH: Final = "service-open + business-open"
ENTRY_POINT: Final = "free-entry-point-open"
STATUSES: Final = (IDLE, SERVICE, BUSINESS, BOTH, ENTRY_POINT)

_Tied = tuple[int, ...]
"""For every lane a number; lanes with the same number above zero have clocks that run out together."""


@attrs.frozen(kw_only=True)
class Change:
    """
    One way in which a thread passes from one status to another.

    Attributes:
        act: what happens, or `CLOCK`.
        answers: it is the answer to a free entry point.
        lane: with `CLOCK`, whose clock.
        lasts: with `CLOCK`, how long it ran.
        window: the customer service window must be open (True) or closed (False); None if it does not matter.
    """

    source: str
    dest: str
    act: str
    answers: bool = False
    lane: str = ""
    lasts: timedelta | None = None
    window: bool | None = None


def status_mermaid(book: Rulebook) -> str:
    """The thread status under a rulebook as the text of a Mermaid block."""
    return graphs.mermaid(status_graph(book))


def status_picture(book: Rulebook) -> Picture:
    """The thread status under a rulebook as an SVG, with the place of every text in it."""
    return graphs.draw(status_graph(book))


def statuses(book: Rulebook) -> tuple[str, ...]:
    """The statuses that a thread can reach under a rulebook alone, in the order in which they are drawn."""
    reached, _ = explored(book)
    return tuple(name for name in STATUSES if name in reached)


def collapsed(states: Iterable[tuple[str, str]]) -> str:
    """
    What a reader would call a configuration, whichever categories are open.

    >>> collapsed((("marketing", "business_open"), ("utility", "business_open")))
    'business-open'
    """
    said = status(dict(states))
    return " + ".join(word.partition(":")[0] for word in said.split(" + "))


@lru_cache(maxsize=64)
def explored(book: Rulebook) -> tuple[frozenset[str], tuple[Change, ...]]:
    """The statuses that a thread can reach, and every way from one to another, sorted."""
    walk = _Walk(book)
    return frozenset(walk.reached), tuple(walk.changes())


class _Walk:
    """A walk through everything that can happen to a thread under one rulebook."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.table = Table(Machines(book))
        self.names = tuple(lane.name for lane in book.lanes)
        self.reached: dict[str, None] = {}
        # (status, symbol) to the statuses it leads to, by whether the window is open.
        self._dests: dict[tuple[str, Symbol], dict[bool, set[str]]] = {}
        self._ran: dict[tuple[str, str], set[tuple[str, timedelta]]] = {}
        self._explore()

    def _status(self, states: tuple[str, ...]) -> str:
        return collapsed(zip(self.names, states, strict=True))

    def _explore(self) -> None:
        start = (tuple(lane.states[0].name for lane in self.book.lanes), (0,) * len(self.names))
        seen = {start}
        todo = [start]
        guards = frozenset(facts.GUARDS)
        while todo:
            states, tied = todo.pop()
            before = self._status(states)
            self.reached[before] = None
            given = facts.facts_of(self.book, states) & guards
            after: list[tuple[tuple[str, ...], _Tied]] = []
            for symbol in self.table.symbols:
                if symbol.act == CLOCK:
                    continue
                moved = self._moved(states, tied, symbol, given)
                after.append(moved)
                window = facts.WINDOW_OPEN in given
                dests = self._dests.setdefault((before, symbol), {True: set(), False: set()})
                dests[window].add(self._status(moved[0]))
            for group in self._clocks(states, tied):
                ran = self._ran_out(states, tied, group)
                after.append(ran)
                dest = self._status(ran[0])
                if dest != before:
                    self._ran.setdefault((before, dest), set()).add(self._named(states, group))
            for configuration in after:
                if configuration not in seen:
                    seen.add(configuration)
                    todo.append(configuration)

    def _moved(
        self, states: tuple[str, ...], tied: _Tied, symbol: Symbol, given: frozenset[str]
    ) -> tuple[tuple[str, ...], _Tied]:
        after, fired = self.table.move(states, symbol.act, true_of(given, symbol))
        numbers = list(tied)
        for index, row in fired:
            if row.dest in (STAYS, JOINS):
                continue
            state = self.book.lanes[index].state(after[index])
            # Clocks of one length that start with the same event run out together. Nothing is known
            # of one that is lengthened, and nothing needs to be of one that does not run.
            alone = state.lasts is None or row.dest == EXTENDS or state.counted_from == "opening"
            numbers[index] = 0 if alone else -1
        lengths: dict[tuple[timedelta, str], list[int]] = {}
        for index, number in enumerate(numbers):
            state = self.book.lanes[index].state(after[index])
            if number == -1 and state.lasts is not None:
                lengths.setdefault((state.lasts, state.counted_from), []).append(index)
        following = max((*numbers, 0)) + 1
        for indices in lengths.values():
            for index in indices:
                numbers[index] = following if len(indices) > 1 else 0
            following += 1
        return after, _renumbered(numbers)

    def _clocks(self, states: tuple[str, ...], tied: _Tied) -> Iterator[tuple[int, ...]]:
        """The clocks that run, those that run out together in one group."""
        told: set[int] = set()
        for index, lane in enumerate(self.book.lanes):
            if lane.state(states[index]).lasts is None or index in told:
                continue
            group = tuple(other for other, number in enumerate(tied) if number == tied[index] != 0) or (index,)
            told.update(group)
            yield group

    def _ran_out(self, states: tuple[str, ...], tied: _Tied, group: tuple[int, ...]) -> tuple[tuple[str, ...], _Tied]:
        numbers = list(tied)
        for index in group:
            states = self.table.ran_out(states, index)
            numbers[index] = 0
        return states, _renumbered(numbers)

    def _named(self, states: tuple[str, ...], group: tuple[int, ...]) -> tuple[str, timedelta]:
        """The lane after which a group of clocks is called: the free entry point, else a conversation."""
        name = min((self.names[index] for index in group), key=self._weight)
        lasts = self.book.lane(name).state(states[self.names.index(name)]).lasts
        assert lasts is not None
        return name, lasts

    def _weight(self, name: str) -> int:
        return 0 if name == terms.FREE_ENTRY_POINT else 1 if self.book.lane(name).conversation else 2

    def changes(self) -> Iterator[Change]:
        """Every way from one status to another."""
        place = {name: number for number, name in enumerate(STATUSES)}
        for (source, symbol), dests in self._dests.items():
            answers = facts.ANSWERS_ENTRY in symbol.true
            both = dests[True] and dests[False]
            matters = both and dests[True] != dests[False]
            for dest in sorted(dests[True] | dests[False], key=lambda name: place[name]):
                if dest != source:
                    window = None if not matters or dest in dests[True] & dests[False] else dest in dests[True]
                    yield Change(source=source, dest=dest, act=symbol.act, answers=answers, window=window)
        for (source, dest), clocks in self._ran.items():
            for lane, lasts in sorted(clocks, key=lambda clock: self.names.index(clock[0])):
                yield Change(source=source, dest=dest, act=CLOCK, lane=lane, lasts=lasts)


def _renumbered(numbers: list[int]) -> _Tied:
    """Numbers from 1 in the order of the lanes; a clock left alone by the others gets 0."""
    names: dict[int, int] = {}
    return tuple(
        names.setdefault(number, len(names) + 1) if number and numbers.count(number) > 1 else 0 for number in numbers
    )


# --- the picture ------------------------------------------------------------
def status_graph(book: Rulebook) -> Graph:
    """The thread status under a rulebook, before it is laid out."""
    reached, changes = explored(book)
    nodes = tuple(
        Node(id=name, name=name, caption=_caption(book, name), open=name != IDLE)
        for name in STATUSES
        if name in reached
    )
    arrows = tuple(_arrows(changes))
    if BOTH in reached and ENTRY_POINT in reached:
        arrows = _with_any(arrows, [node.id for node in nodes if node.id != ENTRY_POINT])
    return Graph(
        title=f"Thread status ({book.name})",
        desc=f"What a thread is called under {book.title}: {words.listed([node.name for node in nodes], 'or')}.",
        nodes=nodes,
        arrows=arrows,
        notes=tuple(_notes(book, reached)),
    )


def _arrows(changes: tuple[Change, ...]) -> Iterator[Arrow]:
    kinds: dict[tuple[str, str, bool, bool, bool | None], list[Change]] = {}
    for change in changes:
        kind = (change.source, change.dest, change.act == CLOCK, change.answers, change.window)
        kinds.setdefault(kind, []).append(change)
    place = {name: number for number, name in enumerate(STATUSES)}
    for (source, dest, clock, answers, window), mine in sorted(
        kinds.items(), key=lambda item: (place[item[0][0]], place[item[0][1]], item[0][2], item[0][3], str(item[0][4]))
    ):
        yield Arrow(
            source=source,
            dest=dest,
            clock=clock,
            label=_clock_label(mine) if clock else _act_label(mine, answers),
            short=_short(mine, clock, answers, window),
            given="" if window is None else _window_words(window),
        )


def _window_words(is_open: bool) -> str:
    fact = (facts.WINDOW_OPEN,)
    return words.condition_words(fact, ()) if is_open else words.condition_words((), fact)


def _short(changes: list[Change], clock: bool, answers: bool, window: bool | None) -> str:
    if clock:
        return f"{_lengths(changes)} later"
    if answers:
        return "answer to an ad"
    said = words.acts_in_short(dict.fromkeys(change.act for change in changes))
    return said if window is None else f"{said}, window {'open' if window else 'closed'}"


def _lengths(changes: list[Change]) -> str:
    lengths = dict.fromkeys(words.duration_words(change.lasts) for change in changes if change.lasts is not None)
    return words.listed(list(lengths), "or")


def _act_label(changes: list[Change], answers: bool) -> str:
    if answers:
        return "the answer to an ad or page button is delivered in time"
    return words.acts_words(dict.fromkeys(change.act for change in changes))


def _clock_label(changes: list[Change]) -> str:
    lengths = _lengths(changes)
    lanes = [change.lane for change in changes]
    if lanes in ([terms.FREE_ENTRY_POINT], [terms.CONVERSATION]):
        return f"{lengths} are over"
    if lanes == ["service"]:
        return f"service conversation over, {lengths}"
    return f"last category's conversation over, {lengths}"


def _with_any(arrows: tuple[Arrow, ...], framed: list[str]) -> tuple[Arrow, ...]:
    """The arrows, with one in place of those that lead to the free entry point from everywhere."""
    to_it = [arrow for arrow in arrows if arrow.dest == ENTRY_POINT]
    if {arrow.source for arrow in to_it} != set(framed) or len({arrow.label for arrow in to_it}) != 1:
        return arrows
    closes = attrs.evolve(to_it[0], source=ANY, label=f"{to_it[0].label}, and closes what is open")
    return (*(arrow for arrow in arrows if arrow not in to_it), closes)


def _caption(book: Rulebook, name: str) -> str:
    if any(lane.name == terms.CONVERSATION and not lane.runs_out for lane in book.lanes):
        return {SERVICE: "user-initiated", BUSINESS: "business-initiated"}.get(name, "")
    if name == ENTRY_POINT:
        return "prices are waived"
    return "one or more categories" if name == BUSINESS else ""


def _notes(book: Rulebook, reached: frozenset[str]) -> Iterator[str]:
    if reached == {IDLE}:
        yield "Under this rulebook nothing is ever opened that a thread could be called by: there are no conversations."
    elif reached == {IDLE, ENTRY_POINT}:
        yield "There are no conversations under this rulebook: only idle and free-entry-point-open exist."
    if BUSINESS in reached and any(lane.name in terms.CATEGORIES for lane in book.lanes):
        names = [acts.words(lane.name) for lane in book.lanes if lane.name in terms.CATEGORIES]
        yield f"business-open stands for {words.listed(names, 'or')}; several may be open at once."
    if ENTRY_POINT in reached and BOTH in reached:
        yield "The dashed frame: whichever of the four the thread is in."
    yield (
        "The status does not say what may be sent. That is the customer service window's business: "
        "it can be closed while a service conversation is open."
        if SERVICE in reached
        else "The status does not say what may be sent. That is the customer service window's business."
    )
