"""
Answers that matter are picked out, and looked up and copied into the columns of a ledger.

numba compiles these functions like the kernel; see `fsm.bulk.jit`.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import compiled, pointer_of
from fsm.bulk.layout import BITS, CELL_COLUMNS, OPENS, SYMBOL_COLUMNS
from fsm.bulk.memory import AT, CUSTOMER, ID, LOW, RECORD, WHAT, WORD

pointer = pointer_of(__name__)

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
def copied(
    records: Any,
    rows: Any,
    kinds: Any,
    flip: int,
    customers: Any,
    ids: Any,
    at: Any,
    events: Any,
    businesses: Any,
) -> None:
    """
    Copy what the log says of some rows.

    Args:
        records: int64[n, 4], see `fsm.bulk.encode.Encoded`; rows: int64[k], of them.
        kinds: int64[symbols, 5], see `Tables.symbols`.
        flip: turns a key into its id.
        customers, ids, at: int64[k]; events: int8[k]; businesses: int32[k]; written.
    """
    R, W, K = pointer(records), pointer(rows), pointer(kinds)
    C, X, A, E, B = pointer(customers), pointer(ids), pointer(at), pointer(events), pointer(businesses)
    for place in range(len(rows)):
        record = W[place] * RECORD
        C[place] = R[record + CUSTOMER]
        X[place] = R[record + ID] ^ flip
        A[place] = R[record + AT]
        E[place] = K[(R[record + WHAT] & LOW) * SYMBOL_COLUMNS]
        B[place] = R[record + WHAT] >> WORD


@compiled
def looked_up(
    cells: Any,
    outcomes: Any,
    of_cells: Any,
    of_outcomes: Any,
    because: Any,
    texts: Any,
    words: Any,
    opens: Any,
) -> None:
    """
    Copy what cells and outcomes stand for.

    Args:
        cells: int32[k]; outcomes: int64[k].
        of_cells: int16[cells, 2]; of_outcomes: int32[outcomes, 5]; see above.
        because: int32[k]; written.
        texts: int16[2, k]; written: content and category.
        words: int8[3, k]; written: charge, reason and what was joined.
        opens: int16[k]; written.
    """
    count = len(cells)
    C, Q, T, U = pointer(cells), pointer(outcomes), pointer(of_cells), pointer(of_outcomes)
    B, X, W, N = pointer(because), pointer(texts), pointer(words), pointer(opens)
    for place in range(count):
        cell, outcome = int(C[place]) * ABOUT_COLUMNS, int(Q[place]) * OUTCOME_COLUMNS
        B[place] = U[outcome + BECAUSE]
        X[place] = T[cell + CONTENT]
        X[count + place] = T[cell + CATEGORY]
        W[place] = U[outcome + CHARGE]
        W[count + place] = U[outcome + WHY]
        W[2 * count + place] = U[outcome + JOINS]
        N[place] = U[outcome + OPENED]


@compiled
def ended(cells: Any, table: Any, ends: Any, first: Any, second: Any) -> int:
    """
    Copy the deadlines of what each row opened, 0 for none; how many there are.

    Args:
        cells: int32[k]; table: int64[cells, 8], see `Tables.cells`.
        ends: int64[k, 2], see `Written`.
        first, second: int64[k]; written.
    """
    count = 0
    C, T, E, F, S = pointer(cells), pointer(table), pointer(ends), pointer(first), pointer(second)
    for place in range(len(cells)):
        opens = 1 if T[int(C[place]) * CELL_COLUMNS + BITS] & OPENS != 0 else 0
        F[place] = E[2 * place] * opens
        S[place] = E[2 * place + 1] * opens
        count += opens
    return count


@compiled
def tallied(at: Any, begins: Any, words: Any, lines: int, reasons: int, tally: Any) -> None:
    """
    Count deliveries by month, rate line and reason.

    Args:
        at: int64[k]; begins: int64[months], the first instant of each month.
        words: int8[3, k], as `looked_up` gives them; -1 for none.
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
