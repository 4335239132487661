"""
The kernel: scalar functions over primitives that look up what an act does, and run the clocks.

Tables are read through pointers, row by row: an array that numba knows would be counted at every use.

No rule stands here. numba compiles these functions (`fsm.bulk.jit.kernel`); without it Python runs them as they are,
and the same tests run both ways.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import called, compiled, inlined, pointer_of
from fsm.bulk.memory import (
    ABOUT,
    ANSWERED,
    BROKEN,
    CLOCKS,
    CONFIGURATION,
    CROWDED,
    DELIVERED,
    DONE,
    DROPPED,
    DUE,
    ENDS,
    ERA,
    FAILED,
    FIRST,
    FULL,
    GROUP,
    GROUP_COLUMNS,
    HAS_CLOCKS,
    HAS_ENDS,
    HAS_LEFT,
    HORIZON,
    INFERRED,
    KEY,
    KNOWN,
    KNOWS,
    MAPPED,
    MASK,
    MISSED,
    MISSING,
    MOST_UNITS,
    NO_ID,
    OPENINGS,
    OWNER,
    PAIR_COLUMNS,
    PAIRS,
    RAISED,
    RAN_OUT,
    REFUSED,
    ROUTED,
    RUN,
    SEEN_FROM,
    SENT_AT,
    SLOT_COLUMNS,
    SLOTS,
    STATES,
    TOLD,
    VECTOR,
    Memory,
    Rows,
    Written,
)
from fsm.bulk.program import (
    ANSWERABLE,
    AT_MOST,
    AT_SENDING,
    BITS,
    CALLED,
    CATEGORY,
    CELL_COLUMNS,
    CLEARS,
    CLOCK,
    CLOCK_COLUMNS,
    CONTENT,
    CONTESTED,
    COUNTED,
    COUNTS,
    CUSTOMERS,
    ELIGIBLE,
    ENTRY_COLUMNS,
    ENTRY_LANE,
    EVENT,
    FAILED_EVENT,
    FAILED_REACHED,
    FAILED_UNKNOWN,
    FAR,
    FIRST_DELIVERY,
    FIRST_JOINED,
    FIXED_COLUMNS,
    FLAG_BIT,
    FROM_OPENING,
    FROM_SENDING,
    GAINS,
    HIDDEN,
    IS_APP,
    IS_OPEN,
    KEEPS_OPENED,
    LANE,
    LASTS,
    LEFT,
    LENGTH,
    MAX_LANES,
    MAX_STATES,
    MESSAGE,
    MESSAGE_COLUMNS,
    NEWEST,
    NEXT,
    NONE,
    NOTHING,
    OP_COLUMNS,
    OPENED,
    OPENS,
    OPS,
    OPS_END,
    OVER_FROM,
    OVER_LENGTH,
    REFUSED_LEFT,
    REFUSED_NONE,
    REPORTS,
    SENT,
    SENT_CATEGORY,
    SENT_CONTENT,
    SETS,
    STARTS,
    STATE,
    STATED,
    SYMBOL_COLUMNS,
    THEN,
    UNKNOWN,
    USES,
    WINNER,
    Tables,
)
from fsm.bulk.program import FAILED as FAILED_CELL
from fsm.bulk.program import INFERRED as IS_INFERRED
from fsm.replay.fold import CROWD

pointer = pointer_of(__name__)
BOUNDARY_FLAG = FLAG_BIT["boundary"]
REFUSED_FLAG = FLAG_BIT["delivered_though_refused"]
FAILED_FLAG = FLAG_BIT["delivered_and_failed"]
BEFORE_FLAG = FLAG_BIT["delivered_before_sent"]
DRIFT_FLAG = FLAG_BIT["category_drift"]
INFERRED_FLAG = FLAG_BIT["inferred"]
CONFLICT_FLAG = FLAG_BIT["conflict"]
ALL_UNITS = 0xFFFF
LOST = -3
"""What a step gives instead of a cell: `LOST` for a cell that nobody compiled yet, `STUCK` for a broken rulebook."""
STUCK = -4
USUAL, LATER_FIRST, EARLIER_THEN = range(3)
"""What is being run: an event in its place, a later one in front of it, or it behind that one."""


# --- clocks -----------------------------------------------------------------
@called
def run_out(T: Any, V: Any, to: int) -> None:
    """Let the clocks that are due run out, in the order of their deadlines, ties in the order of the lanes."""
    edition = T.era_edition[V[ERA]]
    lanes = T.lanes[edition]
    while True:
        at, lane = FAR, -1
        for each in range(lanes):
            if V[CLOCKS + each] < at:
                at, lane = V[CLOCKS + each], each
        if at > to:
            V[DUE] = at
            return
        state = V[STATES + lane]
        then = T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + state) * CLOCK_COLUMNS + THEN]
        length = T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + then) * CLOCK_COLUMNS + LENGTH]
        if length < 0:
            V[CLOCKS + lane] = FAR
        elif T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + then) * CLOCK_COLUMNS + COUNTED] == FROM_OPENING:
            opened = V[OPENINGS + lane]
            V[CLOCKS + lane] = at if opened < 0 else opened + length
        else:
            V[CLOCKS + lane] = at + length
        V[STATES + lane] = then
        V[CONFIGURATION] += (then - state) * T.weights[edition * MAX_LANES + lane]
        if T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + state) * CLOCK_COLUMNS + HIDDEN] == 0:
            V[RAN_OUT] = at
        if (
            T.remembers[edition] == 1
            and T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + state) * CLOCK_COLUMNS + IS_OPEN] == 1
            and T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + then) * CLOCK_COLUMNS + IS_OPEN] == 0
            and T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + then) * CLOCK_COLUMNS + KEEPS_OPENED] == 0
        ):
            V[OPENINGS + lane] = -1


@called
def carry_over(T: Any, V: Any, S: Any, old: int, new: int) -> Any:
    """Pass into the next edition: lanes that go on keep state and clock. False if it drops a lane that is open."""
    before, after = T.lanes[old], T.lanes[new]
    for each in range(VECTOR):
        S[each] = V[each]
    taken = 0
    configuration = 0
    for lane in range(after):
        source = T.carried[new * MAX_LANES + lane]
        state, clock, opened = 0, FAR, -1
        if source >= 0:
            taken |= 1 << source
            state = T.carried_state[(new * MAX_LANES + lane) * MAX_STATES + S[STATES + source]]
            if state < 0:
                return False
            clock, opened = S[CLOCKS + source], S[OPENINGS + source]
        V[STATES + lane] = state
        V[CLOCKS + lane] = clock
        V[OPENINGS + lane] = opened
        configuration += state * T.weights[new * MAX_LANES + lane]
    for lane in range(before):
        if (
            taken >> lane & 1 == 0
            and T.clocks[(((old) * MAX_LANES + lane) * MAX_STATES + S[STATES + lane]) * CLOCK_COLUMNS + IS_OPEN] == 1
        ):
            return False
    V[CONFIGURATION] = configuration
    return True


@called
def advance(T: Any, V: Any, S: Any, to: int) -> Any:
    """The thread at a later instant, if nothing happens until then; False if an edition drops what is open."""
    while True:
        era = V[ERA]
        ends = T.era_begins[era + 1]
        until = min(ends, to)
        if V[DUE] <= until:
            run_out(T, V, until)
        if ends > to:
            return True
        old, new = T.era_edition[era], T.era_edition[era + 1]
        if old != new and not carry_over(T, V, S, old, new):
            return False
        V[ERA] = era + 1


@inlined
def move(T: Any, V: Any, cell: int, at: int, sent_at: int, ends_at: int) -> None:
    """Do what a cell says to states and clocks."""
    V[CONFIGURATION] = T.cells[(cell) * CELL_COLUMNS + NEXT]
    for op in range(T.cells[(cell) * CELL_COLUMNS + OPS], T.cells[(cell) * CELL_COLUMNS + OPS_END]):
        lane = T.ops[op * OP_COLUMNS + LANE]
        opened = V[OPENINGS + lane]
        deadline = V[CLOCKS + lane]
        kind = T.ops[op * OP_COLUMNS + CLOCK]
        if kind == GAINS:
            most = T.ops[op * OP_COLUMNS + AT_MOST]
            if deadline != FAR and opened >= 0 and most >= 0:
                deadline = min(deadline + T.ops[op * OP_COLUMNS + LASTS], opened + most)
        if T.ops[op * OP_COLUMNS + OPENED] == SETS:
            opened = at
        elif T.ops[op * OP_COLUMNS + OPENED] == CLEARS:
            opened = -1
        if kind == STARTS:
            length = T.ops[op * OP_COLUMNS + LASTS]
            if T.ops[op * OP_COLUMNS + COUNTS] == FROM_OPENING:
                deadline = at if opened < 0 else opened + length
            elif T.ops[op * OP_COLUMNS + COUNTS] == FROM_SENDING:
                deadline = sent_at + length
            else:
                deadline = at + length
        elif kind != GAINS:
            deadline = FAR
        if T.ops[op * OP_COLUMNS + STATED] == 1 and ends_at > at:
            deadline = ends_at
        V[STATES + lane] = T.ops[op * OP_COLUMNS + STATE]
        V[OPENINGS + lane] = opened
        V[CLOCKS + lane] = deadline
        if deadline < V[DUE]:
            V[DUE] = deadline


# --- messages ---------------------------------------------------------------
@inlined
def slot_of(M: Any, key: int) -> Any:
    """The slot of an id; a new one if the thread has not met it."""
    mask = M.counts[MASK]
    run = M.counts[RUN]
    place = (key ^ (key >> 17) ^ (key >> 41)) & mask
    while True:
        slot = place * SLOT_COLUMNS
        if M.slots[slot + OWNER] != run:
            M.slots[slot + OWNER] = run
            M.slots[slot + KEY] = key
            M.slots[slot + KNOWS] = 0
            M.slots[slot + TOLD] = -1
            M.slots[slot + FIRST] = -1
            return slot
        if M.slots[slot + KEY] == key:
            return slot
        place = (place + 1) & mask


@called
def map_sendings(T: Any, M: Any, R: Any, first: int, last: int) -> None:
    """Note of every message of a thread which row records its sending."""
    for row in range(first, last):
        if T.symbols[R.symbols[row] * SYMBOL_COLUMNS + EVENT] == SENT:
            slot = slot_of(M, R.ids[row])
            if M.slots[slot + TOLD] < 0:
                M.slots[slot + TOLD] = row
    M.vector[MAPPED] = 1


@inlined
def answers(T: Any, V: Any, edition: int, message: int, answered: bool, at: int, sent_at: int) -> Any:
    """Whether the delivery of this message answers the free entry point in time, as the reference says."""
    lane = T.entries[edition * ENTRY_COLUMNS + ENTRY_LANE]
    if lane < 0 or T.messages[message * MESSAGE_COLUMNS + IS_APP] == 1:
        return 0
    state = V[STATES + lane]
    if T.entries[edition * ENTRY_COLUMNS + ANSWERABLE] >> state & 1 == 0:
        return 0
    if T.entries[edition * ENTRY_COLUMNS + AT_SENDING] == 0:
        return 1 if state == T.entries[edition * ENTRY_COLUMNS + ELIGIBLE] else 0
    if not answered:
        return 0
    length = T.entries[edition * ENTRY_COLUMNS + OVER_LENGTH]
    if length < 0:
        return 1
    counted = T.entries[edition * ENTRY_COLUMNS + OVER_FROM]
    if counted == FROM_OPENING:
        return 0
    return 1 if (sent_at if counted == FROM_SENDING else at) + length > at else 0


@inlined
def waiting(T: Any, V: Any, edition: int) -> Any:
    """Whether a free entry point is waiting for an answer."""
    lane = T.entries[edition * ENTRY_COLUMNS + ENTRY_LANE]
    return lane >= 0 and V[STATES + lane] == T.entries[edition * ENTRY_COLUMNS + ELIGIBLE]


@inlined
def cell_at(T: Any, V: Any, act: int) -> Any:
    """The cell of an act in the present configuration; `LOST` if nobody compiled it yet."""
    row = T.rows[V[ERA] * T.sizes[2] + act]
    if row >= 0:
        cell = T.places[row + V[CONFIGURATION]]
        if cell >= 0:
            return cell
    V[MISSED] = act
    return LOST


# --- one step ---------------------------------------------------------------
@inlined
def step(
    T: Any,
    M: Any,
    V: Any,
    symbol: int,
    at: int,
    ends: int,
    slot: int,
    told_symbol: int,
    told_ends: int,
    group: int,
    left: bool,
) -> Any:
    """The cell of one event; what hangs on its message alone is in `V[RAISED]`."""
    if (V[DUE] <= at or T.era_begins[V[ERA] + 1] <= at) and not advance(T, V, M.scratch, at):
        return STUCK
    event = T.symbols[symbol * SYMBOL_COLUMNS + EVENT]
    classes = T.sizes[1]
    if event < SENT:
        cell = cell_at(T, V, symbol * classes)
        V[RAISED] = 0
        if cell >= 0:
            move(T, V, cell, at, at, 0)
        return cell
    era = V[ERA]
    edition = T.era_edition[era]
    raised = BOUNDARY_FLAG if V[RAN_OUT] == at else 0
    bits = M.slots[slot + KNOWS]
    known = bits & KNOWN != 0 and M.slots[slot + SENT_AT] >= V[HORIZON]
    if event == SENT:
        cell = cell_at(T, V, symbol * classes + group)
        if cell < 0:
            return cell
        new = bits >> SEEN_FROM << SEEN_FROM | KNOWN
        if known:
            new |= bits & (DELIVERED | FAILED)
        if waiting(T, V, edition):
            new |= ANSWERED
        if T.symbols[symbol * SYMBOL_COLUMNS + IS_INFERRED] == 1:
            new |= INFERRED
        if T.cells[(cell) * CELL_COLUMNS + BITS] & (REFUSED_LEFT if left else REFUSED_NONE) != 0:
            new |= REFUSED
        M.slots[slot + KNOWS] = new
        M.slots[slot + SENT_AT] = at
        M.slots[slot + ABOUT] = T.symbols[symbol * SYMBOL_COLUMNS + MESSAGE]
        M.slots[slot + ENDS] = ends
        V[HORIZON] = max(V[HORIZON], at - T.forget[edition])
        V[RAISED] = raised
        return cell
    if event == FAILED_EVENT:
        V[RAISED] = raised
        if not known:
            return T.fixed[era * FIXED_COLUMNS + FAILED_UNKNOWN]
        M.slots[slot + KNOWS] = bits | FAILED
        return (
            T.fixed[era * FIXED_COLUMNS + FAILED_REACHED]
            if bits & DELIVERED != 0
            else T.fixed[era * FIXED_COLUMNS + FAILED_CELL]
        )
    if known and bits & DELIVERED != 0:
        V[RAISED] = raised
        return T.fixed[era * FIXED_COLUMNS + NOTHING]
    if known:
        message, sent_at, sent_ends = M.slots[slot + ABOUT], M.slots[slot + SENT_AT], M.slots[slot + ENDS]
    else:
        teller = told_symbol if told_symbol >= 0 else symbol
        message, sent_at = T.symbols[teller * SYMBOL_COLUMNS + MESSAGE], at
        sent_ends = told_ends if told_symbol >= 0 else ends
        if message < 0:
            V[RAISED] = raised
            return T.fixed[era * FIXED_COLUMNS + UNKNOWN]
        bits = bits >> SEEN_FROM << SEEN_FROM | KNOWN
        if waiting(T, V, edition):
            bits |= ANSWERED
        if T.symbols[teller * SYMBOL_COLUMNS + IS_INFERRED] == 1:
            bits |= INFERRED
    if (
        T.symbols[symbol * SYMBOL_COLUMNS + IS_INFERRED] == 1
        and T.symbols[symbol * SYMBOL_COLUMNS + CATEGORY] >= 0
        and bits & INFERRED == 0
        and T.symbols[symbol * SYMBOL_COLUMNS + CONTENT] == T.messages[message * MESSAGE_COLUMNS + SENT_CONTENT]
        and T.symbols[symbol * SYMBOL_COLUMNS + CATEGORY] != T.messages[message * MESSAGE_COLUMNS + SENT_CATEGORY]
    ):
        message = T.symbols[symbol * SYMBOL_COLUMNS + MESSAGE]
        raised |= DRIFT_FLAG
    answer = answers(T, V, edition, message, bits & ANSWERED != 0, at, sent_at)
    cell = cell_at(T, V, (T.sizes[0] + 2 * message + answer) * classes + group)
    if cell < 0:
        return cell
    rivals = T.cells[(cell) * CELL_COLUMNS + FIRST_JOINED]
    if rivals > 1:
        first, best = cell, -1
        for rival in range(rivals):
            clock = V[CLOCKS + T.cells[(first + rival) * CELL_COLUMNS + WINNER]]
            clock = 0 if clock == FAR else clock
            if best < 0 or (clock > best if T.attach[edition] == NEWEST else clock < best):
                best, cell = clock, first + rival
    if bits & REFUSED != 0:
        raised |= REFUSED_FLAG
    if bits & FAILED != 0:
        raised |= FAILED_FLAG
    if bits & INFERRED != 0:
        raised |= INFERRED_FLAG
    elif not known:
        raised |= BEFORE_FLAG
    M.slots[slot + KNOWS] = bits | DELIVERED
    M.slots[slot + SENT_AT] = sent_at
    M.slots[slot + ABOUT] = message
    M.slots[slot + ENDS] = sent_ends
    if not known:
        V[HORIZON] = max(V[HORIZON], at - T.forget[edition])
    move(T, V, cell, at, sent_at, ends if ends > 0 else sent_ends)
    V[RAISED] = raised
    return cell


# --- two events of one instant ----------------------------------------------
@called
def differ(T: Any, one: int, one_left: bool, one_raised: int, other: int, other_left: bool, other_raised: int) -> Any:
    """Whether two answers are not the same."""
    first = T.cells[(one) * CELL_COLUMNS + LEFT] if one_left else T.cells[(one) * CELL_COLUMNS + NONE]
    second = T.cells[(other) * CELL_COLUMNS + LEFT] if other_left else T.cells[(other) * CELL_COLUMNS + NONE]
    return T.bodies[first] != T.bodies[second] or (T.flags[first] | one_raised) != (T.flags[second] | other_raised)


@inlined
def could_swap(T: Any, R: Any, one: int, other: int) -> Any:
    """Whether two events of one instant could have come the other way round, and it could matter."""
    if R.ids[one] != NO_ID and R.ids[one] == R.ids[other]:
        return False
    return (
        T.symbols[R.symbols[one] * SYMBOL_COLUMNS + EVENT] >= CUSTOMERS
        or T.symbols[R.symbols[other] * SYMBOL_COLUMNS + EVENT] >= CUSTOMERS
    )


@called
def tie_bits(T: Any, M: Any, size: int, pairs: int, ties: Any) -> Any:
    """Mark which events of an instant would have another answer the other way round; False in too large a crowd."""
    contested = False
    for each in range(size):
        contested |= T.cells[(M.group[each * GROUP_COLUMNS + 2]) * CELL_COLUMNS + BITS] & CONTESTED != 0
    for pair in range(pairs):
        contested |= T.cells[(M.pairs[pair * PAIR_COLUMNS + 2]) * CELL_COLUMNS + BITS] & CONTESTED != 0
        contested |= T.cells[(M.pairs[pair * PAIR_COLUMNS + 4]) * CELL_COLUMNS + BITS] & CONTESTED != 0
    if contested and size > MOST_UNITS:
        return False
    for units in range(size + 1 if contested else 1):
        mask = ALL_UNITS if not contested else (ALL_UNITS << units) & ALL_UNITS if units == size else 1 << units
        left = units
        for each in range(size):
            M.group[each * GROUP_COLUMNS + 4] = left
            if left > 0 and T.cells[(M.group[each * GROUP_COLUMNS + 2]) * CELL_COLUMNS + BITS] & USES != 0:
                left -= 1
        for pair in range(pairs):
            earlier, later = M.pairs[pair * PAIR_COLUMNS + 0], M.pairs[pair * PAIR_COLUMNS + 1]
            left = M.group[earlier * GROUP_COLUMNS + 4]
            left_then = (
                left - 1
                if left > 0 and T.cells[(M.pairs[pair * PAIR_COLUMNS + 2]) * CELL_COLUMNS + BITS] & USES != 0
                else left
            )
            if differ(
                T,
                M.group[earlier * GROUP_COLUMNS + 2],
                M.group[earlier * GROUP_COLUMNS + 4] > 0,
                M.group[earlier * GROUP_COLUMNS + 3],
                M.pairs[pair * PAIR_COLUMNS + 4],
                left_then > 0,
                M.pairs[pair * PAIR_COLUMNS + 5],
            ):
                ties[M.group[earlier * GROUP_COLUMNS + 5]] |= mask
            if differ(
                T,
                M.group[later * GROUP_COLUMNS + 2],
                M.group[later * GROUP_COLUMNS + 4] > 0,
                M.group[later * GROUP_COLUMNS + 3],
                M.pairs[pair * PAIR_COLUMNS + 2],
                left > 0,
                M.pairs[pair * PAIR_COLUMNS + 3],
            ):
                ties[M.group[later * GROUP_COLUMNS + 5]] |= mask
    return True


@called
def keep(M: Any, slot: int, K: Any, place: int) -> None:
    """Put aside what is known of a message."""
    if slot >= 0:
        K[place], K[place + 1], K[place + 2], K[place + 3] = (
            M.slots[slot + KNOWS],
            M.slots[slot + SENT_AT],
            M.slots[slot + ABOUT],
            M.slots[slot + ENDS],
        )


@called
def give_back(M: Any, slot: int, K: Any, place: int) -> None:
    """Put back what was known of a message."""
    if slot >= 0:
        M.slots[slot + KNOWS], M.slots[slot + SENT_AT], M.slots[slot + ABOUT], M.slots[slot + ENDS] = (
            K[place],
            K[place + 1],
            K[place + 2],
            K[place + 3],
        )


@inlined
def row_step(T: Any, M: Any, R: Any, row: int, slot: int, told: int, group: int) -> Any:
    """The cell of one row."""
    ends = R.ends[row] if R.has[HAS_ENDS] == 1 else 0
    told_symbol, told_ends = -1, 0
    if told >= 0:
        told_symbol = R.symbols[told]
        told_ends = R.ends[told] if R.has[HAS_ENDS] == 1 else 0
    left = R.left[row] == 1 if R.has[HAS_LEFT] == 1 else True
    return step(T, M, M.vector, R.symbols[row], R.at[row], ends, slot, told_symbol, told_ends, group, left)


@called
def remember(M: Any, earlier: int, later: int) -> None:
    """Put the thread aside, and what it knows of two messages, before they are tried the other way round."""
    for each in range(VECTOR):
        M.before[each] = M.vector[each]
    keep(M, M.group[earlier * GROUP_COLUMNS + 0], M.counts, 2)
    keep(M, M.group[later * GROUP_COLUMNS + 0], M.counts, 6)


@called
def undo(M: Any, earlier: int, later: int) -> None:
    """Put the thread back as it was."""
    for each in range(VECTOR):
        M.vector[each] = M.before[each]
    give_back(M, M.group[earlier * GROUP_COLUMNS + 0], M.counts, 2)
    give_back(M, M.group[later * GROUP_COLUMNS + 0], M.counts, 6)


# --- whole threads ----------------------------------------------------------
@called
def begin(T: Any, M: Any, at: int, rows: int) -> None:
    """A thread to which nothing has happened yet. It gets no more slots than it needs: they stay near."""
    V = M.vector
    low, high = 0, T.sizes[3]
    while high - low > 1:
        middle = (low + high) // 2
        if T.era_begins[middle] <= at:
            low = middle
        else:
            high = middle
    V[ERA] = low
    V[CONFIGURATION] = 0
    V[RAN_OUT] = -1
    V[HORIZON] = -1
    V[DUE] = FAR
    V[MAPPED] = 0
    V[RAISED] = 0
    for lane in range(T.lanes[T.era_edition[low]]):
        V[CLOCKS + lane] = FAR
        V[OPENINGS + lane] = -1
        V[STATES + lane] = 0
    slots = 8
    while slots < rows + (rows >> 2) + 1:
        slots *= 2
    M.counts[MASK] = slots - 1
    M.counts[RUN] += 1


@inlined
def write_down(T: Any, V: Any, out: Any, row: int, cell: int) -> None:
    """Write what a row did. Columns that are mostly 0 begin so, and few rows write to them."""
    out.cells[row] = cell
    if V[RAISED] != 0:
        out.raised[row] |= V[RAISED]
    if out.has[HAS_CLOCKS] == 1:
        edition = T.era_edition[V[ERA]]
        for lane in range(T.lanes[edition]):
            shows = (
                V[CLOCKS + lane] < FAR
                and T.clocks[(((edition) * MAX_LANES + lane) * MAX_STATES + V[STATES + lane]) * CLOCK_COLUMNS + HIDDEN]
                == 0
            )
            out.clocks[row * MAX_LANES + lane] = V[CLOCKS + lane] if shows else 0
    if out.has[HAS_ENDS] == 1 and T.cells[(cell) * CELL_COLUMNS + BITS] & OPENS != 0:
        place = 0
        for op in range(T.cells[(cell) * CELL_COLUMNS + OPS], T.cells[(cell) * CELL_COLUMNS + OPS_END]):
            if T.ops[op * OP_COLUMNS + REPORTS] == 1 and place < 2:
                clock = V[CLOCKS + T.ops[op * OP_COLUMNS + LANE]]
                out.ends[2 * row + place] = clock if clock < FAR else 0
                place += 1


@called
def told_before(T: Any, R: Any, row: int, since: int) -> Any:
    """The earlier row that tells of the same event."""
    event = T.symbols[R.symbols[row] * SYMBOL_COLUMNS + EVENT]
    for earlier in range(since, row):
        if R.ids[earlier] == R.ids[row] and T.symbols[R.symbols[earlier] * SYMBOL_COLUMNS + EVENT] == event:
            return earlier
    return -1


@inlined
def prepare(T: Any, M: Any, R: Any, out: Any, row: int, place: int, first: int, last: int) -> Any:
    """
    Find the slot of a row and the record that tells of it; a status of `DONE`, `ROUTED` or `DROPPED`.

    The same event at another instant is dropped, and the earlier one marked; told in other words it is the
    reference's business.
    """
    M.group[place * GROUP_COLUMNS + 0] = -1
    M.group[place * GROUP_COLUMNS + 1] = -1
    M.group[place * GROUP_COLUMNS + 5] = row
    key = R.ids[row]
    if key == NO_ID:
        return DONE
    slot = slot_of(M, key)
    if M.slots[slot + FIRST] < 0:
        M.slots[slot + FIRST] = row
    event = T.symbols[R.symbols[row] * SYMBOL_COLUMNS + EVENT]
    if M.slots[slot + KNOWS] >> (SEEN_FROM + event) & 1 == 1:
        earlier = told_before(T, R, row, M.slots[slot + FIRST])
        if R.symbols[earlier] != R.symbols[row] or (
            R.has[HAS_ENDS] == 1 and (R.ends[row] != 0 or R.ends[earlier] != 0)
        ):
            return ROUTED
        if event != CALLED:
            out.raised[earlier] |= CONFLICT_FLAG
        out.cells[row] = DROPPED
        return DROPPED
    M.slots[slot + KNOWS] |= 1 << (SEEN_FROM + event)
    M.group[place * GROUP_COLUMNS + 0] = slot
    if event >= FIRST_DELIVERY and (M.slots[slot + KNOWS] & KNOWN == 0 or M.slots[slot + SENT_AT] < M.vector[HORIZON]):
        for earlier in range(place):
            other = M.group[earlier * GROUP_COLUMNS + 5]
            if R.ids[other] == key and T.symbols[R.symbols[other] * SYMBOL_COLUMNS + EVENT] == SENT:
                return DONE
        if M.vector[MAPPED] == 0:
            map_sendings(T, M, R, first, last)
        if M.slots[slot + TOLD] > row:
            M.group[place * GROUP_COLUMNS + 1] = M.slots[slot + TOLD]
    return DONE


@inlined
def thread(T: Any, M: Any, R: Any, out: Any, number: int) -> Any:
    """Run one thread; what it ended with."""
    first, last = R.starts[number], R.starts[number + 1]
    group = R.classes[number]
    if last - first + ((last - first) >> 2) + 1 > M.counts[SLOTS]:
        return FULL
    begin(T, M, R.at[first], last - first)
    V = M.vector
    row = first
    while row < last:
        at = R.at[row]
        end = row + 1
        while end < last and R.at[end] == at:
            end += 1
        if end - row > M.counts[GROUP]:
            return CROWDED
        size = 0
        for each in range(row, end):
            status = prepare(T, M, R, out, each, size, first, last)
            if status == DONE:
                size += 1
            elif status == ROUTED:
                out.routed[number] = 1
                return DONE
        # Before each event, every later one that could have come first is tried in front of it.
        place, later, pairs, phase = 0, 1, 0, USUAL
        while place < size:
            if phase == USUAL:
                limit = min(size, place + 2) if size > CROWD else size
                while later < limit and not could_swap(
                    T, R, M.group[place * GROUP_COLUMNS + 5], M.group[later * GROUP_COLUMNS + 5]
                ):
                    later += 1
                if later < limit:
                    if pairs >= M.counts[PAIRS]:
                        return CROWDED
                    remember(M, place, later)
                    M.pairs[pairs * PAIR_COLUMNS + 0], M.pairs[pairs * PAIR_COLUMNS + 1] = place, later
                    phase = LATER_FIRST
            actor = later if phase == LATER_FIRST else place
            each = M.group[actor * GROUP_COLUMNS + 5]
            cell = row_step(
                T, M, R, each, M.group[actor * GROUP_COLUMNS + 0], M.group[actor * GROUP_COLUMNS + 1], group
            )
            if cell < 0:
                return MISSING if cell == LOST else BROKEN
            if phase == LATER_FIRST:
                M.pairs[pairs * PAIR_COLUMNS + 2], M.pairs[pairs * PAIR_COLUMNS + 3] = cell, V[RAISED]
                phase = EARLIER_THEN
            elif phase == EARLIER_THEN:
                M.pairs[pairs * PAIR_COLUMNS + 4], M.pairs[pairs * PAIR_COLUMNS + 5] = cell, V[RAISED]
                undo(M, place, later)
                pairs += 1
                later += 1
                phase = USUAL
            else:
                M.group[place * GROUP_COLUMNS + 2], M.group[place * GROUP_COLUMNS + 3] = cell, V[RAISED]
                write_down(T, V, out, each, cell)
                place += 1
                later = place + 1
        if pairs > 0 and not tie_bits(T, M, size, pairs, out.ties):
            out.routed[number] = 1
            return DONE
        row = end
    return DONE


@compiled
def sweep(tables: Any, memory: Any, rows: Any, written: Any, first: int, last: int) -> tuple[int, int]:
    """
    Run threads `first` to `last`; how it ended, and the thread it ended before.

    Whoever calls it compiles the cell that was missing, or makes room, and goes on from that thread.

    Args:
        tables, memory, rows, written: see `Tables`, `Memory`, `Rows` and `Written`; the caller keeps them alive.
    """
    T = Tables(
        pointer(tables.era_begins),
        pointer(tables.era_edition),
        pointer(tables.lanes),
        pointer(tables.remembers),
        pointer(tables.forget),
        pointer(tables.attach),
        pointer(tables.clocks),
        pointer(tables.carried),
        pointer(tables.carried_state),
        pointer(tables.weights),
        pointer(tables.entries),
        pointer(tables.fixed),
        pointer(tables.symbols),
        pointer(tables.messages),
        pointer(tables.rows),
        pointer(tables.places),
        pointer(tables.cells),
        pointer(tables.ops),
        pointer(tables.bodies),
        pointer(tables.flags),
        pointer(tables.sizes),
    )
    M = Memory(
        pointer(memory.slots),
        pointer(memory.counts),
        pointer(memory.vector),
        pointer(memory.before),
        pointer(memory.scratch),
        pointer(memory.pairs),
        pointer(memory.group),
    )
    R = Rows(
        pointer(rows.at),
        pointer(rows.ids),
        pointer(rows.symbols),
        pointer(rows.ends),
        pointer(rows.starts),
        pointer(rows.classes),
        pointer(rows.left),
        pointer(rows.has),
    )
    out = Written(
        pointer(written.cells),
        pointer(written.raised),
        pointer(written.ties),
        pointer(written.routed),
        pointer(written.clocks),
        pointer(written.ends),
        pointer(written.has),
    )
    for number in range(first, last):
        if out.routed[number] == 0:
            status = thread(T, M, R, out, number)
            if status != DONE:
                return status, number
    return DONE, last
