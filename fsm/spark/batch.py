"""
A whole history on a Spark cluster: Parquet in, Parquet out, the answers of the reference.

Spark brings the rows of each thread together and in one order; `fsm.spark.worker` does the rest.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

import fsm.errors
from fsm.bulk.layout import MICROS
from fsm.bulk.ledger import LEDGER_COLUMNS, ledger_schema
from fsm.bulk.program import Program
from fsm.columns.names import Names, read_names, result_words
from fsm.columns.schema import (
    BECAUSE,
    BUSINESS,
    CODED,
    EVENT_COLUMNS,
    result_schema,
)
from fsm.errors import BadColumns, FsmError
from fsm.events import Account
from fsm.machine import Law
from fsm.service.folders import check_apart
from fsm.spark import counting, extra, output
from fsm.spark.answers import ANSWERED, ANSWERS
from fsm.spark.chunks import ROWS
from fsm.spark.counting import FIRST, IF_LEFT, IF_NONE, KEY_COLUMNS, ORDER_COLUMNS, Counter, Counts, Meter
from fsm.spark.footers import Span, cluster_footer, is_here, local_footer, names_in, path_of
from fsm.spark.output import SPARK_ROWS
from fsm.spark.parcels import BUCKET, PARCELS
from fsm.spark.worker import PIECES, Job, Words, plain, plain_schema, worker

_RAISED: Final = re.compile(r"^fsm\.errors\.(\w+): (.*)", re.MULTILINE | re.DOTALL)
BUCKETS_EACH: Final = 16
"""Buckets of a partition, at least: the rows of one are in memory at a time."""
MOST_BUCKETS: Final = 1 << 16
_UNSIGNED: Final = "decimal(20,0)"
"""What Spark makes of the unsigned 64-bit numbers of packed columns."""


@attrs.frozen(kw_only=True)
class Replayed:
    """
    What a replay on Spark did.

    Attributes:
        target: where the results lie.
        counters: how many months of an allowance were counted; 0 where no rulebook in force had one.
        passes: how often the log went through the kernel: once, or twice where a refusal hangs on the allowance; 0 if
            nothing was to be done.
    """

    target: str
    counters: int
    passes: int


def replay_on_spark(
    session: Any,
    source: str | Iterable[str],
    account: Account,
    target: str,
    *,
    rulebook: str = "auto",
    write: str = "results",
    partitions: int | None = None,
    compiled: bool = True,
    rows: int = ROWS,
    mode: str = "errorifexists",
) -> Replayed:
    """
    Replay a log that lies in Parquet, and write one result per distinct event as Parquet.

    Every row of a thread goes to one partition, whichever file it stood in, so neither the order of rows nor that of
    files matters. What a thread did is worked out there; how many units of the month's free allowance were left is
    counted over all of them, in the order of deliveries.

    Args:
        session: a `pyspark.sql.SparkSession`.
        source: one or more paths that Spark can read: Parquet files or folders in any profile of `fsm.columns`.
        account: the account that the log belongs to.
        target: path of a folder for the results.
        rulebook: `auto` for the law of each instant, or the name of one rulebook.
        write: `results` for one row per distinct event, or `ledger` for the rows that money depends on, without
            which it is smaller and faster.
        partitions: how many parts the threads are spread over; `spark.sql.shuffle.partitions` if None. Four million
            events in each is a good size.
        compiled: by numba; otherwise Python runs the same functions, some hundred times slower.
        rows: how many rows the kernel is given at a time, at least.
        mode: what to do if `target` exists: `errorifexists`, `overwrite`, `append` or `ignore` (then nothing is done).

    Raises:
        MissingExtra: PySpark or Java is not installed.
        BadColumns: a file is no log in columns, or `target` exists or lies in a folder that is read.
        NoRulebookInForce: an event lies before the first rulebook.
    """
    extra.require()
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    paths = [source] if isinstance(source, str) else list(source)
    with _our_errors():
        folder = output.shared_folder(session, target)
        if folder is not None and not output.wanted(folder, mode):
            return Replayed(target=target, counters=0, passes=0)
        if folder is not None:
            here = (output.shared_folder(session, path) for path in paths)
            check_apart([str(read) for read in here if read is not None], folder)
        log, words, told = read_log(session, paths)
        spread = partitions or int(session.conf.get("spark.sql.shuffle.partitions"))
        job = Job(
            account=account,
            rulebook=rulebook,
            words=words,
            write=write,
            compiled=compiled,
            rows=rows,
            buckets=min(1 << (spread * BUCKETS_EACH - 1).bit_length(), MOST_BUCKETS),
        )
        threads = by_thread(session, log, job, spread)
        counts, passes, parts, settles = Counts(), 1, threads, False
        program = Program(Law(account, rulebook=rulebook, engine="table"))
        answered = None
        try:
            if _allowances_matter(told or _span(log), program):
                # What threads did is kept until it is known how the allowance was used up.
                answered = threads.mapInArrow(_answered(job), _spark_schema(ANSWERED)).persist(StorageLevel.DISK_ONLY)
                counts = count_uses(answered.where(F.col(ANSWERS).isNull()).drop(ANSWERS), job)
                if counts.refusals:
                    passes = 2
                else:
                    parts, settles = answered.where(F.col(ANSWERS).isNotNull()).select(ANSWERS), True
            tell = _rows(session, job, counts, settles)
            frame = rows_of(log, parts, job, tell)
            if folder is None:
                frame.write.mode(mode).parquet(target)
            else:
                _written_by_workers(frame.schema, parts, tell, folder, mode)
        finally:
            if answered is not None:
                answered.unpersist()
    return Replayed(target=target, counters=len(counts.counters), passes=passes)


def _checked(session: Any) -> Any:
    """
    A reader of Parquet that holds pages to their checksums, as `fsm.columns.damage.parquet_file` does.

    It opens folders up without reading their names, out of which Spark would make columns: `business=0100` the number 100.
    """
    reader = session.read.option("parquet.page.verify-checksum.enabled", "true")
    return reader.option("recursiveFileLookup", "true")


def read_log(session: Any, paths: Sequence[str]) -> tuple[Any, Words, Span | None]:
    """
    A log in Parquet as a data frame with the columns of `fsm.columns.event_schema`, the words behind its codes, and its
    first and last instant, if its files say so at their ends.

    Files that were written apart may have given the same code to different words of an open list (categories, template
    states): they are brought to one list. Where the files hold words instead of codes there is no list.

    Raises:
        BadColumns: a file is no log in columns, or some hold codes and others words.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F

    try:
        frame = _checked(session).parquet(*paths)
    except (PySparkException, Py4JJavaError) as problem:
        raise BadColumns(f"{', '.join(paths)} cannot be read as Parquet: {str(problem).splitlines()[0]}") from None
    files = sorted(frame.inputFiles())
    lists: dict[str, list[str]] = {}
    kinds: dict[tuple[bool, bool], str] = {}
    spans: list[Span | None] = []
    for path in files:
        footer = local_footer(path) if is_here(path) else cluster_footer(session, path)
        lists.setdefault(names_in(footer, path), []).append(path)
        kinds.setdefault(footer.numbers, path)
        spans += footer.spans
    if len(kinds) > 1:
        raise BadColumns(
            f"{' and '.join(list(kinds.values())[:2])}: customers or ids are numbers in one and texts in the other. "
            "Replay them apart, or write both in one profile with `fsm columns convert`."
        )
    if len(lists) > 1 and "" in lists:
        raise BadColumns(
            f"{lists[''][0]} holds words and {next(iter(lists[key][0] for key in lists if key))} holds codes. "
            "Replay them apart, or write both in one profile with `fsm columns`."
        )
    union = Names()
    parts = []
    for text, members in lists.items():
        part = frame if len(lists) == 1 else _checked(session).parquet(*members)
        lacking = [name for name in EVENT_COLUMNS if name not in part.columns]
        if lacking:
            raise BadColumns(
                f"{members[0]} has no column '{lacking[0]}', so it is no log in columns. Write it with `fsm columns`."
            )
        types = dict(part.dtypes)
        columns = []
        for name in EVENT_COLUMNS:
            column = F.col(name)
            if types[name] == _UNSIGNED:
                # The same 64 bits, as Spark's signed number.
                column = F.expr(
                    f"cast(if({name} >= {2**63}BD, {name} - {2**64}BD, cast({name} as decimal(21,0))) as bigint)"
                )
            columns.append(column.alias(name))
        if text:
            told = read_names(text, members[0])
            for place, name in enumerate(EVENT_COLUMNS):
                if name in CODED:
                    moved = [union.code(name, word) for word in told.words[name]]
                    if moved != list(range(len(moved))):
                        known = F.array([F.lit(code).cast("tinyint") for code in moved])
                        columns[place] = F.get(known, columns[place].cast("int")).alias(name)
        parts.append(part.select(columns))
    log = parts[0]
    for part in parts[1:]:
        log = log.union(part)
    known = [span for span in spans if span is not None]
    # Where words stand instead of codes, instants may stand in any unit.
    if "" in lists or not known or len(known) < len(spans):
        return log, () if "" in lists else tuple(union.words.items()), None
    span = (min(first for first, _ in known) * MICROS, max(last for _, last in known) * MICROS)
    return log, tuple(union.words.items()), span


def by_thread(session: Any, log: Any, job: Job, partitions: int) -> Any:
    """
    The log as parcels of rows, those of each thread in one partition and those of a bucket of threads together.

    The key is the business *and* the customer, so the busiest number spreads over all partitions like any other.

    Returns:
        A data frame with the columns of `fsm.spark.parcels.PARCELS`.
    """
    from pyspark.sql import functions as F

    pieces = pieces_of(log)

    def pack(batches: Iterator[Any]) -> Iterator[Any]:
        return worker(job).parcels(batches) if pieces is None else worker(job).parcels_of_files(batches)

    given = log
    if pieces is not None:
        tasks = min(len(pieces), 4 * session.sparkContext.defaultParallelism)
        given = session.createDataFrame(pieces, _spark_schema(PIECES)).repartition(tasks)
    parcels = given.mapInArrow(pack, _spark_schema(PARCELS))
    return parcels.repartitionById(partitions, F.col(BUCKET) % partitions).sortWithinPartitions(BUCKET)


def pieces_of(log: Any) -> list[tuple[str, int]] | None:
    """The row groups of the log if every worker can open its files by their path; None if only Spark can."""
    files = sorted(log.inputFiles())
    if not files or not all(map(is_here, files)):
        return None
    paths = [path_of(path) for path in files]
    return [(path, group) for path in paths for group in range(pq.read_metadata(path).num_row_groups)]


def _answered(job: Job) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What a worker does with the parcels of whole threads, while nobody knows what the others did."""
    return lambda parcels: worker(job).answered(parcels)


def _rows(session: Any, job: Job, counts: Counts, settles: bool) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What a worker does once that is known: with what threads did, or from the start with their parcels."""
    told = session.sparkContext.broadcast(counts)
    if settles:
        return lambda answered: worker(job).settled(answered, told.value)
    return lambda parcels: worker(job).rows(parcels, told.value)


def count_uses(told: Any, job: Job) -> Counts:
    """
    How the allowance was used up, month by month, over all threads.

    Args:
        told: a data frame with the columns of `fsm.spark.counting.USES_SCHEMA`.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    uses = told.persist()
    try:
        is_first = F.col("kind") == FIRST
        summary = uses.agg(
            F.min(F.when(is_first, F.col("at"))).alias("first"), F.max(F.col("refusals")).alias("refusals")
        ).first()
        if summary["first"] is None:
            return Counts()
        meter = Meter(Program(Law(job.account, rulebook=job.rulebook, engine="table")))
        first_month = meter.months.number(summary["first"])
        given = F.col("units")
        if job.account.free_left is not None:
            given = F.when(F.col("month") == first_month, F.lit(job.account.free_left)).otherwise(given)
        key = [F.col(name) for name in KEY_COLUMNS]
        order = [F.col(name) for name in ORDER_COLUMNS]
        if_left = F.col("kind").bitwiseAND(IF_LEFT) != 0
        if_none = F.col("kind").bitwiseAND(IF_NONE) != 0
        before = Window.partitionBy(*key).orderBy(*order).rowsBetween(Window.unboundedPreceding, -1)
        counted = (
            uses.where(~is_first)
            .withColumn("given", given)
            .withColumn("used", F.coalesce(F.sum(if_left.cast("int")).over(before), F.lit(0)))
            .withColumn("left", F.col("used") < F.col("given"))
            .withColumn("uses", F.when(F.col("left"), if_left).otherwise(if_none))
            .withColumn("loses", ~F.col("left") & if_left & ~if_none)
        )
        place = F.struct(*order)
        took = F.col("left") & if_left
        months = counted.groupBy(*key).agg(
            F.min("given").alias("given"),
            F.min("units").alias("whole"),
            F.sort_array(F.collect_list(F.when(F.col("uses"), F.col("at")))).alias("times"),
            F.count_if(took).alias("free"),
            F.max(F.when(took, place)).alias("last"),
        )
        instants = (
            counted.groupBy(*key, F.col("at"))
            .agg(
                F.sort_array(F.collect_list(F.when(F.col("uses"), place))).alias("orders"),
                F.max("loses").alias("loses"),
            )
            .where((F.size("orders") > 1) | (F.col("loses") & (F.size("orders") > 0)))
        )
        shared: dict[counting.Key, dict[int, tuple[counting.Order, ...]]] = {}
        tied: dict[counting.Key, set[int]] = {}
        for row in instants.collect():
            mine = tuple(row[name] for name in KEY_COLUMNS)
            if len(row["orders"]) > 1:
                shared.setdefault(mine, {})[row["at"]] = tuple(map(tuple, row["orders"]))
            if row["loses"]:
                tied.setdefault(mine, set()).add(row["at"])
        counters: dict[counting.Key, Counter] = {}
        for row in months.collect():
            mine = tuple(row[name] for name in KEY_COLUMNS)
            counters[mine] = Counter(
                given=row["given"],
                whole=row["whole"],
                times=tuple(row["times"]),
                last=tuple(row["last"]) if row["last"] and row["free"] == row["given"] else None,
                shared=shared.get(mine, {}),
                tied=frozenset(tied.get(mine, ())),
            )
        return Counts(counters=counters, first_month=first_month, refusals=summary["refusals"])
    finally:
        uses.unpersist()


def rows_of(log: Any, parts: Any, job: Job, rows: Callable[[Iterator[Any]], Iterator[Any]]) -> Any:
    """
    The results, or the ledger, as a data frame; the words behind its codes stand in the metadata of its columns.

    Args:
        log: see `read_log`.
        parts: what `rows` makes record batches of.
    """
    from pyspark.sql import functions as F

    numbers = {name: kind == "bigint" for name, kind in log.dtypes if name in ("customer", "id")}

    def tell(batches: Iterator[Any]) -> Iterator[Any]:
        return map(plain, rows(batches))

    schema = plain_schema(job.write, customer_is_number=numbers["customer"], id_is_number=numbers["id"])
    frame = parts.mapInArrow(tell, _spark_schema(schema))
    words = result_words()
    return frame.select(
        [
            F.col(name).alias(name, metadata={"words": list(words[name])}) if name in words else F.col(name)
            for name in frame.columns
        ]
    )


def _written_by_workers(
    schema: Any, parts: Any, rows: Callable[[Iterator[Any]], Iterator[Any]], folder: Path, mode: str
) -> None:
    """The same, written to a folder that every worker sees."""
    # As Spark would have written it: whoever reads it finds the words behind the codes.
    arrow = pa.schema(
        [pa.field(field.name, _arrow_types()[type(field.dataType)], field.nullable) for field in schema.fields],
        metadata={output.SPARK_ROWS: schema.json()},
    )
    room = output.beside(folder)

    def write(batches: Iterator[Any]) -> Iterator[Any]:
        return output.write_files(rows(batches), str(room), arrow)

    try:
        files = parts.mapInArrow(write, _spark_schema(output.WRITTEN)).collect()
        output.publish([row["file"] for row in files], room, folder, arrow, mode)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def read_rows(path: str) -> Any:
    """
    What `replay_on_spark` wrote to a folder this machine can read, in no order.

    Returns:
        A `pyarrow.Table` of `fsm.columns.result_schema`, or with the columns of `fsm.bulk.ledger` if that was written;
        in both the words behind the codes stand in the metadata.

    Raises:
        BadColumns: the folder holds something else, or was written under other lists of words.
    """
    import pyarrow.dataset as ds

    try:
        found = ds.dataset(path, format="parquet", exclude_invalid_files=False)
    except (OSError, pa.ArrowInvalid) as problem:
        raise BadColumns(f"{path} cannot be read as Parquet: {problem}") from None
    is_results = set(found.schema.names) == set(result_schema().names)
    if not is_results and set(found.schema.names) != set(LEDGER_COLUMNS):
        raise BadColumns(f"{path} holds neither results nor a ledger, but {', '.join(found.schema.names)}.")
    _check_words(found.schema, path)
    schema = result_schema() if is_results else _ledger_schema(found.schema)
    table = found.to_table()
    columns = []
    for field in schema:
        # Types are what can be held to the schema: Spark lets every column of a file be null.
        columns.append(
            pa.chunked_array([chunk.cast(field.type) for chunk in table.column(field.name).chunks], field.type)
        )
    return pa.Table.from_arrays(columns, schema=schema)


def _check_words(schema: Any, path: str) -> None:
    written = json.loads((schema.metadata or {}).get(SPARK_ROWS, b'{"fields": []}'))
    told = {field["name"]: tuple(field["metadata"].get("words", ())) for field in written["fields"]}
    for name, words in result_words().items():
        if name in told and told[name] != words:
            raise BadColumns(
                f"{path}: '{name}' was written under another list of words than this release's. "
                "Read it with the release that wrote it."
            )


def _ledger_schema(written: Any) -> Any:
    types = {field.name: field.type for field in written}
    types |= {"business": BUSINESS, "because": BECAUSE}
    types |= dict.fromkeys(("content", "category"), pa.dictionary(pa.int16(), pa.string()))
    return ledger_schema(**types)


def _span(log: Any) -> Span | None:
    """The first and the last instant of a log, for which all rows are read; None if it is empty."""
    from pyspark.sql import functions as F

    span = log.agg(F.min("at").alias("first"), F.max("at").alias("last")).first()
    return None if span["first"] is None else (_micros(span["first"]), _micros(span["last"]))


def _allowances_matter(span: Span | None, program: Program) -> bool:
    """Whether a rulebook with an allowance is in force somewhere between the first event and the last."""
    if span is None:
        return False
    first, last = span
    program.law.edition_at(first)
    return any(
        edition.book.allowance is not None and edition.begins <= last and (edition.ends is None or first < edition.ends)
        for edition in program.editions
    )


def _micros(at: Any) -> int:
    return at * MICROS if isinstance(at, int) else round(at.timestamp() * 1_000) * MICROS


def _spark_schema(schema: Any) -> Any:
    """An Arrow schema as Spark's; every type of ours has one of the same name there."""
    from pyspark.sql.types import StructField, StructType

    types = _spark_types()
    return StructType([StructField(field.name, types[field.type], field.nullable) for field in schema])


def _spark_types() -> Mapping[Any, Any]:
    from pyspark.sql import types as T

    return {
        pa.string(): T.StringType(),
        pa.int8(): T.ByteType(),
        pa.int16(): T.ShortType(),
        pa.int32(): T.IntegerType(),
        pa.int64(): T.LongType(),
        pa.bool_(): T.BooleanType(),
        pa.binary(): T.BinaryType(),
    }


def _arrow_types() -> Mapping[Any, Any]:
    return {type(spark): arrow for arrow, spark in _spark_types().items()}


@contextmanager
def _our_errors() -> Iterator[None]:
    """An error of ours that a worker raised arrives inside one of Spark's: give it back as what it was."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as problem:
        found = _RAISED.search(str(problem))
        kind: Callable[..., Any] | None = getattr(fsm.errors, found.group(1), None) if found else None
        if found is None or not (isinstance(kind, type) and issubclass(kind, FsmError)):
            raise
        message = found.group(2).split("\n\nJVM stacktrace")[0].split("\n\tat ")[0].strip()
        try:
            ours = kind(message)
        except TypeError:
            raise problem from None
        raise ours from problem
