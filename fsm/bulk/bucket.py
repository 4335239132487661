"""Whole threads, run: rows go in, and for every distinct event its cell comes out."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import attrs
import numpy as np

from fsm import terms
from fsm.bulk import memory as room
from fsm.bulk.encode import Encoded, classes_of
from fsm.bulk.hybrid import Decided, decide
from fsm.bulk.jit import load
from fsm.bulk.layout import BITS, ERA_COLUMNS, FLAG_BIT, MAX_LANES, MICROS, OPENS
from fsm.bulk.memory import ORIGIN, Rows, Written
from fsm.bulk.program import Program
from fsm.errors import BadRulebook
from fsm.events.event import RANK
from fsm.machine import Law
from fsm.replay.fold import CROWD

_NAMES = sorted(terms.EVENTS)


@attrs.define(kw_only=True)
class Answers:
    """
    What the distinct events of a bucket did, as arrays by answer; for a ledger only those that it hangs on.

    Attributes:
        encoded: the rows they are about, in an order of their own.
        rows: int64, the row of each answer in `encoded`; threads together, each in canonical order.
        cells, raised, ties, clocks, ends: see `Written`; no cell is `ROUTED` any more.
        editions: int64, number of the edition.
        most: int64, up to how many units `ties` tells apart.
        threads, routed: how many there were, and how many of them the reference decided.
        distinct: how many distinct events there were.
    """

    encoded: Encoded
    rows: Any
    cells: Any
    raised: Any
    ties: Any
    clocks: Any
    ends: Any
    editions: Any
    most: Any
    threads: int
    routed: int
    distinct: int = 0


BY_ROW = ("rows", "cells", "raised", "ties", "clocks", "ends", "editions", "most")


class Runner:
    """
    Runs buckets of whole threads. One per worker: it owns the kernel's memory.

    Args:
        program: of the account; workers may share it.
        compiled: by numba; otherwise Python runs the same functions.
        clocks: give all answers and all deadlines; otherwise only the answers that a ledger hangs on, and the deadlines
            of what they opened.
    """

    def __init__(self, program: Program, *, compiled: bool = True, clocks: bool = True) -> None:
        self.program, self._clocks = program, clocks
        self.kernel: ModuleType = load("kernel", compiled)
        self.shape: ModuleType = load("shape", compiled)
        self.fill: ModuleType = load("fill", compiled)
        self._memory = room.new_memory()

    def answers(
        self,
        encoded: Encoded,
        left: Callable[[Encoded, Any], tuple[Any, Any]] | None = None,
    ) -> Answers:
        """
        What every distinct event did.

        Args:
            encoded: rows of whole threads, in any order.
            left: of some rows whether a unit of the allowance is left, and how many were before their instant; None
                while nobody knows: then both answers are in the cells.
        """
        encoded, starts = self._threads(encoded)
        rows, kept, routed, repeated = self._laid_out(encoded, starts)
        units = None
        if left is not None:
            is_left, units = left(encoded, kept)
            rows = rows._replace(left=is_left.astype(np.uint8), has=np.array([rows.has[0], 1], np.int64))
            # A refusal that hangs on the allowance is remembered: where it runs out within an instant, the
            # reference decides.
            tight = np.flatnonzero((units > 0) & (units < max(CROWD, 64)))
            routed[np.searchsorted(rows.starts, tight, side="right") - 1] = 1
        out = self.sweep(rows, routed)
        out.raised[repeated] |= FLAG_BIT["conflict"]
        places = np.empty(len(kept), np.int64)
        look = self.program.lookup()
        count, distinct = self.fill.sift(
            out.cells, rows.starts, out.routed, look.all if self._clocks else look.matters, places
        )
        places = places[:count]
        source, at = np.empty(count, np.int64), np.empty(count, np.int64)
        cells, raised, ties = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.uint16)
        ends = np.empty((0 if self._clocks else count, 2), np.int64)
        self.fill.picked(
            places,
            kept,
            rows.at,
            out.cells,
            out.raised,
            out.ties,
            out.ends,
            source,
            at,
            cells,
            raised,
            ties,
            ends,
        )
        answers = Answers(
            encoded=encoded,
            rows=source,
            cells=cells,
            raised=raised,
            ties=ties,
            clocks=out.clocks[places] if self._clocks else out.clocks,
            ends=ends,
            editions=self.editions_at(at),
            most=np.full(count, room.MOST_UNITS, np.int64),
            threads=len(routed),
            routed=int(out.routed.sum()),
            distinct=distinct,
        )
        if answers.routed:
            self._by_reference(answers, starts, out.routed, left)
        return answers

    def rows(self, encoded: Encoded) -> Rows:
        """The distinct rows of whole threads, as the kernel takes them."""
        return self._laid_out(*self._threads(encoded))[0]

    def again(self, rows: Rows, out: Written) -> None:
        """Run rows whose every cell is compiled, and nothing else: for measurements."""
        threads = len(rows.starts) - 1
        status, _ = self.kernel.sweep(self.program.tables, self._memory, rows, out, 0, threads)
        assert status == room.DONE, status

    def editions_at(self, at: Any) -> Any:
        """The number of the edition in force at every instant."""
        tables = self.program.tables
        return tables.era_edition[np.searchsorted(tables.era_begins, at, side="right") - 1]

    # --- threads ------------------------------------------------------------
    def _threads(self, encoded: Encoded) -> tuple[Encoded, Any]:
        """The rows thread by thread, each in canonical order, and where threads begin."""
        records = encoded.records
        marked = len(encoded.ends) > 0 or bool(encoded.odd)
        if marked:
            records = np.column_stack([records, np.arange(len(records))])
        count = len(records)
        size = 16
        while size < 2 * count:
            size *= 2
        first, numbers = np.empty(count, np.int32), np.empty(count, np.int32)
        threads = self.shape.number_threads(records, np.full(size, -1, np.int32), first, numbers)
        starts, ordered = np.zeros(threads + 2, np.int64), np.empty_like(records)
        self.shape.side_by_side(records, numbers, starts, ordered)
        starts = starts[: threads + 1]
        longest = int(np.diff(starts).max()) if threads else 0
        room = np.empty((longest + 1, ordered.shape[1]), np.int64)
        self.shape.sort_threads(ordered, self._places(), starts, room)
        if not marked:
            return attrs.evolve(encoded, records=ordered), starts
        origin = ordered[:, ORIGIN]
        odd = {}
        if encoded.odd:
            now = np.empty(count, np.int64)
            now[origin] = np.arange(count)
            odd = {int(now[row]): members for row, members in encoded.odd.items()}
        ends = encoded.ends[origin] if len(encoded.ends) else encoded.ends
        records = np.ascontiguousarray(ordered[:, :ORIGIN])
        return attrs.evolve(encoded, records=records, ends=ends, odd=odd), starts

    def _places(self) -> Any:
        """Rank of the kind of event of every symbol, and its place among those of its rank."""
        names = np.array([(RANK[name], _NAMES.index(name)) for name in terms.EVENTS], np.int64)
        return names[self.program.tables.symbols[:, 0]]

    def _laid_out(self, encoded: Encoded, starts: Any) -> tuple[Rows, Any, Any, Any]:
        """
        Distinct rows for the kernel, the record that each came from, threads for the reference, and rows told again.
        """
        count, threads = len(encoded.records), len(starts) - 1
        at, kept, repeated = (np.empty(count, np.int64) for _ in range(3))
        about, symbols = np.empty(count, np.int32), np.empty(count, np.int32)
        out_starts, routed = np.empty(threads + 1, np.int64), np.zeros(threads, np.uint8)
        events = np.ascontiguousarray(self.program.tables.symbols[:, 0])
        longest = int(np.diff(starts).max()) if threads else 0
        table = np.full((_slots(longest), room.TABLE_COLUMNS), -1, np.int64)
        distinct, repeats = self.shape.lay_out(
            encoded.records,
            encoded.ends,
            events,
            starts,
            table,
            at,
            about,
            symbols,
            out_starts,
            kept,
            routed,
            repeated,
        )
        if encoded.odd:
            routed[np.searchsorted(starts, list(encoded.odd), side="right") - 1] = 1
        kept = kept[:distinct]
        ends = encoded.ends[kept] if len(encoded.ends) else encoded.ends
        rows = Rows(
            at=at[:distinct],
            about=about[:distinct],
            symbols=symbols[:distinct],
            ends=ends,
            starts=out_starts,
            classes=classes_of(encoded, kept[out_starts[:-1]], self.program),
            left=np.zeros(0, np.uint8),
            has=np.array([len(ends) > 0, 0], np.int64),
        )
        return rows, kept, routed, repeated[:repeats]

    # --- the kernel ---------------------------------------------------------
    def sweep(self, rows: Rows, routed: Any = None) -> Written:
        """
        Run the kernel over distinct rows of whole threads, compiling what it lacks.

        Args:
            rows: see `Rows`.
            routed: uint8 by thread, those to leave to the reference.
        """
        threads = len(rows.starts) - 1
        out = room.new_written(len(rows.at), threads, clocks=self._clocks, ends=not self._clocks)
        if routed is not None:
            out.routed[:] = routed
        program, number = self.program, 0
        self._memory.counts[[room.WAITS, room.WAITS_PHASE]] = -1
        while number < threads:
            tables = program.tables
            status, number = self.kernel.sweep(tables, self._memory, rows, out, number, threads)
            if status == room.MISSING:
                vector = self._memory.vector
                program.fill(
                    tables,
                    int(vector[room.LAW]) // ERA_COLUMNS,
                    int(vector[room.MISSED]),
                    int(vector[room.CONFIGURATION]),
                )
            elif status == room.FULL:
                self._room(slots=int(rows.starts[number + 1] - rows.starts[number]))
            elif status == room.CROWDED:
                self._room(pairs=2 * len(self._memory.pairs))
                # The thread is run again from its start.
                mine = slice(int(rows.starts[number]), int(rows.starts[number + 1]))
                out.raised[mine] = out.ties[mine] = 0
            elif status == room.BROKEN:
                raise BadRulebook(
                    "an edition of the law drops a lane that is still open. Keep it until nothing can be open in it."
                )
        return out

    def _room(self, slots: int = 0, pairs: int = 0) -> None:
        old = self._memory
        self._memory = room.new_memory(slots or len(old.slots), pairs or len(old.pairs))

    # --- the reference ------------------------------------------------------
    def _by_reference(self, answers: Answers, starts: Any, routed: Any, left: Any) -> None:
        """Decide routed threads by the reference, and put its answers behind the kernel's."""
        encoded, law = answers.encoded, self.program.law
        told: list[tuple[int, Decided]] = []
        for thread in np.flatnonzero(routed).tolist():
            mine = list(range(int(starts[thread]), int(starts[thread + 1])))
            told += self._decided(law, encoded, mine, left)
        parts = [self._row(place, each) for place, each in told]
        for name in BY_ROW:
            kept = getattr(answers, name)
            if name == ("ends" if self._clocks else "clocks"):
                continue
            new = [part[name] for part in parts]
            kind = object if name == "ties" and any(value > 0xFFFF for value in new) else kept.dtype
            added = np.array(new, kind).reshape(len(new), *kept.shape[1:])
            setattr(answers, name, np.concatenate([kept.astype(kind), added]))
        answers.distinct += len(told)

    def _decided(self, law: Law, encoded: Encoded, mine: list[int], left: Any) -> list[tuple[int, Decided]]:
        events = {row: encoded.event(row) for row in mine}
        if left is None:
            decided = decide(law, events.values())
            self.program.contest(any(each.refusals_differ for each in decided))
        else:
            is_left, units = left(encoded, np.array(mine, np.int64))
            known = {events[row].order: (bool(is_left[place]), int(units[place])) for place, row in enumerate(mine)}
            decided = decide(
                law,
                events.values(),
                left=lambda event: known[event.order][0],
                units=lambda event: known[event.order][1],
            )
        row_of = {(event.key, event.at): row for row, event in reversed(events.items())}
        return [(row_of[each.event.key, each.event.at], each) for each in decided]

    def _row(self, row: int, each: Decided) -> dict[str, Any]:
        edition = self.program.editions.index(each.edition)
        clocks = np.zeros(MAX_LANES, np.int64)
        for name, at in each.deadlines.items():
            clocks[each.edition.places[name]] = at // MICROS
        cell = self.program.told(edition, each.left, each.none, each.about)
        ends = np.zeros(2, np.int64)
        if self.program.tables.cells[cell, BITS] & OPENS:
            lanes = [lane for lane in each.edition.book.lanes if self._reports(each, lane.name)]
            for place, lane in enumerate(lanes[:2]):
                ends[place] = clocks[each.edition.places[lane.name]]
        units = each.ties
        if each.most < room.MOST_UNITS and units:
            # Beyond what was tried, more units change nothing.
            units = 0xFFFF if units >> each.most & 1 and each.most == 0 else units
        return {
            "rows": row,
            "cells": cell,
            "raised": 0,
            "ties": units,
            "clocks": clocks,
            "ends": ends,
            "editions": edition,
            "most": max(each.most, room.MOST_UNITS) if each.most else room.MOST_UNITS,
        }

    @staticmethod
    def _reports(each: Decided, lane: str) -> bool:
        place = each.edition.places[lane]
        state = each.edition.book.lanes[place].state(each.thread.states[place])
        return state.reported in each.left.opens and state.reported != terms.CUSTOMER_SERVICE_WINDOW


def _slots(rows: int) -> int:
    """How large the table is in which messages of a thread of so many rows are looked up: a power of two."""
    return max(16, 1 << (rows + (rows >> 2) + 1).bit_length())
