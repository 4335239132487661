"""Parcels are gathered until they make whole buckets, and so whole threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

ROWS: Final = 500_000
"""Rows that the kernel is given at a time: enough that its own costs vanish, and few enough to wait in memory."""


def whole_buckets(batches: Iterable[Any], read: Callable[[Any], Any], rows: int = ROWS) -> Iterator[list[Any]]:
    """
    Whole buckets. The open bucket is carried over the border of a batch, however many batches it spans.

    What waits in memory is `rows` rows, one batch and the rows of the bucket that is open: a single thread of a
    hundred million events needs the memory of a hundred million events, on one worker.

    Args:
        batches: record batches of two columns: the number of a bucket, and a parcel of its rows. Those of one bucket
            lie together.
        read: makes a record batch of the bytes of a parcel.
        rows: how many to give at a time, at least.

    Returns:
        What `read` gave, in lists, none of them empty.

    >>> import pyarrow as pa
    >>> parcels = pa.record_batch([pa.array([1, 2, 2, 3]), pa.array([b"a", b"b", b"bb", b"c"])], names=["n", "p"])
    >>> read = lambda parcel: pa.record_batch({"row": list(parcel.to_pybytes().decode())})
    >>> [[batch.num_rows for batch in some] for some in whole_buckets([parcels], read, rows=2)]
    [[1, 1, 2], [1]]
    """
    waiting: list[Any] = []
    count = 0
    last: int | None = None
    for batch in batches:
        for bucket, parcel in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            if bucket != last and count >= rows:
                yield waiting
                waiting, count = [], 0
            last = bucket
            mine = read(parcel.as_buffer())
            waiting.append(mine)
            count += mine.num_rows
    if count:
        yield waiting
