"""Traffic to files: one log in order of arrival, or a folder of parts; bounded memory, any number of workers."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa

from fsm.columns.names import EVENT_WORDS
from fsm.columns.schema import event_schema
from fsm.columns.writing import EventWriter, kind_of, whole_folder
from fsm.errors import BadTraffic
from fsm.generate import people
from fsm.generate.chance import Array
from fsm.generate.stories import CALLS, HAS_ID, NONE, Made, in_order, make
from fsm.generate.traffic import DAY, Traffic

PART: Final = 20_000
"""Threads of one part: some 700,000 events in a month, which a processor's cache still helps to put in order."""
_MOST_SLICES: Final = 250
"""Files that are open at once while a large log is put in order."""
_MOST_PARTS: Final = 1_000_000
_ID: Final = 22
"""Characters of an id: `wamid.` or `wacid.` and sixteen hexadecimal digits."""

Tick = Callable[[int], object]


@attrs.define(kw_only=True)
class Statistics:
    """
    What was made.

    Attributes:
        events: rows, repeats counted too.
        kinds: rows by event.
        repeated: rows that are told a second time.
        threads: threads with an event.
        first_at, last_at: milliseconds since 1970 (UTC); None if there is no event.
        files: files written.
    """

    events: int = 0
    kinds: dict[str, int] = attrs.field(factory=dict)
    repeated: int = 0
    threads: int = 0
    first_at: int | None = None
    last_at: int | None = None
    files: int = 0

    def add(self, made: Made) -> None:
        """Count what was made of some threads, all of it at once."""
        counts = np.bincount(made.event, minlength=len(EVENT_WORDS["event"])).tolist()
        own = Statistics(
            events=len(made),
            kinds={word: count for word, count in zip(EVENT_WORDS["event"], counts, strict=True) if count},
            repeated=int(made.repeated.sum()),
            threads=len(_numbered(made.thread)[0]),
        )
        if len(made):
            own.first_at, own.last_at = int(made.at.min()), int(made.at.max())
        self.join(own)

    def join(self, other: Statistics) -> None:
        """Add what others made of other threads."""
        self.events += other.events
        self.repeated += other.repeated
        self.threads += other.threads
        self.files += other.files
        self.kinds = {
            word: self.kinds.get(word, 0) + other.kinds.get(word, 0)
            for word in EVENT_WORDS["event"]
            if word in self.kinds or word in other.kinds
        }
        for name, better in (("first_at", min), ("last_at", max)):
            mine, theirs = getattr(self, name), getattr(other, name)
            if theirs is not None:
                setattr(self, name, theirs if mine is None else better(mine, theirs))


def columns_of(made: Made, businesses: int) -> Any:
    """
    Events as coded columns, in the order in which they stand.

    >>> columns_of(make(Traffic(threads=3), 0, 3), 3).column_names[:3]
    ['event', 'at', 'business']
    """
    schema = event_schema()
    nulls = pa.nulls(len(made))
    columns: dict[str, Any] = {
        "event": pa.array(made.event),
        "at": pa.array(made.at),
        "business": pa.DictionaryArray.from_arrays(
            pa.array(made.business), pa.array(people.business_ids(businesses), type=pa.string())
        ),
        "customer": _customers(made),
        "id": _ids(made),
        **{
            name: pa.array(getattr(made, name), mask=getattr(made, name) == NONE)
            for name in ("kind", "entry", "device", "content", "category", "template_status", "error")
        },
        "inferred": pa.array(np.zeros(len(made), dtype=bool)),
    }
    return pa.record_batch(
        [columns[field.name] if field.name in columns else nulls.cast(field.type) for field in schema], schema=schema
    )


def _customers(made: Made) -> Any:
    known, places = _numbered(made.thread)
    numbers = np.zeros(len(known), dtype=np.uint64)
    numbers[places] = made.customer
    return pa.array(numbers).cast(pa.string()).take(pa.array(places))


def _numbered(threads: Array) -> tuple[Array, Array]:
    """The threads that occur, in order, and the place among them of each of `threads`."""
    if not len(threads):
        return threads, threads
    first, last = int(threads.min()), int(threads.max())
    if last - first > 4 * len(threads):
        return np.unique(threads, return_inverse=True)
    # Threads are made side by side: counting them is ten times as fast as sorting them.
    occurs = np.zeros(last - first + 1, dtype=bool)
    occurs[threads - first] = True
    return np.flatnonzero(occurs) + first, (np.cumsum(occurs) - 1)[threads - first]


_HEX: Final = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
_CALLS: Final = [EVENT_WORDS["event"].index(word) for word in CALLS]


def _ids(made: Made) -> Any:
    named = HAS_ID[made.event]
    rows = np.flatnonzero(named)
    text = np.empty((len(rows), _ID), dtype=np.uint8)
    text[:, :6] = np.frombuffer(b"wamid.", dtype=np.uint8)
    text[np.isin(made.event[rows], _CALLS), 2] = ord("c")
    raw = made.message[rows].astype(">u8").view(np.uint8).reshape(-1, 8)
    text[:, 6::2] = _HEX[raw >> 4]
    text[:, 7::2] = _HEX[raw & 15]
    ends = np.cumsum(np.where(named, _ID, 0))
    if len(ends) and ends[-1] >= 2**31:
        raise BadTraffic("a part has too many events for one array of ids. Make parts of fewer threads.")
    places = np.concatenate([[0], ends]).astype(np.int32)
    valid = None if named.all() else pa.py_buffer(np.packbits(named, bitorder="little"))
    return pa.StringArray.from_buffers(len(made), pa.py_buffer(places), pa.py_buffer(text), valid)


def generate_batches(
    traffic: Traffic, *, jobs: int = 1, part: int = PART, statistics: Statistics | None = None
) -> Iterator[Any]:
    """
    All events as batches of coded columns, in the order in which they arrive.

    What does not fit into one part is put in order by way of temporary files, so that memory stays that of some parts.

    Args:
        traffic: what to make.
        jobs: worker processes.
        part: threads made at once.
        statistics: counts what is made.

    >>> sum(batch.num_rows for batch in generate_batches(Traffic(threads=20))) > 100
    True
    """
    counted = statistics if statistics is not None else Statistics()
    if traffic.threads <= part:
        made = make(traffic, 0, traffic.threads)
        counted.add(made)
        yield columns_of(made, traffic.businesses)
        return
    with tempfile.TemporaryDirectory(prefix="fsm-generate-") as folder:
        slices = _spill(traffic, Path(folder), jobs, part, counted)
        for file in slices:
            yield columns_of(_unspilled(file, traffic), traffic.businesses)
            file.unlink()


def _parts(traffic: Traffic, part: int) -> list[tuple[int, int]]:
    if part < 1 or traffic.threads > part * _MOST_PARTS:
        raise BadTraffic(f"parts of {part:,} threads are too small for {traffic.threads:,} threads.")
    return [(start, min(start + part, traffic.threads)) for start in range(0, traffic.threads, part)]


def _spill(traffic: Traffic, folder: Path, jobs: int, part: int, statistics: Statistics) -> list[Path]:
    parts = _parts(traffic, part)
    count = min(len(parts) + 1, _MOST_SLICES)
    since = int(datetime.combine(traffic.first_day, datetime.min.time(), UTC).timestamp()) * 1000
    edges = since + np.arange(1, count, dtype=np.int64) * (traffic.days * DAY * 1000) // (count - 1)
    key = "arrives_at" if traffic.disorder else "at"
    files = [folder / f"{number:05}.arrow" for number in range(count)]
    writers: list[Any] = []
    try:
        for made in _made(traffic, parts, jobs):
            statistics.add(made)
            whole = pa.record_batch(
                [pa.array(getattr(made, field.name)) for field in attrs.fields(Made)],
                names=[field.name for field in attrs.fields(Made)],
            )
            if not writers:
                writers += [pa.ipc.new_stream(str(file), whole.schema) for file in files]
            borders = [0, *np.searchsorted(getattr(made, key), edges, side="left").tolist(), len(made)]
            for writer, (start, end) in zip(writers, pairwise(borders), strict=True):
                if end > start:
                    writer.write_batch(whole.slice(start, end - start))
    finally:
        for writer in writers:
            writer.close()
    return files


def _unspilled(file: Path, traffic: Traffic) -> Made:
    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_stream(source).read_all()
        arrays = {name: table.column(name).to_numpy() for name in table.column_names}
    order = in_order(arrays["arrives_at" if traffic.disorder else "at"])
    return Made(**{name: array[order] for name, array in arrays.items()})


_REQUESTS: Final = (signal.SIGINT, signal.SIGTERM)


def _follow() -> None:
    """
    What a worker does first: leave requests to end to its parent, and see to it that it does not outlive that. A worker
    that ended by itself in the middle of an answer would be waited for without end.
    """
    for each in _REQUESTS:
        signal.signal(each, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back requests to end: a worker that is half started would be waited for without end."""
    if current_thread() is not main_thread():
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    before = {each: signal.signal(each, lambda *told: held.append(told)) for each in _REQUESTS}
    # Workers inherit what is blocked: such requests are none of theirs, from their first instant on.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for each, handler in before.items():
            signal.signal(each, handler)
    for told, frame in held[:1]:
        handler = before[signal.Signals(told)]
        if callable(handler):
            handler(told, frame)
        elif handler == signal.SIG_DFL:
            signal.raise_signal(told)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """
    Worker processes. An interruption is for whoever waits for them: the workers end behind what they are at, and nothing
    else is begun.
    """
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_follow) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _made(traffic: Traffic, parts: list[tuple[int, int]], jobs: int) -> Iterator[Made]:
    """What is made of each part, in their order."""
    if jobs <= 1:
        for first, last in parts:
            yield make(traffic, first, last)
        return
    with _pool(jobs) as pool:
        waiting: list[Future[Made]] = []
        for first, last in parts:
            with _undisturbed():
                waiting.append(pool.submit(make, traffic, first, last))
            # No more are made ahead than there are workers: what waits here waits in memory.
            if len(waiting) > jobs:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def write_log(
    traffic: Traffic,
    path: str,
    *,
    format: str | None = None,
    profile: str = "coded",
    jobs: int = 1,
    part: int = PART,
    tick: Tick | None = None,
) -> Statistics:
    """
    One file of all events, in the order in which they arrive; `-` is standard output.

    Raises:
        FsmError: the file's kind is not known, or the law does not reach back to the first day.
    """
    statistics = Statistics(files=1)
    with EventWriter(path, format=format, profile=profile) as writer:
        for batch in generate_batches(traffic, jobs=jobs, part=part, statistics=statistics):
            writer.write(batch)
            if tick is not None:
                tick(writer.rows)
    return statistics


def write_parts(
    traffic: Traffic,
    folder: str,
    *,
    format: str = "parquet",
    profile: str = "coded",
    jobs: int = 1,
    part: int = PART,
    tick: Tick | None = None,
) -> Statistics:
    """
    A folder of files, each with all events of some threads in the order in which they arrive.

    The set of events is that of `write_log`; the parts depend on `part` alone, not on the workers. They appear in the
    folder once all of them are written.

    Raises:
        BadColumns: the folder holds something already.
        BadTraffic: the parts are too small.
    """
    ending = {"parquet": ".parquet", "ipc": ".arrow", "csv": ".csv", "jsonl": ".jsonl"}.get(format, f".{format}")
    kind_of(f"part{ending}", format)
    statistics = Statistics()

    def done(own: Statistics) -> None:
        statistics.join(own)
        if tick is not None:
            tick(statistics.events)

    with whole_folder(folder) as new:
        parts = [
            (traffic, first, last, str(new / f"part-{number:05}{ending}"), format, profile)
            for number, (first, last) in enumerate(_parts(traffic, part))
        ]
        if jobs <= 1:
            for each in parts:
                done(_write_part(*each))
        else:
            with _pool(jobs) as pool:
                with _undisturbed():
                    running = pool.map(_write_part, *zip(*parts, strict=True))
                for own in running:
                    done(own)
    return statistics


def _write_part(traffic: Traffic, first: int, last: int, path: str, format: str, profile: str) -> Statistics:
    made = make(traffic, first, last)
    with EventWriter(path, format=format, profile=profile) as writer:
        writer.write(columns_of(made, traffic.businesses))
    statistics = Statistics(files=1)
    statistics.add(made)
    return statistics
