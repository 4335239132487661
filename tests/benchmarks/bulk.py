"""
Measure the bulk engine as ratios within one run.

`python -m tests.benchmarks.bulk kernel` prints the kernel against a plain loop in C over the same tables;
`... ways` against loops by hand, the reference, and SQL; `... job FOLDER [GIB]` a folder of packed Parquet to a ledger,
with so much of it in memory; `... growth FOLDER` parts of such a folder, each larger than the one before; `... shapes`
the memory for as many events in many threads and in few; `... cluster FOLDER` the same job on Spark with two cores.
"""

from __future__ import annotations

import ctypes
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from fsm.bulk import bulk_replay
from fsm.bulk import memory as room
from fsm.bulk.bench import ROUNDS, sorted_rows
from fsm.bulk.bucket import Runner
from fsm.bulk.layout import FIRST_DELIVERY, FLAG_BIT, SENT
from fsm.bulk.memory import Rows
from fsm.columns import to_events
from fsm.events import Account, Event, write_event
from fsm.generate import Traffic
from fsm.generate.output import generate_batches, write_parts
from fsm.machine import Law
from fsm.replay import replay
from tests.parity.independent import simulate

HOUR_MS = 3_600_000
_RAISED = ("boundary", "delivered_though_refused", "delivered_and_failed", "category_drift", "inferred")
_TABLES = (
    *("era_begins", "era_edition", "eras", "lanes", "clocks", "carried", "carried_state", "weights"),
    *("symbols", "messages", "rows", "places", "cells", "ops", "sizes"),
)


def best_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of the best of several rounds: other programs of the machine only ever add."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def best_of_each(*works: Callable[[], object], rounds: int = 5 * ROUNDS) -> list[float]:
    """The same of several, in turn: what slows the machine for a while slows each of them."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        best = [min(so_far, best_of(work, 1)) for so_far, work in zip(best, works, strict=True)]
    return best


def traffic_file(folder: Path, threads: int) -> Path:
    """A packed Parquet file of generated traffic."""
    write_parts(Traffic(threads=threads), str(folder / "log"), format="parquet", profile="packed", part=threads)
    return sorted((folder / "log").iterdir())[0]


# --- the kernel and C ---------------------------------------------------------
def plain_rows(rows: Rows, symbols: Any) -> Rows:
    """Rows of which the loop in C understands every one: no two in one instant, no status without its sending."""
    events = symbols[rows.symbols, 0]
    thread = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
    keep = np.ones(len(rows.at), bool)
    keep[1:] = (rows.at[1:] != rows.at[:-1]) | (thread[1:] != thread[:-1])
    message = np.where(rows.about < 0, -1, thread << 32 | rows.about >> 1)
    sent = np.zeros(len(keep), bool)
    known: set[int] = set()
    for row in np.flatnonzero(events >= SENT).tolist():
        if events[row] == SENT and keep[row]:
            known.add(int(message[row]))
        sent[row] = int(message[row]) in known
    keep &= (events < SENT) | sent
    assert keep.sum() > 0.5 * len(keep)
    counts = np.bincount(thread[keep], minlength=len(rows.starts) - 1)
    stays = counts > 0
    about = rows.about[keep] & ~1
    about[np.unique(message[keep], return_index=True)[1]] |= 1
    about[rows.about[keep] < 0] = -1
    return rows._replace(
        at=rows.at[keep],
        about=about.astype(np.int32),
        symbols=rows.symbols[keep],
        starts=np.concatenate([[0], np.cumsum(counts[stays])]).astype(np.int64),
        classes=rows.classes[stays],
    )


def compiled_loop(folder: Path) -> Any:
    """The loop in C, compiled here for this processor."""
    source, library = Path(__file__).with_name("plain_loop.c"), folder / "plain_loop.so"
    subprocess.run(["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, source], check=True)
    loop = ctypes.CDLL(str(library)).plain_loop
    loop.restype = ctypes.c_int64
    return loop


def run_loop(loop: Any, runner: Runner, rows: Rows) -> tuple[Callable[[], None], Any]:
    """The loop in C over some rows, and the cells and flags that it gives."""
    tables = [np.ascontiguousarray(getattr(runner.program.tables, name)) for name in _TABLES]
    pointers = (ctypes.c_void_p * len(tables))(*(table.ctypes.data for table in tables))
    slots = np.zeros((1 << 20, 8), np.int64)
    flags = np.array([FLAG_BIT[name] for name in _RAISED], np.int32)
    out, raised = np.zeros(len(rows.at), np.int32), np.zeros(len(rows.at), np.int32)
    arrays = (rows.starts, rows.classes, rows.at, rows.about, rows.symbols, flags, out, raised)
    assert not rows.has.any(), "the loop in C reads neither stated ends nor whether a unit is left"

    def run() -> None:
        done = loop(
            pointers,
            ctypes.c_void_p(slots.ctypes.data),
            ctypes.c_int64(len(rows.starts) - 1),
            *(ctypes.c_void_p(array.ctypes.data) for array in arrays),
        )
        assert done == len(rows.at), f"the loop stopped at row {done}"

    return run, (out, raised)


def kernel_against_c(threads: int = 20_000) -> tuple[float, float, float]:
    """Events per CPU second of the kernel on all rows, of the kernel and of the loop in C on rows both understand."""
    with tempfile.TemporaryDirectory() as name:
        runner, rows = sorted_rows(traffic_file(Path(name), threads), Law(engine="table"))
        few = plain_rows(rows, runner.program.tables.symbols)
        found = runner.sweep(few)
        loop, (cells, raised) = run_loop(compiled_loop(Path(name)), runner, few)
        loop()
        same = (cells == found.cells) & (raised == found.raised)
        assert same.all(), f"{(~same).sum():,} of {len(same):,} rows differ, the first is row {int(np.argmin(same))}"
        assert raised.any(), "no row raises a flag"
        room_for_all = room.new_written(len(rows.at), len(rows.starts) - 1)
        room_for_few = room.new_written(len(few.at), len(few.starts) - 1)
        every, understood, plain = best_of_each(
            lambda: runner.again(rows, room_for_all), lambda: runner.again(few, room_for_few), loop
        )
        return len(rows.at) / every, len(few.at) / understood, len(few.at) / plain


def seconds_of(threads: int) -> float:
    """CPU seconds of running so many sorted threads through the kernel."""
    with tempfile.TemporaryDirectory() as name:
        runner, rows = sorted_rows(traffic_file(Path(name), threads), Law(engine="table"))
        out = room.new_written(len(rows.at), len(rows.starts) - 1, ends=True)
        return best_of(lambda: runner.again(rows, out))


# --- other ways ---------------------------------------------------------------
def by_hand(rows: list[tuple[int, int, int, str | None]]) -> int:
    """
    What many services do: a dict of windows and conversations, one event after another. How many are open or charged.

    It knows the customer service window and nothing else, so it is faster than anything right.
    """
    window: dict[int, int] = {}
    opened = refused = 0
    for thread, at, event, content in rows:
        if event == 0:
            if at >= window.get(thread, 0):
                opened += 1
            window[thread] = at + 24 * HOUR_MS
        elif event == SENT and content == "free_form" and at >= window.get(thread, 0):
            refused += 1
    return opened + refused


WINDOWS_IN_SQL = """
    SELECT count(*) FROM (
        SELECT event, "at", content,
            max(CASE WHEN event = 0 THEN "at" END) OVER (
                PARTITION BY business, customer ORDER BY "at", event ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS wrote
        FROM log
    ) WHERE (event = 0 AND (wrote IS NULL OR "at" >= wrote + 86400000))
        OR (event = 8 AND content = 0 AND (wrote IS NULL OR "at" >= wrote + 86400000))
"""
"""The window alone in SQL: the conversations, whose opening hangs on what was opened before, it cannot express."""


def run_through(law: Law, events: list[Event]) -> int:
    """Replay event by event; how many results there are."""
    return sum(1 for _ in replay(law, events))


def ways(threads: int = 20_000) -> dict[str, float]:
    """Events per CPU second of several ways through the same traffic."""
    import duckdb

    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        file = traffic_file(Path(name), threads)
        runner, rows = sorted_rows(file, Law(engine="table"))
        out = room.new_written(len(rows.at), len(rows.starts) - 1, ends=True)
        rates["kernel alone"] = len(rows.at) / best_of(lambda: runner.again(rows, out))
        few = [event for batch in generate_batches(Traffic(threads=200)) for event in to_events(batch)]
        by_event = {
            "`transitions` per event (machine)": Law(engine="machine"),
            "table per event": Law(engine="table"),
        }
        for way, law in by_event.items():
            rates[way] = len(few) / best_of(partial(run_through, law, few), 2)
        meanings = runner.program.meanings
        told = [write_event(event) for event in few]
        rates["a loop by hand, of all rules"] = len(told) / best_of(lambda: simulate(told), 2)
        thread = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts)).tolist()
        events = runner.program.tables.symbols[rows.symbols, 0].tolist()
        contents = [meanings[symbol].content for symbol in rows.symbols.tolist()]
        listed = list(zip(thread, rows.at.tolist(), events, contents, strict=True))
        rates["a loop by hand, of the window alone"] = len(listed) / best_of(lambda: by_hand(listed), 3)
        database = duckdb.connect()
        database.execute("SET threads = 1")
        table = pq.read_table(file)
        database.register("given", table)
        database.execute('CREATE TABLE log AS SELECT event, "at", content, business, customer FROM given')
        rates["SQL, of the window alone"] = table.num_rows / best_of(
            lambda: database.execute(WINDOWS_IN_SQL).fetchall(), 2
        )
    return rates


# --- whole jobs ---------------------------------------------------------------
def job(folder: str, memory: str = "", write: str = "ledger") -> None:
    """A folder of packed Parquet to a ledger in Parquet: events per second, and the most memory it took."""
    out = Path(tempfile.mkdtemp(dir=Path(folder).parent, prefix="ledger-"))
    room_for = int(float(memory) * 2**30) if memory else None
    began, busy = time.perf_counter(), time.process_time()
    try:
        summary = bulk_replay([folder], Law(engine="table"), out, write=write, memory=room_for)
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        size = sum(file.stat().st_size for file in out.iterdir())
    finally:
        shutil.rmtree(out)
    print(
        f"{summary.rows:,} events, {summary.threads:,} threads, {summary.by_reference:,} by the reference: "
        f"{seconds:.1f} s ({summary.rows / seconds / 1e6:.2f} million/s), {busy:.1f} CPU s "
        f"({busy / summary.rows * 1e9:.0f} ns each), {most_memory():.2f} GiB, {summary.written:,} rows in "
        f"{size / 1e9:.2f} GB; " + ", ".join(f"{name} {value:.1f} s" for name, value in summary.seconds.items())
    )


def most_memory() -> float:
    """The most memory that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def alone(*arguments: str) -> str:
    """What this module prints for some arguments, in a process of its own: memory is measured by process."""
    command = [sys.executable, "-m", "tests.benchmarks.bulk", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def growth(folder: str) -> None:
    """
    The first files of a folder, ten times as many every time: time and memory of each, the best of three.

    A job takes its start (Python, libraries, the cells that any traffic asks for) and then as long as it is: the line
    through the measurements that is nearest to them in proportion, and how far the furthest lies from it.
    """
    files = sorted(Path(folder).iterdir())
    counts = [count for count in (1, 10, 100, 1_000) if count < len(files)]
    measured = []
    for count in (*counts, len(files)):
        with tempfile.TemporaryDirectory(dir=Path(folder).parent) as name:
            for file in files[:count]:
                Path(name, file.name).symlink_to(file.resolve())
            told = min((alone("job", name) for _ in range(3)), key=lambda each: _events_and_seconds(each)[1])
        print(told)
        measured.append(_events_and_seconds(told))
    events, seconds = np.array(measured).T
    weighted = np.stack([1 / seconds, events / seconds], axis=1)
    start, each = np.linalg.lstsq(weighted, np.ones(len(seconds)), rcond=None)[0]
    off = np.abs(start + each * events - seconds) / seconds
    print(
        f"a start of {start:.1f} s and {each * 1e9:.0f} ns an event; the furthest of {len(seconds)} is {off.max():.0%} off"
    )


def _events_and_seconds(told: str) -> tuple[int, float]:
    """What `job` printed, in numbers."""
    found = re.match(r"([\d,]+) events, .*?: ([\d.]+) s \(", told)
    assert found, told
    return int(found[1].replace(",", "")), float(found[2])


def cluster(folder: str) -> None:
    """The same job on Spark with two cores of this machine: how much slower, and whether the hash is the same."""
    from fsm.bulk.digest import digest
    from fsm.spark.batch import read_rows, replay_on_spark
    from fsm.spark.sessions import local_session

    with tempfile.TemporaryDirectory(dir=Path(folder).parent, prefix="cluster-") as name:
        began = time.perf_counter()
        summary = bulk_replay([folder], Law(engine="table"), f"{name}/bulk")
        alone = time.perf_counter() - began
        began = time.perf_counter()
        partitions = max(4, summary.rows // 4_000_000)
        session = local_session(2, partitions=partitions, folder=f"{name}/room", settings={"spark.log.level": "ERROR"})
        started = time.perf_counter() - began
        began = time.perf_counter()
        replay_on_spark(session, folder, Account(), f"{name}/spark", write="ledger")
        spread = time.perf_counter() - began
        session.stop()
        ours, theirs = (
            digest(table.to_batches(max_chunksize=1 << 20)).text
            for table in (pq.read_table(f"{name}/bulk"), read_rows(f"{name}/spark"))
        )
    print(
        f"{summary.rows:,} events: one process {alone:.1f} s, Spark {spread:.1f} s behind {started:.1f} s of its start; "
        f"{alone / spread:.3f} of the rate; hashes {ours} and {theirs}"
    )


SHAPES: Final = ((280_000, 30), (28_000, 300), (2_800, 3_000))
"""Threads and days that give as many events in ever fewer threads."""


def shapes() -> None:
    """The memory that as many events take in many threads and in few."""
    for threads, days in SHAPES:
        with tempfile.TemporaryDirectory() as name:
            traffic = Traffic(threads=threads, days=days, first_day=date(2019, 6, 1))
            write_parts(traffic, f"{name}/log", format="parquet", profile="packed", part=max(20, threads // 40))
            print(alone("job", f"{name}/log", "0"))


def main() -> None:
    """Print what was asked for."""
    match sys.argv[1:]:
        case ["kernel", *rest]:
            every, few, plain = kernel_against_c(*map(int, rest))
            print(f"kernel, all rows {every / 1e6:.1f}, plain rows {few / 1e6:.1f}, C {plain / 1e6:.1f} million/s")
            print(f"kernel against C: {few / plain:.2f}")
        case ["ways", *rest]:
            rates = ways(*map(int, rest))
            for name, rate in rates.items():
                print(
                    f"{name:40} {rate / 1e6:10.3f} million/s  kernel is {rates['kernel alone'] / rate:8.1f} times as fast"
                )
        case ["job", folder, *rest]:
            job(folder, *rest)
        case ["growth", folder]:
            growth(folder)
        case ["cluster", folder]:
            cluster(folder)
        case ["shapes"]:
            shapes()
        case _:
            print(__doc__)


assert FIRST_DELIVERY == SENT + 2, "plain_loop.c and the SQL spell these codes out"

if __name__ == "__main__":
    main()
