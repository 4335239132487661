"""Logs of every kind, read; and what is left over of them, told on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from fsm.cli.terminal import files_of, holds_columns, text_of
from fsm.errors import BadColumns, BadLog
from fsm.service.reading import Log, read_text

_MOST_PROBLEMS = 20


def read_logs(
    paths: Sequence[str], *, keep_going: bool = False, log: Log | None = None, tick: Callable[[], object] | None = None
) -> Log:
    """
    Read files and folders of webhook bodies or events: JSON, packed or not, and columns (Parquet, Arrow, CSV).

    Args:
        paths: what the command line names; `-` is standard input, as JSON.
        keep_going: go on behind what cannot be read; otherwise reading ends there, and `problems` says where.
        log: what was read so far; added to.
        tick: called for each line or row.

    Raises:
        BadLog: a file cannot be opened, or is not UTF-8.
        BadColumns: the ids of a file of columns are hashes: such a log can only be written to a folder.
        MissingExtra: columns, and the libraries for them are not installed.
    """
    log = log if log is not None else Log()
    for path, folders in _found(paths):
        if holds_columns(path):
            complete = _columns(log, path, folders, keep_going, tick)
        else:
            name = "standard input" if path == "-" else path
            complete = read_text(log, name, text_of(path), keep_going=keep_going, tick=tick)
        if not complete and not keep_going:
            break
    return log


def _found(paths: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every file, with what the names of its folders say of its events (`business=...`)."""
    for path in paths:
        folder = Path(path)
        if path != "-" and folder.is_dir() and any(holds_columns(file.name) for file in folder.rglob("*")):
            from fsm.columns.reading import files_of as files_of_columns

            yield from files_of_columns([path])
        else:
            yield from ((file, {}) for file in files_of([path], packed=True))


def _columns(
    log: Log, path: str, folders: Mapping[str, str], keep_going: bool, tick: Callable[[], object] | None
) -> bool:
    from fsm.columns import to_events
    from fsm.columns.reading import EventReader

    reader, row = EventReader([], keep_going=keep_going), 0
    try:
        for batch in reader.file(path, folders):
            for event in to_events(batch):
                row += 1
                log.events.append(event)
                log.places.append(f"{path}, row {row}")
                if tick is not None:
                    tick()
    except BadLog as bad:
        log.problems.append(bad)
    except BadColumns as bad:
        raise BadColumns(f"{path}: {bad} As it is, `fsm replay {path} --out FOLDER` makes a ledger of it.") from None
    log.problems += reader.log.problems
    log.unknown_members += reader.log.unknown_members
    return not log.problems


def report(log: Log) -> None:
    """What was read and not used, and what could not be read."""
    for problem in log.problems[:_MOST_PROBLEMS]:
        print(f"fsm: {problem}", file=sys.stderr)
    if len(log.problems) > _MOST_PROBLEMS:
        print(f"fsm: and {len(log.problems) - _MOST_PROBLEMS} more lines that cannot be read", file=sys.stderr)
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
