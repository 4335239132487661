"""Instants as texts and as milliseconds, whole columns at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from fsm.events.instants import LATEST

_MICROS: Final = 1_000
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
_ZERO: Final = ord("0")


def texts_of(millis: Any) -> Any:
    """
    Instants as `fsm.events.format_instant` writes them.

    Args:
        millis: int64 array of Arrow, milliseconds since 1970 (UTC), years 1970 to 9998; null stays null.

    >>> texts_of(pa.array([1_685_613_600_000, 1_685_613_600_250, None])).to_pylist()
    ['2023-06-01T10:00:00Z', '2023-06-01T10:00:00.250000Z', None]
    """
    absent = np.asarray(millis.is_null())
    values = np.asarray(millis.fill_null(0)).astype(np.int64)
    length = np.where(values % 1000 == 0, 20, 27)
    length[absent] = 0
    ends = np.cumsum(length)
    offsets = np.concatenate([[0], ends])
    data = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for size in (20, 27):
        rows = np.flatnonzero(length == size)
        if len(rows):
            data[(offsets[rows][:, None] + np.arange(size)).ravel()] = _matrix(values[rows], size).ravel()
    return _strings(offsets, data, absent)


def _matrix(values: Any, size: int) -> Any:
    day, rest = np.divmod(values, _DAY_MS)
    year, month, dom = _civil(day)
    second, milli = np.divmod(rest, 1000)
    text = np.empty((len(values), size), dtype=np.uint8)
    text[:, [4, 7]] = ord("-")
    text[:, 10] = ord("T")
    text[:, [13, 16]] = ord(":")
    text[:, size - 1] = ord("Z")
    pieces = [(0, year, 4), (5, month, 2), (8, dom, 2), (11, second // 3600, 2), (14, second // 60 % 60, 2)]
    pieces.append((17, second % 60, 2))
    if size == 27:
        text[:, 19] = ord(".")
        pieces.append((20, milli * 1000, 6))
    for start, value, digits in pieces:
        for place in range(digits):
            text[:, start + place] = value // 10 ** (digits - 1 - place) % 10 + _ZERO
    return text


def _civil(day: Any) -> tuple[Any, Any, Any]:
    """Year, month and day of days since 1970 in the Gregorian calendar."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]")
    months = month.astype(np.int64)
    return year.astype(np.int64) + 1970, months % 12 + 1, (date - month.astype("datetime64[D]")).astype(np.int64) + 1


def millis_of(texts: Any) -> tuple[Any, Any]:
    """
    The instants of texts in the usual forms, and which texts are in one.

    The forms are `2023-06-01T10:00:00Z` and the same with `.250` before or an offset such as `+02:00` instead of
    the `Z`. Whatever else may be an instant is for `fsm.events.parse_instant` to say.

    Args:
        texts: string array of Arrow.

    Returns:
        int64 of numpy, and a mask of those that were read; the others are 0.

    >>> millis, read = millis_of(pa.array(["2023-06-01T12:00:00+02:00", "2023-06-01T10:00:00", None]))
    >>> millis.tolist(), read.tolist()
    ([1685613600000, 0, 0], [True, False, False])
    """
    large = texts.cast(pa.large_string())
    count = len(large)
    _, places, data = large.buffers()
    offsets = np.frombuffer(places, dtype=np.int64)[large.offset : large.offset + count + 1]
    lengths = np.diff(offsets)
    raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    millis = np.zeros(count, dtype=np.int64)
    read = np.zeros(count, dtype=bool)
    present = ~np.asarray(large.is_null())
    for size in (20, 24, 25):
        rows = np.flatnonzero((lengths == size) & present)
        if not len(rows):
            continue
        text = raw[offsets[rows][:, None] + np.arange(size)]
        value, good = _parsed(text, size)
        millis[rows[good]] = value[good]
        read[rows[good]] = True
    return millis, read


def _parsed(text: Any, size: int) -> tuple[Any, Any]:
    good = np.ones(len(text), dtype=bool)

    def number(start: int, digits: int) -> Any:
        value = np.zeros(len(text), dtype=np.int64)
        for place in range(start, start + digits):
            digit = text[:, place].astype(np.int64) - _ZERO
            np.logical_and(good, (digit >= 0) & (digit <= 9), out=good)
            value = value * 10 + digit
        return value

    def is_one_of(place: int, letters: str) -> None:
        found = np.zeros(len(text), dtype=bool)
        for letter in letters:
            found |= text[:, place] == ord(letter)
        np.logical_and(good, found, out=good)

    year, month, day = number(0, 4), number(5, 2), number(8, 2)
    hour, minute, second = number(11, 2), number(14, 2), number(17, 2)
    for place, letters in ((4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")):
        is_one_of(place, letters)
    shift: Any = 0
    if size == 25:
        is_one_of(19, "+-")
        is_one_of(22, ":")
        hours, minutes = number(20, 2), number(23, 2)
        np.logical_and(good, (hours < 24) & (minutes < 60), out=good)
        shift = (hours * 60 + minutes) * _MINUTE_MS * np.where(text[:, 19] == ord("-"), -1, 1)
    else:
        is_one_of(size - 1, "Zz")
    milli: Any = 0
    if size == 24:
        is_one_of(19, ".")
        milli = number(20, 3)
    good &= (year >= 1970) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    good &= day <= after - first
    value = (first + day - 1) * _DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + milli - shift
    return value, good & (value >= 0) & (value <= LATEST // _MICROS)


def _strings(offsets: Any, data: Any, absent: Any) -> Any:
    wide = pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(data), _bitmap(absent)
    )
    return wide.cast(pa.string())


def _bitmap(absent: Any) -> Any:
    return pa.py_buffer(np.packbits(~absent, bitorder="little")) if absent.any() else None
