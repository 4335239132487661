"""
Answers that matter are picked out, and looked up and copied into the columns of a ledger.

numba compiles these functions like the kernel; see `fsm.bulk.jit`.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import compiled, pointer_of
from fsm.bulk.layout import BITS, CELL_COLUMNS, CONTESTED, NONE, OPENS, SYMBOL_COLUMNS, USES, USES_NONE
from fsm.bulk.memory import AT, CUSTOMER, ID, LOW, RECORD, WHAT, WORD

pointer = pointer_of(__name__)
ALL_TIES = 0xFFFF
"""A tie however many units are left."""

# Columns of what a cell tells: what was delivered, its category; -1 for none.
CONTENT, CATEGORY, ABOUT_COLUMNS = range(3)
# Columns of what an outcome tells: words, -1 for none; and bits.
BECAUSE, CHARGE, WHY, JOINS, OPENED, OUTCOME_COLUMNS = range(6)


@compiled
def sift(cells: Any, starts: Any, routed: Any, wanted: Any, places: Any) -> tuple[int, int]:
    """
    Pick out the answers that matter; how many there are, and how many rows were distinct events.

    Args:
        cells: int32[n], negative for a row that did nothing.
        starts: int64[threads + 1]; routed: uint8[threads], threads whose answers come from elsewhere.
        wanted: uint8, by cell, whether it matters.
        places: int64[n]; written.
    """
    count, distinct = 0, 0
    C, S, D, W, P = pointer(cells), pointer(starts), pointer(routed), pointer(wanted), pointer(places)
    for thread in range(len(routed)):
        if D[thread] == 0:
            for row in range(S[thread], S[thread + 1]):
                cell = C[row]
                if cell >= 0:
                    distinct += 1
                    P[count] = row
                    # No branch: the next row that matters cannot be guessed.
                    count += int(W[cell])
    return count, distinct


@compiled
def picked(
    places: Any,
    kept: Any,
    at: Any,
    cells: Any,
    raised: Any,
    ties: Any,
    ends: Any,
    out_rows: Any,
    out_at: Any,
    out_cells: Any,
    out_raised: Any,
    out_ties: Any,
    out_ends: Any,
) -> None:
    """
    Copy the answers at some places.

    Args:
        places: int64[k].
        kept, at: int64[n], see `fsm.bulk.shape.lay_out`; cells, raised, ties, ends: see `Written`.
        out_rows, out_at, out_cells, out_raised, out_ties, out_ends: the same of those places; written.
    """
    P, K, A, C, R, T = pointer(places), pointer(kept), pointer(at), pointer(cells), pointer(raised), pointer(ties)
    W, B, D = pointer(out_rows), pointer(out_at), pointer(out_cells)
    F, S, N, Q = pointer(out_raised), pointer(out_ties), pointer(ends), pointer(out_ends)
    has_ends = len(out_ends) > 0
    for number in range(len(places)):
        place = P[number]
        W[number], B[number], D[number] = K[place], A[place], C[place]
        F[number], S[number] = R[place], T[place]
        if has_ends:
            Q[2 * number], Q[2 * number + 1] = N[2 * place], N[2 * place + 1]


@compiled
def decided(
    cells: Any,
    raised: Any,
    ties: Any,
    editions: Any,
    rows: Any,
    records: Any,
    metered: Any,
    begins: Any,
    used_up: Any,
    table: Any,
    flags: Any,
    tie: int,
    out_outcomes: Any,
    out_flags: Any,
    concerned: Any,
) -> int:
    """
    The outcome of every answer while no unit of the allowance is left; how many answers the allowance may yet change.

    Args:
        cells, raised: int32[n]; ties: uint16[n]; see `Written`. editions: int64[n], their numbers.
        rows: int64[n], the record of each; records: see `fsm.bulk.encode.Encoded`.
        metered: uint8, by edition: 0 without an allowance, 1 with one for all businesses, 2 with one for each.
        begins, used_up: see `fsm.bulk.settle.Settler.used_up`.
        table, flags: see `Tables.cells` and `Tables.flags`.
        tie: the flag of what hangs on the order within an instant.
        out_outcomes, out_flags: int64[n]; written.
        concerned: int64[n]; written: the places of those that may change.
    """
    count, months, month, scopes = 0, len(begins) - 1, 0, used_up.shape[2]
    C, R, S, E, W = pointer(cells), pointer(raised), pointer(ties), pointer(editions), pointer(rows)
    M, T, F, A, B, U = (
        pointer(metered),
        pointer(table),
        pointer(flags),
        pointer(records),
        pointer(begins),
        pointer(used_up),
    )
    N, G, P = pointer(out_outcomes), pointer(out_flags), pointer(concerned)
    for place in range(len(cells)):
        cell = int(C[place]) * CELL_COLUMNS
        tied = int(S[place])
        hangs = T[cell + BITS] & (CONTESTED | USES | USES_NONE) != 0
        # Where the allowance decides nothing a tie is one or is none; where it does, nothing is left unless told.
        if hangs or (tied != 0 and tied != ALL_TIES and M[E[place]] != 0):
            at = A[W[place] * RECORD + AT]
            while month > 0 and at < B[month]:
                month -= 1
            while month + 1 < months and at >= B[month + 1]:
                month += 1
            scope = (A[W[place] * RECORD + WHAT] >> WORD) + 1 if M[E[place]] == 2 else 0
            if (
                scope >= scopes
                or months <= 0
                or at < B[month]
                or at >= B[month + 1]
                or at <= U[(E[place] * months + month) * scopes + scope]
            ):
                P[count] = place
                count += 1
            tied &= 1
        outcome = T[cell + NONE]
        N[place] = outcome
        G[place] = F[outcome] | R[place] | (tie if tied != 0 else 0)
    return count


@compiled
def copied(
    places: Any,
    rows: Any,
    records: Any,
    kinds: Any,
    flip: int,
    customers: Any,
    ids: Any,
    at: Any,
    events: Any,
    businesses: Any,
) -> None:
    """
    Copy what the log says of the rows of some answers.

    Args:
        places: int64[k], of the answers; rows: int64[n], of each answer.
        records: see `fsm.bulk.encode.Encoded`.
        kinds: int64[symbols, 5], see `Tables.symbols`.
        flip: turns a key into its id.
        customers, ids, at: int64[k]; events: int8[k]; businesses: int32[k]; written.
    """
    P, W, R, K = pointer(places), pointer(rows), pointer(records), pointer(kinds)
    C, X, A, E, B = pointer(customers), pointer(ids), pointer(at), pointer(events), pointer(businesses)
    for number in range(len(places)):
        record = W[P[number]] * RECORD
        C[number] = R[record + CUSTOMER]
        X[number] = R[record + ID] ^ flip
        A[number] = R[record + AT]
        E[number] = K[(R[record + WHAT] & LOW) * SYMBOL_COLUMNS]
        B[number] = R[record + WHAT] >> WORD


@compiled
def looked_up(
    places: Any,
    cells: Any,
    outcomes: Any,
    editions: Any,
    all_flags: Any,
    of_cells: Any,
    of_outcomes: Any,
    of_editions: Any,
    because: Any,
    texts: Any,
    words: Any,
    opens: Any,
    flags: Any,
) -> None:
    """
    Copy what the cells, outcomes and editions of some answers stand for.

    Args:
        places: int64[k], of the answers.
        cells: int32[n]; outcomes, editions, all_flags: int64[n]; of each answer.
        of_cells: int16[cells, 2]; of_outcomes: int32[outcomes, 5]; see above. of_editions: int8[editions, 2]: rulebook
            and edition.
        because: int32[k]; written.
        texts: int16[2, k]; written: content and category.
        words: int8[5, k]; written: charge, reason, what was joined, rulebook and edition.
        opens: int16[k]; flags: int32[k]; written.
    """
    count = len(places)
    P, C, Q, E, A = pointer(places), pointer(cells), pointer(outcomes), pointer(editions), pointer(all_flags)
    T, U, V = pointer(of_cells), pointer(of_outcomes), pointer(of_editions)
    B, X, W, N, F = pointer(because), pointer(texts), pointer(words), pointer(opens), pointer(flags)
    for number in range(count):
        place = P[number]
        cell, outcome = int(C[place]) * ABOUT_COLUMNS, int(Q[place]) * OUTCOME_COLUMNS
        edition = 2 * E[place]
        B[number] = U[outcome + BECAUSE]
        X[number] = T[cell + CONTENT]
        X[count + number] = T[cell + CATEGORY]
        W[number] = U[outcome + CHARGE]
        W[count + number] = U[outcome + WHY]
        W[2 * count + number] = U[outcome + JOINS]
        W[3 * count + number] = V[edition]
        W[4 * count + number] = V[edition + 1]
        N[number] = U[outcome + OPENED]
        F[number] = A[place]


@compiled
def ended(places: Any, cells: Any, table: Any, ends: Any, first: Any, second: Any) -> None:
    """
    Copy the deadlines of what some answers opened, 0 for none.

    Args:
        places: int64[k], of the answers.
        cells: int32[n]; table: int64[cells, 8], see `Tables.cells`.
        ends: int64[n, 2], see `Written`.
        first, second: int64[k]; written.
    """
    P, C, T, E, F, S = pointer(places), pointer(cells), pointer(table), pointer(ends), pointer(first), pointer(second)
    for number in range(len(places)):
        place = P[number]
        opens = 1 if T[int(C[place]) * CELL_COLUMNS + BITS] & OPENS != 0 else 0
        F[number] = E[2 * place] * opens
        S[number] = E[2 * place + 1] * opens


@compiled
def tallied(at: Any, begins: Any, words: Any, lines: int, reasons: int, tally: Any) -> None:
    """
    Count deliveries by month, rate line and reason.

    Args:
        at: int64[k]; begins: int64[months], the first instant of each month.
        words: int8[2, k], charges and reasons; -1 for none.
        lines, reasons: how many words there are for each.
        tally: int64[months * (lines + 1) * (reasons + 1)]; added to.
    """
    count, months = len(at), len(begins)
    A, B, W, T = pointer(at), pointer(begins), pointer(words), pointer(tally)
    month = 0
    for place in range(count):
        while month > 0 and A[place] < B[month]:
            month -= 1
        while month + 1 < months and A[place] >= B[month + 1]:
            month += 1
        line, reason = int(W[place]) + 1, int(W[count + place]) + 1
        T[(month * (lines + 1) + line) * (reasons + 1) + reason] += 1
