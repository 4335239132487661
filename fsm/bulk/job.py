"""Logs larger than memory: parted by thread, run bucket by bucket, written to Parquet."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fsm import terms
from fsm.bulk.bucket import Runner
from fsm.bulk.digest import Digest, digest
from fsm.bulk.layout import MICROS
from fsm.bulk.ledger import ledger_columns
from fsm.bulk.program import Program
from fsm.bulk.replay import Known
from fsm.bulk.results import Settled, close, joined, result_columns, settled
from fsm.bulk.settle import Pending, Settler
from fsm.bulk.spill import Packed, Texts
from fsm.bulk.volume import Charged, Volumes
from fsm.columns.damage import damage_said, parquet_file
from fsm.columns.reading import EventReader, agreeing, check_columns, files_of, metadata_of
from fsm.columns.schema import ALWAYS, EVENT_COLUMNS, SCHEMA_KEY
from fsm.columns.writing import kind_of, whole_folder
from fsm.errors import BadColumns, BadLog, NoRulebookInForce
from fsm.events import format_instant
from fsm.machine import Law
from fsm.service.folders import check_apart
from fsm.service.rate_files import shipped_markets
from fsm.service.reading import Log

BATCH: Final = 1 << 20
PARTED: Final = 1 << 17
"""Rows of packed columns that are parted in memory at a time: what becomes of them stays in a processor's cache. Those
that go to disk are parted by `BATCH`, for the sake of longer writes."""
BUCKET_ROWS: Final = 300_000
"""Rows of a bucket: one for each core fits into a processor's cache."""
MOST_BUCKETS: Final = 2048
"""Buckets may be files that are open at once; larger logs have larger buckets."""
MOST_MEMORY: Final = 3 << 30
"""Bytes of parts that are kept in memory: a hundred million events need no disk."""
BUCKETS_TOGETHER: Final = 4
"""Buckets whose ledger goes into one file."""
WORKERS: Final = 2

Told = Callable[[str, int, int], None]
"""Told what is being done, how many rows are done, and how many there are (0 if nobody knows)."""


@attrs.define(kw_only=True)
class Summary:
    """
    What a job did.

    Attributes:
        rows: events that were read.
        distinct: events that counted.
        threads, by_reference: threads, and how many of them the reference decided.
        written: rows that were written.
        digest: of what was written, if it was asked for.
        charged: deliveries by month, rate line and reason.
        volumes: charged deliveries by month, market and rate line, if they were asked for; of a ledger only.
        seconds: of each part of the work.
        log: what was read and is no event, see `EventReader`; empty for packed columns.
    """

    rows: int = 0
    distinct: int = 0
    threads: int = 0
    by_reference: int = 0
    written: int = 0
    digest: Digest | None = None
    charged: Counter[tuple[str, str | None, str | None]] = attrs.field(factory=Counter)
    volumes: Counter[Charged] = attrs.field(factory=Counter)
    seconds: dict[str, float] = attrs.field(factory=dict)
    log: Log = attrs.field(factory=Log)


def bulk_replay(
    sources: Sequence[str],
    law: Law,
    out: str | Path,
    *,
    write: str = "ledger",
    workers: int = WORKERS,
    compiled: bool = True,
    buckets: int | None = None,
    hashed: bool = False,
    told: Told | None = None,
    scratch: str | Path | None = None,
    memory: int | None = None,
    volumes: bool = False,
    keep_going: bool = False,
) -> Summary:
    """
    Replay logs of any size and write what they did to Parquet, with the answers of the reference.

    Args:
        sources: files and folders that `fsm.columns` reads.
        law: for the account.
        out: a folder; it is made if it is not there, and must be empty. Files appear in it when all are written. With
            several workers their rows come in another order each time: it is the hash that is the same.
        write: `ledger` (the deliveries: what cost, what opened) or `results` (every distinct event).
        workers: threads that run buckets.
        compiled: by numba; otherwise Python runs the same functions, which is slow.
        buckets: into how many parts the log is split, a power of two; by its size if None.
        hashed: also give the canonical hash of what is written.
        told: is told of the progress.
        scratch: where parts are kept meanwhile that do not fit into memory, as much room as 24 bytes an event (32 of
            very many businesses); by default beside `out`.
        memory: how many bytes of parts are kept in memory, if customers and ids are numbers; 3 GiB if None, or a
            quarter of what the machine has if that is less.
        volumes: also count what a ledger charges by market, which takes a fifth longer.
        keep_going: pass over lines and rows that cannot be read, and leave out events before the first rulebook; they
            are in the summary's log.

    Raises:
        BadColumns: `out` holds something or lies in a folder that is read, or the columns do not hold what their names
            say.
        BadLog: a source cannot be read.
        NoRulebookInForce: an event lies before the first rulebook.
        MissingExtra: a library that this needs is not installed.
    """
    if write not in ("ledger", "results"):
        raise BadColumns(f"write is {write!r}, which is none of ledger, results.")
    check_apart(sources, out)
    folder = Path(out).absolute()
    plan = _Plan(
        sources=sources,
        write=write,
        workers=workers,
        compiled=compiled,
        buckets=buckets,
        hashed=hashed,
        told=told or _silent,
        memory=memory if memory is not None else _memory(),
        keep_going=keep_going,
    )
    with (
        whole_folder(folder) as new,
        tempfile.TemporaryDirectory(prefix=".parts-", dir=scratch or folder.parent) as room,
    ):
        job = _Job(plan, Program(law), new, Path(room), Volumes(law, shipped_markets()) if volumes else None)
        job.part()
        job.run()
    return job.summary


def _memory() -> int:
    """How many bytes of parts are kept in memory; little on a machine that does not tell what it has."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        pages = size = -1
    return min(MOST_MEMORY, pages * size // 4) if min(pages, size) > 0 else MOST_MEMORY // 4


def _most_buckets() -> int:
    """How many buckets there may be: each can become a file that is open together with the others."""
    try:
        import resource
    except ImportError:
        return 256
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_BUCKETS if files == resource.RLIM_INFINITY else max(1, min(MOST_BUCKETS, files // 2))


def _buckets_for(rows: int) -> int:
    """Into how many buckets so many rows are parted: a power of two."""
    buckets, most = 1, _most_buckets()
    while 2 * buckets <= most and buckets * BUCKET_ROWS < rows:
        buckets *= 2
    return buckets


def _silent(_doing: str, _done: int, _all: int) -> None:
    pass


@attrs.frozen(kw_only=True)
class _Plan:
    """What was asked for: see `bulk_replay`."""

    sources: Sequence[str]
    write: str
    workers: int
    compiled: bool
    buckets: int | None
    hashed: bool
    told: Told
    memory: int
    keep_going: bool


class _Job:
    def __init__(self, plan: _Plan, program: Program, folder: Path, room: Path, volumes: Volumes | None) -> None:
        self._plan, self._program, self._folder, self._room = plan, program, folder, room
        self.summary, self._volumes = Summary(), volumes
        self._free = [
            Runner(program, compiled=plan.compiled, clocks=plan.write == "results") for _ in range(plan.workers)
        ]
        self._lock = Lock()
        self._parts: Packed | Texts
        # Parts go once they were read, unless the log is gone through twice.
        self._once, self._dropped = True, False
        self._early = 0

    # --- parting ------------------------------------------------------------
    def part(self) -> None:
        """Part the log by thread."""
        plan = self._plan
        began, self._early = time.perf_counter(), 0
        sources = list(files_of(plan.sources, passed=self.summary.log.passed))
        files, said = [path for path, _ in sources], dict(sources)
        packed = _packed_groups(files)
        shape = self._free[0].shape
        expected = sum(rows for _, _, rows in packed) if packed is not None else _expected(files)
        buckets = plan.buckets or _buckets_for(expected)
        done = 0
        if packed is not None:
            parts = self._parts = Packed(self._room, buckets, self._program, shape, plan.memory)

            def add(group: tuple[str, int, int]) -> int:
                path, number, rows = group
                most = PARTED if parts.fits(plan.workers * rows) else BATCH
                try:
                    batches = read_group(path, number, most)
                    return sum(parts.add(self._covered(_agreeing(path, batch, said[path]))) for batch in batches)
                except BadColumns as problem:
                    raise BadColumns(f"{path}: {problem}") from None

            with ThreadPoolExecutor(plan.workers) as pool:
                for rows in pool.map(add, packed):
                    done += rows
                    plan.told("parting", done, expected)
        else:
            texts = self._parts = Texts(self._room, buckets, self._program, shape)
            reader = EventReader(plan.sources, rows=BATCH // 4, keep_going=plan.keep_going)
            for batch in reader:
                done += texts.add(self._covered(batch))
                plan.told("parting", done, 0)
            texts.names = reader.names
            self.summary.log = reader.log
        self._parts.close()
        self.summary.rows = self._parts.rows
        first = self._parts.first_at
        if first is not None and first < self._program.first:
            try:
                self._program.law.edition_at(first * MICROS)
            except NoRulebookInForce as problem:
                raise NoRulebookInForce(
                    f"{problem} It is the earliest of the log's events, and nothing was written. With --keep-going those "
                    "before the first rulebook are left out and counted; without --out each is named with its place."
                ) from None
        self.summary.seconds["parting"] = time.perf_counter() - began

    def _covered(self, batch: Any) -> Any:
        """The rows that some rulebook covers; all of them unless the job goes on behind others."""
        if not self._plan.keep_going:
            return batch
        inside = pc.greater_equal(batch.column("at"), self._program.first)
        early = batch.num_rows - (inside.true_count + inside.null_count)
        if not early:
            return batch
        with self._lock:
            self._early += early
        return batch.filter(pc.fill_null(inside, True))

    # --- running ------------------------------------------------------------
    def run(self) -> None:
        """Run every bucket, then settle what hung on the allowance."""
        began = time.perf_counter()
        self._all("running")
        if self._program.contested_refusals and self._dropped:
            # Parts are gone that are needed a second time.
            self._once = False
            self._forget()
            self.part()
            self._all("running")
        decisions = self._settler.decide(self._pending())
        if self._program.contested_refusals:
            self._again(decisions)
        # Behind the parts that were written already: they are no other rows than these.
        runner, files, waiting = self._free[0], len(self._filled()), list[Settled]()
        for number, decision in enumerate(decisions):
            rows = self._open.pop(decision.bucket)
            decision.rows = np.arange(len(rows.outcomes))
            close(rows, decision, self._program)
            waiting.append(rows)
            if sum(len(rows.outcomes) for rows in waiting) >= BUCKET_ROWS or number + 1 == len(decisions):
                self._put(f"part-{files:05}", [self._columns(runner, rows) for rows in joined(waiting)])
                waiting, files = [], files + 1
        if self._volumes is not None:
            self.summary.volumes = self._volumes.counts()
        if self._early:
            begins = format_instant(self._program.first * MICROS)
            told, were = (f"{self._early:,}", "were") if self._early > 1 else ("one", "was")
            problem = (
                f"{told} of its events happened before {begins}, when the first rulebook starts, and {were} left out."
            )
            self.summary.log.problems.append(BadLog(", ".join(self._plan.sources), problem))
        self.summary.seconds["running"] = time.perf_counter() - began

    def _pending(self) -> list[Pending]:
        """What waits for the allowance, bucket by bucket."""
        return [rows.pending for _, rows in sorted(self._open.items()) if rows.pending is not None]

    def _all(self, doing: str, known: Mapping[int, Known] | None = None) -> None:
        """Run every bucket."""
        self._settler = Settler(self._program, self._parts.first_at)
        self._open: dict[int, Settled] = {}
        self._sources: dict[int, Any] = {}
        self._done = 0
        with ThreadPoolExecutor(self._plan.workers) as pool:
            for _ in pool.map(lambda group: self._group(group, known), self._filled()):
                self._plan.told(doing, self._done, self.summary.rows)

    def _forget(self) -> None:
        """Throw away what was written and counted."""
        for path in self._folder.iterdir():
            path.unlink()
        summary = self.summary
        summary.distinct = summary.threads = summary.by_reference = summary.written = 0
        summary.charged.clear()
        if self._volumes is not None:
            self._volumes.clear()
        summary.digest = None

    def _filled(self) -> list[tuple[int, list[int]]]:
        """Buckets that have rows, some together, and the number of each such group."""
        together = BUCKETS_TOGETHER if self._plan.write == "ledger" else 1
        filled = [bucket for bucket in range(self._parts.buckets) if self._parts.count(bucket)]
        groups = [filled[first : first + together] for first in range(0, len(filled), together)]
        return list(enumerate(groups))

    def _group(self, group: tuple[int, list[int]], known: Mapping[int, Known] | None = None) -> None:
        """Run some buckets, and write what they did to one file."""
        with self._lock:
            runner = self._free.pop()
        try:
            number, buckets = group
            batches = [self._bucket(runner, bucket, known[bucket] if known is not None else None) for bucket in buckets]
            self._put(f"part-{number:05}", batches)
        finally:
            with self._lock:
                self._free.append(runner)

    def _bucket(self, runner: Runner, bucket: int, known: Known | None) -> Any:
        encoded = self._parts.read(bucket)
        answers = runner.answers(encoded, left=known)
        rows = settled(answers, self._program, self._settler, runner.fill, bucket)
        if rows.pending is not None:
            places = rows.open
            part = rows.part(places)
            pending = rows.pending
            part.pending = attrs.evolve(
                pending, rows=np.arange(len(places)), order=lambda place: part.answers.encoded.order(place)
            )
            with self._lock:
                self._open[bucket] = part
                self._sources[bucket] = answers.rows[places]
        stays = None
        if len(rows.open):
            mask = np.ones(len(rows.outcomes), bool)
            mask[rows.open] = False
            stays = np.flatnonzero(mask)
        columns = self._columns(runner, rows, stays)
        if self._once and not self._program.contested_refusals:
            self._dropped = True
            self._parts.drop(bucket)
        with self._lock:
            self._done += len(encoded.at)
            self.summary.distinct += answers.distinct
            self.summary.threads += answers.threads
            self.summary.by_reference += answers.routed
        return columns

    def _again(self, decisions: list[Any]) -> None:
        """Run again, now that it is known which refusals there were: flags of later rows hang on them."""
        known = {}
        for decision in decisions:
            left = dict(zip(self._sources[decision.bucket].tolist(), decision.left.tolist(), strict=True))
            known[decision.bucket] = Known(left, self._settler, self._program)
        before = self._settler
        self._forget()
        buckets = range(self._parts.buckets)
        every = {bucket: known.get(bucket) or Known({}, before, self._program) for bucket in buckets}
        self._all("running again", every)
        decisions[:] = self._settler.decide(self._pending())

    # --- writing ------------------------------------------------------------
    def _columns(self, runner: Runner, rows: Settled, places: Any = None) -> Any:
        """What is written of some answers, as a record batch."""
        if self._plan.write == "results":
            return result_columns(rows, self._program, places)
        ledger = ledger_columns(rows, self._program, runner.fill, places)
        if ledger.num_rows:
            self._count(ledger, runner.fill)
        return ledger

    def _count(self, ledger: Any, fill: ModuleType) -> None:
        """Count what a ledger charges."""
        instants = ledger.column("at").to_numpy()
        with self._settler.lock:
            begins, months = self._settler.months.around(int(instants.min()), int(instants.max()))
        if self._volumes is not None:
            self._volumes.add(ledger, begins)
        charged = _counted(instants, ledger.column("charge"), ledger.column("why"), begins, months, fill)
        with self._lock:
            self.summary.charged.update(charged)

    def _put(self, name: str, batches: Sequence[Any]) -> None:
        batches = [batch for batch in batches if batch.num_rows]
        if not batches:
            return
        table = pa.Table.from_batches(batches).unify_dictionaries()
        pq.write_table(table, self._folder / f"{name}.parquet", **parquet_options(table.schema))
        found = digest(batches) if self._plan.hashed else None
        with self._lock:
            self.summary.written += table.num_rows
            if found is not None:
                self.summary.digest = found + (self.summary.digest or Digest())


_LONG: Final = ("customer", "id", "at", "ends_at", "other_ends_at")
"""Ids and instants hardly repeat: a dictionary of them would be built and thrown away. For small numbers that are always
there one costs more than it saves."""


def parquet_options(schema: Any) -> dict[str, Any]:
    """How Parquet is written: for speed, as small as that leaves it."""
    return {
        "compression": {name: "none" if name == "id" else "lz4" for name in schema.names},
        "column_encoding": {"at": "DELTA_BINARY_PACKED"},
        "use_dictionary": [
            field.name
            for field in schema
            if field.name not in _LONG and (field.nullable or not pa.types.is_integer(field.type))
        ],
        "write_statistics": ["at"],
        "write_page_checksum": True,
    }


def _counted(
    instants: Any, charge: Any, why: Any, begins: Any, months: Any, fill: ModuleType
) -> Counter[tuple[str, str | None, str | None]]:
    """How many deliveries fell under each rate line and reason, by month."""
    words = np.stack([_codes(charge), _codes(why)])
    lines, reasons = len(terms.RATE_LINES), len(terms.REASONS)
    tally = np.zeros((len(begins), lines + 1, reasons + 1), np.int64)
    fill.tallied(instants, begins, words, lines, reasons, tally)
    found: Counter[tuple[str, str | None, str | None]] = Counter()
    for place, line, reason in np.argwhere(tally).tolist():
        year, month = divmod(int(months[place]), 12)
        key = (
            f"{year:04}-{month + 1:02}",
            terms.RATE_LINES[line - 1] if line else None,
            terms.REASONS[reason - 1] if reason else None,
        )
        found[key] += int(tally[place, line, reason])
    return found


def _codes(column: Any) -> Any:
    return column.fill_null(-1).to_numpy(zero_copy_only=False)


# --- sources ----------------------------------------------------------------
def _packed_groups(files: Sequence[str]) -> list[tuple[str, int, int]] | None:
    """The row groups of Parquet files whose customers and ids are numbers; None if any file is something else."""
    groups = []
    for path in files:
        if path == "-" or kind_of(path).format != "parquet":
            return None
        try:
            file = parquet_file(path)
        except (OSError, pa.ArrowException):
            # Whoever reads it says what is wrong with it.
            return None
        with file:
            schema = file.schema_arrow
            if (schema.metadata or {}).get(SCHEMA_KEY) != b"fsm.events" or not all(
                name in schema.names and pa.types.is_integer(schema.field(name).type) for name in ("customer", "id")
            ):
                return None
            groups += [
                (path, number, file.metadata.row_group(number).num_rows)
                for number in range(file.metadata.num_row_groups)
            ]
    return groups


def _agreeing(path: str, batch: Any, said: Mapping[str, str]) -> Any:
    """
    Raises:
        BadLog: the names of a file's folders say otherwise than a row does.
    """
    present = {name: value for name, value in said.items() if name in batch.schema.names}
    if present:
        _, _, found = agreeing(path, batch, range(batch.num_rows), present)
        if found:
            raise BadLog(path, found[0].why)
    return batch


def read_group(path: str, group: int, rows: int = BATCH) -> Iterator[Any]:
    """Batches of so many rows of one row group, without columns of which its statistics say that they hold nothing."""
    with damage_said(path, "parquet"), parquet_file(path, memory_map=True) as file:
        footer = file.metadata.row_group(group)
        chunks = {footer.column(place).path_in_schema: footer.column(place) for place in range(footer.num_columns)}
        check_columns(path, chunks)
        wanted = [name for name in EVENT_COLUMNS if not _empty(chunks[name])]
        metadata = metadata_of(file)
        for batch in file.iter_batches(rows, row_groups=[group], columns=wanted, use_threads=False):
            batch.validate(full=True)
            yield batch.replace_schema_metadata(metadata)


def _empty(chunk: Any) -> bool:
    """Whether a column of a row group is known to be null throughout, or false."""
    told = chunk.statistics
    if told is None or chunk.path_in_schema in ALWAYS[:-1]:
        return False
    if chunk.path_in_schema == "inferred":
        return bool(told.has_min_max and told.max is False)
    return bool(told.has_null_count and told.null_count == chunk.num_values)


def _expected(files: Iterable[str]) -> int:
    """About how many events files hold: they are counted only while they are read."""
    return sum(Path(path).stat().st_size // _BYTES_AN_EVENT for path in files if path != "-")


_BYTES_AN_EVENT: Final = 60
