"""
The kernel: scalar functions over primitives that look up what an act does, and run the clocks.

Tables are read through pointers, row by row: an array that numba knows would be counted at every use.

No rule stands here. numba compiles these functions (`fsm.bulk.jit.kernel`); without it Python runs them as they are,
and the same tests run both ways.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import called, compiled, inlined, pointer_of
from fsm.bulk.layout import (
    ANSWERABLE,
    AT_MOST,
    AT_SENDING,
    ATTACH,
    BITS,
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
    EDITION,
    ELIGIBLE,
    ENTRY_LANE,
    ERA_COLUMNS,
    EVENT,
    FAILED_CELL,
    FAILED_EVENT,
    FAILED_REACHED,
    FAILED_UNKNOWN,
    FAR,
    FIRST_JOINED,
    FLAG_BIT,
    FORGET,
    FROM_OPENING,
    FROM_SENDING,
    GAINS,
    HIDDEN,
    IS_APP,
    IS_INFERRED,
    IS_OPEN,
    KEEPS_OPENED,
    LANE,
    LANES,
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
    REMEMBERS,
    REPORTS,
    ROWS,
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
    UNTIL,
    USES,
    WINNER,
    Tables,
)
from fsm.bulk.memory import (
    ABOUT,
    ANSWERED,
    ASIDE,
    BROKEN,
    CLOCKS,
    CONFIGURATION,
    CROWDED,
    DELIVERED,
    DONE,
    DUE,
    ENDS,
    FAILED,
    FULL,
    GROUP,
    GROUP_COLUMNS,
    HAS_CLOCKS,
    HAS_ENDS,
    HAS_LEFT,
    HORIZON,
    INFERRED,
    KNOWN,
    KNOWS,
    LAW,
    LOW,
    MAPPED,
    MISSED,
    MISSING,
    MOST_UNITS,
    OPENINGS,
    OTHER_ASIDE,
    PAIR_COLUMNS,
    PAIRS,
    RAN_OUT,
    REFUSED,
    SENT_AT,
    SLOT_COLUMNS,
    SLOTS,
    STATES,
    TOLD,
    VECTOR,
    WAITS,
    WAITS_LATER,
    WAITS_PAIRS,
    WAITS_PHASE,
    WAITS_PLACE,
    WORD,
    Memory,
    Rows,
    Written,
)
from fsm.replay.fold import CROWD

pointer = pointer_of(__name__)
BOUNDARY_FLAG = FLAG_BIT["boundary"]
REFUSED_FLAG = FLAG_BIT["delivered_though_refused"]
FAILED_FLAG = FLAG_BIT["delivered_and_failed"]
BEFORE_FLAG = FLAG_BIT["delivered_before_sent"]
DRIFT_FLAG = FLAG_BIT["category_drift"]
INFERRED_FLAG = FLAG_BIT["inferred"]
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
    law = V[LAW]
    edition, lanes = T.eras[law + EDITION], T.eras[law + LANES]
    while True:
        at, lane = FAR, -1
        for each in range(lanes):
            if V[CLOCKS + each] < at:
                at, lane = V[CLOCKS + each], each
        if at > to:
            V[DUE] = min(at, T.eras[law + UNTIL])
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
            T.eras[law + REMEMBERS] == 1
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
        law = V[LAW]
        ends = T.eras[law + UNTIL]
        until = min(ends, to)
        if V[DUE] <= until:
            run_out(T, V, until)
        if ends > to:
            return True
        old, new = T.eras[law + EDITION], T.eras[law + ERA_COLUMNS + EDITION]
        if old != new and not carry_over(T, V, S, old, new):
            return False
        V[LAW] = law + ERA_COLUMNS


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
@called
def sending_of(T: Any, M: Any, R: Any, row: int, slot: int, first: int, last: int) -> Any:
    """The later row that records the sending of a message; -1 if there is none."""
    if M.vector[MAPPED] == 0:
        for each in range(first, last):
            about = R.about[each]
            if about >= 0:
                if about & 1 == 1:
                    M.slots[(about >> 1) * SLOT_COLUMNS + TOLD] = -1
                if T.symbols[R.symbols[each] * SYMBOL_COLUMNS + EVENT] == SENT:
                    M.slots[(about >> 1) * SLOT_COLUMNS + TOLD] = each
        M.vector[MAPPED] = 1
    told = M.slots[slot + TOLD]
    return told if told > row else -1


@inlined
def answers(T: Any, V: Any, law: int, message: int, answered: bool, at: int, sent_at: int) -> Any:
    """Whether the delivery of this message answers the free entry point in time, as the reference says."""
    lane = T.eras[law + ENTRY_LANE]
    if lane < 0 or T.messages[message * MESSAGE_COLUMNS + IS_APP] == 1:
        return 0
    state = V[STATES + lane]
    if T.eras[law + ANSWERABLE] >> state & 1 == 0:
        return 0
    if T.eras[law + AT_SENDING] == 0:
        return 1 if state == T.eras[law + ELIGIBLE] else 0
    if not answered:
        return 0
    length = T.eras[law + OVER_LENGTH]
    if length < 0:
        return 1
    counted = T.eras[law + OVER_FROM]
    if counted == FROM_OPENING:
        return 0
    return 1 if (sent_at if counted == FROM_SENDING else at) + length > at else 0


@inlined
def waiting(T: Any, V: Any, law: int) -> Any:
    """Whether a free entry point is waiting for an answer."""
    lane = T.eras[law + ENTRY_LANE]
    return lane >= 0 and V[STATES + lane] == T.eras[law + ELIGIBLE]


@inlined
def cell_at(T: Any, V: Any, act: int) -> Any:
    """The cell of an act in the present configuration; `LOST` if nobody compiled it yet."""
    row = T.rows[T.eras[V[LAW] + ROWS] + act]
    if row >= 0:
        cell = int(T.places[row + V[CONFIGURATION]])
        if cell >= 0:
            return cell
    V[MISSED] = act
    return LOST


# --- one step ---------------------------------------------------------------
@inlined
def step(T: Any, M: Any, R: Any, row: int, slot: int, group: int, first: int, last: int) -> Any:
    """The cell of one row, and above it the flags that hang on its message alone; see `cell_in` and `raised_in`."""
    V = M.vector
    symbol, at = R.symbols[row], R.at[row]
    if V[DUE] <= at:
        if T.eras[V[LAW] + UNTIL] > at:
            run_out(T, V, at)
        elif not advance(T, V, M.scratch, at):
            return STUCK
    event = T.symbols[symbol * SYMBOL_COLUMNS + EVENT]
    classes = T.sizes[1]
    if event < SENT:
        cell = cell_at(T, V, symbol * classes)
        if cell >= 0:
            move(T, V, cell, at, at, 0)
        return cell
    law = V[LAW]
    ends = R.ends[row] if R.has[HAS_ENDS] == 1 else 0
    raised = BOUNDARY_FLAG if V[RAN_OUT] == at else 0
    bits = M.slots[slot + KNOWS]
    known = bits & KNOWN != 0 and M.slots[slot + SENT_AT] >= V[HORIZON]
    if event == SENT:
        cell = cell_at(T, V, symbol * classes + group)
        if cell < 0:
            return cell
        left = R.left[row] == 1 if R.has[HAS_LEFT] == 1 else True
        new = KNOWN
        if known:
            new |= bits & (DELIVERED | FAILED)
        if waiting(T, V, law):
            new |= ANSWERED
        if T.symbols[symbol * SYMBOL_COLUMNS + IS_INFERRED] == 1:
            new |= INFERRED
        if T.cells[(cell) * CELL_COLUMNS + BITS] & (REFUSED_LEFT if left else REFUSED_NONE) != 0:
            new |= REFUSED
        M.slots[slot + KNOWS] = new
        M.slots[slot + SENT_AT] = at
        M.slots[slot + ABOUT] = T.symbols[symbol * SYMBOL_COLUMNS + MESSAGE]
        M.slots[slot + ENDS] = ends
        V[HORIZON] = max(V[HORIZON], at - T.eras[law + FORGET])
        return cell | raised << WORD
    if event == FAILED_EVENT:
        which = FAILED_UNKNOWN
        if known:
            M.slots[slot + KNOWS] = bits | FAILED
            which = FAILED_REACHED if bits & DELIVERED != 0 else FAILED_CELL
        return T.eras[law + which] | raised << WORD
    if known and bits & DELIVERED != 0:
        return T.eras[law + NOTHING] | raised << WORD
    if known:
        message, sent_at, sent_ends = M.slots[slot + ABOUT], M.slots[slot + SENT_AT], M.slots[slot + ENDS]
    else:
        told = sending_of(T, M, R, row, slot, first, last)
        teller, sent_ends = symbol, ends
        if told >= 0:
            teller = R.symbols[told]
            sent_ends = R.ends[told] if R.has[HAS_ENDS] == 1 else 0
        message, sent_at = T.symbols[teller * SYMBOL_COLUMNS + MESSAGE], at
        if message < 0:
            return T.eras[law + UNKNOWN] | raised << WORD
        bits = KNOWN
        if waiting(T, V, law):
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
    answer = answers(T, V, law, message, bits & ANSWERED != 0, at, sent_at)
    cell = cell_at(T, V, (T.sizes[0] + 2 * message + answer) * classes + group)
    if cell < 0:
        return cell
    rivals = T.cells[(cell) * CELL_COLUMNS + FIRST_JOINED]
    if rivals > 1:
        base, best = cell, -1
        for rival in range(rivals):
            clock = V[CLOCKS + T.cells[(base + rival) * CELL_COLUMNS + WINNER]]
            clock = 0 if clock == FAR else clock
            if best < 0 or (clock > best if T.eras[law + ATTACH] == NEWEST else clock < best):
                best, cell = clock, base + rival
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
        V[HORIZON] = max(V[HORIZON], at - T.eras[law + FORGET])
    move(T, V, cell, at, sent_at, ends if ends > 0 else sent_ends)
    return cell | raised << WORD


@inlined
def cell_in(done: int) -> Any:
    """The cell in what `step` gives."""
    return done & LOW


@inlined
def raised_in(done: int) -> Any:
    """The flags in what `step` gives."""
    return done >> WORD


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
    if R.about[one] >= 0 and R.about[one] >> 1 == R.about[other] >> 1:
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
        contested |= T.cells[(M.group[each * GROUP_COLUMNS + 1]) * CELL_COLUMNS + BITS] & CONTESTED != 0
    for pair in range(pairs):
        contested |= T.cells[(M.pairs[pair * PAIR_COLUMNS + 2]) * CELL_COLUMNS + BITS] & CONTESTED != 0
        contested |= T.cells[(M.pairs[pair * PAIR_COLUMNS + 4]) * CELL_COLUMNS + BITS] & CONTESTED != 0
    if contested and size > MOST_UNITS:
        return False
    for units in range(size + 1 if contested else 1):
        mask = ALL_UNITS if not contested else (ALL_UNITS << units) & ALL_UNITS if units == size else 1 << units
        left = units
        for each in range(size):
            M.group[each * GROUP_COLUMNS + 3] = left
            if left > 0 and T.cells[(M.group[each * GROUP_COLUMNS + 1]) * CELL_COLUMNS + BITS] & USES != 0:
                left -= 1
        for pair in range(pairs):
            earlier, later = M.pairs[pair * PAIR_COLUMNS + 0], M.pairs[pair * PAIR_COLUMNS + 1]
            left = M.group[earlier * GROUP_COLUMNS + 3]
            left_then = (
                left - 1
                if left > 0 and T.cells[(M.pairs[pair * PAIR_COLUMNS + 2]) * CELL_COLUMNS + BITS] & USES != 0
                else left
            )
            if differ(
                T,
                M.group[earlier * GROUP_COLUMNS + 1],
                M.group[earlier * GROUP_COLUMNS + 3] > 0,
                M.group[earlier * GROUP_COLUMNS + 2],
                M.pairs[pair * PAIR_COLUMNS + 4],
                left_then > 0,
                M.pairs[pair * PAIR_COLUMNS + 5],
            ):
                ties[M.group[earlier * GROUP_COLUMNS + 4]] |= mask
            if differ(
                T,
                M.group[later * GROUP_COLUMNS + 1],
                M.group[later * GROUP_COLUMNS + 3] > 0,
                M.group[later * GROUP_COLUMNS + 2],
                M.pairs[pair * PAIR_COLUMNS + 2],
                left > 0,
                M.pairs[pair * PAIR_COLUMNS + 3],
            ):
                ties[M.group[later * GROUP_COLUMNS + 4]] |= mask
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


@called
def remember(M: Any, earlier: int, later: int) -> None:
    """Put the thread aside, and what it knows of two messages, before they are tried the other way round."""
    for each in range(VECTOR):
        M.before[each] = M.vector[each]
    keep(M, M.group[earlier * GROUP_COLUMNS + 0], M.counts, ASIDE)
    keep(M, M.group[later * GROUP_COLUMNS + 0], M.counts, OTHER_ASIDE)


@called
def undo(M: Any, earlier: int, later: int) -> None:
    """Put the thread back as it was."""
    for each in range(VECTOR):
        M.vector[each] = M.before[each]
    give_back(M, M.group[earlier * GROUP_COLUMNS + 0], M.counts, ASIDE)
    give_back(M, M.group[later * GROUP_COLUMNS + 0], M.counts, OTHER_ASIDE)


# --- whole threads ----------------------------------------------------------
@called
def begin(T: Any, M: Any, at: int) -> None:
    """A thread to which nothing has happened yet."""
    V = M.vector
    low, high = 0, T.sizes[3]
    while high - low > 1:
        middle = (low + high) // 2
        if T.era_begins[middle] <= at:
            low = middle
        else:
            high = middle
    V[LAW] = low * ERA_COLUMNS
    V[CONFIGURATION] = 0
    V[RAN_OUT] = -1
    V[HORIZON] = -1
    V[DUE] = T.eras[low * ERA_COLUMNS + UNTIL]
    V[MAPPED] = 0
    for lane in range(T.eras[low * ERA_COLUMNS + LANES]):
        V[CLOCKS + lane] = FAR
        V[OPENINGS + lane] = -1
        V[STATES + lane] = 0


@inlined
def write_down(T: Any, V: Any, out: Any, row: int, done: int) -> None:
    """Write what a row did. Columns that are mostly 0 begin so, and few rows write to them."""
    cell = cell_in(done)
    out.cells[row] = cell
    if raised_in(done) != 0:
        out.raised[row] = raised_in(done)
    if out.has[HAS_CLOCKS] == 1:
        edition = T.eras[V[LAW] + EDITION]
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
def instant(
    T: Any, M: Any, R: Any, out: Any, row: int, end: int, number: int, group: int, first: int, last: int
) -> Any:
    """Run several events of one instant: before each, every later one that could have come first is tried."""
    V, C, size = M.vector, M.counts, end - row
    place, later, pairs, phase = 0, 1, 0, USUAL
    if C[WAITS_PHASE] >= 0:
        place, later, pairs = C[WAITS_PLACE], C[WAITS_LATER], C[WAITS_PAIRS]
        if C[WAITS_PHASE] != USUAL:
            undo(M, place, later)
        C[WAITS_PHASE] = -1
    else:
        for each in range(size):
            about = R.about[row + each]
            M.group[each * GROUP_COLUMNS + 0] = (about >> 1) * SLOT_COLUMNS if about >= 0 else -1
            M.group[each * GROUP_COLUMNS + 4] = row + each
            if about >= 0 and about & 1 == 1:
                M.slots[(about >> 1) * SLOT_COLUMNS + KNOWS] = 0
    while place < size:
        if phase == USUAL:
            limit = min(size, place + 2) if size > CROWD else size
            while later < limit and not could_swap(T, R, row + place, row + later):
                later += 1
            if later < limit:
                if pairs >= M.counts[PAIRS]:
                    return CROWDED
                remember(M, place, later)
                M.pairs[pairs * PAIR_COLUMNS + 0], M.pairs[pairs * PAIR_COLUMNS + 1] = place, later
                phase = LATER_FIRST
        actor = later if phase == LATER_FIRST else place
        done = step(T, M, R, row + actor, M.group[actor * GROUP_COLUMNS + 0], group, first, last)
        if done < 0:
            C[WAITS_PLACE], C[WAITS_LATER], C[WAITS_PAIRS], C[WAITS_PHASE] = place, later, pairs, phase
            return MISSING if done == LOST else BROKEN
        if phase == LATER_FIRST:
            M.pairs[pairs * PAIR_COLUMNS + 2] = cell_in(done)
            M.pairs[pairs * PAIR_COLUMNS + 3] = raised_in(done)
            phase = EARLIER_THEN
        elif phase == EARLIER_THEN:
            M.pairs[pairs * PAIR_COLUMNS + 4] = cell_in(done)
            M.pairs[pairs * PAIR_COLUMNS + 5] = raised_in(done)
            undo(M, place, later)
            pairs += 1
            later += 1
            phase = USUAL
        else:
            M.group[place * GROUP_COLUMNS + 1] = cell_in(done)
            M.group[place * GROUP_COLUMNS + 2] = raised_in(done)
            write_down(T, V, out, row + place, done)
            place += 1
            later = place + 1
    if pairs > 0 and not tie_bits(T, M, size, pairs, out.ties):
        out.routed[number] = 1
    return DONE


@called
def stirs(T: Any, R: Any, row: int, end: int) -> Any:
    """Whether any two events of one instant could have come the other way round, and it could matter."""
    for one in range(row, end - 1):
        for other in range(one + 1, one + 2 if end - row > CROWD else end):
            if could_swap(T, R, one, other):
                return True
    return False


@inlined
def thread(T: Any, M: Any, R: Any, out: Any, number: int) -> Any:
    """Run one thread, or go on where it waits for a cell; what it ended with."""
    first, last = R.starts[number], R.starts[number + 1]
    group = R.classes[number]
    if last - first > M.counts[SLOTS]:
        return FULL
    row = M.counts[WAITS]
    if row < 0:
        row = first
        begin(T, M, R.at[first])
    M.counts[WAITS], calm = -1, row
    while row < last:
        if row >= calm:
            at, calm = R.at[row], row + 1
            while calm < last and R.at[calm] == at:
                calm += 1
            if calm > row + 1 and (could_swap(T, R, row, row + 1) or (calm > row + 2 and stirs(T, R, row, calm))):
                if calm - row > M.counts[GROUP]:
                    return CROWDED
                status = instant(T, M, R, out, row, calm, number, group, first, last)
                if status == MISSING:
                    M.counts[WAITS] = row
                if status != DONE or out.routed[number] == 1:
                    return status
                row = calm
                continue
        about, slot = R.about[row], -1
        if about >= 0:
            slot = (about >> 1) * SLOT_COLUMNS
            if about & 1 == 1:
                M.slots[slot + KNOWS] = 0
        done = step(T, M, R, row, slot, group, first, last)
        if done < 0:
            # Clocks that were due have run out by now; nothing else has been done for this row.
            M.counts[WAITS] = row if done == LOST else -1
            return MISSING if done == LOST else BROKEN
        write_down(T, M.vector, out, row, done)
        row += 1
    return DONE


@compiled
def sweep(tables: Any, memory: Any, rows: Any, written: Any, first: int, last: int) -> tuple[int, int]:
    """
    Run threads `first` to `last`; how it ended, and the thread it ended before.

    Whoever calls it compiles the cell that was missing, and the thread goes on where it waits for it; or gives it a larger
    memory, in which it begins again.

    Args:
        tables, memory, rows, written: see `Tables`, `Memory`, `Rows` and `Written`; the caller keeps them alive.
    """
    T = Tables(
        pointer(tables.era_begins),
        pointer(tables.era_edition),
        pointer(tables.eras),
        pointer(tables.lanes),
        pointer(tables.clocks),
        pointer(tables.carried),
        pointer(tables.carried_state),
        pointer(tables.weights),
        pointer(tables.symbols),
        pointer(tables.messages),
        pointer(tables.rows),
        pointer(tables.places),
        pointer(tables.cells),
        pointer(tables.ops),
        pointer(tables.bodies),
        pointer(tables.flags),
        (tables.sizes[0], tables.sizes[1], tables.sizes[2], tables.sizes[3]),
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
        pointer(rows.about),
        pointer(rows.symbols),
        pointer(rows.ends),
        pointer(rows.starts),
        pointer(rows.classes),
        pointer(rows.left),
        (rows.has[0], rows.has[1]),
    )
    out = Written(
        pointer(written.cells),
        pointer(written.raised),
        pointer(written.ties),
        pointer(written.routed),
        pointer(written.clocks),
        pointer(written.ends),
        (written.has[0], written.has[1]),
    )
    for number in range(first, last):
        if out.routed[number] == 0:
            status = thread(T, M, R, out, number)
            if status != DONE:
                return status, number
    return DONE, last
