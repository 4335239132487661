"""JSON Lines to columns: whole blocks at once where they hold plain events, line by line where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.json

from fsm.columns.coding import from_events
from fsm.columns.lines import MEMBERS
from fsm.columns.names import Names
from fsm.columns.wording import coded_words
from fsm.errors import BadColumns, BadLog
from fsm.events import Event
from fsm.service.endings import NOT_UTF8
from fsm.service.reading import Log, read_lines
from fsm.webhooks.quick import QuickReader

BLOCK: Final = 2 * 2**20
"""Bytes read at once: they and what is made of them stay in the processor's cache."""
LONGEST_LINE: Final = 256 * 2**20
MOST_PROBLEMS: Final = 10_000
"""So many are kept; a log with more of them is none."""
_FEW: Final = 24
"""So few lines are read one by one rather than divided again."""
_AT_IS_TEXT: Final = re.compile(rb'"at"[ \t]*:[ \t]*"')
_BODY: Final = b'"changes"'
_KNOWN_TYPES: Final = ("string", "bool", "int64", "timestamp[s]", "timestamp[ns]")
_TEXT, _NUMBER, _OTHER = range(3)


def check_problems(log: Log, name: str) -> None:
    """
    Raises:
        BadLog: so much could not be read that it is no log.
    """
    if len(log.problems) > MOST_PROBLEMS:
        raise BadLog(name, f"more than {MOST_PROBLEMS:,} places cannot be read. Check that it is a log of events.")


def fitting(events: Sequence[Event], places: Sequence[str], names: Names, log: Log) -> tuple[Any, list[int]]:
    """
    Columns of those events that fit into them, and which these are; the others are problems of the log.

    Args:
        events: any events.
        places: where each of them stands.
        names: the words behind the codes; new words are added.
        log: takes the problems.

    >>> batch, kept = fitting([Event(event="opted_in", at=1, business="b", customer="c")], ["line 1"], Names(), Log())
    >>> batch.num_rows, kept
    (0, [])
    """
    try:
        return from_events(events, names), list(range(len(events)))
    except BadColumns:
        kept = []
    for number, event in enumerate(events):
        try:
            from_events([event], names)
        except BadColumns as bad:
            log.problems.append(BadLog(places[number], str(bad)))
        else:
            kept.append(number)
    return from_events([events[number] for number in kept], names), kept


class LineReader:
    """
    The lines of one source, in blocks, to batches of coded events in the order of the lines.

    Args:
        name: the source, for messages.
        log: takes what is no event: problems, unknown members, notes, aliases, notices.
        names: the words behind the codes; new words are added.
        keep_going: pass over a line that cannot be read.
    """

    def __init__(self, name: str, log: Log, names: Names, *, keep_going: bool = False) -> None:
        self.name, self.log, self.names, self.keep_going = name, log, names, keep_going
        self.slow_lines = 0
        self._quick = QuickReader()
        self._line = 1

    def read(self, block: bytes) -> Iterator[Any]:
        """
        The events of the next lines, given whole.

        Raises:
            BadLog: a line cannot be read, and nobody asked to go on.
        """
        lines = _Lines(block, self._line)
        self._line += lines.breaks
        if not len(lines.all):
            return
        found: list[tuple[Any, Any]] = []
        already = len(self.log.problems)
        self._plain(lines, lines.all, found, None)
        new = self.log.problems[already:]
        if new:
            new.sort(key=lambda problem: _line_of(problem.where))
            self.log.problems[already:] = new
            if not self.keep_going:
                raise new[0]
            check_problems(self.log, self.name)
        if len(self.log.unread) > MOST_PROBLEMS:
            self.log.notes["not understood, and not kept"] += len(self.log.unread) - MOST_PROBLEMS
            del self.log.unread[MOST_PROBLEMS:]
        if not found:
            return
        if len(found) == 1:
            yield found[0][0]
            return
        places = np.concatenate([rows for _, rows in found])
        # Batches made earlier may lack words that were met later: the lists only grow.
        schema = found[-1][0].schema
        table = pa.Table.from_batches([_with_schema(batch, schema) for batch, _ in found]).unify_dictionaries()
        table = table.take(pa.array(np.argsort(places, kind="stable"))).combine_chunks()
        yield from table.to_batches()

    def next_line(self) -> None:
        """Count the break between two blocks."""
        self._line += 1

    def _plain(self, lines: _Lines, rows: Any, found: list[tuple[Any, Any]], at: int | None) -> None:
        """Read lines as plain events; where that fails, divide them, down to a few that are read one by one."""
        if len(rows) <= _FEW:
            self._slow(lines, rows, found)
            return
        if self._fast(lines, rows, found, at):
            return
        if at is None:
            kinds = np.array([_kind(lines.raw(row)) for row in rows.tolist()])
            if kinds[0] == _OTHER or (kinds != kinds[0]).any():
                for kind in (_TEXT, _NUMBER):
                    if (kinds == kind).any():
                        self._plain(lines, rows[kinds == kind], found, kind)
                if (kinds == _OTHER).any():
                    self._slow(lines, rows[kinds == _OTHER], found)
                return
            at = int(kinds[0])
        half = len(rows) // 2
        self._plain(lines, rows[:half], found, at)
        self._plain(lines, rows[half:], found, at)

    def _fast(self, lines: _Lines, rows: Any, found: list[tuple[Any, Any]], at: int | None) -> bool:
        # A line that is an object from its first byte to its last cannot share an object with its neighbours.
        if lines.odd[rows].any():
            return False
        text = lines.text(rows)
        try:
            # Arrow's reader takes any bytes for text.
            text.decode("utf-8")
        except UnicodeDecodeError:
            return False
        table = _parsed(text, _kind(lines.raw(int(rows[0]))) if at is None else at)
        if table is None or table.num_rows != len(rows):
            return False
        unknown = [name for name in table.column_names if name not in MEMBERS]
        for name in unknown:
            if not self._can_count(name, table.column(name), text):
                return False
        columns = {name: _whole(table.column(name)) for name in table.column_names if name in MEMBERS}
        batch, good = coded_words(columns, table.num_rows, self.names, typed=True)
        for name in unknown:
            count = int((np.asarray(table.column(name).is_valid()) & good).sum())
            if count:
                self.log.unknown_members[name] += count
        if good.all():
            found.append((batch, rows))
            return True
        if good.any():
            found.append((batch.filter(pa.array(good)), rows[good]))
        self._slow(lines, rows[~good], found)
        return True

    def _can_count(self, name: str, column: Any, text: bytes) -> bool:
        """Whether the members of that name nobody knows can be counted in the column: null may be written, or missing."""
        if str(column.type) not in _KNOWN_TYPES:
            return False
        if not column.null_count:
            return True
        written = re.escape(name.encode())
        return re.search(rb'"' + written + rb'"[ \t]*:[ \t]*null', text) is None and b"\\" not in text

    def _slow(self, lines: _Lines, rows: Any, found: list[tuple[Any, Any]]) -> None:
        self.slow_lines += len(rows)
        events: list[Event] = []
        places: list[int] = []
        log = self.log
        for row in rows.tolist():
            number = lines.first + int(lines.numbers[row])
            where = f"{self.name}, line {number}"
            try:
                text = lines.raw(row).decode("utf-8")
            except UnicodeDecodeError:
                log.problems.append(BadLog(where, f"{NOT_UTF8}."))
                continue
            read_lines(log, self.name, [(number, text)], keep_going=True, quick=self._quick)
            events += log.events
            places += [row] * len(log.events)
            leave_behind(log)
        if events:
            wheres = [f"{self.name}, line {lines.first + int(lines.numbers[row])}" for row in places]
            batch, kept = fitting(events, wheres, self.names, log)
            if kept:
                found.append((batch, np.array(places)[kept]))


def leave_behind(log: Log) -> None:
    """Only events travel on in columns: their places and what statuses say about prices would fill the memory."""
    log.left.update(evidence=len(log.evidence), calls=len(log.calls))
    for part in (log.events, log.places, log.evidence, log.calls):
        part.clear()


class _Lines:
    """
    The lines of a block that are not blank.

    Attributes:
        first: the number of the first line of the block.
        breaks: how many line breaks it has.
        all: the index of every line kept.
        numbers: of each line, counted from `first`.
        odd: whether a line is no object from its first byte to its last, but for white space around it.
    """

    def __init__(self, block: bytes, first: int) -> None:
        self._block, self.first = block, first
        raw = np.frombuffer(block, dtype=np.uint8)
        breaks = np.flatnonzero(raw == ord("\n"))
        self.breaks = len(breaks)
        starts = np.concatenate([[0], breaks + 1])
        ends = np.concatenate([breaks, [len(raw)]])
        padded = np.concatenate([raw, [0]])
        odd = (padded[starts] != ord("{")) | (padded[np.maximum(ends - 1, 0)] != ord("}"))
        keep = ends > starts
        odd &= keep
        self._raw_starts, self._raw_ends = starts, ends
        self._starts, self._ends = starts.copy(), ends.copy()
        for place in np.flatnonzero(odd).tolist():
            line = block[starts[place] : ends[place]]
            if not line.decode("utf-8", errors="replace").strip("\ufeff \t\r"):
                keep[place] = False
                continue
            left = _without(line, "front").lstrip(b" \t\r")
            inner = _without(left, "end").rstrip(b" \t\r")
            self._starts[place] += len(line) - len(left)
            self._ends[place] = self._starts[place] + len(inner)
            odd[place] = not (inner.startswith(b"{") and inner.endswith(b"}"))
        self.odd = odd
        self.numbers = np.arange(len(starts))
        self.all = np.flatnonzero(keep)

    def raw(self, row: int) -> bytes:
        """A line as it stands."""
        return self._block[self._raw_starts[row] : self._raw_ends[row]]

    def text(self, rows: Any) -> bytes:
        """Lines without what stands around them, a break between two."""
        starts, ends = self._starts[rows], self._ends[rows]
        if (starts[1:] == ends[:-1] + 1).all():
            return self._block[int(starts[0]) : int(ends[-1])]
        return b"\n".join(self._block[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))


_MARK: Final = b"\xef\xbb\xbf"


def _without(line: bytes, side: str) -> bytes:
    """A line without the marks of byte order at its front or end."""
    while line.startswith(_MARK) if side == "front" else line.endswith(_MARK):
        line = line[len(_MARK) :] if side == "front" else line[: -len(_MARK)]
    return line


def _whole(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _kind(line: bytes) -> int:
    if _BODY in line or b'"event"' not in line:
        return _OTHER
    return _TEXT if _AT_IS_TEXT.search(line) else _NUMBER


def _parsed(text: bytes, at: int) -> Any:
    try:
        return pyarrow.json.read_json(
            pa.BufferReader(text),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=_SCHEMAS[_NUMBER if at == _NUMBER else _TEXT], unexpected_field_behavior="infer"
            ),
        )
    except pa.ArrowInvalid:
        return None


def _schema(at: Any) -> Any:
    types = {"at": at, "error": pa.int64(), "inferred": pa.bool_()}
    return pa.schema([pa.field(name, types.get(name, pa.string())) for name in MEMBERS])


_SCHEMAS: Final = {_TEXT: _schema(pa.string()), _NUMBER: _schema(pa.int64())}


def _with_schema(batch: Any, schema: Any) -> Any:
    return pa.record_batch(batch.columns, schema=schema)


def _line_of(where: str) -> int:
    number = re.search(r", line (\d+)", where)
    return int(number[1]) if number else 0
