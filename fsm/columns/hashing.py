"""A 64-bit hash of ids that stays the same for ever, on any machine and in any column."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

_STEP: Final = 0x9E37_79B9_7F4A_7C15
_FIRST: Final = 0xBF58_476D_1CE4_E5B9
_SECOND: Final = 0x94D0_49BB_1331_11EB
_ALL: Final = 2**64 - 1


def mixed(values: Any) -> Any:
    """
    The finaliser of splitmix64 on an array of uint64: a permutation that scatters.

    >>> int(mixed(np.array([5], dtype=np.uint64))[0]) == mixed_number(5)
    True
    """
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(_FIRST)
    values ^= values >> np.uint64(27)
    values *= np.uint64(_SECOND)
    values ^= values >> np.uint64(31)
    return values


def mixed_number(value: int) -> int:
    """The same of one integer, modulo 2**64."""
    value &= _ALL
    value = ((value ^ (value >> 30)) * _FIRST) & _ALL
    value = ((value ^ (value >> 27)) * _SECOND) & _ALL
    return value ^ (value >> 31)


def hash_of(text: str) -> int:
    """
    The hash of one text: its UTF-8 bytes, eight at a time (little-endian, zeros at the end), mixed in one after another.

    >>> hex(hash_of("wamid.A"))
    '0x9c0bf7b3a2ae7304'
    """
    raw = text.encode()
    value = mixed_number(len(raw) + _STEP)
    for start in range(0, len(raw), 8):
        value = mixed_number((value ^ int.from_bytes(raw[start : start + 8], "little")) + _STEP)
    return value


def hashes(texts: Any) -> Any:
    """
    The hash of each text of a string array, as a uint64 array; null stays null.

    >>> hashes(pa.array(["wamid.A", None])).to_pylist() == [hash_of("wamid.A"), None]
    True
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if pa.types.is_dictionary(texts.type):
        return hashes(texts.dictionary).take(texts.indices)
    count = len(texts)
    if not count:
        return pa.array([], type=pa.uint64())
    large = texts.cast(pa.large_string())
    _, places, data = large.buffers()
    offsets = np.frombuffer(places, dtype=np.int64)[large.offset : large.offset + count + 1]
    lengths = np.diff(offsets)
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    last = int(offsets[-1])
    padded = np.zeros(last + 8, dtype=np.uint8)
    padded[:last] = raw[:last]
    # Every byte begins a word of eight.
    words = np.lib.stride_tricks.as_strided(padded, shape=(last + 1, 8), strides=(1, 1)).view("<u8")[:, 0]
    value = mixed(lengths.astype(np.uint64) + np.uint64(_STEP))
    starts = offsets[:-1]
    rows = np.arange(count)
    for step in range(0, int(lengths.max(initial=0)), 8):
        left = lengths[rows] - step
        if left.min(initial=1) <= 0:
            rows = rows[left > 0]
            left = lengths[rows] - step
        word = words[starts[rows] + step]
        short = left < 8
        if short.any():
            keep = np.minimum(left, 8).astype(np.uint64)
            word = np.where(
                short, word & ((np.uint64(1) << (keep * np.uint64(8) % np.uint64(64))) - np.uint64(1)), word
            )
        value[rows] = mixed((value[rows] ^ word) + np.uint64(_STEP))
    return pa.array(value, mask=np.asarray(texts.is_null()))
