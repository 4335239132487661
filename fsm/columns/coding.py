"""Events to columns and back, one by one: the plain way that every faster one is held to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from fsm.columns.names import DEFAULTS, Names
from fsm.columns.schema import ALWAYS, CODED, EVENT_COLUMNS, event_schema, names_of
from fsm.errors import BadColumns
from fsm.events import Event, format_instant

MILLISECOND: Final = 1_000
"""Microseconds in one: an `Event` counts in the finer unit."""

_ERRORS: Final = range(-(2**31), 2**31)
_NULL_IF_EMPTY: Final = ("id", "participant", "addressee")


def from_events(events: Iterable[Event], names: Names | None = None) -> Any:
    """
    Columns of events, in the order given.

    Args:
        events: any events.
        names: the words behind the codes; new words are added to it.

    Returns:
        A `pyarrow.RecordBatch` of `event_schema`, whose metadata carries every word of `names`.

    Raises:
        BadColumns: an instant finer than a millisecond, a word that a closed list lacks, an error code too large.

    >>> batch = from_events([Event(event="opted_in", at=5_000, business="b", customer="c")])
    >>> batch.column("at").to_pylist()
    [5]
    """
    names = names if names is not None else Names()
    columns: dict[str, list[object]] = {name: [] for name in EVENT_COLUMNS}
    put = {name: cells.append for name, cells in columns.items()}
    codes = {column: names.codes(column) for column in CODED}
    for event in events:
        put["at"](in_millis(event.at))
        put["business"](event.business)
        put["customer"](event.customer)
        for member in _NULL_IF_EMPTY:
            put[member](getattr(event, member) or None)
        for column in CODED:
            word = getattr(event, column)
            if column != "event" and word == DEFAULTS[column]:
                put[column](None)
                continue
            code = codes[column].get(word)
            if code is None:
                code = names.code(column, word)
                codes[column] = names.codes(column)
            put[column](code)
        if event.error is not None and event.error not in _ERRORS:
            raise BadColumns(f"'error' is {event.error}, which no code of Meta's is. It must fit 32 bits.")
        put["error"](event.error)
        put["entry_point_ends_at"](
            None if event.entry_point_ends_at is None else in_millis(event.entry_point_ends_at, "entry_point_ends_at")
        )
        put["inferred"](event.inferred)
    schema = event_schema(names)
    return pa.record_batch(
        [
            pa.array(cells, type=pa.string()).dictionary_encode().cast(field.type)
            if pa.types.is_dictionary(field.type)
            else pa.array(cells, type=field.type)
            for field, cells in zip(schema, columns.values(), strict=True)
        ],
        schema=schema,
    )


def to_events(columns: Any) -> Iterator[Event]:
    """
    The events of a record batch or table of `event_schema`, exactly as they were.

    Raises:
        BadColumns: a code that no word stands behind, or ids that are hashes.

    >>> event = Event(event="opted_in", at=0, business="b", customer="c")
    >>> list(to_events(from_events([event]))) == [event]
    True
    """
    names = names_of(columns.schema)
    if pa.types.is_integer(columns.schema.field("id").type):
        raise BadColumns("the ids are hashes, which cannot be read back. Keep the columns with ids as text.")
    batches = columns.to_batches() if isinstance(columns, pa.Table) else [columns]
    for batch in batches:
        cells = {name: batch.column(name).to_pylist() for name in EVENT_COLUMNS}
        for column in CODED:
            cells[column] = _words(column, cells[column], names)
        for values in zip(*cells.values(), strict=True):
            members = dict(zip(cells, values, strict=True))
            absent = next((name for name in ALWAYS if members[name] is None), None)
            if absent is not None:
                raise BadColumns(f"it has no '{absent}', which every event has.")
            members["at"] *= MILLISECOND
            members["customer"] = str(members["customer"])
            for member in _NULL_IF_EMPTY:
                members[member] = members[member] or ""
            ends_at = members["entry_point_ends_at"]
            members["entry_point_ends_at"] = None if ends_at is None else ends_at * MILLISECOND
            yield Event(**members)


def in_millis(at: int, member: str = "at") -> int:
    """
    An instant of an event as a column holds it.

    Raises:
        BadColumns: it is finer than a millisecond.

    >>> in_millis(1_685_613_600_250_000)
    1685613600250
    """
    millis, rest = divmod(at, MILLISECOND)
    if rest:
        raise BadColumns(
            f"'{member}' is {format_instant(at)}, finer than the millisecond that columns hold; rounding it could "
            "change which event came first. Leave such events in JSON Lines, or round them yourself."
        )
    return millis


def _words(column: str, codes: list[Any], names: Names) -> list[Any]:
    words, default = names.words[column], DEFAULTS.get(column)
    try:
        return [default if code is None else words[code] if code >= 0 else words[len(words)] for code in codes]
    except IndexError:
        wrong = next(code for code in codes if code is not None and not 0 <= code < len(words))
        raise BadColumns(f"'{column}' holds the code {wrong}; there are {len(words)} words.") from None
