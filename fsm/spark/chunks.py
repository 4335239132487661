"""Parcels of rows become tables of whole buckets, and so of whole threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

ROWS: Final = 500_000
"""Rows that the kernel is given at a time: enough that its own costs vanish, and few enough to wait in memory."""


def whole_buckets(batches: Iterable[Any], read: Callable[[Any], Any], rows: int = ROWS) -> Iterator[Any]:
    """
    Whole buckets. The open bucket is carried over the border of a batch, however many batches it spans.

    What waits in memory is `rows` rows, one batch and the rows of the bucket that is open: a single thread of a
    hundred million events needs the memory of a hundred million events, on one worker.

    Args:
        batches: record batches of two columns: the number of a bucket, and a parcel of its rows. Those of one bucket
            lie together.
        read: makes a table of the bytes of a parcel; all of them have the same columns.
        rows: how many to give at a time, at least.

    Returns:
        Record batches, none of them empty.

    >>> parcels = pa.record_batch([pa.array([1, 2, 2, 3]), pa.array([b"a", b"b", b"bb", b"c"])], names=["n", "p"])
    >>> read = lambda parcel: pa.table({"row": list(parcel.to_pybytes().decode())})
    >>> [batch["row"].to_pylist() for batch in whole_buckets([parcels], read, rows=2)]
    [['a', 'b', 'b', 'b'], ['c']]
    """
    waiting: list[Any] = []
    count = 0
    last: int | None = None
    for batch in batches:
        for bucket, parcel in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            if bucket != last and count >= rows:
                yield _together(waiting)
                waiting, count = [], 0
            last = bucket
            table = read(parcel.as_buffer())
            waiting.append(table)
            count += table.num_rows
    if count:
        yield _together(waiting)


def _together(tables: list[Any]) -> Any:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks().to_batches()[0]
