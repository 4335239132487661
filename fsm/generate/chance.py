"""
Chance by counting: the n-th draw of a thread is a function of the seed, the thread and n.

Nothing is remembered between draws, so any chunking and any number of workers gives
the same traffic. Everything is integer arithmetic modulo 2**64: no library's random
generator, logarithm or rounding can make two machines differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from fsm.columns.hashing import mixed, mixed_number

Array = Any
"""A numpy array."""

_STEP: Final = 0x9E37_79B9_7F4A_7C15
_OTHER_STEP: Final = 0xD1B5_4A32_D192_ED03
_ALL: Final = 2**64 - 1

TABLE: Final = 256
"""Steps of a table of waiting times."""


def draw(seed: int, purpose: str, thread: Array, index: Array | int = 0) -> Array:
    """
    64 random bits for each pair of thread and index.

    Args:
        seed: any integer.
        purpose: what the bits decide; other purposes give other bits.
        thread, index: integer arrays of one length, or `index` a single number.

    Returns:
        uint64 of the length of `thread`.

    >>> threads = np.arange(3)
    >>> bool((draw(7, "country", threads)[1:] == draw(7, "country", threads[1:])).all())
    True
    """
    base = mixed_number(mixed_number(seed) ^ int.from_bytes(purpose.encode()[:8], "little"))
    for letter in purpose.encode()[8:]:
        base = mixed_number(base + letter)
    values = thread.astype(np.uint64)
    values *= np.uint64(_STEP)
    values += np.uint64(base)
    values = mixed(values)
    if isinstance(index, int):
        if index:
            values += np.uint64((index * _STEP) & _ALL)
            values = mixed(values)
        return values
    other = index.astype(np.uint64)
    other *= np.uint64(_OTHER_STEP)
    values += other
    return mixed(values)


def below(bits: Array, limit: int | Array) -> Array:
    """Whole numbers from 0 to `limit` - 1 out of the upper 32 bits; int64."""
    return (((bits >> np.uint64(32)) * np.asarray(limit).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def chosen(bits: Array, weights: Sequence[int]) -> Array:
    """
    Indices by weight, out of the lower 32 bits; int64.

    >>> set(chosen(draw(1, "x", np.arange(1000)), [0, 3, 1]).tolist())
    {1, 2}
    """
    total = sum(weights)
    edges, passed = [], 0
    for weight in weights:
        passed += weight
        edges.append(passed * 2**32 // total)
    low = bits & np.uint64(0xFFFF_FFFF)
    return np.searchsorted(np.array(edges, dtype=np.uint64), low, side="right")


def happens(bits: Array, per_million: int | Array, lane: int = 0) -> Array:
    """
    Whether something of that frequency happens; `lane` picks 16 of the 64 bits, so one draw decides four times.

    The frequency is rounded to the next 65,536th.
    """
    limit = (np.asarray(per_million).astype(np.int64) * 65_536 + 500_000) // 1_000_000
    piece = ((bits >> np.uint64(16 * lane)) & np.uint64(0xFFFF)).astype(np.int64)
    return piece < limit


def waits(knots: Sequence[tuple[int, int]]) -> Array:
    """
    A table of waiting times, from what share of them (per thousand) takes at most how many seconds.

    >>> int(waits([(0, 10), (500, 20), (1000, 100)])[128])
    20
    """
    table = []
    for step in range(TABLE + 1):
        share = step * 1000
        for (low, least), (high, most) in pairwise(knots):
            if low * TABLE <= share <= high * TABLE:
                table.append(least + (most - least) * (share - low * TABLE) // ((high - low) * TABLE))
                break
    return np.array(table, dtype=np.int64)


def waited(table: Array, bits: Array, row: Array | None = None) -> Array:
    """
    Waiting times by the upper 32 bits, out of one table, or out of the row of several that each draw names; int64.

    >>> waited(waits([(0, 5), (1000, 5)]), draw(1, "x", np.arange(2))).tolist()
    [5, 5]
    """
    step = (bits >> np.uint64(56)).astype(np.int64)
    part = ((bits >> np.uint64(32)) & np.uint64(0xFF_FFFF)).astype(np.int64)
    if row is not None:
        step += row * (TABLE + 1)
        table = table.ravel()
    low = table[step]
    return low + (((table[step + 1] - low) * part) >> 24)
