"""A log that fits into memory, as columns, through the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from fsm.bulk.bucket import Answers, Runner
from fsm.bulk.encode import Encoded, encode
from fsm.bulk.layout import LEFT, MICROS
from fsm.bulk.program import Program
from fsm.bulk.results import Settled, both_columns, close, result_columns, settled
from fsm.bulk.settle import Settler
from fsm.errors import BadColumns, NoRulebookInForce
from fsm.machine import Law


def replay_columns(columns: Any, law: Law, *, compiled: bool = True) -> Any:
    """
    The results of a log, as columns, in canonical order.

    Args:
        columns: a record batch or table of `fsm.columns.event_schema`; in any order, with any duplicates.
        law: for the account.
        compiled: by numba; otherwise Python runs the same functions.

    Returns:
        A `pyarrow.RecordBatch` of `fsm.columns.result_schema`.

    Raises:
        NoRulebookInForce: an event lies before the first rulebook.
        BadColumns: columns that do not hold what their names say.
        MissingExtra: numba is not installed, and it was to compile.
    """
    program = _program_of(law)
    runner = Runner(program, compiled=compiled)
    encoded = encode(columns, program, runner.shape)
    check_covered(encoded.at, program)
    rows = settle_all(runner, encoded, program)
    places = np.array(
        sorted(range(len(rows.outcomes)), key=lambda place: rows.answers.encoded.order(int(rows.answers.rows[place]))),
        np.int64,
    )
    return result_columns(rows, program, places)


@lru_cache(maxsize=8)
def _program_of(law: Law) -> Program:
    """The program of a law: what was compiled for one log serves the next."""
    return Program(law)


class Threads:
    """
    Batches of whole threads to batches of results, for an engine that parts a log and counts the allowance itself.

    One per worker. It gives both answers where the allowance decides, so no worker needs to know of another's threads.

    Args:
        law: for the account.
        compiled: by numba.

    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> wrote = Event(event="customer_message", at=1_700_000_000_000_000, business="b", customer="c", id="m")
    >>> Threads(Law(), compiled=False).results(from_events([wrote])).column("opens").to_pylist()
    [1]
    """

    def __init__(self, law: Law, *, compiled: bool = True) -> None:
        self._program = Program(law)
        self._runner = Runner(self._program, compiled=compiled)
        self._settler = Settler(self._program, None)

    def results(self, columns: Any) -> Any:
        """
        The results of whole threads: a record batch, see `fsm.bulk.results.both_columns`.

        Args:
            columns: a record batch or table of `fsm.columns.event_schema` with all events of each of its threads, in any
                order, with any duplicates.

        Raises:
            NoRulebookInForce: an event lies before the first rulebook.
            BadColumns: a refusal hangs on the allowance (an account without payment method), and the flags of later
                rows on the refusal: what this gives would not be enough.
        """
        encoded = encode(columns, self._program, self._runner.shape)
        check_covered(encoded.at, self._program)
        answers = self._runner.answers(encoded)
        if self._program.contested_refusals:
            raise BadColumns(
                "this account has no payment method, so the allowance decides what is refused, and that cannot be told "
                "thread by thread. Use fsm.bulk.bulk_replay, which goes through the log twice."
            )
        return both_columns(answers, self._program, self._settler)


def settle_all(runner: Runner, encoded: Encoded, program: Program) -> Settled:
    """Run one bucket that is the whole log."""
    first_at = int(encoded.at.min()) if len(encoded.at) else None
    answers = runner.answers(encoded)
    rows, settler = _settled(answers, runner, program, first_at)
    if program.contested_refusals:
        # A refusal hangs on the allowance, and flags of later rows on the refusal: again, now that it is known.
        again = runner.answers(encoded, left=Known.of(rows, settler, program))
        rows, _ = _settled(again, runner, program, first_at)
    return rows


def _settled(answers: Answers, runner: Runner, program: Program, first_at: int | None) -> tuple[Settled, Settler]:
    settler = Settler(program, first_at)
    rows = settled(answers, program, settler, runner.fill)
    if rows.pending is not None:
        for decision in settler.decide([rows.pending]):
            close(rows, decision, program)
    return rows, settler


class Known:
    """
    What a first run found out about the allowance.

    Args:
        left: of the rows that it left open, by their place, whether a unit was left.
        settler: counted the units.
        program: of the account.
    """

    def __init__(self, left: Mapping[int, bool], settler: Settler, program: Program) -> None:
        self._left, self._settler, self._program = left, settler, program

    @classmethod
    def of(cls, rows: Settled, settler: Settler, program: Program) -> Known:
        """What was found out about all rows of a log."""
        with_left = program.tables.cells[rows.answers.cells[rows.open], LEFT]
        return cls(
            dict(
                zip(
                    rows.answers.rows[rows.open].tolist(), (rows.outcomes[rows.open] == with_left).tolist(), strict=True
                )
            ),
            settler,
            program,
        )

    def __call__(self, encoded: Encoded, rows: Any) -> tuple[Any, Any]:
        """Whether a unit was left at some rows, and how many before their instants."""
        tables = self._program.tables
        editions = tables.era_edition[np.searchsorted(tables.era_begins, encoded.at[rows], side="right") - 1]
        left, units = np.zeros(len(rows), bool), np.zeros(len(rows), np.int64)
        metered = np.flatnonzero(self._settler.units[editions] > 0)
        if len(metered):
            at = encoded.at[rows[metered]]
            with self._settler.lock:
                keys = self._settler.keys_of(at, editions[metered], encoded.business_of(rows[metered]))
            for place, key, instant in zip(metered.tolist(), keys.tolist(), at.tolist(), strict=True):
                units[place] = self._settler.left_before(key, instant)
                left[place] = self._left.get(int(rows[place]), units[place] > 0)
        return left, units


def check_covered(at: Any, program: Program) -> None:
    """
    Raises:
        NoRulebookInForce: an instant lies before the first rulebook.
    """
    if len(at) and int(at.min()) < program.first:
        program.law.edition_at(int(at.min()) * MICROS)
        raise NoRulebookInForce("an event lies before the first rulebook.")


__all__ = ["Known", "Threads", "check_covered", "replay_columns", "settle_all"]
