"""Which engine runs a replay, and the bulk engine behind `fsm replay`. Nothing heavy is imported before it is used."""

from __future__ import annotations

import csv
import os
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fsm.cli.codes import BAD_INPUT, FINE
from fsm.cli.logs import report
from fsm.cli.outputs import check_folder
from fsm.errors import BadColumns, MissingExtra
from fsm.events import Account, Event
from fsm.machine import Law
from fsm.replay import replay, write_result
from fsm.rules.words import counted
from fsm.service.folders import check_apart
from fsm.service.reading import Log

if TYPE_CHECKING:
    from fsm.bulk.volume import Charged

WORTH_IT = 30_000
"""Events from which on the kernel has made up for its start."""
_NEEDED = ("numba", "numpy", "pyarrow")
_TOLD_EVERY = 0.5


def chosen(engine: str, events: int) -> str:
    """
    The engine that runs a log of so many events; tells on standard error what `auto` chose for a large one.

    Raises:
        MissingExtra: the bulk engine is asked for, and a library it needs is not installed.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if engine == "bulk" and missing:
        raise MissingExtra(
            f"the bulk engine needs {' and '.join(missing)}. Install the extra: "
            "pip install 'whatsapp-conversation-fsm[bulk]', or use --engine table."
        )
    if engine != "auto":
        return engine
    if events < WORTH_IT:
        return "table"
    if missing:
        print(
            f"{events:,} events by the table; the bulk engine would be faster: "
            "pip install 'whatsapp-conversation-fsm[bulk]'",
            file=sys.stderr,
        )
        return "table"
    print(f"{events:,} events by the bulk engine", file=sys.stderr)
    return "bulk"


def bulk_results(
    law: Law, events: Sequence[Event], log: Log, *, must: bool, keep_going: bool
) -> Iterator[dict[str, object]]:
    """
    The results of a log by the bulk engine, as `fsm.replay.write_result` writes them.

    Args:
        events: those of the log that are to be run.
        log: says where they stand, and takes as problems what columns cannot hold, such as an instant finer than a
            millisecond.
        must: the engine was asked for by name; otherwise a log that columns cannot hold goes through the table, whole.
        keep_going: leave out what columns cannot hold; otherwise there are no results at all.
    """
    from fsm.bulk import replay_columns
    from fsm.columns import from_events
    from fsm.columns.blocks import fitting
    from fsm.columns.names import Names
    from fsm.columns.results import to_results

    try:
        answered = replay_columns(from_events(events), law)
    except BadColumns as finer:
        if not must:
            print(f"By the table after all: {finer}", file=sys.stderr)
            yield from map(write_result, replay(law, events))
            return
        places = dict(zip(map(id, log.events), log.places, strict=True))
        columns, kept = fitting(events, [places[id(event)] for event in events], Names(), log)
        if len(kept) < len(events) and not keep_going:
            return
        answered = replay_columns(columns, law)
    yield from to_results(answered)


def to_folder(options: Namespace, account: Account) -> int:
    """Replay into a folder of Parquet files."""
    if options.engine not in ("auto", "bulk"):
        raise BadColumns(f"--out is written by the bulk engine, not by {options.engine}. Leave --engine out.")
    if options.check or options.format is not None:
        raise BadColumns(
            "--check and --format are about answers that are printed, and --out prints none. Leave them or --out out."
        )
    if options.volumes is not None and options.write == "results":
        raise BadColumns("--volumes counts what a ledger charges. Leave --write results out.")
    if options.volumes is not None:
        _check_beside(Path(options.volumes), Path(options.out))
        check_apart(options.log, options.volumes)
    if options.memory is not None and not 0 <= options.memory < 1 << 20:
        raise BadColumns(f"--memory is {options.memory:g} GiB. Give 0 or more, and no more than there is.")
    check_apart(options.log, options.out)
    check_folder(options.out)
    chosen("bulk", 0)
    from fsm.bulk import bulk_replay

    law = Law(account, rulebook=options.rulebook, engine="table")
    memory = None if options.memory is None else int(options.memory * 2**30)
    progress = _Rate()
    summary = bulk_replay(
        options.log,
        law,
        options.out,
        write=options.write or "ledger",
        memory=memory,
        volumes=options.volumes is not None,
        keep_going=options.keep_going,
        told=progress.told,
    )
    progress.done()
    seconds = sum(summary.seconds.values())
    print(
        f"{counted(summary.rows, 'event')}, {summary.distinct:,} of them distinct, in {counted(summary.threads, 'thread')}; "
        f"{counted(summary.written, 'row')} in {options.out}; {summary.rows / max(seconds, 1e-9):,.0f} events a second",
        file=sys.stderr,
    )
    for (month, line, why), count in sorted(summary.charged.items(), key=str):
        print(f"{month}  {line or 'nothing':30} {why or 'no rule says':24} {count:>14,}")
    if options.volumes is not None:
        _write_volumes(Path(options.volumes), summary.volumes)
    report(summary.log)
    return BAD_INPUT if summary.log.problems else FINE


def _check_beside(path: Path, folder: Path) -> None:
    """
    Raises:
        BadColumns: a file cannot be written, which is better known before a long job than behind it; or it would stand in
            the folder of Parquet.
    """
    if folder.resolve() in (path.resolve(), *path.resolve().parents):
        raise BadColumns(f"{path} lies in {folder}, which holds nothing but Parquet. Name a file beside it.")
    if path.is_file():
        raise BadColumns(f"{path} exists already, and would be lost. Name another file.")
    if path.exists() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise BadColumns(f"{path} cannot be written. Name another file.")


def _write_volumes(path: Path, volumes: Counter[Charged]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("month", "market", "line", "deliveries"))
        for (month, market, line), count in sorted(volumes.items(), key=str):
            table.writerow((month, market or "unknown", line, count))


class _Rate:
    """A line on standard error with what is done, how fast, and how long it will take; on terminals only."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._doing, self._began, self._last = "", 0.0, 0.0

    def told(self, doing: str, done: int, total: int) -> None:
        """See `fsm.bulk.job.Told`."""
        now = time.monotonic()
        if doing != self._doing:
            self._doing, self._began = doing, now
        if not self._shows or now - self._last < _TOLD_EVERY or now == self._began:
            return
        self._last = now
        rate = done / (now - self._began)
        left = f", {max(total - done, 0) / rate:,.0f} s left" if total and rate else ""
        print(
            f"\r{doing}: {done:,} events, {rate / 1e6:.2f} million a second{left}   ",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def done(self) -> None:
        """Wipe the line."""
        if self._shows and self._doing:
            print("\r" + " " * 79 + "\r", end="", file=sys.stderr, flush=True)
