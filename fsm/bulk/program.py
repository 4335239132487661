"""
The law of one account as arrays: what the kernel looks up.

Nothing about WhatsApp stands here. A *cell* is what one act does in one configuration: it is filled the first time
that the kernel asks for it, by running the reference's own step on that very situation and writing down the answer.
A real log asks for a few hundred of the millions of cells there could be.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from fsm import terms
from fsm.bulk.layout import (
    ATTACHED,
    CELL_COLUMNS,
    CLEARS,
    CLOCK_COLUMNS,
    CONTESTED,
    COUNTED_FROM,
    ENTRY_LANE,
    ERA_COLUMNS,
    EVENT_CODES,
    FAR,
    FIRST_JOINED,
    FLAG_BIT,
    FROM_EVENT,
    GAINS,
    KEEPS,
    MAX_LANES,
    MAX_STATES,
    MESSAGE_COLUMNS,
    MICROS,
    NOTHING,
    OP_COLUMNS,
    OPENS,
    REFUSED_LEFT,
    REFUSED_NONE,
    ROWS,
    SETS,
    STARTS,
    STOPS,
    SYMBOL_COLUMNS,
    UNKNOWN,
    USES,
    USES_NONE,
    WINNER,
    Tables,
)
from fsm.errors import BadRulebook
from fsm.events import Event, changed
from fsm.machine import Law, Outcome
from fsm.machine import step as reference
from fsm.machine.law import AUTO, Edition
from fsm.machine.thread import Sent, Thread
from fsm.rulebooks import numbers
from fsm.rules import acts, facts
from fsm.rules.tables import EXTENDS, JOINS, STAYS, State


class Meaning(NamedTuple):
    """What an event is, apart from when and whose: the values its symbol stands for."""

    event: str
    kind: str = "text"
    entry: str | None = None
    device: str = "android"
    content: str | None = None
    category: str | None = None
    template_status: str = "APPROVED"
    error: int | None = None
    inferred: bool = False


class Program:
    """
    The law of one account, compiled as far as it was needed. Threads may share one.

    Args:
        law: for the account.

    Attributes:
        tables: the arrays, as they are now; they are replaced, never shrunk.
        outcomes: what the outcome numbers of cells stand for.
        opened: by cell, the names of what it opens, in the order of its lanes.
        about: by cell, content and category of what was delivered; an empty content where nobody knows what, None where
            nothing was delivered.
        meanings: what symbols stand for.
        contested_refusals: whether a refusal hangs on the allowance, so that its messages' flags do as well.
        uses_anyway: whether something uses a unit of the allowance even when none is left.
        first: the first instant that the law covers, milliseconds since 1970 (UTC).
    """

    def __init__(self, law: Law) -> None:
        self.law = law
        self.outcomes: list[Outcome] = []
        self.opened: list[tuple[str, ...]] = []
        self.about: list[tuple[str, str | None] | None] = []
        self._lock = threading.RLock()
        self._outcome_of: dict[Outcome, int] = {}
        self._body_of: dict[Outcome, int] = {}
        self._cell_of: dict[object, int] = {}
        self._ops_at: dict[tuple[tuple[int, ...], ...], int] = {}
        self._symbol_of: dict[Meaning, int] = {}
        self.meanings: list[Meaning] = []
        self._messages: list[tuple[str, str | None]] = []
        self._words: dict[str | None, int] = {None: -1}
        self._classes: dict[object, int] = {}
        self._names: list[str] = []
        self._class_of: dict[str, int] = {}
        self.contested_refusals = False
        self._lookup: Any = None
        self._told: dict[object, int] = {}
        self.packed: dict[object, Any] = {}
        self._prefixes = np.full((3, 10_000), -1, np.int32)
        self._lay_out()

    # --- what does not grow -------------------------------------------------
    def _lay_out(self) -> None:
        law = self.law
        self.editions = law.editions
        books = [edition.book for edition in self.editions]
        if max(len(book.lanes) for book in books) > MAX_LANES or any(
            len(lane.states) > MAX_STATES for book in books for lane in book.lanes
        ):
            raise BadRulebook(
                f"the kernel has room for {MAX_LANES} lanes of {MAX_STATES} states. Raise MAX_LANES or MAX_STATES."
            )
        starts = [_millis(edition.begins) for edition in self.editions]
        if law.rulebook != AUTO:
            # One rulebook whatever the date: its first edition holds before it began as well.
            starts[0] = min(starts[0], 0)
        self.first = starts[0]
        changes = {_millis(at) for _, at in law.account.international_from if _millis(at) > self.first}
        begins = sorted({*starts, *changes})
        edition_of = [max(place for place, at in enumerate(starts) if at <= begin) for begin in begins]
        self._era_begins = begins
        room = (len(books), MAX_LANES)
        clocks = np.full((*room, MAX_STATES, CLOCK_COLUMNS), -1, np.int64)
        carried, carried_state = np.full(room, -1, np.int64), np.full((*room, MAX_STATES), -1, np.int64)
        weights = np.zeros(room, np.int64)
        for number, edition in enumerate(self.editions):
            weight = 1
            for lane_index in range(len(edition.book.lanes) - 1, -1, -1):
                lane = edition.book.lanes[lane_index]
                weights[number, lane_index] = weight
                weight *= len(lane.states)
                places = {state.name: place for place, state in enumerate(lane.states)}
                for place, state in enumerate(lane.states):
                    clocks[number, lane_index, place] = (
                        -1 if state.lasts is None else _length(state.lasts),
                        COUNTED_FROM[state.counted_from],
                        places[state.then] if state.then else -1,
                        state.open,
                        # The second of doubt behind a window's end is a clock that no result shows.
                        state.name == "boundary",
                        state.counted_from == "opening",
                    )
            if number:
                self._carry(books[number - 1].lanes, books[number].lanes, carried[number], carried_state[number])
        self.uses_anyway = any(
            charge.uses_allowance and facts.ALLOWANCE_LEFT not in charge.needs
            for book in books
            for charge in book.charges
        )
        self._sizes = [_configurations(edition) for edition in self.editions]
        self.tables = Tables(
            era_begins=np.array([*begins, FAR], np.int64),
            era_edition=np.array(edition_of, np.int64),
            eras=np.zeros((len(begins), ERA_COLUMNS), np.int64),
            lanes=np.array([len(book.lanes) for book in books], np.int64),
            clocks=clocks,
            carried=carried,
            carried_state=carried_state,
            weights=weights,
            symbols=np.zeros((0, SYMBOL_COLUMNS), np.int64),
            messages=np.zeros((0, MESSAGE_COLUMNS), np.int64),
            rows=np.full((len(begins), 0), -1, np.int32),
            places=np.full(0, -1, np.int32),
            cells=np.zeros((0, CELL_COLUMNS), np.int32),
            ops=np.zeros((0, OP_COLUMNS), np.int64),
            bodies=np.zeros(0, np.int64),
            flags=np.zeros(0, np.int64),
            sizes=np.array([64, 4, 0, len(begins)], np.int64),
        )
        self._row_count = self._cell_count = self._op_count = 0
        self._index_end = 0
        self._relay(64, 4)
        for era, number in enumerate(edition_of):
            edition = self.editions[number]
            self.tables.eras[era, :ENTRY_LANE] = (
                self.tables.era_begins[era + 1],
                number,
                len(edition.book.lanes),
                bool(edition.remembers_opening),
                _length(edition.book.readings.forget_after),
                ATTACHED[edition.book.attach],
            )
            self.tables.eras[era, ENTRY_LANE:NOTHING] = self._entry(edition)
            self.tables.eras[era, NOTHING:ROWS] = self._fixed(era)

    @staticmethod
    def _carry(old: Sequence[Any], new: Sequence[Any], carried: Any, carried_state: Any) -> None:
        before = {lane.name: place for place, lane in enumerate(old)}
        for place, lane in enumerate(new):
            if lane.name not in before:
                continue
            carried[place] = before[lane.name]
            names = {state.name: number for number, state in enumerate(lane.states)}
            for number, state in enumerate(old[before[lane.name]].states):
                carried_state[place, number] = names.get(state.name, -1)

    @staticmethod
    def _entry(edition: Edition) -> tuple[int, ...]:
        place = edition.places.get(terms.FREE_ENTRY_POINT)
        if place is None:
            return (-1, -1, 0, 0, -1, 0)
        lane = edition.book.lanes[place]
        names = [state.name for state in lane.states]
        open_state = lane.state("open")
        return (
            place,
            names.index("eligible"),
            sum(1 << number for number, name in enumerate(names) if name in ("idle", "eligible")),
            edition.book.readings.answered_at == "sending",
            -1 if open_state.lasts is None else _length(open_state.lasts),
            COUNTED_FROM[open_state.counted_from],
        )

    # --- words to numbers ---------------------------------------------------
    def symbol(self, meaning: Meaning) -> int:
        """The number of what an event is."""
        found = self._symbol_of.get(meaning)
        if found is not None:
            return found
        with self._lock:
            if meaning in self._symbol_of:
                return self._symbol_of[meaning]
            number = len(self.meanings)
            message = -1
            if meaning.content is not None:
                message = self._message(meaning.content, acts.normal_category(meaning.category))
            if number >= self.tables.sizes[0]:
                self._relay(2 * int(self.tables.sizes[0]), int(self.tables.sizes[1]))
            self.tables.symbols[number] = (
                EVENT_CODES[meaning.event],
                message,
                meaning.inferred,
                self._word(meaning.content),
                self._word(acts.normal_category(meaning.category)),
            )
            self.meanings.append(meaning)
            self._symbol_of[meaning] = number
            return number

    def _message(self, content: str, category: str | None) -> int:
        pair = (content, category)
        if pair not in self._messages:
            number = len(self._messages)
            self.tables.messages[number] = (
                self._word(content),
                self._word(category),
                acts.message_of(content, category) == acts.APP,
            )
            self._messages.append(pair)
        return self._messages.index(pair)

    def _word(self, word: str | None) -> int:
        return self._words.setdefault(word, len(self._words))

    def class_of(self, customer: str) -> int:
        """The number of the kind of customer, as far as any rule asks: two of one kind get the same answers."""
        found = self._class_of.get(customer)
        if found is None:
            law = self.law
            dear = {market for edition in law.editions for market in edition.book.readings.international_markets}
            markets = {country for country, _ in law.account.international_from} & dear
            if law.account.sender == "ai_provider":
                markets |= {market for edition in law.editions for market in edition.book.readings.ai_markets}
            kind = (
                numbers.us_area_code(customer),
                tuple(market for market in sorted(markets) if numbers.in_market(customer, {market})),
                customer in law.account.in_experiment,
            )
            with self._lock:
                found = self._classes.get(kind)
                if found is None:
                    found = self._classes[kind] = len(self._names)
                    self._names.append(customer)
                    if found >= self.tables.sizes[1]:
                        self._relay(int(self.tables.sizes[0]), 2 * int(self.tables.sizes[1]))
                if len(self._class_of) < _MOST_CUSTOMERS:
                    self._class_of[customer] = found
        return found

    def classes_of_numbers(self, digits: Any) -> Any:
        """
        The classes of customers who are phone numbers.

        Args:
            digits: int64 or uint64, the digits of each number. Rules ask for its length and its first digits.
        """
        values = digits.view(np.uint64)
        lengths = np.maximum(np.searchsorted(_POWERS, values, side="right"), 1)
        kinds = np.where((lengths < _SHORTEST) | (lengths > _LONGEST), 0, np.where(lengths == _AMERICAN, 2, 1))
        leading = np.where(kinds == 0, 0, values // _POWERS[np.maximum(lengths - _ASKED, 0)]).astype(np.int64)
        found = self._prefixes[kinds, leading]
        for place in np.flatnonzero(found < 0):
            kind, prefix = int(kinds[place]), int(leading[place])
            if self._prefixes[kind, prefix] < 0:
                text = str(values[place])
                sample = text if kind == 0 else text[:_ASKED].ljust(len(text), "0")
                while sample in self.law.account.in_experiment:
                    sample = str(int(sample) + 1)
                self._prefixes[kind, prefix] = self.class_of(sample)
            found[place] = self._prefixes[kind, prefix]
        for customer in self.law.account.in_experiment:
            if customer.isascii() and customer.isdecimal() and len(customer) <= _LONGEST:
                found[values == np.uint64(int(customer))] = self.class_of(customer)
        return found

    def _relay(self, symbols: int, classes: int) -> None:
        """Lay the rows out anew for more symbols and classes; a row once compiled stays where it is."""
        old, (old_symbols, old_classes) = self.tables.rows, (int(size) for size in self.tables.sizes[:2])
        # A sending has a row per symbol and class, a delivery per message, class and whether it answers.
        rows = np.full((len(self._era_begins), 3 * symbols * classes), -1, np.int32)
        if old.shape[1]:
            fresh = rows.reshape(len(rows), 3 * symbols, classes)
            before = old.reshape(len(rows), 3 * old_symbols, old_classes)
            fresh[:, :old_symbols, :old_classes] = before[:, :old_symbols]
            fresh[:, symbols : symbols + 2 * old_symbols, :old_classes] = before[:, old_symbols:]
        eras = self.tables.eras.copy()
        eras[:, ROWS] = np.arange(len(rows)) * rows.shape[1]
        self.tables = self.tables._replace(
            eras=eras,
            rows=rows,
            sizes=np.array([symbols, classes, rows.shape[1], len(rows)], np.int64),
            symbols=grown(self.tables.symbols, symbols),
            messages=grown(self.tables.messages, symbols),
        )

    def _make_room(self, **lengths: int) -> None:
        """
        Let some tables be so long.

        Whoever runs with the tables as they were must never find a way to what lies behind their end: with a longer
        table come copies of those that lead to it.
        """
        longer = {
            name: grown(getattr(self.tables, name), length, -1 if name == "places" else 0)
            for name, length in lengths.items()
            if len(getattr(self.tables, name)) < length
        }
        if longer:
            copies = {"rows": self.tables.rows.copy(), "places": self.tables.places.copy(), **longer}
            self.tables = self.tables._replace(**copies)

    # --- cells --------------------------------------------------------------
    def fill(self, asked: Tables, era: int, act: int, configuration: int) -> None:
        """
        Compile the cell that the kernel asked for.

        Args:
            asked: the tables that it ran with; they may have been laid out anew since.
            era: its number.
            act: column of `asked.rows`.
            configuration: its number.
        """
        with self._lock:
            column, customer_class = divmod(act, int(asked.sizes[1]))
            symbols, classes = (int(size) for size in self.tables.sizes[:2])
            if column >= asked.sizes[0]:
                column += symbols - int(asked.sizes[0])
            act = column * classes + customer_class
            edition_number = int(self.tables.era_edition[era])
            base = int(self.tables.rows[era, act])
            if base < 0:
                base = self._index_end
                self._index_end += self._sizes[edition_number]
                self._make_room(places=self._index_end)
            if self.tables.places[base + configuration] < 0:
                number = self._compiled(era, column, customer_class, configuration)
                self.tables.places[base + configuration] = number
            self.tables.rows[era, act] = base

    def _compiled(self, era: int, column: int, customer_class: int, configuration: int) -> int:
        symbols = int(self.tables.sizes[0])
        edition = self.editions[int(self.tables.era_edition[era])]
        thread = self._thread(era, configuration, customer_class)
        if column >= symbols:
            message, answers = divmod(column - symbols, 2)
            return self._delivery(edition, thread, *self._messages[message], bool(answers))
        meaning = self.meanings[column]
        event = Event(at=thread.at, business=thread.business, customer=thread.customer, id="", **meaning._asdict())
        if meaning.event == "message_sent":
            return self._sending(edition, thread, event)
        after, outcome = reference._from_customer(edition, thread, event)
        fired: tuple[Any, ...] = ()
        if edition.engine.knows(event.event):
            true = edition.facts(thread.states) | reference.customer_facts(edition, event)
            fired = edition.engine.move(thread.states, event.event, true)[1]
        return self._cell(edition, thread, after, fired, outcome, outcome)

    def _thread(self, era: int, configuration: int, customer_class: int) -> Thread:
        edition = self.editions[int(self.tables.era_edition[era])]
        states = []
        for lane, weight in zip(
            edition.book.lanes, self.tables.weights[int(self.tables.era_edition[era])], strict=False
        ):
            states.append(lane.states[configuration // int(weight) % len(lane.states)].name)
        return Thread(
            business="business",
            customer=self._names[customer_class] if customer_class < len(self._names) else "",
            at=self._era_begins[era] * MICROS,
            edition=edition.book.edition,
            states=tuple(states),
            deadlines=edition.nothing,
            opened=edition.nothing,
        )

    def _sending(self, edition: Edition, thread: Thread, event: Event) -> int:
        told = []
        for left in (True, False):
            after, outcome = reference._sent(self.law, edition, thread, event, left, True)
            told.append((outcome, after.messages[-1].refused))
        bits = REFUSED_LEFT * told[0][1] + REFUSED_NONE * told[1][1]
        self.contest(told[0][1] != told[1][1])
        return self._cell(edition, thread, thread, (), told[0][0], told[1][0], bits)

    def _delivery(self, edition: Edition, thread: Thread, content: str, category: str | None, answers: bool) -> int:
        sent = Sent(id="m", content=content, category=category, at=thread.at, answered=answers)
        thread = changed(thread, messages=(sent,))
        event = Event(
            event="message_delivered", at=thread.at, business=thread.business, customer=thread.customer, id="m"
        )
        message = acts.message_of(content, category)
        act = f"{message}_delivered"
        true = frozenset({facts.ANSWERS_ENTRY}) if answers else frozenset()
        fired: tuple[Any, ...] = ()
        if edition.engine.knows(act):
            fired = edition.engine.move(thread.states, act, edition.facts(thread.states) | true)[1]
        joined = [index for index, row in fired if row.dest == JOINS]
        if len(joined) < 2 or edition.book.attach == "unspecified":
            return self._delivered_cell(edition, thread, event, fired)
        # Which conversation it joins depends on their clocks: one cell for each that could win.
        cells = []
        for winner in joined:
            early, late = (1, 2) if edition.book.attach == "newest" else (2, 1)
            deadlines = [
                (thread.at + MICROS * (late if index == winner else early)) if index in joined else None
                for index in range(len(thread.states))
            ]
            cells.append(
                self._delivered_cell(edition, changed(thread, deadlines=tuple(deadlines)), event, fired, shared=False)
            )
        first = cells[0]
        for place, cell in enumerate(cells):
            assert cell == first + place
            self.tables.cells[cell, WINNER] = joined[place]
            self.tables.cells[cell, FIRST_JOINED] = len(cells) - place
        return first

    def _delivered_cell(
        self, edition: Edition, thread: Thread, event: Event, fired: tuple[Any, ...], *, shared: bool = True
    ) -> int:
        after, left = reference._delivered(self.law, edition, thread, event, True, None)
        _, none = reference._delivered(self.law, edition, thread, event, False, None)
        sent = thread.messages[0]
        return self._cell(edition, thread, after, fired, left, none, 0, (sent.content, sent.category), shared=shared)

    def _fixed(self, era: int) -> tuple[int, ...]:
        edition = self.editions[int(self.tables.era_edition[era])]
        thread = self._thread(era, 0, 0)
        failed = Event(event="message_failed", at=thread.at, business="business", id="m")
        delivered = Event(event="message_delivered", at=thread.at, business="business", id="m")
        sent = Sent(id="m", content="free_form", category=None, at=thread.at)
        told = (
            Outcome(),
            reference._delivered(self.law, edition, thread, delivered, False, None)[1],
            reference._failed(edition, thread, failed)[1],
            reference._failed(edition, changed(thread, messages=(sent,)), failed)[1],
            reference._failed(edition, changed(thread, messages=(changed(sent, delivered=True),)), failed)[1],
        )
        return tuple(
            self._cell(
                edition, thread, thread, (), outcome, outcome, 0, ("", None) if number == UNKNOWN - NOTHING else None
            )
            for number, outcome in enumerate(told)
        )

    def _cell(
        self,
        edition: Edition,
        before: Thread,
        after: Thread,
        fired: Iterable[Any],
        left: Outcome,
        none: Outcome,
        bits: int = 0,
        about: tuple[str, str | None] | None = None,
        *,
        shared: bool = True,
    ) -> int:
        """The number of a cell for all this: another's, if that says and does the same and nothing sets it apart."""
        ops = self._ops(edition, before, after, fired)
        names = tuple(name for op, name in ops if name)
        bits |= (
            USES * left.uses_allowance
            | USES_NONE * none.uses_allowance
            | CONTESTED * (left != none)
            | OPENS * bool(names)
        )
        first = self._first_op(tuple(op for op, _ in ops))
        weights = self.tables.weights[self.editions.index(edition)]
        configuration = 0
        for lane, state, weight in zip(edition.book.lanes, after.states, weights, strict=False):
            configuration += [each.name for each in lane.states].index(state) * int(weight)
        cell = (configuration, self._outcome(left), self._outcome(none), first, first + len(ops), bits, -1, 0)
        if shared:
            found = self._cell_of.get((cell, names, about))
            if found is not None:
                return found
        number = self._cell_count
        self._cell_count += 1
        self._make_room(cells=self._cell_count)
        self.tables.cells[number] = cell
        self.opened.append(names)
        self.about.append(about)
        if shared:
            self._cell_of[cell, names, about] = number
        return number

    def _first_op(self, ops: tuple[tuple[int, ...], ...]) -> int:
        """Where some ops stand, one behind the other. Most cells do what many do: short tables stay close to the processor."""
        found = self._ops_at.get(ops)
        if found is None:
            found = self._ops_at[ops] = self._op_count
            self._op_count += len(ops)
            self._make_room(ops=self._op_count)
            for place, op in enumerate(ops):
                self.tables.ops[found + place] = op
        return found

    def told(self, edition: int, left: Outcome, none: Outcome, about: tuple[str, str | None] | None = None) -> int:
        """A cell for what the reference decided: it has outcomes, and moves nothing."""
        with self._lock:
            found = self._told.get((left, none, about))
            if found is None:
                thread = self._thread(int(np.flatnonzero(self.tables.era_edition == edition)[0]), 0, 0)
                names = [name for name in left.opens if name != terms.CUSTOMER_SERVICE_WINDOW]
                bits = OPENS * bool(names)
                found = self._cell(self.editions[edition], thread, thread, (), left, none, bits, about, shared=False)
                self.opened[found] = tuple(names)
                self._told[left, none, about] = found
            return found

    def contest(self, differs: bool) -> None:
        """Keep in mind whether a refusal hangs on the allowance; once one does, it stays so."""
        if differs:
            self.contested_refusals = True

    def lookup(self) -> Any:
        """The members of all outcomes so far, as arrays: see `fsm.bulk.results.Lookup`."""
        from fsm.bulk.results import Lookup

        with self._lock:
            if self._lookup is None:
                self._lookup = Lookup()
            self._lookup.learn(self)
            return self._lookup

    def _ops(
        self, edition: Edition, before: Thread, after: Thread, fired: Iterable[Any]
    ) -> list[tuple[tuple[int, ...], str]]:
        """What the rows that acted do to the clocks, and the names of what they open."""
        ops: list[tuple[tuple[int, ...], str]] = []
        readings = edition.book.readings
        for index, row in fired:
            if row.dest in (STAYS, JOINS):
                continue
            lane = edition.book.lanes[index]
            was, now = lane.state(before.states[index]), lane.state(after.states[index])
            clock, counts, lasts, most = STOPS, FROM_EVENT, 0, -1
            if row.dest == EXTENDS:
                clock, lasts = GAINS, _length(row.adds)
                most = -1 if was.at_most is None else _length(was.at_most)
            elif now.lasts is not None:
                clock, counts, lasts = STARTS, COUNTED_FROM[now.counted_from], _length(now.lasts)
            opened = KEEPS
            if index in edition.remembers_opening:
                opened = CLEARS if not now.open else KEEPS if was.open else SETS
            stated = readings.entry_point_end_from_webhook and lane.name == terms.FREE_ENTRY_POINT and now.open
            opens = now.open and not (was.open and was.reported == now.reported)
            name = now.reported if opens and now.reported != terms.CUSTOMER_SERVICE_WINDOW else ""
            place = [state.name for state in lane.states].index(now.name)
            ops.append(((index, place, clock, counts, lasts, most, opened, stated, bool(name)), name))
        return ops

    def _outcome(self, outcome: Outcome) -> int:
        found = self._outcome_of.get(outcome)
        if found is None:
            found = self._outcome_of[outcome] = len(self.outcomes)
            self.outcomes.append(outcome)
            body = self._body_of.setdefault(changed(outcome, flags=()), len(self._body_of))
            self._make_room(bodies=found + 1, flags=found + 1)
            self.tables.bodies[found] = body
            self.tables.flags[found] = sum(FLAG_BIT[flag] for flag in outcome.flags)
        return found


_MOST_CUSTOMERS: Final = 1_000_000
_POWERS: Final = np.array([10**power for power in range(20)], np.uint64)
_SHORTEST, _LONGEST, _AMERICAN = 7, 15, 11
"""Digits of a phone number, and of a North American one with its calling code: the only ones with an area code."""
_ASKED: Final = 4
"""Leading digits that tell all that rules ask: a calling code, or +1 and an area code."""
assert all(
    len(code) <= _ASKED
    for codes in numbers.CALLING_CODES.values()
    for code in ((codes,) if isinstance(codes, str) else codes)
)


def _configurations(edition: Edition) -> int:
    count = 1
    for lane in edition.book.lanes:
        count *= len(lane.states)
    return count


def _length(length: timedelta) -> int:
    whole, rest = divmod(length, timedelta(milliseconds=1))
    if rest:
        raise BadRulebook(f"a clock of {length} is no whole number of milliseconds, which is what columns count in.")
    return whole


def _millis(at: int) -> int:
    whole, rest = divmod(at, MICROS)
    if rest:
        raise BadRulebook(f"the law changes at {at} µs, which is no whole millisecond, and columns count in those.")
    return whole


def grown(array: Any, length: int, filler: int = 0) -> Any:
    """The array with room for `length`; a longer copy where it has none, so that whoever reads the old one still can."""
    if len(array) >= length:
        return array
    longer = np.full((max(length, 2 * len(array), 64), *array.shape[1:]), filler, array.dtype)
    longer[: len(array)] = array
    return longer


__all__ = ["FAR", "Meaning", "Program", "State", "Tables"]
