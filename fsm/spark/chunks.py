"""Arrow batches in which the rows of a thread lie together become tables of whole threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

ROWS: Final = 500_000
"""Rows that the kernel is given at a time: enough that its own costs vanish, and few enough to wait in memory."""


def whole_threads(batches: Iterable[Any], column: str, rows: int = ROWS) -> Iterator[Any]:
    """
    Tables of whole threads. The open thread is carried over the border of a batch, however many batches it spans.

    What waits in memory is `rows` rows, one batch and the rows of the thread that is open: a single thread of a
    hundred million events needs the memory of a hundred million events, on one worker.

    Args:
        batches: record batches of one schema; equal values of `column` lie together.
        column: int64, equal where the thread is.
        rows: how many to give at a time, at least.

    Returns:
        `pyarrow.Table`s, none of them empty.

    >>> first = pa.record_batch({"thread": [1, 1, 2]})
    >>> second = pa.record_batch({"thread": [2, 2, 3]})
    >>> [table["thread"].to_pylist() for table in whole_threads([first, second], "thread", rows=2)]
    [[1, 1], [2, 2, 2], [3]]
    """
    whole: list[Any] = []
    unfinished: list[Any] = []
    waiting = 0
    last: int | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        keys = batch.column(column).to_numpy(zero_copy_only=False)
        border = _last_border(keys, last)
        last = int(keys[-1])
        if border is None:
            unfinished.append(batch)
            continue
        whole += unfinished
        waiting += sum(part.num_rows for part in unfinished)
        if border:
            whole.append(batch.slice(0, border))
            waiting += border
        unfinished = [batch.slice(border)]
        if waiting >= rows:
            yield pa.Table.from_batches(whole)
            whole, waiting = [], 0
    if whole or unfinished:
        yield pa.Table.from_batches([*whole, *unfinished])


def _last_border(keys: Any, before: int | None) -> int | None:
    """Where the last thread of a batch begins; None if it began in an earlier batch."""
    changes = np.flatnonzero(keys[1:] != keys[:-1])
    if len(changes):
        return int(changes[-1]) + 1
    return None if before == int(keys[0]) else 0
