"""The rows that money depends on: what was delivered, what it opened and what it was charged as."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fsm.bulk.encode import TOP
from fsm.bulk.layout import BITS, OPENS
from fsm.bulk.memory import NO_ID
from fsm.bulk.program import Program
from fsm.bulk.results import Settled
from fsm.columns.names import Names, result_words
from fsm.columns.schema import BECAUSE, BUSINESS, NAMES_KEY, SCHEMA_KEY, VERSION, VERSION_KEY

LEDGER_COLUMNS: Final[Mapping[str, str]] = {
    "business": "id of the business phone number",
    "customer": "id of the customer; a number where the log's is",
    "id": "message id; a number where the log's is",
    "participant": "of a message to a group, the member whom the delivery is about: the charge is that of the member's market",
    "event": "the status that told of the delivery",
    "at": "instant, milliseconds since 1970 (UTC)",
    "content": "what was delivered, as it was sent; null if nobody knows",
    "category": "its category",
    "rulebook": "the law in force",
    "edition": "the very edition of it",
    "because": "ids of the rules that acted, a blank between two",
    "charge": "the rate line that is charged",
    "why": "the reason of the charge, or of none",
    "opens": "what it opened: bit n stands for the n-th name",
    "ends_at": "when the first conversation or free entry point that it opened ends, in the order of the lanes",
    "other_ends_at": "the same of the second",
    "joins": "the open conversation that the message belongs to",
    "unit": "the unit of the month's free allowance that it used",
    "units": "how many of them there are",
    "flags": "contradictions and doubts: bit n stands for the n-th name",
}
"""The columns of a ledger and what they hold."""
_ALWAYS: Final = ("business", "customer", "event", "at", "rulebook", "edition", "because", "opens", "flags")
"""The columns that hold something in every row."""


def ledger_columns(rows: Settled, program: Program, fill: ModuleType, chosen: Any = None) -> Any:
    """
    The ledger's rows as a record batch: every first delivery of a message, and every delivery nobody can explain.

    Args:
        rows: answers with their outcomes.
        program: that gave them.
        fill: the functions of `fsm.bulk.fill`, compiled or not.
        chosen: places of the answers to look at; all if None.
    """
    answers, encoded = rows.answers, rows.answers.encoded
    look, words = program.lookup(), result_words()
    places = _delivered(rows, look, chosen)
    count = len(places)
    customers, ids, at = (np.empty(count, np.int64) for _ in range(3))
    events, businesses = np.empty(count, np.int8), np.empty(count, np.int32)
    because, flags, opens = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int16)
    texts, told = np.empty((2, count), np.int16), np.empty((5, count), np.int8)
    editions = np.array(
        [
            (words["rulebook"].index(edition.book.name), words["edition"].index(edition.book.edition))
            for edition in program.editions
        ],
        np.int8,
    )
    flip = TOP if encoded.texts is None else 0
    kinds = program.tables.symbols
    fill.copied(places, answers.rows, encoded.records, kinds, flip, customers, ids, at, events, businesses)
    fill.looked_up(
        places,
        answers.cells,
        rows.outcomes,
        answers.editions,
        rows.flags,
        look.of_cells,
        look.of_outcomes,
        editions,
        because,
        texts,
        told,
        opens,
        flags,
    )
    ends = _ends(rows, program, fill, places)
    unit, units = (
        column[places].astype(np.int32) if rows.whole.any() else np.zeros(count, np.int32)
        for column in (rows.place, rows.whole)
    )
    columns = {
        "business": _dictionary(businesses, encoded.businesses),
        "customer": _numbers(pa.uint64(), customers)
        if encoded.customers is None
        else pa.array(encoded.customers, pa.string()).take(pa.array(customers)),
        "id": _numbers(pa.uint64(), ids)
        if encoded.texts is None
        else pa.array(encoded.texts, pa.string()).take(pa.array(ids, mask=ids == NO_ID)),
        "participant": _members(rows, places),
        "event": _numbers(pa.int8(), events),
        "at": _numbers(pa.int64(), at),
        "content": _dictionary(texts[0], look.contents),
        "category": _dictionary(texts[1], look.categories),
        "rulebook": _numbers(pa.int8(), told[3]),
        "edition": _numbers(pa.int8(), told[4]),
        "because": _dictionary(because, look.because),
        "charge": _numbers(pa.int8(), told[0], told[0] >= 0),
        "why": _numbers(pa.int8(), told[1], told[1] >= 0),
        "opens": _numbers(pa.int16(), opens),
        "ends_at": _numbers(pa.int64(), ends[0], ends[0] != 0),
        "other_ends_at": _numbers(pa.int64(), ends[1], ends[1] != 0),
        "joins": _numbers(pa.int8(), told[2], told[2] >= 0),
        "unit": _numbers(pa.int32(), unit, unit != 0),
        "units": _numbers(pa.int32(), units, units != 0),
        "flags": _numbers(pa.int32(), flags),
    }
    return pa.record_batch(
        [columns[name] for name in LEDGER_COLUMNS],
        schema=ledger_schema(**{name: column.type for name, column in columns.items()}),
    )


def _members(rows: Settled, places: Any) -> Any:
    """The members of groups whom some answers are about, as a column."""
    odd = rows.answers.encoded.odd
    if not odd:
        return pa.nulls(len(places), pa.string())
    sources = rows.answers.rows[places].tolist()
    return pa.array([odd[row][0] or None if row in odd else None for row in sources], pa.string())


def _delivered(rows: Settled, look: Any, chosen: Any) -> Any:
    """The places of the answers that stand in a ledger."""
    delivers = look.delivers[rows.answers.cells]
    return np.flatnonzero(delivers) if chosen is None else chosen[delivers[chosen]]


@cache
def ledger_schema(**types: Any) -> Any:
    """The schema of a ledger whose columns have these types; the words behind the codes stand in its metadata."""
    metadata = {
        SCHEMA_KEY: b"fsm.ledger",
        VERSION_KEY: VERSION.encode(),
        NAMES_KEY: Names(dict(result_words())).written().encode(),
    }
    assert types["business"] == BUSINESS
    assert types["because"] == BECAUSE
    fields = [pa.field(name, types[name], nullable=name not in _ALWAYS) for name in LEDGER_COLUMNS]
    return pa.schema(fields, metadata=metadata)


def _numbers(kind: Any, values: Any, there: Any = None) -> Any:
    """Numbers as a column, without a copy; null where they are not there."""
    bits = None
    if there is not None and not there.all():
        bits = pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(values)])


def _dictionary(codes: Any, words: Any) -> Any:
    """Codes of words as a column; null where they are negative."""
    indices = _numbers(pa.from_numpy_dtype(codes.dtype), codes, codes >= 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()), safe=False)


def _ends(rows: Settled, program: Program, fill: ModuleType, places: Any) -> Any:
    """When the first and the second thing that each row opened end, in the order of the lanes; 0 for none."""
    answers = rows.answers
    ends = np.zeros((2, len(places)), np.int64)
    if len(answers.ends):
        fill.ended(places, answers.cells, program.tables.cells, answers.ends, ends[0], ends[1])
        return ends
    cells = answers.cells[places]
    for place in np.flatnonzero(program.tables.cells[cells, BITS] & OPENS).tolist():
        edition = program.editions[int(answers.editions[places[place]])]
        names = program.opened[int(cells[place])]
        lanes = [lane for lane in edition.book.lanes if any(state.reported in names for state in lane.states)]
        for number, lane in enumerate(lanes[:2]):
            ends[number, place] = answers.clocks[places[place], edition.places[lane.name]]
    return ends
