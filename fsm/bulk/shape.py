"""
Rows in any order become threads in canonical order: numbered, sorted, each event once.

numba compiles these functions like the kernel; see `fsm.bulk.jit`.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import called, compiled, pointer_of
from fsm.bulk.memory import AT, CUSTOMER, ID, LOW, WHAT, WORD

RUN = 12
"""Stretches that insertion puts in order: most threads arrive nearly sorted."""
pointer = pointer_of(__name__)


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
    mask = len(table) - 1
    count = 0
    for row in range(len(records)):
        key, business = records[row, CUSTOMER], records[row, WHAT] >> WORD
        place = (key ^ (key >> 15) ^ (key >> 32) ^ (business * 40503)) & mask
        while True:
            found = table[place]
            if found < 0:
                table[place] = count
                first[count] = row
                numbers[row] = count
                count += 1
                break
            other = first[found]
            if records[other, CUSTOMER] == key and records[other, WHAT] >> WORD == business:
                numbers[row] = found
                break
            place = (place + 1) & mask
    return count


@compiled
def side_by_side(records: Any, keys: Any, starts: Any, out: Any) -> None:
    """
    Copy the rows of one key beside one another, in the order in which they came: those of a thread, or of a bucket.

    Args:
        records: int64[n, width]; keys: int32[n] or uint16[n].
        starts: int64[number of keys + 2], all 0; written: where each key begins, and the end of the last.
        out: int64[n, width]; written.
    """
    width = records.shape[1]
    for row in range(len(keys)):
        starts[keys[row] + 2] += 1
    for key in range(2, len(starts)):
        starts[key] += starts[key - 1]
    for row in range(len(keys)):
        place = starts[keys[row] + 1]
        starts[keys[row] + 1] = place + 1
        for column in range(width):
            out[place, column] = records[row, column]


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
    out_at: Any,
    out_ids: Any,
    out_symbols: Any,
    out_starts: Any,
    kept: Any,
    routed: Any,
) -> int:
    """
    Copy the columns in order, each event once; how many there are.

    A thread in which one event is told in two ways is marked in `routed`: how they are merged is the reference's
    business.

    Args:
        records: as `sort_threads` left them.
        ends: int64[n] in the same order; empty if no row states an end.
        events: int64[symbols], the kind of event of each symbol.
        starts: where each thread begins.
        out_at, out_ids, out_symbols, out_starts: see `Rows`; written.
        kept: int64[n]; written: the record that each row came from.
        routed: uint8[threads]; written.
    """
    count = 0
    for thread in range(len(starts) - 1):
        out_starts[thread] = count
        first = count
        for row in range(starts[thread], starts[thread + 1]):
            at, id_, symbol = records[row, AT], records[row, ID], records[row, WHAT] & LOW
            if count > first and out_at[count - 1] == at and out_ids[count - 1] == id_:
                before_it = kept[count - 1]
                same = out_symbols[count - 1] == symbol
                if same and (len(ends) == 0 or ends[before_it] == ends[row]):
                    continue
                if events[out_symbols[count - 1]] == events[symbol]:
                    routed[thread] = 1
            out_at[count] = at
            out_ids[count] = id_
            out_symbols[count] = symbol
            kept[count] = row
            count += 1
    out_starts[len(starts) - 1] = count
    return count


@compiled
def add_codes(packed: Any, codes: Any, valid: Any, offset: int, filler: int, shift: int, most: int) -> int:
    """
    Add a column of codes to what each row is; the first row with a code that does not fit, or how many rows there are.

    Args:
        packed: int64[n]; written.
        codes: int8[n] or int32[n].
        valid: uint8, one bit per row behind `offset`, set where there is a code; empty if there is one everywhere.
        filler: the code of rows without one, -1 for none.
        shift: where it goes.
        most: codes from this on do not fit.
    """
    for row in range(len(packed)):
        code = filler
        if len(valid) == 0 or valid[(offset + row) >> 3] >> ((offset + row) & 7) & 1 == 1:
            code = int(codes[row])
            if code < 0 or code >= most:
                return row
        packed[row] |= (code + 1) << shift
    return len(packed)


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
    for row in range(first, len(packed)):
        key = packed[row]
        place = (key ^ (key >> 11) ^ (key >> 23)) & mask
        while keys[place] != key:
            if keys[place] < 0:
                return row
            place = (place + 1) & mask
        out[row] = values[place]
    return len(packed)
