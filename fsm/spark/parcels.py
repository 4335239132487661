"""
What travels between the workers of a cluster: the rows of one bucket of threads, as the bytes of an Arrow stream.

Rows whose customers and ids are numbers travel as the records that the kernel takes, with what their symbols stand for;
whoever gets them has nothing to decode. Everything else travels as columns of events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fsm.bulk.encode import Encoded
from fsm.bulk.memory import AT, CUSTOMER, ID, LOW, RECORD, WHAT, WORD
from fsm.bulk.program import Meaning, Program

BUCKET: Final = "bucket"
"""The column by which rows are brought together: a number made of business and customer."""
PARCEL: Final = "parcel"
"""The column of rows that travel together: an Arrow stream of the rows of one bucket."""
PARCELS: Final = pa.schema(
    [pa.field(BUCKET, pa.int32(), nullable=False), pa.field(PARCEL, pa.binary(), nullable=False)]
)
_MEANS: Final = b"fsm.records"
"""Where a parcel of records says which businesses and symbols its numbers stand for."""
_NUMBERS: Final = {"customer": CUSTOMER, "at": AT, "id": ID, "what": WHAT}


def parcels(buckets: Sequence[int], rows: Any, starts: Sequence[int]) -> Any:
    """
    A record batch of `PARCELS`, one for each bucket that has rows.

    Args:
        buckets: their numbers.
        rows: a record batch, the rows of a bucket beside one another.
        starts: where each bucket begins, and the end of the last.
    """
    filled = [
        (bucket, first, last) for bucket, (first, last) in zip(buckets, pairwise(starts), strict=True) if first < last
    ]
    return pa.record_batch(
        [
            pa.array([bucket for bucket, _, _ in filled], pa.int32()),
            pa.array([_bytes(rows.slice(first, last - first)) for _, first, last in filled], pa.binary()),
        ],
        schema=PARCELS,
    )


def opened(parcel: Any) -> Any:
    """The record batch in the bytes of a parcel."""
    return pa.ipc.open_stream(parcel).read_next_batch()


def records(encoded: Encoded) -> Any:
    """
    Rows as they travel, whose customers and ids are numbers.

    >>> from fsm.bulk.encode import encode
    >>> from fsm.bulk.jit import load
    >>> from fsm.columns import from_events, packed
    >>> from fsm.events import Event
    >>> from fsm.machine import Law
    >>> told = packed(from_events([Event(event="opted_in", at=5_000, business="b", customer="5215550001111")]))
    >>> here, there = Program(Law(engine="table")), Program(Law(engine="table"))
    >>> sent = records(encode(told, here, load("shape", compiled=False)))
    >>> unpacked([sent], Numbers(there)).event(0) == Event(event="opted_in", at=5_000, business="b", customer="5215550001111")
    True
    """
    assert encoded.customers is None
    assert encoded.texts is None
    columns = {name: pa.array(np.ascontiguousarray(encoded.records[:, place])) for name, place in _NUMBERS.items()}
    if len(encoded.ends):
        columns["ends"] = pa.array(encoded.ends)
    if encoded.odd:
        both = [encoded.odd.get(row, ("", "")) for row in range(len(encoded.records))]
        columns["participant"] = pa.array([participant for participant, _ in both], pa.string())
        columns["addressee"] = pa.array([addressee for _, addressee in both], pa.string())
    fields = [pa.field(name, column.type) for name, column in columns.items()]
    schema = pa.schema(fields, metadata={_MEANS: means(encoded)})
    return pa.record_batch(list(columns.values()), schema=schema)


def are_records(batch: Any) -> bool:
    """Whether a parcel holds records, and not events."""
    return _MEANS in (batch.schema.metadata or {})


class Numbers:
    """
    The numbers that another process's businesses and symbols have in this one.

    Args:
        program: gives the symbols.

    Attributes:
        businesses: the names of all businesses met so far.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.businesses: list[str] = []
        self._known: dict[bytes, tuple[Any, Any]] = {}

    def told(self, means: bytes, what: Any) -> Any:
        """
        The last column of records, translated.

        Args:
            means: what `means` gave where they come from.
            what: int64, business and symbol together.
        """
        found = self._known.get(means)
        if found is None:
            names, meanings = json.loads(means)
            self.businesses += [name for name in names if name not in self.businesses]
            found = self._known[means] = (
                np.array([self.businesses.index(name) for name in names], np.int64),
                np.array([self.program.symbol(Meaning(*meaning)) for meaning in meanings], np.int64),
            )
        businesses, symbols = found
        return (businesses[what >> WORD] << WORD) | symbols[what & LOW]


def means(encoded: Encoded) -> bytes:
    """What the businesses and symbols of some rows stand for."""
    return json.dumps([encoded.businesses, encoded.program.meanings], separators=(",", ":")).encode()


def unpacked(batches: Sequence[Any], numbers: Numbers) -> Encoded:
    """The rows of some parcels of records, one behind the other, in the numbers of this process."""
    rows = np.empty((sum(batch.num_rows for batch in batches), RECORD), np.int64)
    ends = np.zeros(len(rows) if any("ends" in batch.schema.names for batch in batches) else 0, np.int64)
    odd: dict[int, tuple[str, str]] = {}
    first = 0
    for batch in batches:
        last = first + batch.num_rows
        for name, place in _NUMBERS.items():
            rows[first:last, place] = batch.column(name).to_numpy()
        rows[first:last, WHAT] = numbers.told(batch.schema.metadata[_MEANS], rows[first:last, WHAT])
        if "ends" in batch.schema.names:
            ends[first:last] = batch.column("ends").to_numpy()
        if "participant" in batch.schema.names:
            odd |= dict(_odd(batch, first))
        first = last
    return Encoded(
        records=rows,
        ends=ends if ends.any() else np.zeros(0, np.int64),
        businesses=numbers.businesses,
        customers=None,
        texts=None,
        odd=odd,
        program=numbers.program,
    )


def _odd(batch: Any, first: int) -> Iterator[tuple[int, tuple[str, str]]]:
    told = zip(batch.column("participant").to_pylist(), batch.column("addressee").to_pylist(), strict=True)
    return ((first + row, both) for row, both in enumerate(told) if any(both))


def _bytes(batch: Any) -> bytes:
    sink = pa.BufferOutputStream()
    # Java copies a parcel several times on its way: it is worth making it small.
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())
