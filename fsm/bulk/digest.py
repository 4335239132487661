"""One number for a whole set of rows, whatever their order, and one for each of their members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.columns.hashing import hash_of, hashes, mixed, mixed_number

_ALL: Final = 2**64 - 1
_NULL: Final = np.uint64(0x5851_F42D_4C95_7F2D)
KEY: Final = ("business", "customer", "event", "id", "participant", "at")
"""Members that say which row it is; those a table lacks are left out."""


@attrs.frozen
class Digest:
    """
    The canonical hash of a set of rows.

    Two sets of rows have the same one if they hold the same rows equally often, in any order and in any pieces. Members
    are told apart, so that a difference has a name.

    Attributes:
        rows: how many there are.
        members: the sum of what each member adds, modulo 2**64, by name.
    """

    rows: int = 0
    members: Mapping[str, int] = attrs.field(factory=dict)

    def __add__(self, other: Digest) -> Digest:
        names = dict.fromkeys((*self.members, *other.members))
        return Digest(
            self.rows + other.rows,
            {name: (self.members.get(name, 0) + other.members.get(name, 0)) & _ALL for name in names},
        )

    @property
    def text(self) -> str:
        """
        The hash, as 16 hexadecimal digits.

        >>> Digest().text
        '5692161d100b05e5'
        """
        value = mixed_number(self.rows + 1)
        for name, total in sorted(self.members.items()):
            value = mixed_number(value ^ mixed_number(hash_of(name) ^ total))
        return f"{value:016x}"

    def difference(self, other: Digest) -> str:
        """What differs first, in words; empty if nothing does."""
        if self.rows != other.rows:
            return f"{self.rows:,} rows, not {other.rows:,}"
        for name in dict.fromkeys((*self.members, *other.members)):
            if self.members.get(name) != other.members.get(name):
                return f"member {name!r}"
        return ""


def digest(batches: Iterable[Any]) -> Digest:
    """
    The canonical hash of the rows of record batches or tables of one schema.

    >>> one = pa.record_batch({"id": ["a", "b"], "n": [1, 2]})
    >>> digest([one]) == digest([one.slice(1), one.slice(0, 1)])
    True
    """
    total = Digest()
    for batch in batches:
        pieces = batch.to_batches() if isinstance(batch, pa.Table) else [batch]
        for piece in pieces:
            if piece.num_rows:
                total = total + _of(piece)
    return total


def _of(batch: Any) -> Digest:
    columns = {name: _hashed(batch.column(name)) for name in batch.schema.names}
    key = np.full(batch.num_rows, 1, np.uint64)
    for name in KEY:
        if name in columns:
            key = mixed(key ^ columns[name])
    return Digest(
        batch.num_rows,
        {
            name: int(mixed(key ^ column ^ np.uint64(hash_of(name))).sum(dtype=np.uint64))
            for name, column in columns.items()
        },
    )


def _hashed(column: Any) -> Any:
    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = hashes(column)
    elif pa.types.is_boolean(kind):
        values = column.cast(pa.int8()).cast(pa.uint64())
    elif pa.types.is_null(kind):
        return np.full(len(column), _NULL, np.uint64)
    else:
        return _numbers(column)
    return pc.fill_null(values, int(_NULL)).to_numpy(zero_copy_only=False)


def _numbers(column: Any) -> Any:
    missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    plain = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
    unsigned = plain.view(np.uint64) if plain.dtype.itemsize == 8 else plain.astype(np.int64).view(np.uint64)
    values = mixed(unsigned + np.uint64(1))
    if missing is not None:
        values[missing] = _NULL
    return values
