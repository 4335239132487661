"""
Events parted by thread into buckets, so that each bucket fits into memory.

Packed columns (customers and ids as numbers) become records of 24 or 32 bytes, in memory while there is room; everything
else stays Arrow, on disk.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.bulk.encode import Encoded, encode, encode_parted
from fsm.bulk.memory import NARROW, RECORD
from fsm.bulk.program import Program
from fsm.bulk.store import Chunk, Found, Marks, Store
from fsm.columns.hashing import hashes, mixed
from fsm.columns.names import Names
from fsm.columns.schema import with_names


class Packed:
    """
    Buckets of records, in memory as far as there is room, and on disk behind that.

    Rows take three numbers where instant, business and symbol fit into one, which they do but for accounts of very many
    businesses; the others take four.

    Args:
        folder: an empty folder.
        buckets: how many; a power of two, at most 65,536.
        program: gives the symbols.
        shape: the functions of `fsm.bulk.shape`.
        memory: bytes of records that are kept in memory.
    """

    def __init__(self, folder: Path, buckets: int, program: Program, shape: ModuleType, memory: int) -> None:
        self.buckets = buckets
        self._program, self._shape, self._memory = program, shape, memory
        self._stores = {width: Store(folder, buckets, width, shape) for width in (NARROW, RECORD)}
        self._counts = np.zeros(buckets, np.int64)
        self._lock = Lock()
        self.businesses: list[str] = []
        self.rows = 0
        self.first_at: int | None = None

    def fits(self, rows: int) -> bool:
        """Whether there is room in memory for so many rows more, whatever their width."""
        return 8 * RECORD * rows <= self._memory

    def add(self, batch: Any) -> int:
        """Part a record batch; how many rows it had. Several threads may call it at once."""
        count = int(batch.num_rows)
        if not count:
            return 0
        given: list[Chunk] = []

        def room(width: int) -> Any:
            with self._lock:
                if 8 * width * count > self._memory:
                    return np.empty((count, width), np.int64)
                self._memory -= 8 * width * count
                given.append(self._stores[width].chunk(count))
            return given[0].records[given[0].used :]

        coded, starts = encode_parted(batch, self._program, self._shape, self.businesses, self.buckets, room)
        store, marks = self._stores[coded.records.shape[1]], Marks(coded.ends, coded.odd, sorted(coded.odd))
        earliest = pc.min(batch.column("at")).as_py()
        with self._lock:
            self.rows += count
            self.first_at = earliest if self.first_at is None else min(self.first_at, earliest)
            self._counts += np.diff(starts)
            for chunk in given:
                store.give_back(chunk, starts, marks)
        if not given:
            store.write(coded.records, starts, marks)
        return count

    def close(self) -> None:
        """No more rows come."""
        for store in self._stores.values():
            store.close()

    def drop(self, bucket: int) -> None:
        """A bucket is not needed any more: what lies on disk of it goes."""
        for store in self._stores.values():
            store.drop(bucket)

    def count(self, bucket: int) -> int:
        """How many rows a bucket has."""
        return int(self._counts[bucket])

    def read(self, bucket: int) -> Encoded:
        """The rows of one bucket."""
        records, found, place = np.empty((self.count(bucket), RECORD), np.int64), Found(), 0
        for store in self._stores.values():
            place = store.read(bucket, records, place, found)
        ends = np.zeros(len(records) if found.ends else 0, np.int64)
        for places, values in found.ends:
            ends[places] = values
        return Encoded(
            records=records,
            ends=ends,
            businesses=self.businesses,
            customers=None,
            texts=None,
            odd=found.odd,
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
