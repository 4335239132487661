"""JSON Lines to columns: whole blocks at once where they hold plain events, line by line where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
from fsm.service.reading import Log, read_lines
from fsm.webhooks.quick import QuickReader

BLOCK: Final = 2 * 2**20
"""Bytes read at once: they and what is made of them stay in the processor's cache."""
LONGEST_LINE: Final = 256 * 2**20
_FEW: Final = 24
"""So few lines are read one by one rather than divided again."""
_BLANK: Final = b"\xef\xbb\xbf \t\r"
_AT_IS_TEXT: Final = re.compile(rb'"at"[ \t]*:[ \t]*"')
_BODY: Final = b'"changes"'
_KNOWN_TYPES: Final = ("string", "bool", "int64", "timestamp[s]", "timestamp[ns]")
_TEXT, _NUMBER, _OTHER = range(3)


class LineReader:
    """
    The lines of one source, in blocks, to batches of coded events in the order of the lines.

    Args:
        name: the source, for messages.
        log: takes what is no event: problems, unknown members, notes, aliases, notices.
        names: the words behind the codes; new words are added.
        keep_going: go on behind a line that cannot be read.
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
        starts, ends, numbers = self._lines(block)
        if not len(numbers):
            return
        found: list[tuple[Any, Any]] = []
        already = len(self.log.problems)
        self._plain(block, starts, ends, numbers, found, None)
        new = self.log.problems[already:]
        if new:
            new.sort(key=lambda problem: _line_of(problem.where))
            self.log.problems[already:] = new
            if not self.keep_going:
                raise new[0]
        if not found:
            return
        if len(found) == 1:
            yield found[0][0]
            return
        lines = np.concatenate([lines for _, lines in found])
        # Batches made earlier may lack words that were met later: the lists only grow.
        schema = found[-1][0].schema
        table = pa.Table.from_batches([_with_schema(batch, schema) for batch, _ in found]).unify_dictionaries()
        table = table.take(pa.array(np.argsort(lines, kind="stable"))).combine_chunks()
        yield from table.to_batches()

    def next_line(self) -> None:
        """Count the break between two blocks."""
        self._line += 1

    def _lines(self, block: bytes) -> tuple[Any, Any, Any]:
        """Where each line that is not blank starts and ends, and its number."""
        raw = np.frombuffer(block, dtype=np.uint8)
        breaks = np.flatnonzero(raw == ord("\n"))
        starts = np.concatenate([[0], breaks + 1])
        ends = np.concatenate([breaks, [len(raw)]])
        numbers = np.arange(self._line, self._line + len(starts))
        self._line += len(breaks)
        padded = np.concatenate([raw, [0]])
        odd = (padded[starts] != ord("{")) | (padded[np.maximum(ends - 1, 0)] != ord("}"))
        keep = ends > starts
        for place in np.flatnonzero(odd & keep):
            line = block[starts[place] : ends[place]]
            stripped = line.lstrip(_BLANK)
            starts[place] += len(line) - len(stripped)
            ends[place] = starts[place] + len(stripped.rstrip(_BLANK))
            keep[place] = ends[place] > starts[place]
        return starts[keep], ends[keep], numbers[keep]

    def _plain(
        self, block: bytes, starts: Any, ends: Any, numbers: Any, found: list[tuple[Any, Any]], at: int | None
    ) -> None:
        """Read lines as plain events; what fails is divided, down to single lines."""
        if len(numbers) <= _FEW or not self._fast(block, starts, ends, numbers, found, at):
            if len(numbers) <= _FEW:
                self._slow(block, starts, ends, numbers, found)
                return
            if at is None:
                kinds = np.array([_kind(block[start:end]) for start, end in zip(starts, ends, strict=True)])
                if kinds[0] != _OTHER and (kinds == kinds[0]).all():
                    self._halves(block, starts, ends, numbers, found, int(kinds[0]))
                    return
                for kind in (_TEXT, _NUMBER):
                    mine = kinds == kind
                    if mine.any():
                        self._plain(block, starts[mine], ends[mine], numbers[mine], found, kind)
                mine = kinds == _OTHER
                if mine.any():
                    self._slow(block, starts[mine], ends[mine], numbers[mine], found)
                return
            self._halves(block, starts, ends, numbers, found, at)

    def _halves(
        self, block: bytes, starts: Any, ends: Any, numbers: Any, found: list[tuple[Any, Any]], at: int
    ) -> None:
        half = len(numbers) // 2
        for part in (slice(None, half), slice(half, None)):
            self._plain(block, starts[part], ends[part], numbers[part], found, at)

    def _fast(
        self, block: bytes, starts: Any, ends: Any, numbers: Any, found: list[tuple[Any, Any]], at: int | None
    ) -> bool:
        raw = np.frombuffer(block, dtype=np.uint8)
        # A line that is an object from its first byte to its last cannot share an object with its neighbours.
        if (raw[starts] != ord("{")).any() or (raw[ends - 1] != ord("}")).any():
            return False
        whole = (starts[1:] == ends[:-1] + 1).all()
        text = (
            block[int(starts[0]) : int(ends[-1])]
            if whole
            else b"\n".join(block[start:end] for start, end in zip(starts, ends, strict=True))
        )
        if at is None:
            at = _kind(block[int(starts[0]) : int(ends[0])])
        table = _parsed(text, at)
        if table is None or table.num_rows != len(numbers):
            return False
        unknown = [name for name in table.column_names if name not in MEMBERS]
        for name in unknown:
            if not self._can_count(name, table.column(name), text):
                return False
        columns = {
            name: table.column(name).combine_chunks()
            if table.column(name).num_chunks != 1
            else table.column(name).chunk(0)
            for name in table.column_names
            if name in MEMBERS
        }
        batch, good = coded_words(columns, table.num_rows, self.names)
        for name in unknown:
            column = table.column(name)
            count = int((np.asarray(column.is_valid()) & good).sum())
            if count:
                self.log.unknown_members[name] += count
        if good.all():
            found.append((batch, numbers))
            return True
        if good.any():
            found.append((batch.filter(pa.array(good)), numbers[good]))
        self._slow(block, starts[~good], ends[~good], numbers[~good], found)
        return True

    def _can_count(self, name: str, column: Any, text: bytes) -> bool:
        """Whether the members of that name nobody knows can be counted in the column: null may be written, or missing."""
        if str(column.type) not in _KNOWN_TYPES:
            return False
        if not column.null_count:
            return True
        written = re.escape(name.encode())
        return re.search(rb'"' + written + rb'"[ \t]*:[ \t]*null', text) is None and b"\\" not in text

    def _slow(self, block: bytes, starts: Any, ends: Any, numbers: Any, found: list[tuple[Any, Any]]) -> None:
        self.slow_lines += len(numbers)
        events: list[Event] = []
        lines: list[int] = []
        log = self.log
        for start, end, number in zip(starts.tolist(), ends.tolist(), numbers.tolist(), strict=True):
            where = f"{self.name}, line {number}"
            try:
                text = block[start:end].decode("utf-8")
            except UnicodeDecodeError:
                log.problems.append(BadLog(where, "it is not UTF-8. Save the log as UTF-8."))
                continue
            read_lines(log, self.name, [(number, text)], keep_going=True, quick=self._quick)
            for event in log.events:
                try:
                    from_events([event], self.names)
                except BadColumns as bad:
                    log.problems.append(BadLog(where, str(bad)))
                else:
                    events.append(event)
                    lines.append(number)
            # Only the events travel on: their places and what statuses say about prices would fill the memory.
            log.events.clear()
            log.places.clear()
            log.evidence.clear()
            log.calls.clear()
        if events:
            found.append((from_events(events, self.names), np.array(lines)))


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
