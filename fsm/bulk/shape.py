"""
Rows in any order become threads in canonical order: numbered, sorted, each event once.

numba compiles these functions like the kernel; see `fsm.bulk.jit`.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import called, compiled, pointer_of
from fsm.bulk.layout import CALLED
from fsm.bulk.memory import (
    AT,
    BUSINESS_BITS,
    CUSTOMER,
    FIRST,
    ID,
    KEY,
    LOW,
    NARROW,
    NARROW_ID,
    NARROW_WHAT,
    NO_ID,
    OWNER,
    RECORD,
    SEEN,
    SEEN_BITS,
    SYMBOL_BITS,
    TABLE_COLUMNS,
    WHAT,
    WHAT_BITS,
    WORD,
)

RUN = 12
"""Stretches that insertion puts in order: most threads arrive nearly sorted."""
_BUSINESS = (1 << BUSINESS_BITS) - 1
_SYMBOL = (1 << SYMBOL_BITS) - 1
pointer = pointer_of(__name__)


@compiled
def gather(records: Any, bounds: Any, bucket: int, out: Any, place: int) -> int:
    """
    Copy the rows of one bucket from where batches were parted; where the next row goes.

    Args:
        records: int64[n, 4], of several batches; or int64[n, 3], which become whole.
        bounds: int64[batches, buckets + 1], where each bucket of each batch begins.
        bucket: its number.
        out: int64[m, 4]; written from `place` on.
    """
    R, Q, B, width, narrow = (
        pointer(records),
        pointer(out),
        pointer(bounds),
        bounds.shape[1],
        records.shape[1] == NARROW,
    )
    for batch in range(bounds.shape[0]):
        first, last = B[batch * width + bucket], B[batch * width + bucket + 1]
        if narrow:
            for row in range(first, last):
                what = R[row * NARROW + NARROW_WHAT]
                Q[place * RECORD + CUSTOMER] = R[row * NARROW + CUSTOMER]
                Q[place * RECORD + AT] = what >> WHAT_BITS
                Q[place * RECORD + ID] = R[row * NARROW + NARROW_ID]
                Q[place * RECORD + WHAT] = ((what >> SYMBOL_BITS & _BUSINESS) << WORD) | (what & _SYMBOL)
                place += 1
        else:
            for number in range((last - first) * RECORD):
                Q[place * RECORD + number] = R[first * RECORD + number]
            place += last - first
    return place


@compiled
def number_threads(records: Any, table: Any, first: Any, numbers: Any) -> int:
    """
    Give every thread a number, in order of first appearance; how many there are.

    Args:
        records: int64[n, width]: customer, instant, id, business and symbol; see `fsm.bulk.encode.Encoded`.
        table: int32[power of two, at least 2n], all -1; work space.
        first: int32[n]; written: the row with which each thread begins.
        numbers: int32[n]; written: the thread of every row.
    """
    mask, width = len(table) - 1, records.shape[1]
    R, T, F, N = pointer(records), pointer(table), pointer(first), pointer(numbers)
    count = 0
    for row in range(len(records)):
        key, business = R[row * width + CUSTOMER], R[row * width + WHAT] >> WORD
        place = (key ^ (key >> 15) ^ (key >> 32) ^ (business * 40503)) & mask
        while True:
            found = T[place]
            if found < 0:
                T[place] = count
                F[count] = row
                N[row] = count
                count += 1
                break
            other = F[found] * width
            if R[other + CUSTOMER] == key and R[other + WHAT] >> WORD == business:
                N[row] = found
                break
            place = (place + 1) & mask
    return count


@compiled
def side_by_side(records: Any, keys: Any, starts: Any, out: Any) -> None:
    """
    Copy the rows of a thread beside one another, in the order in which they came.

    Args:
        records: int64[n, width]; keys: int32[n], the thread of every row.
        starts: int64[number of threads + 2], all 0; written: where each key begins, and the end of the last.
        out: int64[n, width]; written.
    """
    width = records.shape[1]
    R, K, S, Q = pointer(records), pointer(keys), pointer(starts), pointer(out)
    for row in range(len(keys)):
        S[int(K[row]) + 2] += 1
    for key in range(2, len(starts)):
        S[key] += S[key - 1]
    for row in range(len(keys)):
        place = S[int(K[row]) + 1]
        S[int(K[row]) + 1] = place + 1
        for column in range(width):
            Q[place * width + column] = R[row * width + column]


@called
def before(P: Any, one: int, Q: Any, other: int, places: Any) -> Any:
    """Whether a record comes before another in canonical order; what is left is told apart so that twins meet."""
    if P[one + AT] != Q[other + AT]:
        return P[one + AT] < Q[other + AT]
    first, second = P[one + WHAT] & LOW, Q[other + WHAT] & LOW
    if places[2 * first] != places[2 * second]:
        return places[2 * first] < places[2 * second]
    if P[one + ID] != Q[other + ID]:
        return P[one + ID] < Q[other + ID]
    if places[2 * first + 1] != places[2 * second + 1]:
        return places[2 * first + 1] < places[2 * second + 1]
    return first < second


@compiled
def sort_threads(records: Any, ranks: Any, starts: Any, room: Any) -> None:
    """
    Put every thread's rows in canonical order: stretches by insertion, then merged until one is left.

    Args:
        records: int64[n, width], threads side by side; written.
        ranks: int64[symbols, 2]: rank of the kind of event, and its place among those of its rank.
        starts: where each thread begins.
        room: int64[as long as the longest thread, and one more, width]; work space.
    """
    width = records.shape[1]
    A, B, places = pointer(records), pointer(room), pointer(ranks)
    for thread in range(len(starts) - 1):
        first, last = starts[thread], starts[thread + 1]
        for begin in range(first, last, RUN):
            end = min(begin + RUN, last)
            for place in range(begin + 1, end):
                if not before(A, place * width, A, (place - 1) * width, places):
                    continue
                for column in range(width):
                    B[column] = A[place * width + column]
                back = place
                while back > begin and before(B, 0, A, (back - 1) * width, places):
                    for column in range(width):
                        A[back * width + column] = A[(back - 1) * width + column]
                    back -= 1
                for column in range(width):
                    A[back * width + column] = B[column]
        length = RUN
        while length < last - first:
            for begin in range(first, last - length, 2 * length):
                middle, end = begin + length, min(begin + 2 * length, last)
                if not before(A, middle * width, A, (middle - 1) * width, places):
                    continue
                for number in range(length * width):
                    B[number] = A[begin * width + number]
                left, right, place = 0, middle, begin
                while left < length:
                    if right < end and before(A, right * width, B, left * width, places):
                        for column in range(width):
                            A[place * width + column] = A[right * width + column]
                        right += 1
                    else:
                        for column in range(width):
                            A[place * width + column] = B[left * width + column]
                        left += 1
                    place += 1
            length *= 2


@compiled
def lay_out(
    records: Any,
    ends: Any,
    events: Any,
    starts: Any,
    table: Any,
    out_at: Any,
    out_about: Any,
    out_symbols: Any,
    out_starts: Any,
    kept: Any,
    routed: Any,
    repeated: Any,
) -> tuple[int, int]:
    """
    Copy the columns in order, each event once, with the message that it is about; how many rows and repeats there are.

    An event that is told again at another instant is dropped, and the row that told it first is noted in `repeated`. A
    thread in which one event is told in two ways is marked in `routed`: how they are merged is the reference's business.

    Args:
        records: as `sort_threads` left them.
        ends: int64[n] in the same order; empty if no row states an end.
        events: int64[symbols], the kind of event of each symbol.
        starts: where each thread begins.
        table: int64[power of two, more than the longest thread, 4], its owners -1; work space.
        out_at, out_about, out_symbols, out_starts: see `Rows`; written.
        kept: int64[n]; written: the record that each row came from.
        routed: uint8[threads]; written.
        repeated: int64[n]; written.
    """
    count, width, states, repeats = 0, records.shape[1], len(ends) > 0, 0
    R, E, V, S, K, M = pointer(records), pointer(ends), pointer(events), pointer(starts), pointer(kept), pointer(table)
    A, B, Y, F, D = pointer(out_at), pointer(out_about), pointer(out_symbols), pointer(out_starts), pointer(routed)
    for thread in range(len(starts) - 1):
        F[thread] = count
        first, messages, mask = count, 0, 8
        while mask < (S[thread + 1] - S[thread]) + ((S[thread + 1] - S[thread]) >> 2) + 1:
            mask *= 2
        mask -= 1
        for row in range(S[thread], S[thread + 1]):
            at, key, symbol = R[row * width + AT], R[row * width + ID], R[row * width + WHAT] & LOW
            event = V[symbol]
            if count > first and A[count - 1] == at and R[K[count - 1] * width + ID] == key:
                if Y[count - 1] == symbol and (not states or E[K[count - 1]] == E[row]):
                    continue
                if V[Y[count - 1]] == event:
                    D[thread] = 1
            about = -1
            if key != NO_ID:
                place = (key ^ (key >> 17) ^ (key >> 41)) & mask
                while M[place * TABLE_COLUMNS + OWNER] == thread and M[place * TABLE_COLUMNS + KEY] != key:
                    place = (place + 1) & mask
                slot = place * TABLE_COLUMNS
                if M[slot + OWNER] != thread:
                    M[slot + OWNER], M[slot + KEY], M[slot + FIRST] = thread, key, count
                    M[slot + SEEN] = (messages << SEEN_BITS) | (1 << event)
                    about = 2 * messages + 1
                    messages += 1
                else:
                    number = M[slot + SEEN] >> SEEN_BITS
                    if M[slot + SEEN] >> event & 1 == 1:
                        earlier = M[slot + FIRST]
                        while B[earlier] >> 1 != number or V[Y[earlier]] != event:
                            earlier += 1
                        if Y[earlier] != symbol or (states and (E[row] != 0 or E[K[earlier]] != 0)):
                            D[thread] = 1
                        elif event != CALLED:
                            repeated[repeats] = earlier
                            repeats += 1
                        continue
                    M[slot + SEEN] |= 1 << event
                    about = 2 * number
            A[count], B[count], Y[count], K[count] = at, about, symbol, row
            count += 1
    F[len(starts) - 1] = count
    return count, repeats


@compiled
def add_codes(packed: Any, codes: Any, valid: Any, filler: int, shift: int, most: int) -> Any:
    """
    Add a column of codes to what each row is; whether all of them fit.

    Args:
        packed: int64[n], with the filler in its place; written.
        codes: int8[n].
        valid: uint8[n], 1 where there is a code and else 0; empty if there is one everywhere.
        filler: the code of rows without one, -1 for none.
        shift: where it goes.
        most: codes from this on do not fit.
    """
    P, C, B = pointer(packed), pointer(codes), pointer(valid)
    everywhere, wrong = len(valid) == 0, 0
    # No branch: so eight rows are added at once.
    if everywhere:
        for row in range(len(packed)):
            code = int(C[row])
            wrong |= (code < 0) | (code >= most)
            P[row] += (code - filler) << shift
    else:
        for row in range(len(packed)):
            code, there = int(C[row]), int(B[row])
            wrong |= there & ((code < 0) | (code >= most))
            P[row] += ((code - filler) << shift) * there
    return wrong == 0


@compiled
def buckets_of(customers: Any, businesses: Any, numbers: Any, bits: int, out: Any) -> None:
    """
    The bucket of every row: the same for all rows of a thread, and all buckets about as full.

    Args:
        customers: int64[n]; businesses: int32[n], places in `numbers`.
        numbers: int64, a number of 31 bits for each business.
        bits: there are two to the power of so many buckets, at most 16.
        out: uint16[n]; written.
    """
    C, B, N, Q = pointer(customers), pointer(businesses), pointer(numbers), pointer(out)
    for row in range(len(customers)):
        mixed = (C[row] ^ (C[row] >> 31) ^ (N[B[row]] * 40503)) & 0x7FFFFFFF
        # The golden ratio of 32 bits: the upper bits of what is left are mixed best.
        Q[row] = ((mixed * 2654435761) & 0xFFFFFFFF) >> (32 - bits)


@compiled
def to_records(
    keys: Any,
    customers: Any,
    at: Any,
    ids: Any,
    valid: Any,
    flip: int,
    symbols: Any,
    businesses: Any,
    numbers: Any,
    starts: Any,
    out: Any,
) -> int:
    """
    Columns as records, those of one key beside one another; the first row with an id that stands for none, or how many.

    Args:
        keys: uint16[n], the bucket of every row.
        customers, at: int64[n].
        ids: int64[n]; valid: as of `add_codes`.
        flip: turns an id into its key.
        symbols: int32[n].
        businesses: int32[n], places in `numbers`; numbers: int64, the number of each business.
        starts: int64[number of keys + 2], all 0; written: where each key begins, and the end of the last.
        out: int64[n, 4], or int64[n, 3] for narrow records; written.
    """
    count, everywhere, narrow, wrong = len(keys), len(valid) == 0, out.shape[1] == NARROW, 0
    K, C, A, X, V = pointer(keys), pointer(customers), pointer(at), pointer(ids), pointer(valid)
    S, B, N, F, R = pointer(symbols), pointer(businesses), pointer(numbers), pointer(starts), pointer(out)
    for row in range(count):
        F[int(K[row]) + 2] += 1
    for key in range(2, len(starts)):
        F[key] += F[key - 1]
    for row in range(count):
        bucket = int(K[row]) + 1
        place = F[bucket]
        F[bucket] = place + 1
        there = everywhere or V[row] == 1
        key = X[row] ^ flip
        wrong |= there & (key == NO_ID) & (flip != 0)
        if narrow:
            R[NARROW * place + CUSTOMER] = C[row]
            R[NARROW * place + NARROW_ID] = key if there else NO_ID
            R[NARROW * place + NARROW_WHAT] = (A[row] << WHAT_BITS) | (N[B[row]] << SYMBOL_BITS) | S[row]
        else:
            R[RECORD * place + CUSTOMER] = C[row]
            R[RECORD * place + AT] = A[row]
            R[RECORD * place + ID] = key if there else NO_ID
            R[RECORD * place + WHAT] = (N[B[row]] << WORD) | S[row]
    if not wrong:
        return count
    for row in range(count):
        there = everywhere or V[row] == 1
        if there and X[row] ^ flip == NO_ID:
            return row
    return count


@compiled
def intern(packed: Any, keys: Any, values: Any, out: Any, first: int) -> int:
    """
    Look up what each row is; the row that is not known yet, or how many rows there are.

    Args:
        packed: int64[n], not negative.
        keys: int64[power of two], -1 where free; values: int32, what they stand for.
        out: int32[n]; written.
        first: the row to go on from.
    """
    mask = len(keys) - 1
    P, K, V, Q = pointer(packed), pointer(keys), pointer(values), pointer(out)
    for row in range(first, len(packed)):
        key = P[row]
        place = (key ^ (key >> 11) ^ (key >> 23)) & mask
        while K[place] != key:
            if K[place] < 0:
                return row
            place = (place + 1) & mask
        Q[row] = V[place]
    return len(packed)
