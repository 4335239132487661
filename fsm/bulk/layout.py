"""How the tables of a program are laid out: their columns, their bits, the codes in them. Constants, compiled into the kernel."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from fsm import terms

FAR: Final = 1 << 62
"""An instant that never comes: the deadline of a clock that does not run."""
MICROS: Final = 1_000
"""Microseconds in the millisecond that columns count in."""

MAX_LANES: Final = 12
MAX_STATES: Final = 6

FLAGS: Final = tuple(terms.FLAGS)
FLAG_BIT: Final = {name: 1 << place for place, name in enumerate(FLAGS)}

# What a clock counts from.
FROM_EVENT, FROM_SENDING, FROM_OPENING = range(3)
COUNTED_FROM: Final = {"event": FROM_EVENT, "sending": FROM_SENDING, "opening": FROM_OPENING}
# What happens to a lane's clock: it stops, starts, or gets more time.
STOPS, STARTS, GAINS = range(3)
# What happens to the instant at which a lane became open.
KEEPS, SETS, CLEARS = range(3)

# Columns of `Tables.eras`: when it ends; of its edition its number, how many lanes there are, whether openings are
# remembered, how long messages are, and how one that could join several conversations is attributed; the free entry
# point's lane, states and clock; the cells that depend on the era alone; and where its rows begin.
UNTIL, EDITION, LANES, REMEMBERS, FORGET, ATTACH = range(6)
ENTRY_LANE, ELIGIBLE, ANSWERABLE, AT_SENDING, OVER_LENGTH, OVER_FROM = range(6, 12)
NOTHING, UNKNOWN, FAILED_UNKNOWN, FAILED_CELL, FAILED_REACHED, ROWS, ERA_COLUMNS = range(12, 19)
# Columns of `Tables.clocks`.
LENGTH, COUNTED, THEN, IS_OPEN, HIDDEN, KEEPS_OPENED = range(6)
# Columns of `Tables.cells`.
NEXT, LEFT, NONE, OPS, OPS_END, BITS, WINNER, FIRST_JOINED = range(8)
# Bits of a cell.
USES, REFUSED_LEFT, REFUSED_NONE, CONTESTED, OPENS, USES_NONE = 1, 2, 4, 8, 16, 32
# Columns of `Tables.ops`.
LANE, STATE, CLOCK, COUNTS, LASTS, AT_MOST, OPENED, STATED, REPORTS = range(9)
# Columns of `Tables.symbols`.
EVENT, MESSAGE, IS_INFERRED, CONTENT, CATEGORY = range(5)
# Columns of `Tables.messages`.
SENT_CONTENT, SENT_CATEGORY, IS_APP = range(3)
# How a message that could join several conversations is attributed.
UNSPECIFIED, NEWEST, OLDEST = range(3)
ATTACHED: Final = {"unspecified": UNSPECIFIED, "newest": NEWEST, "oldest": OLDEST}

# How wide tables are.
CLOCK_COLUMNS, CELL_COLUMNS, OP_COLUMNS = 6, 8, 9
SYMBOL_COLUMNS, MESSAGE_COLUMNS = 5, 3

EVENT_CODES: Final = {name: code for code, name in enumerate(terms.EVENTS)}
SENT: Final = EVENT_CODES["message_sent"]
CALLED: Final = EVENT_CODES["customer_call"]
FAILED_EVENT: Final = EVENT_CODES["message_failed"]
FIRST_DELIVERY: Final = min(EVENT_CODES[name] for name in terms.DELIVERY_EVENTS)
CUSTOMERS: Final = len(terms.CUSTOMER_EVENTS)
"""Codes of customer events lie below this, those of messages at or above `SENT`."""
assert terms.EVENTS[FIRST_DELIVERY:] == terms.DELIVERY_EVENTS
assert terms.EVENTS[SENT:] == terms.MESSAGE_EVENTS
assert terms.EVENTS[:CUSTOMERS] == terms.CUSTOMER_EVENTS


class Tables(NamedTuple):
    """
    The arrays of a program; int64 unless said.

    Attributes:
        era_begins, era_edition: eras, oldest first (the last begin never comes), and the edition of each.
        eras: by era, what the kernel asks of it.
        lanes: by edition, how many lanes it has.
        clocks: by edition, lane and state.
        carried, carried_state: by edition and lane: the lane of the edition before, and its states renamed.
        weights: by edition and lane: what a state is worth in the number of a configuration.
        symbols, messages: what events and messages are.
        rows: int32, by era and act: where its row of cells begins in `places`; -1 if nobody asked yet.
        places: int32: the number of a cell, by row and configuration; -1 if nobody asked yet.
        cells, ops: what cells do; cells are int32.
        bodies, flags: by outcome: its number without flags, and its flags.
        sizes: how many symbols and classes `rows` is laid out for, how wide it is, and how many eras there are.
    """

    era_begins: Any
    era_edition: Any
    eras: Any
    lanes: Any
    clocks: Any
    carried: Any
    carried_state: Any
    weights: Any
    symbols: Any
    messages: Any
    rows: Any
    places: Any
    cells: Any
    ops: Any
    bodies: Any
    flags: Any
    sizes: Any
