"""Parted rows of one width: in memory while there is room, in a file for each bucket behind that."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final

import attrs
import numpy as np

CHUNK_ROWS: Final = 1 << 21
"""Rows that are parted into one stretch of memory: the system gives a large one in large pages."""


@attrs.frozen
class Marks:
    """
    What few rows of a parted batch say beyond their numbers.

    Attributes:
        ends: int64 by row, the stated end of a free entry point, 0 for none; empty if no row has one.
        odd: participant and addressee, by row.
        rows: those that have either, ascending.
    """

    ends: Any
    odd: Mapping[int, tuple[str, str]]
    rows: Sequence[int]

    def __bool__(self) -> bool:
        return len(self.ends) > 0 or len(self.rows) > 0


@attrs.define
class Found:
    """
    What a bucket says beyond its rows' numbers, by the place of the row in the bucket.

    Attributes:
        ends: places and their stated ends, array by array.
        odd: participant and addressee.
    """

    ends: list[tuple[Any, Any]] = attrs.field(factory=list)
    odd: dict[int, tuple[str, str]] = attrs.field(factory=dict)

    def add(self, marks: Marks, first: int, last: int, place: int) -> None:
        """Take in what is said of some rows of a batch, the first of which stands at a place of the bucket."""
        if len(marks.ends):
            rows = np.flatnonzero(marks.ends[first:last])
            if len(rows):
                self.ends.append((place + rows, marks.ends[first + rows]))
        for row in marks.rows[bisect_left(marks.rows, first) : bisect_left(marks.rows, last)]:
            self.odd[place + row - first] = marks.odd[row]

    def moved(self, by: int) -> Found:
        """The same, if so many rows stand in front of the bucket's."""
        return Found(
            [(by + rows, ends) for rows, ends in self.ends], {by + row: told for row, told in self.odd.items()}
        )


@attrs.define
class Chunk:
    """
    A stretch of memory that holds several parted batches, one behind the other.

    Attributes:
        records: int64[rows, width]; used: how many of them hold something.
        bounds: where each bucket of each batch begins, and the end of the last: int64[batches, buckets + 1] once closed.
        marked: the number of each batch with marks, and those.
    """

    records: Any
    used: int = 0
    bounds: Any = attrs.field(factory=list)
    marked: list[tuple[int, Marks]] = attrs.field(factory=list)


class Store:
    """
    Buckets of rows of one width.

    Args:
        folder: for files; what else is in it must not end in `rows` and the width.
        buckets: how many.
        width: of a row, in numbers of 64 bits.
        shape: the functions of `fsm.bulk.shape`.
    """

    def __init__(self, folder: Path, buckets: int, width: int, shape: ModuleType) -> None:
        self._folder, self._buckets, self.width, self._shape = folder, buckets, width, shape
        self._chunks: list[Chunk] = []
        self._free: list[Chunk] = []
        self._files: dict[int, Any] = {}
        self._found: dict[int, Found] = {}
        self._filed = [0] * buckets
        self._locks = [Lock() for _ in range(buckets)]

    # --- in memory; one caller at a time ------------------------------------
    def chunk(self, rows: int) -> Chunk:
        """A stretch with room for so many rows, which nobody else is given until it is back."""
        while self._free:
            chunk = self._free.pop()
            if chunk.used + rows <= len(chunk.records):
                return chunk
        self._chunks.append(Chunk(np.empty((max(rows, CHUNK_ROWS), self.width), np.int64)))
        return self._chunks[-1]

    def give_back(self, chunk: Chunk, starts: Any, marks: Marks) -> None:
        """A batch was parted into a stretch, behind what it held."""
        if marks:
            chunk.marked.append((len(chunk.bounds), marks))
        chunk.bounds.append(chunk.used + starts)
        chunk.used += int(starts[-1])
        self._free.append(chunk)

    # --- on disk; many callers at once --------------------------------------
    def write(self, records: Any, starts: Any, marks: Marks) -> None:
        """Write a parted batch to the files of its buckets."""
        view, width = memoryview(records).cast("B"), 8 * self.width
        for bucket, (first, last) in enumerate(pairwise(starts.tolist())):
            if first == last:
                continue
            with self._locks[bucket]:
                if bucket not in self._files:
                    self._files[bucket] = self._path(bucket).open("wb", buffering=0)
                if marks:
                    self._found.setdefault(bucket, Found()).add(marks, first, last, self._filed[bucket])
                self._filed[bucket] += last - first
                _write_all(self._files[bucket], view[first * width : last * width])

    def close(self) -> None:
        """No more rows come."""
        for file in self._files.values():
            file.close()
        for chunk in self._chunks:
            chunk.bounds = np.array(chunk.bounds, np.int64).reshape(-1, self._buckets + 1)

    # --- reading --------------------------------------------------------------
    def read(self, bucket: int, out: Any, place: int, found: Found) -> int:
        """
        Copy the rows of a bucket; where the next row goes.

        Args:
            bucket: its number.
            out: int64[n, 4], records; written from `place` on.
            found: what they say beyond that is added to it.
        """
        if self._filed[bucket]:
            rows = np.empty((self._filed[bucket], self.width), np.int64)
            with self._path(bucket).open("rb", buffering=0) as file:
                _read_all(file, memoryview(rows.data).cast("B"))
            told = self._found.get(bucket, Found()).moved(place)
            found.ends += told.ends
            found.odd |= told.odd
            place = self._shape.gather(rows, np.array([[0, len(rows)]]), 0, out, place)
        for chunk in self._chunks:
            lengths = chunk.bounds[:, bucket + 1] - chunk.bounds[:, bucket]
            for number, marks in chunk.marked:
                first, last = (chunk.bounds[number, bucket : bucket + 2] - chunk.bounds[number, 0]).tolist()
                found.add(marks, first, last, place + int(lengths[:number].sum()))
            place = self._shape.gather(chunk.records, chunk.bounds, bucket, out, place)
        return place

    def drop(self, bucket: int) -> None:
        """A bucket is not needed any more: what lies on disk of it goes."""
        if self._filed[bucket]:
            self._path(bucket).unlink()

    def _path(self, bucket: int) -> Path:
        return self._folder / f"{bucket}.rows{self.width}"


def _write_all(file: Any, view: memoryview) -> None:
    while view:
        view = view[file.write(view) :]


def _read_all(file: Any, view: memoryview) -> None:
    while view:
        count = file.readinto(view)
        if not count:
            raise OSError("a file of parts ends too soon. Was it changed while the job ran?")
        view = view[count:]
