"""The columns of a log and of its results, and what each of them holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

from fsm.columns.names import Names, lanes, read_names, result_words
from fsm.errors import BadColumns

VERSION: Final = "1"
EVENTS: Final = "fsm.events"
RESULTS: Final = "fsm.results"

SCHEMA_KEY: Final = b"fsm.schema"
VERSION_KEY: Final = b"fsm.version"
NAMES_KEY: Final = b"fsm.names"

CODED: Final = ("event", "kind", "entry", "device", "content", "category", "template_status")
"""The columns of words, in a log."""

ALWAYS: Final = ("event", "at", "business", "customer", "inferred")
"""The columns that are never null."""
INSTANTS: Final = ("at", "entry_point_ends_at")
BUSINESS: Final = pa.dictionary(pa.int32(), pa.string())
BECAUSE: Final = pa.dictionary(pa.int32(), pa.string())

EVENT_COLUMNS: Final[Mapping[str, str]] = {
    "event": "what happened; its code rises with the canonical order of one instant",
    "at": "instant, milliseconds since 1970 (UTC)",
    "business": "id of the business phone number",
    "customer": "id of the customer; with `business` it makes the thread",
    "id": "message id; null where the event is about no message",
    "kind": "of a customer's message; null is the first of the list",
    "entry": "how a customer's message came; null if it came by itself",
    "device": "of the customer; null is the first of the list",
    "content": "what the business sent",
    "category": "of a template or a direct send; the list grows",
    "template_status": "of the template; null is the first of the list; the list grows",
    "error": "Meta's code on `message_failed`",
    "participant": "of a message to a group, the member whom a status is about",
    "addressee": "the name under which the message went out, where the customer has come to be known by another",
    "entry_point_ends_at": "end of a free entry point as Meta's webhook states it, milliseconds since 1970 (UTC)",
    "inferred": "the content was read off a status, not out of a record of sending",
}
"""The columns of a log and what they hold, in order."""

RESULT_COLUMNS: Final[Mapping[str, str]] = {
    "event": "what happened",
    "at": "instant, milliseconds since 1970 (UTC)",
    "business": "id of the business phone number",
    "customer": "id of the customer",
    "id": "message id; null where the event is about no message",
    "participant": "of a message to a group, the member whom a status is about",
    "rulebook": "the law in force",
    "edition": "the very edition of it",
    "verdict": "of `message_sent`: whether the documented rules allow it",
    "error": "Meta's code of a refusal",
    "because": "ids of the rules that acted, in the order in which they are documented, a blank between two",
    "opens": "what it opened: bit n stands for the n-th name",
    "refreshes": "what it refreshed: bits as in `opens`",
    "closes": "what it closed: bits as in `opens`",
    "joins": "the open conversation that the message belongs to",
    "charge": "the rate line that is charged",
    "why": "the reason of the charge, or of none",
    "flags": "contradictions and doubts: bit n stands for the n-th name",
    "uses_allowance": "a unit of the month's free allowance was used",
}
"""The columns of results and what they hold, in order; a column of deadlines for each lane follows."""

DEADLINE: Final = "deadline_"
"""What the column of a lane's deadlines begins with: the instant at which its clock runs out, after the event."""


def event_schema(names: Names | None = None, *, customer: str = "text", ids: str = "text") -> Any:
    """
    The schema of coded events.

    Args:
        names: the words behind the codes; those of `fsm.terms` if none are given.
        customer: `text`, or `number` (uint64) where every customer is a phone number in digits.
        ids: `text`, or `hash` (uint64, of `id`); a hash ties statuses to their message and cannot be read back.

    Raises:
        BadColumns: `customer` or `ids` is none of these.

    >>> event_schema().field("at").type, event_schema().field("event").type
    (DataType(int64), DataType(int8))
    """
    _one_of("customer", customer, ("text", "number"))
    _one_of("ids", ids, ("text", "hash"))
    code = pa.int8()
    types = {
        "event": code,
        "at": pa.int64(),
        "business": BUSINESS,
        "customer": pa.string() if customer == "text" else pa.uint64(),
        "id": pa.string() if ids == "text" else pa.uint64(),
        **dict.fromkeys(("kind", "entry", "device", "content", "category", "template_status"), code),
        "error": pa.int32(),
        "participant": pa.string(),
        "addressee": pa.string(),
        "entry_point_ends_at": pa.int64(),
        "inferred": pa.bool_(),
    }
    return pa.schema(
        [pa.field(name, types[name], nullable=name not in ALWAYS) for name in EVENT_COLUMNS],
        metadata=_metadata(EVENTS, names or Names()),
    )


def result_schema() -> Any:
    """
    The schema of results.

    >>> result_schema().field("opens").type
    DataType(int16)
    """
    types = {
        "event": pa.int8(),
        "at": pa.int64(),
        "business": BUSINESS,
        "customer": pa.string(),
        "id": pa.string(),
        "participant": pa.string(),
        "rulebook": pa.int8(),
        "edition": pa.int8(),
        "verdict": pa.int8(),
        "error": pa.int32(),
        "because": BECAUSE,
        **dict.fromkeys(("opens", "refreshes", "closes"), pa.int16()),
        **dict.fromkeys(("joins", "charge", "why"), pa.int8()),
        "flags": pa.int32(),
        "uses_allowance": pa.bool_(),
    }
    maybe = ("id", "participant", "verdict", "error", "joins", "charge", "why")
    return pa.schema(
        [
            *(pa.field(name, types[name], nullable=name in maybe) for name in RESULT_COLUMNS),
            *(pa.field(DEADLINE + lane, pa.int64()) for lane in lanes()),
        ],
        metadata=_metadata(RESULTS, Names(result_words())),
    )


def are_numbers(schema: Any) -> tuple[bool, bool]:
    """
    Whether customers are numbers in columns of events, and whether ids are.

    >>> are_numbers(event_schema(customer="number", ids="hash")), are_numbers(event_schema())
    ((True, True), (False, False))
    """
    customer, id = (pa.types.is_integer(schema.field(name).type) for name in ("customer", "id"))
    return customer, id


def names_of(schema: Any, where: str = "the columns") -> Names:
    """
    The words behind the codes of a schema.

    Raises:
        BadColumns: its metadata does not say.

    >>> names_of(event_schema()).words["entry"]
    ('ad', 'page_cta')
    """
    metadata = schema.metadata or {}
    if NAMES_KEY not in metadata:
        raise BadColumns(
            f"{where}: the metadata lacks '{NAMES_KEY.decode()}', so the codes mean nothing. "
            "Write the file with this kit, or give words instead of codes."
        )
    if metadata.get(VERSION_KEY, b"").decode(errors="replace") != VERSION:
        raise BadColumns(
            f"{where}: these are columns of version {metadata.get(VERSION_KEY, b'').decode()!r}; "
            f"this kit reads version {VERSION!r}. Read them with the kit that wrote them."
        )
    return read_names(metadata[NAMES_KEY].decode(errors="replace"), where)


def with_names(schema: Any, names: Names) -> Any:
    """The schema with other words behind its codes."""
    return schema.with_metadata({**(schema.metadata or {}), NAMES_KEY: names.written().encode()})


def _metadata(kind: str, names: Names) -> dict[bytes, bytes]:
    return {SCHEMA_KEY: kind.encode(), VERSION_KEY: VERSION.encode(), NAMES_KEY: names.written().encode()}


def _one_of(what: str, word: str, words: Iterable[str]) -> None:
    if word not in words:
        raise BadColumns(f"{what} is {word!r}, which is none of {', '.join(words)}.")
