"""
Events parted by thread into buckets on disk, so that each bucket fits into memory.

Packed columns (customers and ids as numbers) become records of 32 bytes; everything else stays Arrow.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.bulk.encode import Encoded, encode, encode_parted
from fsm.bulk.memory import RECORD
from fsm.bulk.program import Program
from fsm.columns.hashing import hashes, mixed
from fsm.columns.names import Names
from fsm.columns.schema import with_names


class Packed:
    """
    Buckets of records.

    Args:
        folder: an empty folder.
        buckets: how many; a power of two, at most 65,536.
        program: gives the symbols.
        shape: the functions of `fsm.bulk.shape`.
    """

    def __init__(self, folder: Path, buckets: int, program: Program, shape: ModuleType) -> None:
        self._folder, self.buckets = folder, buckets
        self._program, self._shape = program, shape
        self._files = [(folder / f"{number}.rows").open("wb", buffering=0) for number in range(buckets)]
        self._ends: list[list[tuple[int, Any, Any]]] = [[] for _ in range(buckets)]
        self._counts = [0] * buckets
        self._locks = [Lock() for _ in range(buckets)]
        self._names_lock = Lock()
        self.businesses: list[str] = []
        self.rows = 0
        self.first_at: int | None = None

    def add(self, batch: Any) -> int:
        """Part a record batch; how many rows it had. Several threads may call it at once."""
        if not batch.num_rows:
            return 0
        coded, starts = encode_parted(batch, self._program, self._shape, self.businesses, self.buckets)
        view, width = memoryview(coded.records).cast("B"), 8 * RECORD
        for bucket, (first, last) in enumerate(pairwise(starts.tolist())):
            if first == last:
                continue
            with self._locks[bucket]:
                stated = np.flatnonzero(coded.ends[first:last])
                if len(stated):
                    # Few rows state the end of an entry point.
                    self._ends[bucket].append((self._counts[bucket], stated, coded.ends[first + stated]))
                self._counts[bucket] += last - first
                _write_all(self._files[bucket], view[first * width : last * width])
        earliest = int(coded.at.min())
        with self._names_lock:
            self.rows += batch.num_rows
            self.first_at = earliest if self.first_at is None else min(self.first_at, earliest)
        return int(batch.num_rows)

    def close(self) -> None:
        """No more rows come."""
        for file in self._files:
            file.close()

    def count(self, bucket: int) -> int:
        """How many rows a bucket has."""
        return self._counts[bucket]

    def read(self, bucket: int) -> Encoded:
        """The rows of one bucket."""
        records = np.fromfile(self._folder / f"{bucket}.rows", np.int64).reshape(-1, RECORD)
        ends = np.zeros(0, np.int64)
        if self._ends[bucket]:
            ends = np.zeros(len(records), np.int64)
            for first, places, values in self._ends[bucket]:
                ends[first + places] = values
        return Encoded(
            records=records,
            ends=ends,
            businesses=self.businesses,
            customers=None,
            texts=None,
            odd={},
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
                    path = str(self._folder / f"{bucket}.arrow")
                    self._writers[bucket] = pa.ipc.new_stream(path, plain.schema)
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

    def count(self, bucket: int) -> int:
        """How many rows a bucket has."""
        return self._counts[bucket]

    def read(self, bucket: int) -> Encoded:
        """The rows of one bucket."""
        assert self.names is not None
        with pa.OSFile(str(self._folder / f"{bucket}.arrow")) as file, pa.ipc.open_stream(file) as stream:
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


def _write_all(file: Any, view: memoryview) -> None:
    while view:
        view = view[file.write(view) :]
