"""Coded events as lines of text, whole batches at once: JSON Lines and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from fsm.columns.instants import texts_of
from fsm.columns.names import DEFAULTS
from fsm.columns.schema import CODED, EVENT_COLUMNS, INSTANTS, names_of
from fsm.errors import BadColumns
from fsm.events import Event

_ROWS_AT_ONCE: Final = 262_144
"""Few enough that their text stays below the two gigabytes of one array."""

MEMBERS: Final = tuple(
    field.name for field in attrs.fields(Event) if field.name in EVENT_COLUMNS and field.name != "addressee"
)
"""The members of a log line, in the order in which `write_event` writes them."""

_JSON_SPECIAL: Final = r'["\\\x00-\x1f]'
_CSV_SPECIAL: Final = r'[",\r\n]'
GUARDED: Final = r"^'*([=+\-@\t\r\n#]|[0-9]+([.,][0-9]+)?[eE]\+?[0-9]|[0-9]+[.,]0)"
"""
Text that a spreadsheet would run as a formula, or take for a number that is written otherwise, gets an apostrophe before
it; so does one that already has that apostrophe, so that reading takes off exactly what writing put there.
"""
CHANGED: Final = r"^([+-]?[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+|[0-9]+[.,]0+|#NAME\?|#+)$"
"""What spreadsheets make of a number with many digits. All of it is `GUARDED`."""
CHANGED_ID: Final = r"^[0-9]([.,][0-9]+)?E\+[0-9]+$"
"""The same of an id, which may be any text."""


def json_lines(batch: Any) -> Any:
    """
    Coded events as JSON Lines, each line what `json.dumps` makes of `write_event`; UTF-8, a newline after each.

    >>> from fsm.columns import from_events
    >>> json_lines(from_events([Event(event="opted_in", at=0, business="b", customer="c")]))
    b'{"event": "opted_in", "at": "1970-01-01T00:00:00Z", "business": "b", "customer": "c"}\\n'
    """
    return b"".join(_bytes_of(_json(piece)) for piece in _pieces(batch))


def csv_header() -> bytes:
    """The first line of a CSV file."""
    return (",".join(MEMBERS) + "\n").encode()


def csv_lines(batch: Any) -> bytes:
    """
    Coded events as lines of CSV under `csv_header`.

    >>> from fsm.columns import from_events
    >>> csv_lines(from_events([Event(event="opted_in", at=0, business="b", customer="+1")]))
    b"opted_in,1970-01-01T00:00:00Z,b,'+1,,,,,,,,,,,\\n"
    """
    return b"".join(_bytes_of(_csv(piece)) for piece in _pieces(batch))


def _pieces(batch: Any) -> Iterator[Any]:
    if pa.types.is_integer(batch.schema.field("id").type):
        raise BadColumns("the ids are hashes, which a log cannot hold. Keep the columns with ids as text.")
    for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
        yield batch.slice(start, _ROWS_AT_ONCE)


def _json(batch: Any) -> Any:
    names = names_of(batch.schema)
    parts: list[Any] = ["{"]
    for place, member in enumerate(MEMBERS):
        opening = f'{", " if place else ""}"{member}": '
        column = batch.column(member)
        if member in CODED:
            quoted = [
                "" if member != "event" and word == DEFAULTS[member] else opening + json.dumps(word, ensure_ascii=False)
                for word in names.words[member]
            ]
            parts.append(_taken(quoted, column))
        elif member in INSTANTS:
            parts.append(_joined(f'{opening}"', texts_of(column), '"'))
        elif member == "inferred":
            parts.append(pc.if_else(column, f"{opening}true", ""))
        elif member == "error":
            parts.append(_joined(opening, column.cast(pa.string()), ""))
        else:
            parts.append(_each_text(column, partial(_json_texts, opening)))
    return _together([*parts, "}\n"])


def _csv(batch: Any) -> Any:
    names = names_of(batch.schema)
    parts: list[Any] = []
    for place, member in enumerate(MEMBERS):
        column = batch.column(member)
        if place:
            parts.append(",")
        if member in CODED:
            parts.append(_taken([_csv_text(word) for word in names.words[member]], column))
        elif member in INSTANTS:
            parts.append(texts_of(column))
        elif member == "inferred":
            parts.append(pc.if_else(column, "true", ""))
        elif member == "error":
            parts.append(column.cast(pa.string()))
        else:
            parts.append(_each_text(column, _csv_texts))
    return _together([*parts, "\n"])


def _each_text(column: Any, write: Callable[[Any], Any]) -> Any:
    """A column of ids, written; of a dictionary each word once."""
    if pa.types.is_dictionary(column.type):
        return write(column.dictionary).take(column.indices)
    if pa.types.is_integer(column.type):
        column = column.cast(pa.string())
    return write(column)


def _json_texts(opening: str, texts: Any) -> Any:
    written = _joined(f'{opening}"', texts, '"')
    special = pc.or_(pc.match_substring_regex(texts, _JSON_SPECIAL), pc.equal(texts, ""))
    if not pc.any(special, min_count=0).as_py():
        return written
    # A member that is empty is what its absence means.
    plain = [
        opening + json.dumps(text, ensure_ascii=False) if text else "" for text in texts.filter(special).to_pylist()
    ]
    return pc.replace_with_mask(written, special, pa.array(plain, type=pa.string()))


def _csv_texts(texts: Any) -> Any:
    special = pc.or_(pc.match_substring_regex(texts, _CSV_SPECIAL), pc.match_substring_regex(texts, GUARDED))
    if not pc.any(special, min_count=0).as_py():
        return texts
    plain = [_csv_text(text) for text in texts.filter(special).to_pylist()]
    return pc.replace_with_mask(texts, special, pa.array(plain, type=pa.string()))


def _csv_text(text: str) -> str:
    guarded = f"'{text}" if re.match(GUARDED, text) else text
    return '"' + guarded.replace('"', '""') + '"' if re.search(_CSV_SPECIAL, guarded) else guarded


def _taken(words: list[str], codes: Any) -> Any:
    return pa.array(words, type=pa.string()).take(codes)


def _joined(before: str, texts: Any, after: str) -> Any:
    return pc.binary_join_element_wise(before, texts, after, "", null_handling="emit_null")


def _together(parts: list[Any]) -> Any:
    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")


def _bytes_of(lines: Any) -> bytes:
    if not len(lines):
        return b""
    _, places, data = lines.buffers()
    ends = memoryview(places).cast("i")
    return bytes(memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]])
