"""The same events in other types: for people, for the kernel, and back."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from fsm.columns.hashing import hashes
from fsm.columns.names import Names
from fsm.columns.schema import CODED, EVENT_COLUMNS, INSTANTS, VERSION, are_numbers, event_schema, names_of
from fsm.errors import BadColumns

INSTANT: Final = pa.timestamp("ms", tz="UTC")
READABLE: Final = b"fsm.events, readable"


def readable_schema() -> Any:
    """
    The schema of readable events: words as dictionaries of text, instants as timestamps.

    >>> readable_schema().field("category").type
    DictionaryType(dictionary<values=string, indices=int8, ordered=0>)
    """
    words = pa.dictionary(pa.int8(), pa.string())
    fields = []
    for field in event_schema():
        if field.name in CODED:
            field = field.with_type(words)
        elif field.name in INSTANTS:
            field = field.with_type(INSTANT)
        fields.append(field)
    return pa.schema(fields, metadata={b"fsm.schema": READABLE, b"fsm.version": VERSION.encode()})


def readable(batch: Any) -> Any:
    """
    Coded events as readable ones; nothing is lost. `coded` goes the other way.

    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> batch = readable(from_events([Event(event="opted_in", at=0, business="b", customer="c")]))
    >>> batch.column("event").to_pylist()
    ['opted_in']
    """
    names = names_of(batch.schema)
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if field.name in CODED:
            columns.append(pa.DictionaryArray.from_arrays(column, pa.array(names.words[field.name], type=pa.string())))
        elif field.name in INSTANTS:
            columns.append(column.cast(INSTANT))
        elif field.name == "customer" and not pa.types.is_string(field.type):
            columns.append(column.cast(pa.string()))
        else:
            columns.append(column)
    if pa.types.is_integer(batch.schema.field("id").type):
        raise BadColumns("the ids are hashes, which nobody can read. Keep the columns with ids as text.")
    return pa.record_batch(columns, schema=readable_schema())


def packed(batch: Any) -> Any:
    """
    Coded events with numbers for ids: `customer` as the uint64 of its digits, `id` as a 64-bit hash.

    `unpacked` gives the customers back exactly. The hash of `fsm.columns.hashing.hash_of` only ties a status to its
    message: a collision matters only inside one thread, whose messages are few against 2**64.

    Raises:
        BadColumns: a customer is not a phone number in plain digits.

    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> batch = from_events([Event(event="opted_in", at=0, business="b", customer="5215550001111")])
    >>> packed(batch).column("customer").to_pylist()
    [5215550001111]
    """
    names = names_of(batch.schema)
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    if not pa.types.is_integer(columns["customer"].type):
        columns["customer"] = numbers_of(columns["customer"])
    if not pa.types.is_integer(columns["id"].type):
        columns["id"] = hashes(columns["id"])
    schema = event_schema(names, customer="number", ids="hash")
    return pa.record_batch([columns[name] for name in EVENT_COLUMNS], schema=schema)


def unpacked(batch: Any) -> Any:
    """Packed events with customers as text again; ids stay hashes."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    ids = "hash" if pa.types.is_integer(columns["id"].type) else "text"
    columns["customer"] = columns["customer"].cast(pa.string())
    return pa.record_batch(
        [columns[name] for name in EVENT_COLUMNS], schema=event_schema(names_of(batch.schema), ids=ids)
    )


def numbers_of(customers: Any) -> Any:
    """
    Phone numbers in plain digits as uint64.

    Raises:
        BadColumns: one of them has anything else in it, or a zero at the front, so it could not be given back.

    >>> numbers_of(pa.array(["5215550001111"])).to_pylist()
    [5215550001111]
    """
    plain = pc.match_substring_regex(customers, "^(0|[1-9][0-9]{0,18})$")
    if not pc.all(plain, min_count=0).as_py():
        odd = customers.filter(pc.invert(plain))[0].as_py()
        raise BadColumns(
            f"the customer {odd!r} is not a phone number in plain digits, so a number cannot stand for it. "
            "Keep customers as text."
        )
    return customers.cast(pa.uint64())


def recoded(batch: Any, names: Names) -> Any:
    """
    Coded events with the codes of other lists of words; words that those lack are added to them.

    >>> from fsm.columns import from_events
    >>> from fsm.events import Event
    >>> sent = Event(event="message_sent", at=0, business="b", customer="c", id="m", content="template", category="news")
    >>> one, other = Names(), Names()
    >>> _ = one.code("category", "newer")
    >>> recoded(from_events([sent], other), one).column("category").to_pylist(), one.words["category"][-2:]
    ([6], ('newer', 'news'))
    """
    told = names_of(batch.schema)
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if field.name in CODED and told.words.get(field.name) != names.words[field.name]:
            column = _moved(field.name, column, told, names)
        columns.append(column)
    numbers = are_numbers(batch.schema)
    schema = event_schema(
        names,
        customer="number" if numbers[0] else "text",
        ids="hash" if numbers[1] else "text",
    )
    return pa.record_batch(columns, schema=schema)


def _moved(column: str, codes: Any, told: Names, names: Names) -> Any:
    words = told.words.get(column, ())
    used = pc.unique(codes.drop_null()).to_pylist()
    places: list[int | None] = [None] * max(len(words), 1)
    for code in used:
        if not 0 <= code < len(words):
            raise BadColumns(f"'{column}' holds the code {code}; there are {len(words)} words.")
        places[code] = names.code(column, words[code])
    return pa.array(places, type=pa.int8()).take(codes)
