"""Files and folders of events to batches of coded columns, with bounded memory."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fsm.columns.blocks import BLOCK, LONGEST_LINE, LineReader, check_problems, fitting, leave_behind
from fsm.columns.checks import check_codes, check_instants, good_rows
from fsm.columns.coding import from_events, to_events
from fsm.columns.damage import SPOKEN, check_stream, damage_said, parquet_file
from fsm.columns.lines import MEMBERS
from fsm.columns.names import Names
from fsm.columns.profiles import recoded, unpacked
from fsm.columns.schema import CODED, EVENT_COLUMNS, EVENTS, INSTANTS, NAMES_KEY, SCHEMA_KEY, are_numbers, names_of
from fsm.columns.spreadsheets import check_names, chosen, row_of, rows_of
from fsm.columns.wording import coded_words
from fsm.columns.writing import kind_of
from fsm.errors import BadColumns, BadLog, FsmError
from fsm.events import format_instant, read_event, write_event
from fsm.events.instants import LATEST
from fsm.service import folders
from fsm.service.endings import ENDINGS, NOT_UTF8, disguise_of
from fsm.service.files import opened
from fsm.service.reading import Log, is_document, read_text

ROWS: Final = 1_048_576
"""Rows of a batch that is read out of columns."""
_NOTHING_SAID: Final = "__HIVE_DEFAULT_PARTITION__"
"""What Hive and Spark name a folder whose rows lack the member."""
_NANOSECONDS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_UNITS: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


class EventReader:
    """
    Batches of coded events out of files and folders of any of the formats, one after another.

    Args:
        paths: files, folders (everything below them, `name=value` folders giving a missing column), or `-` for
            lines on standard input.
        format: of every file; by its ending if not given, and JSON Lines on standard input.
        keep_going: pass over what cannot be read; it is in `problems`.
        rows: the most rows of a batch.
        names: the words behind the codes; new words are added to it. Each batch carries the lists as they are by then;
            later ones only add to them.

    Attributes:
        names: the words behind the codes, as far as read.
        log: what is no event: problems, members nobody knows, notes, aliases, notices. Its events are empty.
        rows: how many rows were given so far.
        numbers: of the rows of the batch that `file` gave last, as messages name them; of columns and CSV.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     line = '{"event": "opted_in", "at": 0, "business": "b", "customer": "c"}'
    ...     _ = Path(folder, "log.jsonl").write_text(line)
    ...     [batch.num_rows for batch in EventReader([folder])]
    [1]
    """

    def __init__(
        self,
        paths: Iterable[str],
        *,
        format: str | None = None,
        keep_going: bool = False,
        rows: int = ROWS,
        names: Names | None = None,
    ) -> None:
        self._paths = list(paths)
        self._format, self._keep_going, self._most = format, keep_going, rows
        self.names = names if names is not None else Names()
        self.log = Log()
        self.rows = 0
        self.numbers: Sequence[int] = ()

    @property
    def problems(self) -> list[BadLog]:
        """What could not be read; the rest was."""
        return self.log.problems

    def __iter__(self) -> Iterator[Any]:
        """
        The batches.

        Raises:
            BadLog: a file, or a line or row of it, cannot be read, and nobody asked to go on.
        """
        met: dict[tuple[bool, bool], str] = {}
        for path, given in files_of(self._paths, self._format, self.log.passed):
            try:
                yield from self._alike(path, given, met)
            except BadLog as bad:
                if not self._keep_going:
                    raise
                # A source that is no log at all is not passed over.
                check_problems(self.log, bad.where)
                self.log.problems.append(bad)

    def _alike(self, path: str, given: Mapping[str, str], met: dict[tuple[bool, bool], str]) -> Iterator[Any]:
        """The batches of a file whose customers and ids are of the kind that was met before."""
        for batch in self.file(path, given):
            kind = are_numbers(batch.schema)
            if met and kind not in met:
                raise BadLog(
                    path,
                    f"its customers or ids are of another kind than in {next(iter(met.values()))}: numbers in one, texts in "
                    "the other. Read them apart, or write both in one profile with `fsm columns convert`.",
                )
            met.setdefault(kind, path)
            for start in range(0, batch.num_rows, self._most):
                piece = batch.slice(start, self._most)
                self.rows += piece.num_rows
                yield piece

    def file(self, path: str, given: Mapping[str, str]) -> Iterator[Any]:
        """
        The batches of one file.

        Args:
            path: the file; `-` is standard input, as lines.
            given: what the names of its folders say, see `files_of`.

        Raises:
            BadLog: as while all are read.
        """
        kind = kind_of(path, self._format or ("jsonl" if path == "-" else None))
        if path == "-":
            path = "standard input"
            if kind.format in SPOKEN:
                raise BadLog(path, f"{SPOKEN[kind.format]} cannot be read from it: it must be a file. Name one.")
        with damage_said(path, kind.format):
            if kind.format == "parquet":
                yield from self._parquet(path, given)
            elif kind.format == "ipc":
                yield from self._ipc(path, given)
            elif path == "standard input":
                yield from self._text(path, sys.stdin.buffer, kind.format, given)
            else:
                with closing(opened(path)) as stream:
                    yield from self._text(path, stream, kind.format, given)

    def _text(self, path: str, stream: Any, format: str, given: Mapping[str, str]) -> Iterator[Any]:
        return self._lines(path, stream) if format == "jsonl" else self._csv(path, stream, given)

    # --- lines ----------------------------------------------------------------
    def _lines(self, name: str, stream: Any) -> Iterator[Any]:
        reader = LineReader(name, self.log, self.names, keep_going=self._keep_going)
        kept = b""
        first = True
        while True:
            piece = bytes(stream.read(BLOCK))
            if first:
                first = False
                _check_text(name, piece)
                if _opens_document(piece):
                    yield from self._document(name, piece + bytes(stream.read()))
                    return
            if not piece:
                break
            cut = piece.rfind(b"\n")
            if cut < 0:
                kept += piece
                if len(kept) > LONGEST_LINE:
                    raise BadLog(
                        name, f"a line is longer than {LONGEST_LINE:,} bytes. One event or webhook body per line."
                    )
                continue
            # The break itself opens the next block, so that line numbers go on.
            yield from reader.read(kept + piece[:cut])
            reader.next_line()
            kept = piece[cut + 1 :]
        if kept:
            yield from reader.read(kept)

    def _document(self, name: str, raw: bytes) -> Iterator[Any]:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise BadLog(name, f"{NOT_UTF8}; nothing of it was read.") from None
        log = self.log
        if not read_text(log, name, text, keep_going=self._keep_going) and not self._keep_going:
            raise log.problems[-1]
        already = len(log.problems)
        batch, kept = fitting(log.events, log.places, self.names, log)
        if len(log.problems) > already and not self._keep_going:
            raise log.problems[already]
        leave_behind(log)
        if kept:
            yield batch

    # --- columns --------------------------------------------------------------
    def _parquet(self, path: str, given: Mapping[str, str]) -> Iterator[Any]:
        with parquet_file(path) as file:
            schema = file.schema_arrow
            metadata, row = metadata_of(file), 0
            _check_log(path, metadata)
            check_names(path, schema.names)
            wanted = [name for name in schema.names if name in EVENT_COLUMNS]
            self._count_unknown(schema.names, file.metadata.num_rows)
            for batch in file.iter_batches(self._most, columns=wanted, use_threads=True):
                batch.validate(full=True)
                yield from self._columns(path, batch.replace_schema_metadata(metadata), given, row)
                row += batch.num_rows

    def _ipc(self, path: str, given: Mapping[str, str]) -> Iterator[Any]:
        with pa.memory_map(path) as source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            if not is_file:
                check_stream(path, source)
            reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
            metadata = dict(reader.schema.metadata or {})
            _check_log(path, metadata)
            check_names(path, reader.schema.names)
            row = 0
            for batch, news in _ipc_batches(reader, is_file):
                batch.validate(full=True)
                if news and NAMES_KEY in news:
                    metadata[NAMES_KEY] = news[NAMES_KEY]
                self._count_unknown(batch.schema.names, batch.num_rows)
                wanted = [name for name in batch.schema.names if name in EVENT_COLUMNS]
                yield from self._columns(path, batch.select(wanted).replace_schema_metadata(metadata), given, row)
                row += batch.num_rows

    def _columns(self, path: str, batch: Any, given: Mapping[str, str], row: int) -> Iterator[Any]:
        batch = _without_views(batch)
        batch, rows, found = agreeing(path, batch, range(row + 1, row + 1 + batch.num_rows), given)
        for problem in found:
            self._problem(problem)
        metadata = batch.schema.metadata or {}
        if metadata.get(SCHEMA_KEY) == EVENTS.encode():
            coded, good = self._coded(path, batch)
            batch = coded
        else:
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            for name in CODED:
                if name in columns and pa.types.is_integer(columns[name].type):
                    names_of(batch.schema, path)
            try:
                coded, good = coded_words(columns, batch.num_rows, self.names)
            except BadColumns as bad:
                raise BadLog(path, str(bad)) from None
        yield from self._mended(path, batch, coded, good, rows)

    def _coded(self, path: str, batch: Any) -> tuple[Any, Any]:
        names = names_of(batch.schema, path)
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        check_columns(path, columns)
        if not pa.types.is_dictionary(columns["business"].type):
            columns["business"] = columns["business"].dictionary_encode()
        batch = pa.record_batch([columns[name] for name in EVENT_COLUMNS], names=list(EVENT_COLUMNS))
        batch = batch.replace_schema_metadata({**_plain_metadata(), NAMES_KEY: names.written().encode()})
        check_codes(batch, path)
        batch = recoded(batch, self.names)
        if pa.types.is_integer(batch.schema.field("customer").type):
            batch = unpacked(batch)
        return batch, good_rows(batch)

    def _mended(self, path: str, raw: Any, coded: Any, good: Any, rows: Sequence[int]) -> Iterator[Any]:
        """The good rows, and those others that `read_event` can read, in their order; `rows` are their numbers."""
        if good.all():
            self.numbers = rows
            yield coded
            return
        start = 0
        for place in np.flatnonzero(~good).tolist():
            if place > start:
                self.numbers = rows[start:place]
                yield coded.slice(start, place - start)
            start = place + 1
            where = f"{path}, row {rows[place]}"
            try:
                row = raw.slice(place, 1)
                if raw is coded:
                    check_instants(row)
                event, unknown = read_event(write_event(next(to_events(row))) if raw is coded else _members(row))
                self.numbers = rows[place : place + 1]
                yield from_events([event], self.names)
                self.log.unknown_members.update(unknown)
            except FsmError as bad:
                self._problem(BadLog(where, str(bad)))
        if start < len(good):
            self.numbers = rows[start:]
            yield coded.slice(start)

    def _problem(self, problem: BadLog) -> None:
        self.log.problems.append(problem)
        if not self._keep_going:
            raise problem
        check_problems(self.log, problem.where)

    def _count_unknown(self, found: Iterable[str], rows: int) -> None:
        for name in found:
            if name not in EVENT_COLUMNS:
                self.log.unknown_members[name] += rows

    # --- CSV ------------------------------------------------------------------
    def _csv(self, path: str, stream: Any, given: Mapping[str, str]) -> Iterator[Any]:
        for cells, rows, found in rows_of(path, stream):
            already = len(self.log.problems)
            cells, rows, otherwise = agreeing(path, cells, rows, given)
            found = sorted(found + otherwise, key=row_of)
            if found and not self._keep_going:
                cells, rows = chosen(cells, rows, np.array(rows, np.int64) < row_of(found[0]))
            columns = dict(zip(cells.schema.names, cells.columns, strict=True))
            for name, column in columns.items():
                if name not in MEMBERS and name not in given:
                    self.log.unknown_members[name] += len(column) - column.null_count
            known = {name: column for name, column in columns.items() if name in MEMBERS}
            coded, good = coded_words(known, cells.num_rows, self.names)
            yield from self._mended(path, pa.record_batch(list(known.values()), names=list(known)), coded, good, rows)
            for problem in found:
                self._problem(problem)
            self.log.problems[already:] = sorted(self.log.problems[already:], key=row_of)


def _check_text(name: str, start: bytes) -> None:
    """
    Raises:
        BadLog: what starts with these bytes is no text in UTF-8.
    """
    why = disguise_of(start)
    if why:
        raise BadLog(name, why)


def files_of(
    paths: Iterable[str], format: str | None = None, passed: list[Path] | None = None
) -> Iterator[tuple[str, dict[str, str]]]:
    """
    Every file that is named, folders opened up, with what the names of its folders say (`business=...`).

    Args:
        paths, format: as of `EventReader`.
        passed: see `fsm.service.folders.files_of`.

    Raises:
        BadLog: a folder that holds nothing to read, or a file whose ending says nothing.
    """
    for path in paths:
        place = Path(path)
        if path == "-" or not place.is_dir():
            if path != "-" and not place.exists():
                raise BadLog(path, f"it cannot be read: {os.strerror(errno.ENOENT)}. Check the path.")
            if path != "-":
                try:
                    kind_of(path, format)
                except BadColumns as bad:
                    raise BadLog(path, str(bad).removeprefix(f"{path}: ")) from None
            yield path, {}
            continue
        files = folders.files_of(place, passed)
        if not files:
            raise BadLog(path, f"the folder holds no {', '.join(ENDINGS)} file.")
        for file in files:
            yield str(file), said_by(file, place)


def agreeing(
    path: str, batch: Any, rows: Sequence[int], given: Mapping[str, str]
) -> tuple[Any, Sequence[int], list[BadLog]]:
    """
    The rows that do not contradict the names of their folders, which give the columns that are missing; and the others.

    Args:
        path: of the file, for messages.
        batch: columns as the file has them.
        rows: the numbers of the rows.
        given: what the names of its folders say.

    >>> cells = pa.record_batch({"business": ["100", "200", None]})
    >>> _, rows, found = agreeing("business=100/x.csv", cells, [2, 3, 4], {"business": "100"})
    >>> rows, str(found[0])
    ([2, 4], "business=100/x.csv, row 3: 'business' is '200', but its folder is named business=100. ...
    """
    good, found = np.ones(batch.num_rows, bool), []
    for name, value in given.items():
        if name not in batch.schema.names:
            batch = batch.append_column(name, pa.array([value] * batch.num_rows, type=pa.string()))
            continue
        if name in INSTANTS:
            continue
        words = _words(batch, name, path)
        differs = pc.fill_null(pc.not_equal(words, value), False).to_numpy(zero_copy_only=False)
        for place in np.flatnonzero(differs & good).tolist():
            why = (
                f"'{name}' is '{words[place].as_py()}', but its folder is named {name}={value}. Move the file where it "
                "belongs, or leave that column out."
            )
            found.append(BadLog(f"{path}, row {rows[place]}", why))
        good &= ~differs
    return (*chosen(batch, rows, good), found)


def _without_views(batch: Any) -> Any:
    """The same with plain text where Arrow has a kind of text of which it cannot take some."""
    for place, field in enumerate(batch.schema):
        if str(field.type) == "string_view":
            batch = batch.set_column(place, field.name, batch.column(place).cast(pa.string()))
    return batch


def _words(batch: Any, name: str, path: str) -> Any:
    column = batch.column(name)
    if name in CODED and pa.types.is_integer(column.type):
        words = names_of(batch.schema, path).words[name]
        return pa.array(words, type=pa.string()).take(column)
    return column.cast(pa.string())


def said_by(file: Path, folder: str | Path) -> dict[str, str]:
    """
    What the names of the folders between a folder and a file of it say of its events.

    Raises:
        BadLog: they contradict one another.

    >>> said_by(Path("log/business=a%20b/x.csv"), "log")
    {'business': 'a b'}
    """
    said: dict[str, str] = {}
    for part in file.relative_to(folder).parts[:-1]:
        name, _, written = part.partition("=")
        value = unquote(written)
        if name not in MEMBERS or value == _NOTHING_SAID:
            continue
        if said.setdefault(name, value) != value:
            raise BadLog(
                str(file), f"its folders say {name}={said[name]} and {name}={value}. Move it where it belongs."
            )
    return said


def read_events(paths: Iterable[str], **options: Any) -> Any:
    """
    All events of files and folders as one table of coded columns; the options are those of `EventReader`.

    Raises:
        BadLog: something cannot be read.
    """
    reader = EventReader(paths, **options)
    batches = list(reader)
    if not batches:
        return pa.Table.from_batches([from_events([], reader.names)])
    schema = from_events([], reader.names).schema
    if pa.types.is_integer(batches[0].schema.field("id").type):
        schema = batches[0].schema.with_metadata(schema.metadata)
    return pa.Table.from_batches([pa.record_batch(batch.columns, schema=schema) for batch in batches])


def _opens_document(start: bytes) -> bool:
    """Whether what a source starts with is the start of one JSON document; a longer first line is one object."""
    lines: list[str] = []
    place = 0
    while len(lines) < 2 and place < len(start):
        end = start.find(b"\n", place)
        if end < 0 and len(start) >= BLOCK:
            break
        line = start[place : end if end >= 0 else len(start)].decode("utf-8", errors="replace")
        if line.strip("\ufeff \t\r"):
            lines.append(line)
        place = end + 1 if end >= 0 else len(start)
    return is_document(lines)


def _ipc_batches(reader: Any, is_file: bool) -> Iterator[tuple[Any, Any]]:
    if is_file:
        for number in range(reader.num_record_batches):
            found = reader.get_batch_with_custom_metadata(number)
            yield found.batch, found.custom_metadata
        return
    while True:
        try:
            found = reader.read_next_batch_with_custom_metadata()
        except StopIteration:
            return
        yield found.batch, found.custom_metadata


def _plain_metadata() -> dict[bytes, bytes]:
    return dict(from_events([]).schema.metadata)


def _check_log(path: str, metadata: Mapping[bytes, bytes]) -> None:
    kind = metadata.get(SCHEMA_KEY, b"").decode()
    if kind.startswith("fsm.") and not kind.startswith(EVENTS):
        raise BadLog(path, f"it holds what a replay gave ({kind}), not a log. Name the log itself.")


def check_columns(path: str, names: Iterable[str]) -> None:
    """
    Hold a file of codes to all the columns there are: it was written by this kit, which leaves none out.

    Raises:
        BadLog: coded columns must all be there, and one of these names is missing.
    """
    missing = sorted(set(EVENT_COLUMNS) - set(names), key=list(EVENT_COLUMNS).index)
    if missing:
        raise BadLog(path, f"it lacks the columns {', '.join(missing)}. Write the file again with this kit.")


def metadata_of(file: Any) -> dict[bytes, bytes]:
    """What a Parquet file says of its columns: with all words behind its codes, also those met while it was written."""
    kept = file.metadata.metadata or {}
    return {**(file.schema_arrow.metadata or {}), **{key: kept[key] for key in kept if key == NAMES_KEY}}


def _members(row: Any) -> dict[str, object]:
    """
    A row as the members of a log line.

    Args:
        row: a record batch of one row.

    Raises:
        BadColumns: an instant that no event can have.
    """
    members: dict[str, object] = {}
    for name, column in zip(row.schema.names, row.columns, strict=True):
        value = _instant(name, column) if pa.types.is_timestamp(column.type) else column[0].as_py()
        if value is None or name == "addressee":
            continue
        if (
            name in ("at", "entry_point_ends_at", "error")
            and isinstance(value, str)
            and value.removeprefix("-").isdecimal()
        ):
            value = int(value) if len(value) < 20 else value
        elif name == "inferred" and value in ("true", "false"):
            value = value == "true"
        members[name] = value
    return members


def _instant(name: str, column: Any) -> str | None:
    """A timestamp as text: Python's own would not hold all that a column can."""
    if not column[0].is_valid:
        return None
    number = int(column[0].value)
    micros, finer = divmod(number * _NANOSECONDS[column.type.unit], 1_000)
    if not 0 <= micros <= LATEST:
        raise BadColumns(
            f"'{name}' is {number} {_UNITS[column.type.unit]} since 1970, which lies before it or beyond the year 9998. "
            "Check the unit of that column."
        )
    if finer:
        raise BadColumns(
            f"'{name}' is {number} {_UNITS[column.type.unit]} since 1970, finer than the millisecond that columns hold; "
            "rounding it could change which event came first. Round it yourself."
        )
    return format_instant(micros)
