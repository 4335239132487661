"""Columns of words, as files of others hold them, to coded events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.columns.checks import good_rows
from fsm.columns.instants import millis_of
from fsm.columns.names import DEFAULTS, OPEN, Names
from fsm.columns.schema import BUSINESS, CODED, EVENT_COLUMNS, INSTANTS, event_schema
from fsm.errors import BadColumns
from fsm.events.instants import LATEST, SECOND

_SECONDS: Final = r"^(0|[1-9][0-9]{0,11})$"
_LAST_SECOND: Final = LATEST // SECOND
_MOST: Final = 2**63 - 1
_CODE_OF_META: Final = r"^(0|-?[1-9][0-9]{0,8})$"


def coded_words(columns: Mapping[str, Any], count: int, names: Names, *, typed: bool = False) -> tuple[Any, Any]:
    """
    Coded events of columns of words, and which rows are events as they stand.

    The other rows are not for this module to judge: `fsm.events.read_event` says what is wrong with them, or reads
    what is written in a rarer form.

    Args:
        columns: member to Arrow array: text or dictionaries of text; integers (epoch seconds) or timestamps for
            instants; integers or text for `error`; truth values or text for `inferred`.
        count: how many rows there are.
        names: the words behind the codes; new words of open lists are added.
        typed: where they come from tells numbers from text, as JSON does: seconds are no text there.

    Raises:
        BadColumns: a column is of a type that cannot hold its member.

    >>> batch, good = coded_words({"event": pa.array(["opted_in"]), "at": pa.array([5]),
    ...     "business": pa.array(["b"]), "customer": pa.array(["c"])}, 1, Names())
    >>> batch.column("at").to_pylist(), good.tolist()
    ([5000], [True])
    """
    good = np.ones(count, dtype=bool)
    made: dict[str, Any] = {}
    for name in EVENT_COLUMNS:
        column = columns.get(name)
        if column is not None and pa.types.is_null(column.type):
            column = None
        if name in CODED:
            made[name] = _codes(name, column, count, names, good)
        elif name in INSTANTS:
            made[name] = _instants(name, column, count, good, typed=typed)
        elif name == "error":
            made[name] = _error(column, count, good)
        elif name == "inferred":
            made[name] = _truth(column, count, good)
        else:
            made[name] = _text(name, column, count)
    schema = event_schema(names, customer="text")
    # A member that is written although it is the default may still stand where it does not belong.
    good &= good_rows(pa.record_batch([made[name] for name in EVENT_COLUMNS], schema=schema))
    for name, default in DEFAULTS.items():
        if default is not None and made[name].null_count < count:
            code = pa.scalar(names.codes(name)[default], type=pa.int8())
            made[name] = pc.if_else(pc.equal(made[name], code), pa.scalar(None, type=pa.int8()), made[name])
    return pa.record_batch([made[name] for name in EVENT_COLUMNS], schema=schema), good


def _codes(name: str, column: Any, count: int, names: Names, good: Any) -> Any:
    if column is None:
        return pa.nulls(count, pa.int8())
    if not pa.types.is_dictionary(column.type):
        column = _as_text(name, column).dictionary_encode()
    words = column.dictionary.to_pylist()
    indices = column.indices
    used = set(pc.unique(indices.drop_null()).to_pylist())
    known = names.codes(name)
    codes: list[int | None] = []
    bad = np.zeros(max(len(words), 1), dtype=bool)
    for place, word in enumerate(words):
        code: int | None = None
        if word is not None and place in used:
            if word in known:
                code = known[word]
            elif name in OPEN and word != "":
                code = names.code(name, word)
                known = names.codes(name)
            else:
                bad[place] = True
        codes.append(code)
    if bad.any():
        good &= ~bad[np.asarray(indices.fill_null(0))] | np.asarray(indices.is_null())
    return pa.array(codes or [None], type=pa.int8()).take(indices)


def _instants(name: str, column: Any, count: int, good: Any, *, typed: bool) -> Any:
    if column is None:
        return pa.nulls(count, pa.int64())
    absent = np.asarray(column.is_null())
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise BadColumns(
                f"'{name}' holds times without a zone, which name no instants. Say which zone they are in: make the "
                "column a timestamp with the zone UTC."
            )
        each = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[column.type.unit]
        values = np.asarray(column.fill_null(0).cast(pa.int64()))
        # Before anything is multiplied: what lies beyond the calendar may come out inside it.
        inside = (values >= 0) & (values <= min(_LAST_SECOND * each, _MOST))
        values = np.where(inside, values, 0)
        if each < 1_000:
            millis = values * 1_000
        else:
            millis, finer = np.divmod(values, each // 1_000)
            inside &= finer == 0
        good &= inside
        return pa.array(millis, mask=absent)
    if pa.types.is_integer(column.type):
        seconds = _whole(column)
        inside = (seconds >= 0) & (seconds <= _LAST_SECOND)
        good &= inside
        return pa.array(np.where(inside, seconds, 0) * 1000, mask=absent)
    texts = _as_text(name, column)
    millis, read = millis_of(texts)
    if not read.all() and typed:
        good &= read | absent
    elif not read.all():
        numeric = np.asarray(pc.match_substring_regex(texts, _SECONDS).fill_null(False))
        if numeric.any():
            seconds = np.asarray(texts.filter(pa.array(numeric)).cast(pa.int64()))
            millis[numeric] = seconds * 1000
            read[numeric] = seconds <= _LAST_SECOND
        good &= read | absent
    return pa.array(millis, mask=absent)


def _error(column: Any, count: int, good: Any) -> Any:
    if column is None:
        return pa.nulls(count, pa.int32())
    absent = np.asarray(column.is_null())
    if pa.types.is_integer(column.type):
        values = _whole(column)
        inside = (values >= -(2**31)) & (values < 2**31)
    else:
        texts = _as_text("error", column)
        inside = np.asarray(pc.match_substring_regex(texts, _CODE_OF_META).fill_null(True))
        values = np.asarray(pc.if_else(pa.array(inside), texts, "0").fill_null("0").cast(pa.int64()))
    good &= inside
    return pa.array(np.where(inside, values, 0).astype(np.int32), mask=absent)


def _whole(column: Any) -> Any:
    """Whole numbers; those that are too large for any event are given as the largest."""
    if pa.types.is_uint64(column.type):
        return np.minimum(np.asarray(column.fill_null(0)), np.uint64(_MOST)).astype(np.int64)
    return np.asarray(column.fill_null(0).cast(pa.int64()))


def _truth(column: Any, count: int, good: Any) -> Any:
    if column is None:
        return pa.array(np.zeros(count, dtype=bool))
    if pa.types.is_boolean(column.type):
        return column.fill_null(False)
    texts = _as_text("inferred", column)
    yes = np.asarray(pc.equal(texts, "true").fill_null(False))
    good &= yes | np.asarray(pc.equal(texts, "false").fill_null(True))
    return pa.array(yes)


def _text(name: str, column: Any, count: int) -> Any:
    if name == "business":
        if column is None:
            return pa.nulls(count, BUSINESS)
        if not pa.types.is_dictionary(column.type):
            column = _as_text(name, column).dictionary_encode()
        return column.cast(BUSINESS)
    if column is None:
        return pa.nulls(count, pa.string())
    return _as_text(name, column)


def _as_text(name: str, column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_large_string(column.type) or str(column.type) == "string_view":
        return column.cast(pa.string())
    if name == "customer" and pa.types.is_integer(column.type):
        return column.cast(pa.string())
    raise BadColumns(f"'{name}' is a column of {column.type}, which cannot hold it. Make it text.")
