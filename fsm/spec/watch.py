"""Watching the tables while a scenario runs: which row acted, and which was only looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from fsm.events import Event, read_account
from fsm.harness.script import Played, Script, failure
from fsm.machine import Law
from fsm.machine.lanes import Fired, Machines
from fsm.machine.law import Edition
from fsm.machine.table import Table
from fsm.replay import Fold, Result, gather
from fsm.rules.tables import Charge, Permission, Rulebook
from fsm.spec.lines import CHARGES, CLAUSE, CLOCK, LANE, Key

Cell = tuple[Key, str, str]
"""A row, the act or message it was asked about, and for lanes the state it was in: what a mutant changes."""
Place = tuple[str, str]
"""A lane, and a state it was in."""


@attrs.define(eq=False)
class Record:
    """
    What the tables were asked while something ran.

    Attributes:
        cells: rows that acted or were looked up, edition by edition, by the edition's name.
        places: states that lanes were in.
        acted: rows that acted; see `Watch.sending`.
    """

    cells: dict[str, set[Cell]] = attrs.field(factory=dict)
    places: dict[str, set[Place]] = attrs.field(factory=dict)
    acted: set[tuple[str, Key]] = attrs.field(factory=set)


class Watch:
    """
    A law that notes what its tables are asked.

    Args:
        law: its editions are watched from now on; nothing else may use it.

    Attributes:
        law: the same.
        record: what was asked so far.
        sending: only a sending is being taken in: its charge is a question, not a charge.
    """

    def __init__(self, law: Law) -> None:
        self.law: Final = law
        self.record = Record()
        self.sending = False
        for edition in law.editions:
            _Watched(self, edition)

    def take(self, fold: Fold, events: Sequence[Event]) -> list[Result]:
        """Take events in one by one, as they act, and give what they did; questions about another order are left out."""
        results: list[Result] = []
        for fact in gather(events):
            self.sending = fact.event.event == "message_sent"
            results += fold.take([fact])
        self.sending = False
        return results


class _Watched:
    """The tables of one edition, each passing on what it was asked and answered."""

    def __init__(self, watch: Watch, edition: Edition) -> None:
        self._watch = watch
        self._name = edition.book.edition
        self._book = edition.book
        self._engine = edition.engine
        self._charge, self._lines, self._facts = edition.charge, edition.lines, edition.facts
        self._clauses: dict[str, tuple[str, ...]] = {}
        edition.engine = _Engine(self, edition.engine)  # type: ignore[assignment]
        edition.charge = self.charge
        edition.lines = self.lines
        edition.facts = self.facts

    def charge(self, message: str, facts: frozenset[str]) -> Charge:
        """The same as the edition's."""
        found = self._charge(message, facts)
        self.note((CHARGES, CHARGES, found), message, "", acts=not self._watch.sending)
        return found

    def lines(self, message: str, facts: frozenset[str]) -> tuple[Permission, ...]:
        """The same as the edition's."""
        found = self._lines(message, facts)
        if message not in self._clauses:
            self._clauses[message] = tuple(clause.name for clause in self._book.clauses if message in clause.messages)
        for name, line in zip(self._clauses[message], found, strict=True):
            self.note((CLAUSE, name, line), message, "", acts=True)
        return found

    def facts(self, states: tuple[str, ...]) -> frozenset[str]:
        """The same as the edition's."""
        self.seen(states)
        return self._facts(states)

    def moved(self, states: tuple[str, ...], act: str, after: tuple[str, ...], fired: tuple[Fired, ...]) -> None:
        """An act moved the lanes."""
        self.seen(states)
        self.seen(after)
        for index, row in fired:
            self.note((LANE, self._book.lanes[index].name, row), act, states[index], acts=True)

    def ran_out(self, states: tuple[str, ...], index: int, after: tuple[str, ...]) -> None:
        """The clock of a lane ran out."""
        self.seen(states)
        self.seen(after)
        lane = self._book.lanes[index]
        self.note((CLOCK, lane.name, lane.state(states[index])), "", "", acts=True)

    def seen(self, states: tuple[str, ...]) -> None:
        """Lanes were in these states."""
        places = self._watch.record.places.setdefault(self._name, set())
        places.update(zip((lane.name for lane in self._book.lanes), states, strict=True))

    def note(self, key: Key, about: str, state: str, *, acts: bool) -> None:
        """A row was asked."""
        self._watch.record.cells.setdefault(self._name, set()).add((key, about, state))
        if acts:
            self._watch.record.acted.add((self._name, key))


class _Engine:
    """What moves the lanes, passing on what moved."""

    def __init__(self, watched: _Watched, engine: Machines | Table) -> None:
        self._watched = watched
        self._engine = engine
        self.knows = engine.knows

    def move(
        self, states: tuple[str, ...], act: str, true: frozenset[str]
    ) -> tuple[tuple[str, ...], tuple[Fired, ...]]:
        """The same as the engine's."""
        after, fired = self._engine.move(states, act, true)
        self._watched.moved(states, act, after, fired)
        return after, fired

    def ran_out(self, states: tuple[str, ...], lane: int) -> tuple[str, ...]:
        """The same as the engine's."""
        after = self._engine.ran_out(states, lane)
        self._watched.ran_out(states, lane, after)
        return after


@attrs.frozen(kw_only=True)
class Run:
    """
    What a scenario did to the tables.

    Attributes:
        script: the scenario.
        acted: the rows that acted, each with the name of the edition.
        cells, places: what was asked in the course of it, questions included; see `Record`. Empty unless wanted.
        fails: what it expects and does not get; empty unless wanted.
        everything: it runs laws of its own that cannot be watched, so it may ask anything.
    """

    script: Script
    acted: frozenset[tuple[str, Key]]
    cells: Mapping[str, set[Cell]] = attrs.field(factory=dict)
    places: Mapping[str, set[Place]] = attrs.field(factory=dict)
    fails: tuple[str, ...] = ()
    everything: bool = False


def acting(script: Script, books: tuple[Rulebook, ...] | None = None) -> Run:
    """
    Take in the events of a scenario, and note which rows act.

    Args:
        books: the editions; by default those of the script's own account.
    """
    watch = Watch(Law(read_account(script.account), engine="table", books=books))
    watch.take(Fold(watch.law), script.events)
    return Run(script=script, acted=frozenset(watch.record.acted))


def watched(script: Script, books: tuple[Rulebook, ...] | None = None) -> Run:
    """
    Run a scenario whole, its questions too, and note what the tables are asked.

    Args:
        books: the editions; by default those of the script's own account.
    """
    watch = Watch(Law(read_account(script.account), engine="table", books=books))
    played = Played(watch.law, script.events, script.bill)
    fails = tuple(found for found in (failure(each, played) for each in script.expectations) if found)
    return attrs.evolve(
        acting(script, books),
        cells=watch.record.cells,
        places=watch.record.places,
        fails=fails,
        everything=bool(script.bill.accounts),
    )
