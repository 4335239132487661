"""
Events parted by thread into buckets on disk, so that each bucket fits into memory.

Packed columns (customers and ids as numbers) become records of 32 bytes; everything else stays Arrow.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.bulk.encode import Encoded, encode, encode_parted
from fsm.bulk.memory import RECORD
from fsm.bulk.program import Program
from fsm.columns.hashing import hashes, mixed
from fsm.columns.names import Names
from fsm.columns.schema import with_names

CHUNK_ROWS: Final = 1 << 21
"""Rows that are parted into one stretch of memory: the system gives a large one in large pages."""


@attrs.define
class _Chunk:
    """
    A stretch of memory that holds several parted batches, one behind the other.

    Attributes:
        records: int64[rows, 4]; used: how many of them hold something.
        bounds: where each bucket of each batch begins, and the end of the last: int64[batches, buckets + 1] once closed.
        marked: batches with stated ends or odd members: the number, the rows, and which of them are odd, ascending.
    """

    records: Any
    used: int = 0
    bounds: Any = attrs.field(factory=list)
    marked: list[tuple[int, Encoded, Sequence[int]]] = attrs.field(factory=list)


class Packed:
    """
    Buckets of records, in memory as far as there is room, and on disk behind that.

    Args:
        folder: an empty folder.
        buckets: how many; a power of two, at most 65,536.
        program: gives the symbols.
        shape: the functions of `fsm.bulk.shape`.
        memory: bytes of records that are kept in memory.
    """

    def __init__(self, folder: Path, buckets: int, program: Program, shape: ModuleType, memory: int) -> None:
        self._folder, self.buckets = folder, buckets
        self._program, self._shape, self._room = program, shape, memory
        self._chunks: list[_Chunk] = []
        self._free: list[_Chunk] = []
        self._files: list[Any] = [None] * buckets
        self._ends: list[list[tuple[Any, Any]]] = [[] for _ in range(buckets)]
        self._odd: list[dict[int, tuple[str, str]]] = [{} for _ in range(buckets)]
        self._filed = [0] * buckets
        self._counts = np.zeros(buckets, np.int64)
        self._locks = [Lock() for _ in range(buckets)]
        self._lock = Lock()
        self.businesses: list[str] = []
        self.rows = 0
        self.first_at: int | None = None

    def add(self, batch: Any) -> int:
        """Part a record batch; how many rows it had. Several threads may call it at once."""
        count, chunk = batch.num_rows, None
        if not count:
            return 0
        with self._lock:
            if 8 * RECORD * count <= self._room:
                self._room -= 8 * RECORD * count
                chunk = self._chunk(count)
        room = chunk.records[chunk.used :] if chunk is not None else None
        coded, starts = encode_parted(batch, self._program, self._shape, self.businesses, self.buckets, room)
        earliest = pc.min(batch.column("at")).as_py()
        with self._lock:
            self.rows += count
            self.first_at = earliest if self.first_at is None else min(self.first_at, earliest)
            self._counts += np.diff(starts)
            if chunk is not None:
                if len(coded.ends) or coded.odd:
                    chunk.marked.append((len(chunk.bounds), coded, sorted(coded.odd)))
                chunk.bounds.append(chunk.used + starts)
                chunk.used += count
                self._free.append(chunk)
        if chunk is None:
            self._write(coded, starts)
        return int(count)

    def _chunk(self, count: int) -> _Chunk:
        """A stretch with room for so many rows, which nobody else writes to meanwhile."""
        while self._free:
            chunk = self._free.pop()
            if chunk.used + count <= len(chunk.records):
                return chunk
        self._chunks.append(_Chunk(np.empty((max(count, CHUNK_ROWS), RECORD), np.int64)))
        return self._chunks[-1]

    def _write(self, coded: Encoded, starts: Any) -> None:
        view, width, odd = memoryview(coded.records).cast("B"), 8 * RECORD, sorted(coded.odd)
        for bucket, (first, last) in enumerate(pairwise(starts.tolist())):
            if first == last:
                continue
            with self._locks[bucket]:
                if self._files[bucket] is None:
                    self._files[bucket] = self._path(bucket).open("wb", buffering=0)
                self._ends[bucket] += _stated(coded, first, last, self._filed[bucket])
                self._odd[bucket] |= _odd(coded, odd, first, last, self._filed[bucket])
                self._filed[bucket] += last - first
                _write_all(self._files[bucket], view[first * width : last * width])

    def _path(self, bucket: int) -> Path:
        return self._folder / f"{bucket}.rows"

    def close(self) -> None:
        """No more rows come."""
        for file in self._files:
            if file is not None:
                file.close()
        for chunk in self._chunks:
            chunk.bounds = np.array(chunk.bounds, np.int64).reshape(-1, self.buckets + 1)

    def drop(self, bucket: int) -> None:
        """A bucket is not needed any more: what lies on disk of it goes."""
        if self._filed[bucket]:
            self._path(bucket).unlink()

    def count(self, bucket: int) -> int:
        """How many rows a bucket has."""
        return int(self._counts[bucket])

    def read(self, bucket: int) -> Encoded:
        """The rows of one bucket."""
        records = np.empty((self.count(bucket), RECORD), np.int64)
        told, odd = list(self._ends[bucket]), dict(self._odd[bucket])
        place = self._filed[bucket]
        if place:
            with self._path(bucket).open("rb", buffering=0) as file:
                _read_all(file, memoryview(records[:place].data).cast("B"))
        for chunk in self._chunks:
            lengths = chunk.bounds[:, bucket + 1] - chunk.bounds[:, bucket]
            for number, coded, rows in chunk.marked:
                where = place + int(lengths[:number].sum())
                first, last = (chunk.bounds[number, bucket : bucket + 2] - chunk.bounds[number, 0]).tolist()
                told += _stated(coded, first, last, where)
                odd |= _odd(coded, rows, first, last, where)
            place = self._shape.gather(chunk.records, chunk.bounds, bucket, records, place)
        ends = np.zeros(len(records) if told else 0, np.int64)
        for places, values in told:
            ends[places] = values
        return Encoded(
            records=records,
            ends=ends,
            businesses=self.businesses,
            customers=None,
            texts=None,
            odd=odd,
            program=self._program,
        )


class Texts:
    """Buckets of Arrow batches, for logs whose customers or ids are texts. See `Packed`."""

    def __init__(self, folder: Path, buckets: int, program: Program, shape: ModuleType) -> None:
        self._folder, self.buckets = folder, buckets
        self._program, self._shape = program, shape
        self._writers: list[Any] = [None] * buckets
        self._counts = [0] * buckets
        self.names: Names | None = None
        self.businesses: list[str] = []
        self._lock = Lock()
        self.rows = 0
        self.first_at: int | None = None

    def add(self, batch: Any) -> int:
        """Part a record batch; how many rows it had."""
        if not batch.num_rows:
            return 0
        plain = _plain(batch)
        thread = mixed(_hashed(plain.column("customer")) ^ mixed(_hashed(plain.column("business"))))
        number = (thread & np.uint64(self.buckets - 1)).astype(np.uint16)
        order = np.argsort(number, kind="stable")
        parted = plain.take(pa.array(order))
        bounds = np.searchsorted(number[order], np.arange(self.buckets + 1))
        with self._lock:
            for bucket in range(self.buckets):
                first, last = int(bounds[bucket]), int(bounds[bucket + 1])
                if first == last:
                    continue
                if self._writers[bucket] is None:
                    self._writers[bucket] = pa.ipc.new_stream(str(self._path(bucket)), plain.schema)
                self._writers[bucket].write_batch(parted.slice(first, last - first))
                self._counts[bucket] += last - first
            self.rows += batch.num_rows
            earliest = pc.min(batch.column("at")).as_py()
            self.first_at = earliest if self.first_at is None else min(self.first_at, earliest)
        return int(batch.num_rows)

    def close(self) -> None:
        """No more rows come."""
        for writer in self._writers:
            if writer is not None:
                writer.close()

    def drop(self, bucket: int) -> None:
        """A bucket is not needed any more."""
        self._path(bucket).unlink()

    def _path(self, bucket: int) -> Path:
        return self._folder / f"{bucket}.arrow"

    def count(self, bucket: int) -> int:
        """How many rows a bucket has."""
        return self._counts[bucket]

    def read(self, bucket: int) -> Encoded:
        """The rows of one bucket."""
        assert self.names is not None
        with pa.OSFile(str(self._path(bucket))) as file, pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
        table = table.replace_schema_metadata(with_names(table.schema, self.names).metadata)
        return encode(table, self._program, self._shape, self.businesses)


def _stated(coded: Encoded, first: int, last: int, place: int) -> list[tuple[Any, Any]]:
    """Which of some rows state the end of an entry point, counted from a place, and those ends; empty if none does."""
    if not len(coded.ends):
        return []
    rows = np.flatnonzero(coded.ends[first:last])
    return [(place + rows, coded.ends[first + rows])] if len(rows) else []


def _odd(coded: Encoded, rows: Sequence[int], first: int, last: int, place: int) -> dict[int, tuple[str, str]]:
    """What only the reference understands of some rows, counted from a place; `rows` are all of its keys, ascending."""
    mine = rows[bisect_left(rows, first) : bisect_left(rows, last)]
    return {place + row - first: coded.odd[row] for row in mine}


def _plain(batch: Any) -> Any:
    """The batch with its businesses as texts: batches of one stream share one dictionary, or have none."""
    place = batch.schema.get_field_index("business")
    column = batch.column(place)
    if not pa.types.is_dictionary(column.type):
        return batch
    return batch.set_column(place, "business", column.cast(pa.string()))


def _hashed(column: Any) -> Any:
    if pa.types.is_integer(column.type):
        return mixed(column.to_numpy(zero_copy_only=False).view(np.uint64))
    return hashes(column).to_numpy(zero_copy_only=False)


def _write_all(file: Any, view: memoryview) -> None:
    while view:
        view = view[file.write(view) :]


def _read_all(file: Any, view: memoryview) -> None:
    while view:
        count = file.readinto(view)
        if not count:
            raise OSError("a file of parts ends too soon. Was it changed while the job ran?")
        view = view[count:]
