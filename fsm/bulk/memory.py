"""What the kernel works on: the rows of whole threads, what it remembers of messages, and what it writes down."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from fsm.bulk.layout import MAX_LANES

NO_ID: Final = -(1 << 63)
"""The key of an event that is about no message; keys of ids rise as the ids do."""

# Columns of a record; business and symbol share the last one.
CUSTOMER, AT, ID, WHAT, ORIGIN = range(5)
RECORD: Final = ORIGIN
"""Numbers in a record, without its origin."""
# Columns of a narrow record: instant, business and symbol share the last one.
NARROW_ID, NARROW_WHAT, NARROW = range(1, 4)
SYMBOL_BITS, BUSINESS_BITS, AT_BITS = 13, 9, 41
WHAT_BITS: Final = SYMBOL_BITS + BUSINESS_BITS
"""How many bits each has in it: an instant may lie before September 2039."""
WORD: Final = 32
LOW: Final = (1 << WORD) - 1

# What is remembered of a message, and its bits.
KNOWN, ANSWERED, REFUSED, DELIVERED, FAILED, INFERRED = 1, 2, 4, 8, 16, 32

# Places in the vector that is a thread: where its era stands in `Tables.eras`, the number of its configuration, when a
# clock ran out last, from when on messages are remembered, when something changes by itself next, whether sendings were
# noted, and the act whose cell is missing. Behind them one clock, opening and state per lane.
LAW, CONFIGURATION, RAN_OUT, HORIZON, DUE, MAPPED, MISSED = range(7)
CLOCKS: Final = 8
OPENINGS: Final = CLOCKS + MAX_LANES
STATES: Final = OPENINGS + MAX_LANES
VECTOR: Final = STATES + MAX_LANES

# What a sweep ends with.
DONE, MISSING, FULL, CROWDED, BROKEN = range(5)

# How wide tables are.
GROUP_COLUMNS, PAIR_COLUMNS, SLOT_COLUMNS, TABLE_COLUMNS = 5, 6, 5, 4
# Columns of a slot, one for each message of a thread: bits of what is known, when it was sent, what it is, the stated
# end of an entry point, the row of its record of sending.
KNOWS, SENT_AT, ABOUT, ENDS, TOLD = range(5)
# Columns of the table in which `fsm.bulk.shape` looks messages up: the thread, the id, the kinds of event that told of
# it with its number behind them, and the first row about it.
OWNER, KEY, SEEN, FIRST = range(4)
SEEN_BITS: Final = 16
# Places in `Memory.counts`: two messages put aside, how much room there is, and where a thread that waits for a cell goes
# on: its row (-1 for none); in an instant of several events the place, the later event, the pairs that were tried, and
# what was being run (-1 for none).
ASIDE, OTHER_ASIDE, SLOTS, PAIRS, GROUP = 0, 4, 8, 9, 10
WAITS, WAITS_PLACE, WAITS_LATER, WAITS_PAIRS, WAITS_PHASE, COUNTS = range(11, 17)
# Places in `has`.
HAS_ENDS, HAS_LEFT, HAS_CLOCKS = 0, 1, 1

MOST_UNITS: Final = 15
"""A tie is told apart by how many free units are left, up to this many."""


class Rows(NamedTuple):
    """
    Distinct events of whole threads, each thread in canonical order. Read only.

    Attributes:
        at: int64, milliseconds since 1970 (UTC).
        about: int32, the message of its thread that a row is about: twice its number, and one more if the row is the
            first about it; -1 for none. No two rows tell of the same event of one message.
        symbols: int32, see `Program.symbol`.
        ends: int64, the stated end of a free entry point; 0 for none. Empty if no row has one.
        starts: int64, where each thread begins, and the end of the last.
        classes: int32, the class of each thread's customer.
        left: uint8, by row, whether a unit of the allowance is left. Empty while nobody knows.
        has: int64, whether there are `ends`, and whether there is `left`.
    """

    at: Any
    about: Any
    symbols: Any
    ends: Any
    starts: Any
    classes: Any
    left: Any
    has: Any


class Memory(NamedTuple):
    """
    What is known of the messages of one thread, and room for what a tie could have been; int64.

    Attributes:
        slots: by message: what is known of it.
        counts: see above.
        vector, before, scratch: the thread, and room for two more.
        pairs: two events that could have come the other way round, and what they would have done.
        group: for every event of an instant its slot, its cell, what it raised, the units left and its row.
    """

    slots: Any
    counts: Any
    vector: Any
    before: Any
    scratch: Any
    pairs: Any
    group: Any


class Written(NamedTuple):
    """
    What a sweep writes, by row unless said.

    Attributes:
        cells: int32, see `Tables.cells`.
        raised: int32, bits of flags that hang on the message.
        ties: uint16, bit n: the answer depends on the order within its instant if n units are left (15: or more).
        routed: uint8, by thread.
        clocks: int64, by row and lane, the deadlines that show; 0 for none. Empty if nobody asked.
        ends: int64, by row, the deadlines of up to two things it opened; 0 for none. Empty if nobody asked.
        has: int64, whether there are `ends`, and whether there are `clocks`.
    """

    cells: Any
    raised: Any
    ties: Any
    routed: Any
    clocks: Any
    ends: Any
    has: Any


def new_memory(slots: int = 1024, pairs: int = 128) -> Memory:
    """Room for a thread with so many messages, and for so many events of one instant."""
    counts = np.zeros(COUNTS, np.int64)
    counts[SLOTS], counts[PAIRS], counts[GROUP] = slots, pairs, pairs
    counts[WAITS] = counts[WAITS_PHASE] = -1
    return Memory(
        slots=np.zeros((slots, SLOT_COLUMNS), np.int64),
        counts=counts,
        vector=np.zeros(VECTOR, np.int64),
        before=np.zeros(VECTOR, np.int64),
        scratch=np.zeros(VECTOR, np.int64),
        pairs=np.zeros((pairs, PAIR_COLUMNS), np.int64),
        group=np.zeros((pairs, GROUP_COLUMNS), np.int64),
    )


def new_written(rows: int, threads: int, *, clocks: bool = False, ends: bool = False) -> Written:
    """Room for what a sweep writes."""
    return Written(
        cells=np.zeros(rows, np.int32),
        raised=np.zeros(rows, np.int32),
        ties=np.zeros(rows, np.uint16),
        routed=np.zeros(threads, np.uint8),
        clocks=np.zeros((rows if clocks else 0, MAX_LANES), np.int64),
        ends=np.zeros((rows if ends else 0, 2), np.int64),
        has=np.array([ends, clocks], np.int64),
    )
