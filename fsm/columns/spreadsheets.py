"""CSV as spreadsheets and people write it, to columns of text: what its first line says, and rows that cannot be meant."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from fsm import terms
from fsm.columns.blocks import BLOCK
from fsm.columns.lines import CHANGED, CHANGED_ID, GUARDED, MEMBERS
from fsm.errors import BadLog
from fsm.rules.words import counted
from fsm.service.endings import NOT_UTF8, disguise_of

_EVENTS: Final = "|".join(terms.EVENTS)
_OPEN_QUOTE: Final = (
    "a cell of it holds rows that follow: a quote is opened and not closed. Mend that row; they were not read."
)
_SUBSTITUTE: Final = "\x1a"
"""The character that ASCII has for one that cannot be read. As long as the byte it stands for."""
_BREAKS: Final = (ord("\n"), ord("\r"))
_NUMBERS: Final = ("business", "customer", "id", "participant")
_TEXT_FIELDS: Final = (*_NUMBERS, "category", "template_status")
_LIKE: Final = 0.8
"""How like a column's name another must be to be taken for a slip."""


def rows_of(path: str, stream: Any) -> Iterator[tuple[Any, Sequence[int], list[BadLog]]]:
    """
    The rows of a CSV file, a few megabytes at a time.

    Args:
        path: of the file, for messages.
        stream: its bytes.

    Yields:
        A record batch of text, null where a cell is empty, without the rows that cannot be meant; the numbers of its rows,
        of which the header is 1, as in every spreadsheet; and what is wrong with the others, in their order.

    Raises:
        BadLog: its first line is not what a log's columns are called, or it is no CSV in UTF-8.
    """
    start = bytes(stream.read(BLOCK))
    header = _header(path, start)
    lines = start.strip(b"\r\n")
    if header is None or not (b"\n" in lines or b"\r" in lines):
        # Nothing follows the header; Arrow's reader wants at least an end of its line.
        return
    skipped: list[int] = []
    wrong: list[BadLog] = []

    def skip(odd: Any) -> str:
        skipped.append(odd.number)
        # A blank row is passed over, and counts.
        if re.search(r"[\r\n]", odd.text.strip()):
            wrong.append(BadLog(f"{path}, row {odd.number}", _OPEN_QUOTE))
        elif odd.text.strip():
            why = f"it has {counted(odd.actual_columns, 'cell')} instead of {odd.expected_columns}."
            wrong.append(BadLog(f"{path}, row {odd.number}", why))
        return "skip"

    source = _Chained(start, stream)
    options: dict[str, Any] = {
        "read_options": pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK),
        "parse_options": pyarrow.csv.ParseOptions(
            newlines_in_values=True, invalid_row_handler=skip, ignore_empty_lines=False
        ),
        "convert_options": pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    }
    kept, given = 1, [1]
    for batch in _batches(path, source, options, given):
        rows = _numbers(kept, batch.num_rows, skipped)
        kept += batch.num_rows
        # Arrow reads ahead: what follows these rows is told behind them.
        last = rows[-1] if rows else 0
        found = [problem for problem in wrong if row_of(problem) < last]
        del wrong[: len(found)]
        if source.substituted:
            batch, rows = _text_rows(path, batch, rows, found)
        batch, rows = _unrounded(path, *_closed(path, *_said(batch, rows), found), found)
        columns = [
            _unguarded(column) if name in _TEXT_FIELDS else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        given += rows[-1:]
        yield pa.record_batch(columns, names=batch.schema.names), rows, sorted(found, key=row_of)
    if wrong:
        nothing = [pa.array([], type=pa.string())] * len(header)
        yield pa.record_batch(nothing, names=header), [], wrong


def _batches(path: str, source: Any, options: dict[str, Any], given: Sequence[int]) -> Iterator[Any]:
    """What Arrow reads; `given` are the rows with which the batches before it ended."""
    try:
        yield from pyarrow.csv.open_csv(pa.PythonFile(source, mode="r"), **options)
    except pa.ArrowInvalid as bad:
        if "straddling" not in str(bad):
            raise
        why = f"a row behind it is longer than {BLOCK:,} bytes: most likely a quote is opened and not closed. Mend that row."
        raise BadLog(f"{path}, row {given[-1]}", why) from None


def row_of(problem: BadLog) -> int:
    """The number of the row that a problem is about."""
    return int(problem.where.rpartition("row ")[2])


def chosen(batch: Any, rows: Sequence[int], good: Any) -> tuple[Any, Sequence[int]]:
    """Some rows of a batch, and their numbers."""
    if good.all():
        return batch, rows
    return batch.filter(pa.array(good)), [row for row, kept in zip(rows, good.tolist(), strict=True) if kept]


def _numbers(before: int, count: int, skipped: list[int]) -> Sequence[int]:
    """
    The numbers of rows that were kept, where others were skipped.

    >>> _numbers(0, 3, [2])
    [1, 3, 4]
    """
    if not skipped:
        return range(before + 1, before + 1 + count)
    kept = np.arange(before, before + count)
    kept_before = np.array(skipped) - 1 - np.arange(len(skipped))
    numbers: list[int] = (kept + 1 + np.searchsorted(kept_before, kept, side="right")).tolist()
    return numbers


# --- rows that cannot be meant --------------------------------------------------
def _said(batch: Any, rows: Sequence[int]) -> tuple[Any, Sequence[int]]:
    """The rows that say anything: not the blank ones, which a spreadsheet may have left."""
    good = np.zeros(batch.num_rows, bool)
    for column in batch.columns:
        if good.all():
            break
        good |= column.is_valid().to_numpy(zero_copy_only=False)
    return chosen(batch, rows, good)


def _text_rows(path: str, batch: Any, rows: Sequence[int], found: list[BadLog]) -> tuple[Any, Sequence[int]]:
    """The rows without those in which something stands for a byte that is no UTF-8."""
    good = np.ones(batch.num_rows, bool)
    for column in batch.columns:
        good &= ~_true(pc.match_substring(column, _SUBSTITUTE))
    found += [BadLog(f"{path}, row {rows[place]}", f"{NOT_UTF8}.") for place in np.flatnonzero(~good).tolist()]
    return chosen(batch, rows, good)


def _closed(path: str, batch: Any, rows: Sequence[int], found: list[BadLog]) -> tuple[Any, Sequence[int]]:
    """The rows without those in which a cell holds whole rows: a quote before it was never closed."""
    good = np.ones(batch.num_rows, bool)
    cell, names = r"[^\r\n,]*,", batch.schema.names
    # A whole row behind a break, or as much of one as tells what happened.
    swallowed = (
        rf"[\r\n](?:(?:{cell}){{{len(names) - 1}}}|(?:{cell}){{{names.index('event')}}}(?:{_EVENTS})(?:,|[\r\n]|$))"
    )
    for column in batch.columns if len(names) > 1 else ():
        data = column.buffers()[2]
        if data is not None and np.isin(np.frombuffer(data, np.uint8), _BREAKS).any():
            good &= ~_true(pc.match_substring_regex(column, swallowed))
    found += [BadLog(f"{path}, row {rows[place]}", _OPEN_QUOTE) for place in np.flatnonzero(~good).tolist()]
    return chosen(batch, rows, good)


def _unrounded(path: str, batch: Any, rows: Sequence[int], found: list[BadLog]) -> tuple[Any, Sequence[int]]:
    """The rows without those in which a spreadsheet has changed a number that tells who or what is meant."""
    good = np.ones(batch.num_rows, bool)
    for name in _NUMBERS:
        if name not in batch.schema.names:
            continue
        column = batch.column(name)
        rounded = _true(pc.match_substring_regex(column, CHANGED_ID if name == "id" else CHANGED))
        for place in np.flatnonzero(rounded & good).tolist():
            told = column[place].as_py()
            why = (
                f"'{name}' is {told!r}, which a spreadsheet made of it. Format that column as text and export it again."
            )
            found.append(BadLog(f"{path}, row {rows[place]}", why))
        good &= ~rounded
    return chosen(batch, rows, good)


def _true(found: Any) -> Any:
    """Where something is true, of what may be true, false or null."""
    return pc.fill_null(found, False).to_numpy(zero_copy_only=False)


def _unguarded(column: Any) -> Any:
    guarded = pc.match_substring_regex(column, "^'" + GUARDED[1:])
    if not pc.any(guarded, min_count=0).as_py():
        return column
    return pc.if_else(guarded.fill_null(False), pc.utf8_slice_codeunits(column, 1), column)


# --- the first line, and bytes ----------------------------------------------------
def _header(path: str, start: bytes) -> list[str] | None:
    """
    The names of the columns of a CSV file, from its first bytes; None if there are none.

    Raises:
        BadLog: they are not what a log's columns are called, or the file is no CSV in UTF-8.
    """
    why = disguise_of(start)
    if why:
        raise BadLog(path, why)
    try:
        re.split(rb"[\r\n]", start, maxsplit=1)[0].decode("utf-8")
    except UnicodeDecodeError:
        raise BadLog(f"{path}, row 1", f"{NOT_UTF8}.") from None
    try:
        header = next(csv.reader(io.StringIO(start.decode("utf-8-sig", errors="ignore"), newline="")), None)
    except csv.Error as bad:
        raise BadLog(path, f"its first line cannot be read: {bad}.") from None
    if header is None:
        return None
    if not header:
        raise BadLog(path, "its first line is blank. Begin with the names of the columns.")
    example = f"Write one name per column, for example {','.join(MEMBERS[:5])}."
    if len(header) < 3 and header[0].startswith("sep="):
        raise BadLog(path, f"its first line, {','.join(header)!r}, is a note for a spreadsheet. Delete that line.")
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if "event" in header[0].split(mark) and len(header[0].split(mark)) > 1:
            raise BadLog(path, f"its columns are parted by {name}. Export it with commas.")
    check_names(path, header, "its first line")
    if not set(header) & set(MEMBERS):
        raise BadLog(path, f"its first line holds no name of a column: the header is missing. {example}")
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled or "event" not in header:
        why = f"names {', '.join(map(repr, doubled))} twice" if doubled else "names no column 'event'"
        raise BadLog(path, f"its first line {why}. {example}")
    return header


def check_names(path: str, names: Sequence[str], says: str = "its schema") -> None:
    """
    Raises:
        BadLog: two columns have one of these names, or a name seems to be a slip.

    >>> check_names("log.parquet", ["event", "at", "busines"])
    Traceback (most recent call last):
        ...
    fsm.errors.BadLog: log.parquet: its schema names a column 'busines', which nobody knows. Write 'business' if that is meant.
    """
    for name in names:
        other = _meant(name, names)
        if other:
            raise BadLog(path, f"{says} names a column {name!r}, which nobody knows. Write {other!r} if that is meant.")
    doubled = sorted({name for name in names if name in MEMBERS and names.count(name) > 1})
    if doubled:
        raise BadLog(path, f"{says} names {', '.join(map(repr, doubled))} twice. Leave out the one that is not meant.")


def _meant(name: str, header: Sequence[str]) -> str:
    """The column that a name which nobody knows may stand for, if the file has none of that name; or empty."""
    if name in MEMBERS:
        return ""
    missing = [member for member in MEMBERS if member not in header]
    return next(iter(get_close_matches(name.strip().lower(), missing, 1, _LIKE)), "")


class _Chained(io.RawIOBase):
    """
    What was read already, and then the rest. A byte that is no UTF-8 is given as one that stands for it.

    So its row can be told and passed over, where Arrow's reader would give up the file.

    Attributes:
        substituted: whether there was such a byte so far.
    """

    def __init__(self, start: bytes, rest: Any) -> None:
        super().__init__()
        self._start, self._rest = start, rest
        self._cut = b""
        self.substituted = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size >= 0:
            size = max(1, size - len(self._cut))
        if self._start:
            piece, self._start = (self._start, b"") if size < 0 else (self._start[:size], self._start[size:])
        else:
            piece = bytes(self._rest.read(size))
        ended, piece = not piece, self._cut + piece
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError:
            decoder = codecs.getincrementaldecoder("utf-8")(_substituted.__name__)
            text = decoder.decode(piece, final=ended)
            # A character may go on in what is read next.
            self._cut = decoder.getstate()[0]
            self.substituted = self.substituted or _SUBSTITUTE in text
            return text.encode("utf-8") or (b"" if ended else self.read(size))
        self._cut = b""
        return piece


def _substituted(bad: UnicodeError) -> tuple[str, int]:
    assert isinstance(bad, UnicodeDecodeError)
    return _SUBSTITUTE * (bad.end - bad.start), bad.end


codecs.register_error(_substituted.__name__, _substituted)
