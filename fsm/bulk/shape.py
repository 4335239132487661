"""
Rows in any order become threads in canonical order: numbered, sorted, each event once.

numba compiles these functions like the kernel; see `fsm.bulk.jit`.
"""

from __future__ import annotations

from typing import Any

from fsm.bulk.jit import compiled, inlined

RUN = 12
"""Stretches that insertion puts in order: most threads arrive nearly sorted."""


@compiled
def number_threads(business: Any, customer: Any, table: Any, first: Any, numbers: Any) -> int:
    """
    Give every thread a number, in order of first appearance; how many there are.

    Args:
        business: int32[n], customer: int64[n]: what makes a thread.
        table: int64[power of two, at least 2n], all -1; work space.
        first: int64[n]; written: the row with which each thread begins.
        numbers: int32[n]; written: the thread of every row.
    """
    mask = len(table) - 1
    count = 0
    for row in range(len(business)):
        key = customer[row]
        place = (key ^ (key >> 15) ^ (key >> 32) ^ (business[row] * 40503)) & mask
        while True:
            found = table[place]
            if found < 0:
                table[place] = count
                first[count] = row
                numbers[row] = count
                count += 1
                break
            other = first[found]
            if customer[other] == key and business[other] == business[row]:
                numbers[row] = found
                break
            place = (place + 1) & mask
    return count


@compiled
def by_thread(numbers: Any, starts: Any, order: Any) -> None:
    """
    Put the rows of each thread together, in the order in which they came.

    Args:
        numbers: int32[n].
        starts: int64[threads + 2], all 0; written: where each thread begins, and the end of the last.
        order: int64[n]; written: rows.
    """
    for row in range(len(numbers)):
        starts[numbers[row] + 2] += 1
    for thread in range(2, len(starts)):
        starts[thread] += starts[thread - 1]
    for row in range(len(numbers)):
        place = starts[numbers[row] + 1]
        order[place] = row
        starts[numbers[row] + 1] = place + 1


@inlined
def before(at: Any, ids: Any, symbols: Any, ends: Any, places: Any, one: int, other: int) -> bool:
    """Whether a row comes before another in canonical order; what is left is told apart so that twins meet."""
    if at[one] != at[other]:
        return at[one] < at[other]
    first, second = symbols[one], symbols[other]
    if places[first, 0] != places[second, 0]:
        return places[first, 0] < places[second, 0]
    if ids[one] != ids[other]:
        return ids[one] < ids[other]
    if places[first, 1] != places[second, 1]:
        return places[first, 1] < places[second, 1]
    if first != second:
        return first < second
    return len(ends) > 0 and ends[one] < ends[other]


@compiled
def sort_threads(
    at: Any, ids: Any, symbols: Any, ends: Any, places: Any, starts: Any, order: Any, room: Any
) -> None:
    """
    Put every thread's rows in canonical order: stretches by insertion, then merged until one is left.

    Args:
        at, ids, symbols, ends: columns, see `Rows`.
        places: int64[symbols, 2]: rank of the kind of event, and its place among those of its rank.
        starts: where each thread begins in `order`.
        order: rows; written.
        room: int64, as long as the longest thread; work space.
    """
    for thread in range(len(starts) - 1):
        first, last = starts[thread], starts[thread + 1]
        for begin in range(first, last, RUN):
            end = min(begin + RUN, last)
            for place in range(begin + 1, end):
                row = order[place]
                back = place
                while back > begin and before(at, ids, symbols, ends, places, row, order[back - 1]):
                    order[back] = order[back - 1]
                    back -= 1
                order[back] = row
        width = RUN
        while width < last - first:
            for begin in range(first, last - width, 2 * width):
                middle, end = begin + width, min(begin + 2 * width, last)
                if not before(at, ids, symbols, ends, places, order[middle], order[middle - 1]):
                    continue
                for place in range(begin, middle):
                    room[place - begin] = order[place]
                left, right, place = 0, middle, begin
                while left < width and right < end:
                    if before(at, ids, symbols, ends, places, order[right], room[left]):
                        order[place] = order[right]
                        right += 1
                    else:
                        order[place] = room[left]
                        left += 1
                    place += 1
                while left < width:
                    order[place] = room[left]
                    left += 1
                    place += 1
            width *= 2


@compiled
def lay_out(
    at: Any,
    ids: Any,
    symbols: Any,
    ends: Any,
    events: Any,
    starts: Any,
    order: Any,
    out_at: Any,
    out_ids: Any,
    out_symbols: Any,
    out_ends: Any,
    out_starts: Any,
    kept: Any,
    routed: Any,
) -> int:
    """
    Copy the rows in order, each event once; how many there are.

    A thread in which one event is told in two ways is marked in `routed`: how they are merged is the reference's
    business.

    Args:
        events: int64[symbols], the kind of event of each symbol.
        starts, order: as `sort_threads` left them.
        out_at, out_ids, out_symbols, out_ends, out_starts: see `Rows`; written.
        kept: int64[n]; written: where each row that is left came from.
        routed: uint8[threads]; written.
    """
    count = 0
    for thread in range(len(starts) - 1):
        out_starts[thread] = count
        first = count
        for place in range(starts[thread], starts[thread + 1]):
            row = order[place]
            if count > first and out_at[count - 1] == at[row] and out_ids[count - 1] == ids[row]:
                same = out_symbols[count - 1] == symbols[row]
                if same and (len(ends) == 0 or out_ends[count - 1] == ends[row]):
                    continue
                if events[out_symbols[count - 1]] == events[symbols[row]]:
                    routed[thread] = 1
            out_at[count] = at[row]
            out_ids[count] = ids[row]
            out_symbols[count] = symbols[row]
            if len(ends) > 0:
                out_ends[count] = ends[row]
            kept[count] = row
            count += 1
    out_starts[len(starts) - 1] = count
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
    for row in range(first, len(packed)):
        key = packed[row]
        place = (key ^ (key >> 11) ^ (key >> 23)) & mask
        while keys[place] != key:
            if keys[place] < 0:
                return row
            place = (place + 1) & mask
        out[row] = values[place]
    return len(packed)


@compiled
def scatter(buckets: Any, business: Any, customer: Any, at: Any, ids: Any, symbols: Any, starts: Any, out: Any) -> None:
    """
    Put rows that belong into one bucket beside one another.

    Args:
        buckets: uint16[n], the bucket of every row.
        business, symbols: int32[n]; customer, at, ids: int64[n].
        starts: int64[buckets + 2], all 0; written: where each bucket begins, and the end of the last.
        out: int64[n, 4]; written: customer, instant, id, business and symbol together.
    """
    for row in range(len(buckets)):
        starts[buckets[row] + 2] += 1
    for bucket in range(2, len(starts)):
        starts[bucket] += starts[bucket - 1]
    for row in range(len(buckets)):
        place = starts[buckets[row] + 1]
        out[place, 0] = customer[row]
        out[place, 1] = at[row]
        out[place, 2] = ids[row]
        out[place, 3] = (business[row] << 32) | symbols[row]
        starts[buckets[row] + 1] = place + 1
