"""The rows that money depends on: what was delivered, what it opened and what it was charged as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from fsm.bulk.program import OPENS, Program
from fsm.bulk.results import Settled, customer_texts, id_texts
from fsm.columns.names import Names, result_words
from fsm.columns.schema import BECAUSE, BUSINESS, NAMES_KEY, SCHEMA_KEY, VERSION, VERSION_KEY

LEDGER_COLUMNS: Final[Mapping[str, str]] = {
    "business": "id of the business phone number",
    "customer": "id of the customer; a number where the log's is",
    "id": "message id; a number where the log's is",
    "event": "the status that told of the delivery",
    "at": "instant, milliseconds since 1970 (UTC)",
    "content": "what was delivered, as it was sent; null if nobody knows",
    "category": "its category",
    "rulebook": "the law in force",
    "edition": "the very edition of it",
    "because": "ids of the rules that acted, a blank between two",
    "charge": "the rate line that is charged",
    "why": "the reason of the charge, or of none",
    "opens": "what it opened: bit n stands for the n-th name",
    "ends_at": "when the first conversation or free entry point that it opened ends, in the order of the lanes",
    "other_ends_at": "the same of the second",
    "joins": "the open conversation that the message belongs to",
    "unit": "the unit of the month's free allowance that it used",
    "units": "how many of them there are",
    "flags": "contradictions and doubts: bit n stands for the n-th name",
}
"""The columns of a ledger and what they hold."""

_WORDS: Final = pa.dictionary(pa.int16(), pa.string())


def ledger_columns(rows: Settled, program: Program, chosen: Any = None) -> Any:
    """
    The ledger's rows as a record batch: every first delivery of a message, and every delivery nobody can explain.

    Args:
        rows: answers with their outcomes.
        program: that gave them.
        chosen: places of the answers to look at; all if None.
    """
    answers, encoded = rows.answers, rows.answers.encoded
    tables = program.tables
    look, words = program.lookup(), result_words()
    if chosen is None:
        places = np.flatnonzero(look.delivers[answers.cells])
    else:
        places = chosen[look.delivers[answers.cells[chosen]]]
    source, outcomes, cells = answers.rows[places], rows.outcomes[places], answers.cells[places]
    if look.about is None:
        look.about = _about(program)
    contents, categories, about = look.about
    number_of = {edition.book.edition: number for number, edition in enumerate(program.editions)}
    books = np.array([words["rulebook"].index(edition.book.name) for edition in program.editions], np.int8)
    editions = np.array([words["edition"].index(name) for name in number_of], np.int8)
    opens = (tables.cells[cells, 5] & OPENS) != 0
    ends = _ends(rows, program, places, opens)
    columns = {
        "business": pa.DictionaryArray.from_arrays(
            pa.array(encoded.business_of(source).astype(np.int32)), pa.array(encoded.businesses, pa.string())
        ),
        "customer": _numbers_or(customer_texts, encoded, source, encoded.customers is None, "customer"),
        "id": _numbers_or(id_texts, encoded, source, encoded.texts is None, "ids"),
        "event": pa.array(tables.symbols[encoded.symbols_of(source), 0].astype(np.int8)),
        "at": pa.array(encoded.at[source]),
        "content": pa.DictionaryArray.from_arrays(_codes(about[cells, 0]), contents),
        "category": pa.DictionaryArray.from_arrays(_codes(about[cells, 1]), categories),
        "rulebook": pa.array(books[answers.editions[places]]),
        "edition": pa.array(editions[answers.editions[places]]),
        "because": pa.DictionaryArray.from_arrays(pa.array(look.because_codes[outcomes]), look.because_words),
        "charge": _maybe(look.charge[outcomes]),
        "why": _maybe(look.why[outcomes]),
        "opens": pa.array(look.opens[outcomes]),
        "ends_at": pa.array(ends[:, 0], mask=ends[:, 0] == 0),
        "other_ends_at": pa.array(ends[:, 1], mask=ends[:, 1] == 0),
        "joins": _maybe(look.joins[outcomes]),
        "unit": pa.array(rows.place[places].astype(np.int32), mask=rows.place[places] == 0),
        "units": pa.array(rows.whole[places].astype(np.int32), mask=rows.whole[places] == 0),
        "flags": pa.array(rows.flags[places].astype(np.int32)),
    }
    metadata = {
        SCHEMA_KEY: b"fsm.ledger",
        VERSION_KEY: VERSION.encode(),
        NAMES_KEY: Names(dict(words)).written().encode(),
    }
    schema = pa.schema([pa.field(name, columns[name].type) for name in LEDGER_COLUMNS], metadata=metadata)
    assert schema.field("business").type == BUSINESS
    assert schema.field("because").type == BECAUSE
    return pa.record_batch([columns[name] for name in LEDGER_COLUMNS], schema=schema)


def _about(program: Program) -> tuple[Any, Any, Any]:
    """The contents and categories of what cells deliver, and the places of both by cell; -1 for none."""
    told = [about or ("", None) for about in program.about]
    contents = list(dict.fromkeys(content for content, _ in told if content))
    categories = list(dict.fromkeys(category for _, category in told if category is not None))
    places = np.array(
        [
            (contents.index(content) if content else -1, -1 if category is None else categories.index(category))
            for content, category in told
        ],
        np.int16,
    )
    return pa.array(contents, pa.string()), pa.array(categories, pa.string()), places


def _codes(codes: Any) -> Any:
    return pa.array(codes, pa.int16(), mask=codes < 0)


def _maybe(codes: Any) -> Any:
    return pa.array(codes, pa.int8(), mask=codes < 0)


def _numbers_or(texts: Any, encoded: Any, source: Any, numbers: bool, name: str) -> Any:
    if not numbers:
        return texts(encoded, source)
    keys = getattr(encoded, name)[source]
    values = keys.view(np.uint64)
    return pa.array(values if name == "customer" else values ^ np.uint64(1 << 63))


def _ends(rows: Settled, program: Program, places: Any, opens: Any) -> Any:
    """When what each row opened ends, in the order of the lanes; 0 for none."""
    answers = rows.answers
    if len(answers.ends):
        return np.where(opens[:, None], answers.ends[places], 0)
    ends = np.zeros((len(places), 2), np.int64)
    for place in np.flatnonzero(opens).tolist():
        edition = program.editions[int(answers.editions[places[place]])]
        names = program.opened[int(answers.cells[places[place]])]
        lanes = [lane for lane in edition.book.lanes if any(state.reported in names for state in lane.states)]
        for column, lane in enumerate(lanes[:2]):
            ends[place, column] = answers.clocks[places[place], edition.places[lane.name]]
    return ends
