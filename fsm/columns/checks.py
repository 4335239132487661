"""Which rows of coded columns are events: the conditions of `fsm.events.read_event`, whole columns at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm import terms
from fsm.columns.names import EVENT_WORDS
from fsm.columns.schema import ALWAYS, CODED, INSTANTS, names_of
from fsm.errors import BadColumns
from fsm.events.event import CHOICES
from fsm.events.instants import LATEST

_CODE: Final = {word: code for code, word in enumerate(EVENT_WORDS["event"])}
_LATEST: Final = LATEST // 1_000
"""Milliseconds since 1970."""


def _may_have(events: tuple[str, ...]) -> Any:
    return np.array([word in events for word in EVENT_WORDS["event"]])


_OWNERS: Final = {
    **{member: _may_have(owners) for member, (_, owners) in CHOICES.items()},
    "participant": _may_have(terms.STATUS_EVENTS),
}
NEEDS_ID: Final = _may_have(terms.NEEDS_ID)
"""By the code of an event, whether it always has an id."""


def good_rows(batch: Any) -> Any:
    """
    A mask of the rows that are events.

    Args:
        batch: of `event_schema`; its codes must have words, see `check_codes`.

    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> good_rows(from_events([Event(event="message_sent", at=0, business="b", customer="c", id="m")])).tolist()
    [False]
    """
    good = np.ones(batch.num_rows, dtype=bool)
    for name in ALWAYS:
        column = batch.column(name)
        if column.null_count:
            good &= _present(column)
    event = np.asarray(batch.column("event").fill_null(0))
    for name in ("business", "customer"):
        good &= ~_empty(batch.column(name))
    for name in INSTANTS:
        column = batch.column(name)
        if column.null_count < len(column):
            at = np.asarray(column.fill_null(0))
            good &= (at >= 0) & (at <= _LATEST)
    needs_id = NEEDS_ID[event]
    ids = batch.column("id")
    if ids.null_count:
        good &= _present(ids) | ~needs_id
    good &= ~(_empty(ids) & needs_id)
    for name, owners in _OWNERS.items():
        column = batch.column(name)
        if column.null_count < len(column):
            good &= ~_present(column) | owners[event]
    good &= ~_empty(batch.column("participant"))
    content = batch.column("content")
    if content.null_count:
        good &= (event != _CODE["message_sent"]) | _present(content)
    return good


def check_codes(batch: Any, where: str) -> None:
    """
    Raises:
        BadColumns: a code that no word stands behind.
    """
    names = names_of(batch.schema, where)
    for name in CODED:
        column = batch.column(name)
        if column.null_count == len(column):
            continue
        ends = pc.min_max(column).as_py()
        count = len(names.words.get(name, ()))
        for code in (ends["min"], ends["max"]):
            if not 0 <= code < count:
                raise BadColumns(
                    f"{where}: '{name}' holds the code {code}; there are {count} words. The file is damaged."
                )


def check_instants(batch: Any) -> None:
    """
    Raises:
        BadColumns: an instant outside the years that a clock can run in.
    """
    for name in INSTANTS:
        if name in batch.schema.names:
            ends = pc.min_max(batch.column(name)).as_py()
            for at in (ends["min"], ends["max"]):
                if at is not None and not 0 <= at <= _LATEST:
                    raise BadColumns(
                        f"'{name}' is {at}, which as milliseconds since 1970 lies outside the years 1970 to 9998. Check "
                        "the unit."
                    )


def _present(column: Any) -> Any:
    return np.asarray(column.is_valid())


def _empty(column: Any) -> Any:
    if pa.types.is_integer(column.type) or column.null_count == len(column):
        return np.zeros(len(column), dtype=bool)
    if pa.types.is_dictionary(column.type):
        column = _empty(column.dictionary)[np.asarray(column.indices.fill_null(0))] if len(column.dictionary) else None
        return column if column is not None else False
    return np.asarray(pc.equal(column, "").fill_null(False))
