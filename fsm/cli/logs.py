"""Logs of every kind, read; and what is left over of them, told on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path

from fsm.cli.terminal import bytes_of, text_of
from fsm.errors import BadColumns, BadLog, NoRulebookInForce
from fsm.events import Event
from fsm.machine import Law
from fsm.service import folders
from fsm.service.endings import ENDINGS, NOT_UTF8, disguise_of, format_of
from fsm.service.reading import Log, is_document, read_lines, read_text

_MOST_PROBLEMS = 20
_START = 1 << 20
"""Bytes within which a log shows whether it is lines."""


def read_logs(
    paths: Sequence[str], *, keep_going: bool = False, log: Log | None = None, tick: Callable[[], object] | None = None
) -> Log:
    """
    Read files and folders of webhook bodies or events: JSON, packed or not, and columns (Parquet, Arrow, CSV).

    Args:
        paths: what the command line names; `-` is standard input, as JSON.
        keep_going: pass over what cannot be read; otherwise reading ends there, and `problems` says where.
        log: what was read so far; added to.
        tick: called for each line or row.

    Raises:
        BadLog: a file cannot be opened, or is not UTF-8, and nobody asked to go on.
        BadColumns: the ids of a file of columns are hashes: such a log can only be written to a folder.
        MissingExtra: columns, and the libraries for them are not installed.
    """
    log = log if log is not None else Log()
    for path, given in _found(paths, log.passed):
        if format_of(path) not in ("", "jsonl"):
            complete = _columns(log, path, given, keep_going, tick)
        else:
            complete = _text(log, path, keep_going, tick)
        if not complete and not keep_going:
            break
    return log


def _found(paths: Sequence[str], passed: list[Path]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every file, with what the names of its folders say of its events (`business=...`)."""
    for path in paths:
        if path == "-" or not Path(path).is_dir():
            yield path, {}
            continue
        files = folders.files_of(path, passed)
        if not files:
            raise BadLog(path, f"the folder holds no {', '.join(ENDINGS)} file.")
        if all(format_of(file.name) == "jsonl" for file in files):
            yield from ((str(file), {}) for file in files)
            continue
        from fsm.columns.reading import said_by

        yield from ((str(file), said_by(file, path)) for file in files)


def _text(log: Log, path: str, keep_going: bool, tick: Callable[[], object] | None) -> bool:
    name = "standard input" if path == "-" else path
    raw = b""
    try:
        raw = bytes_of(path)
        text = text_of(name, raw)
    except BadLog as bad:
        if not keep_going:
            raise
        if not _is_lines(raw):
            log.problems.append(bad)
        else:
            _line_by_line(log, name, raw, tick)
        return False
    return read_text(log, name, text, keep_going=keep_going, tick=tick)


def _is_lines(raw: bytes) -> bool:
    """Whether a source that is not UTF-8 is JSON Lines all the same, most lines of which can be read."""
    lines = (line.decode("utf-8", "replace") for line in raw[:_START].split(b"\n"))
    first = list(islice((line for line in lines if line.strip("\ufeff \t\r")), 2))
    return bool(first) and not disguise_of(raw) and not is_document(first)


def _line_by_line(log: Log, name: str, raw: bytes, tick: Callable[[], object] | None) -> None:
    """Read the lines that are UTF-8; each of the others is a problem of its own."""
    good: list[tuple[int, str]] = []
    for number, line in enumerate(raw.split(b"\n"), 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            read_lines(log, name, good, keep_going=True, tick=tick)
            good.clear()
            log.problems.append(BadLog(f"{name}, line {number}", f"{NOT_UTF8}."))
        else:
            if text.strip("\ufeff \t\r"):
                good.append((number, text))
    read_lines(log, name, good, keep_going=True, tick=tick)


def _columns(
    log: Log, path: str, given: Mapping[str, str], keep_going: bool, tick: Callable[[], object] | None
) -> bool:
    from fsm.columns import to_events
    from fsm.columns.reading import EventReader
    from fsm.columns.schema import are_numbers

    reader = EventReader([], keep_going=keep_going)
    try:
        for batch in reader.file(path, given):
            if are_numbers(batch.schema)[1]:
                raise BadColumns(
                    f"{path}: its ids are hashes, which cannot be read back. Give the log with ids as text; or "
                    "`fsm replay ... --out FOLDER`, which makes a ledger of such a log as it is."
                )
            for event, row in zip(to_events(batch), reader.numbers, strict=True):
                log.events.append(event)
                log.places.append(f"{path}, row {row}")
                if tick is not None:
                    tick()
    except BadLog as bad:
        if bad not in reader.log.problems:
            log.problems.append(bad)
    log.problems += reader.log.problems
    log.unknown_members += reader.log.unknown_members
    return not log.problems


def covered(law: Law, log: Log) -> list[Event]:
    """The events that some rulebook covers; every other one is a problem of the log, told with its place."""
    covered = []
    for event, place in zip(log.events, log.places, strict=True):
        try:
            law.edition_at(event.at)
        except NoRulebookInForce as uncovered:
            log.problems.append(BadLog(place, str(uncovered)))
        else:
            covered.append(event)
    return covered


def report(log: Log) -> None:
    """What was read and not used, and what could not be read."""
    for problem in log.problems[:_MOST_PROBLEMS]:
        print(f"fsm: {problem}", file=sys.stderr)
    if len(log.problems) > _MOST_PROBLEMS:
        print(f"fsm: and {len(log.problems) - _MOST_PROBLEMS} more lines that cannot be read", file=sys.stderr)
    report_passed(log.passed)
    if log.notes:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(log.notes.items()))
        print(f"Recognised, and without effect on a thread: {listed}", file=sys.stderr)
    if log.unknown_members:
        listed = ", ".join(sorted(log.unknown_members))
        print(f"Members nobody knows, passed over: {listed}", file=sys.stderr)
    for reason, group in groupby(sorted(log.unread, key=lambda unread: unread.why), key=lambda unread: unread.why):
        places = [unread.where for unread in group]
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        print(f"Kept but not understood: {places[0]}: {reason}{more}", file=sys.stderr)


def report_passed(files: Sequence[Path]) -> None:
    """Which files of folders were passed over because of their names."""
    hidden = [file for file in files if format_of(file.name)]
    others = [file for file in files if not format_of(file.name)]
    for passed, why in ((hidden, "begin with a dot or an underscore"), (others, "do not end as a log's do")):
        if passed:
            more = f" (and {len(passed) - 1} more)" if len(passed) > 1 else ""
            print(f"Passed over, for names that {why}: {passed[0]}{more}", file=sys.stderr)
