"""Results of a replay to columns and back: the members of a result line, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from fsm.columns.coding import in_millis
from fsm.columns.names import lanes
from fsm.columns.schema import DEADLINE, names_of, result_schema
from fsm.errors import BadColumns
from fsm.events import format_instant
from fsm.replay import Result

_MASKS: Final = ("opens", "refreshes", "closes", "flags")
_WORDS: Final = ("event", "rulebook", "edition", "verdict", "joins", "charge", "why")
_MILLISECOND: Final = 1_000


def from_results(results: Iterable[Result]) -> Any:
    """
    Columns of results, in the order given: a `pyarrow.RecordBatch` of `result_schema`.

    Raises:
        BadColumns: an instant finer than a millisecond, or a word that its list lacks.

    >>> from fsm.events import Account, Event
    >>> from fsm.machine import Law
    >>> from fsm.replay import replay
    >>> event = Event(event="customer_message", at=1_700_000_000_000_000, business="b", customer="c", id="m")
    >>> from_results(replay(Law(Account()), [event])).column("opens").to_pylist()
    [1]
    """
    schema = result_schema()
    names = names_of(schema)
    codes = {column: names.codes(column) for column in names.words}
    columns: dict[str, list[object]] = {field.name: [] for field in schema}
    put = {name: cells.append for name, cells in columns.items()}
    clocks = lanes()
    for result in results:
        event, outcome = result.event, result.outcome
        words = {
            "event": event.event,
            "rulebook": result.rulebook,
            "edition": result.edition,
            **{name: getattr(outcome, name) for name in ("verdict", "joins", "charge", "why")},
        }
        for name, word in words.items():
            put[name](None if word is None else _code(codes, name, word))
        for name in _MASKS:
            put[name](sum(1 << _code(codes, name, word) for word in getattr(outcome, name)))
        put["at"](in_millis(event.at))
        put["business"](event.business)
        put["customer"](event.customer)
        put["id"](event.id or None)
        put["participant"](event.participant or None)
        put["error"](outcome.error)
        put["because"](" ".join(outcome.because))
        put["uses_allowance"](outcome.uses_allowance)
        deadlines = result.deadlines
        for lane in clocks:
            at = deadlines.get(lane)
            put[DEADLINE + lane](None if at is None else in_millis(at, f"the deadline of {lane}"))
    return pa.record_batch(
        [
            pa.array(cells, type=pa.string()).dictionary_encode().cast(field.type)
            if pa.types.is_dictionary(field.type)
            else pa.array(cells, type=field.type)
            for field, cells in zip(schema, columns.values(), strict=True)
        ],
        schema=schema,
    )


def to_results(columns: Any) -> Iterator[dict[str, object]]:
    """
    The results of a record batch or table as the JSON objects that `fsm.replay.write_result` writes.

    Raises:
        BadColumns: a code or a bit that no word stands behind.
    """
    names = names_of(columns.schema)
    batches = columns.to_batches() if isinstance(columns, pa.Table) else [columns]
    for batch in batches:
        for row in batch.to_pylist():
            for name in _WORDS:
                row[name] = None if row[name] is None else _word(names.words[name], name, row[name])
            for name in _MASKS:
                row[name] = _bits(names.words[name], name, row[name])
            yield {
                "id": row["id"],
                "event": row["event"],
                "at": format_instant(row["at"] * _MILLISECOND),
                **{name: row[name] for name in ("business", "customer", "rulebook", "verdict", "error")},
                "because": row["because"].split(),
                **{name: row[name] for name in ("opens", "refreshes", "closes", "joins", "charge", "why")},
                "deadlines": {
                    name.removeprefix(DEADLINE): format_instant(at * _MILLISECOND)
                    for name, at in row.items()
                    if name.startswith(DEADLINE) and at is not None
                },
                "flags": row["flags"],
            }


def _code(codes: Any, name: str, word: str) -> int:
    code = codes[name].get(word)
    if code is None:
        raise BadColumns(f"'{name}' is {word!r}, which is none of {', '.join(codes[name])}.")
    return int(code)


def _word(words: tuple[str, ...], name: str, code: int) -> str:
    if not 0 <= code < len(words):
        raise BadColumns(f"'{name}' holds the code {code}; there are {len(words)} words.")
    return words[code]


def _bits(words: tuple[str, ...], name: str, mask: int) -> list[str]:
    if mask < 0 or mask >> len(words):
        raise BadColumns(f"'{name}' holds the bits {mask:b}; there are {len(words)} words.")
    return [word for place, word in enumerate(words) if mask >> place & 1]
