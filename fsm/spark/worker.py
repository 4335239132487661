"""What runs on the workers of a cluster: chunks of whole threads go in, what they did comes out. Nothing here knows Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa

from fsm.bulk.bucket import Answers, Runner
from fsm.bulk.encode import Encoded, encode, encode_parted
from fsm.bulk.job import read_group
from fsm.bulk.ledger import ledger_columns
from fsm.bulk.program import Program
from fsm.bulk.replay import check_covered
from fsm.bulk.results import result_columns
from fsm.columns import from_events
from fsm.columns.checks import check_codes
from fsm.columns.damage import damage_said, parquet_file
from fsm.columns.hashing import hashes, mixed
from fsm.columns.names import Names
from fsm.columns.profiles import recoded
from fsm.columns.schema import EVENT_COLUMNS, are_numbers, event_schema, result_schema, with_names
from fsm.columns.wording import coded_words
from fsm.errors import BadColumns
from fsm.events import Account
from fsm.machine import Law
from fsm.spark.answers import Receiver, Sender
from fsm.spark.chunks import ROWS, whole_buckets
from fsm.spark.counting import Counts, Known, Meter, Uses, settle
from fsm.spark.parcels import Numbers, are_records, opened, parcels, records, unpacked

PIECES: Final = pa.schema([pa.field("path", pa.string()), pa.field("group", pa.int32())])
"""Row groups of files that every worker can open."""

Words = tuple[tuple[str, tuple[str, ...]], ...]


@attrs.frozen(kw_only=True)
class Job:
    """
    What every worker must know. It is small and travels with the task.

    Attributes:
        account, rulebook: the law.
        words: the words behind the codes of a coded log, by column; empty where the log holds words.
        compiled: numba compiles the kernel; otherwise Python runs it.
        write: `results` or `ledger`.
        rows: how many rows the kernel is given at a time, at least.
        buckets: over how many buckets the threads are spread: a power of two, at most 65,536.
    """

    account: Account = Account()  # noqa: RUF009 (a frozen value)
    rulebook: str = "auto"
    words: Words = ()
    compiled: bool = True
    write: str = "results"
    rows: int = ROWS
    buckets: int = 64


class Worker:
    """
    The law of one account, compiled as far as this process needed it.

    Args:
        job: what is to be done.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.program = Program(Law(job.account, rulebook=job.rulebook, engine="table"))
        self.runner = Runner(self.program, compiled=job.compiled, clocks=job.write == "results")
        self.meter = Meter(self.program)
        self._names = Names(dict(job.words)) if job.words else Names()
        self._numbers = Numbers(self.program)
        self._sender, self._receiver = Sender(self.program), Receiver(self._numbers)

    # --- on the way to the threads' places ----------------------------------
    def parcels(self, batches: Iterable[Any]) -> Iterator[Any]:
        """
        Rows in any order, as parcels for their buckets: batches of `PARCELS`.

        Spark moves a parcel where it would have moved thousands of rows, one by one.

        Args:
            batches: of the log's columns.
        """
        waiting: list[Any] = []
        count = 0
        for batch in batches:
            waiting.append(batch)
            count += batch.num_rows
            if count >= self.job.rows:
                yield self._packed(self.coded(pa.Table.from_batches(waiting)))
                waiting, count = [], 0
        if count:
            yield self._packed(self.coded(pa.Table.from_batches(waiting)))

    def parcels_of_files(self, batches: Iterable[Any]) -> Iterator[Any]:
        """
        The same of row groups, read here: what Spark would have read it would have handed over row by row.

        Args:
            batches: of `PIECES`.
        """
        for batch in batches:
            for piece in batch.to_pylist():
                yield from self._piece(piece["path"], piece["group"])

    def _piece(self, path: str, group: int) -> Iterator[Any]:
        with damage_said(path, "parquet"), parquet_file(path) as file:
            schema = file.schema_arrow
            if all(are_numbers(schema)):
                try:
                    yield from map(self._packed, read_group(path, group))
                except BadColumns as problem:
                    raise BadColumns(f"{path}: {problem}") from None
                return
            table = file.read_row_group(group, columns=list(EVENT_COLUMNS)).select(list(EVENT_COLUMNS))
        if self.job.words:
            for events in table.replace_schema_metadata(schema.metadata).combine_chunks().to_batches():
                check_codes(events, path)
                yield self._packed(recoded(events, self._names))
        elif table.num_rows:
            yield self._packed(self.coded(table))

    def _packed(self, events: Any) -> Any:
        count = self.job.buckets
        if all(are_numbers(events.schema)):
            known = self._numbers.businesses
            coded, starts = encode_parted(events, self.program, self.runner.shape, known, count)
            return parcels(range(count), records(coded), starts.tolist())
        buckets = buckets_of(events, count)
        # Numbers of 16 bits are sorted by counting.
        order = np.argsort(buckets.astype(np.uint16) if count <= 1 << 16 else buckets, kind="stable")
        present, starts = np.unique(buckets[order], return_index=True)
        return parcels(present.tolist(), events.take(pa.array(order)), [*starts.tolist(), len(order)])

    # --- where whole threads are --------------------------------------------
    def answered(self, parcels: Iterable[Any]) -> Iterator[Any]:
        """
        What the threads of a partition could use of the allowance, and all that they did, as batches of `ANSWERED`.

        Args:
            parcels: batches of `PARCELS`, those of a bucket together.
        """
        told = Uses(self.meter)
        for chunk in self._chunks(parcels):
            answers = self.runner.answers(chunk)
            yield from self._sender.rows(told.of(answers), answers)

    def settled(self, answered: Iterable[Any], counts: Counts) -> Iterator[Any]:
        """
        The results of a partition, or its part of the ledger, as record batches.

        Args:
            answered: batches of what threads did, see `fsm.spark.answers.Receiver`.
            counts: of the whole log, in which no refusal hangs on the allowance.
        """
        for answers in self._receiver.each(answered):
            yield self._columns(answers, counts)

    def rows(self, parcels: Iterable[Any], counts: Counts) -> Iterator[Any]:
        """
        The results of a partition, or its part of the ledger, as record batches.

        Args:
            parcels: as in `answered`.
            counts: of the whole log.
        """
        known = Known(counts, self.meter) if counts.refusals else None
        for chunk in self._chunks(parcels):
            yield self._columns(self.runner.answers(chunk, left=known), counts)

    def _columns(self, answers: Answers, counts: Counts) -> Any:
        rows = settle(answers, self.meter, counts)
        if self.job.write == "ledger":
            return ledger_columns(rows, self.program, self.runner.fill)
        return result_columns(rows, self.program)

    def _chunks(self, parcels: Iterable[Any]) -> Iterator[Encoded]:
        for rows in whole_buckets(parcels, opened, self.job.rows):
            encoded = self._together(rows)
            check_covered(encoded.at, self.program)
            yield encoded

    def _together(self, rows: list[Any]) -> Encoded:
        if are_records(rows[0]):
            return unpacked(rows, self._numbers)
        told = [recoded(each, self._names) for each in rows]
        # Parcels were read one by one, and the lists of words may have grown from one to the next.
        schema = with_names(told[-1].schema, self._names)
        tables = [pa.Table.from_batches([each]).replace_schema_metadata(schema.metadata) for each in told]
        return encode(pa.concat_tables(tables).unify_dictionaries(), self.program, self.runner.shape)

    def coded(self, table: Any) -> Any:
        """
        Rows of a log as Spark gives them, as `fsm.columns.event_schema` lays them out.

        Raises:
            BadColumns: a row is no event, or a code has no word.
        """
        columns = dict(
            zip(EVENT_COLUMNS, table.select(list(EVENT_COLUMNS)).combine_chunks().to_batches()[0].columns, strict=True)
        )
        if not self.job.words:
            batch, good = coded_words(columns, table.num_rows, self._names)
            if not good.all():
                row = table.slice(int(np.flatnonzero(~good)[0]), 1).to_pylist()[0]
                shown = {name: value for name, value in row.items() if value not in (None, False)}
                raise BadColumns(
                    f"a row is no event as it stands: {shown}. `fsm columns` on the same file says what is wrong with it."
                )
            return batch
        numbers = dict(zip(("customer", "id"), are_numbers(table.schema), strict=True))
        schema = event_schema(
            self._names,
            customer="number" if numbers["customer"] else "text",
            ids="hash" if numbers["id"] else "text",
        )
        for name, is_number in numbers.items():
            if is_number:
                columns[name] = columns[name].view(pa.uint64())
        if not pa.types.is_dictionary(columns["business"].type):
            columns["business"] = columns["business"].dictionary_encode()
        batch = pa.record_batch(
            [column.cast(field.type) for field, column in zip(schema, columns.values(), strict=True)], schema=schema
        )
        check_codes(batch, "the log")
        return batch


@lru_cache(maxsize=4)
def worker(job: Job) -> Worker:
    """The worker of this process for a job: it is kept, for building the law takes longer than a small task."""
    return Worker(job)


def buckets_of(events: Any, buckets: int) -> Any:
    """
    The bucket of every row: a number below `buckets`, the same for all rows of a thread.

    >>> from fsm.events import Event
    >>> one = Event(event="opted_in", at=0, business="b", customer="5215550001111")
    >>> buckets_of(from_events([one, one]), 64).tolist()
    [39, 39]
    """
    customer = events.column("customer")
    numbers = customer if pa.types.is_integer(customer.type) else hashes(customer)
    thread = mixed(numbers.to_numpy(zero_copy_only=False).view(np.uint64) + np.uint64(1))
    thread = mixed(thread ^ hashes(events.column("business")).to_numpy(zero_copy_only=False))
    return (thread % np.uint64(buckets)).astype(np.int32)


def plain(batch: Any) -> Any:
    """A batch with plain text where it has dictionaries and signed numbers only: the types that Spark knows."""
    fields = [pa.field(field.name, _plain_type(field.type), field.nullable) for field in batch.schema]
    columns = [
        column.view(pa.int64()) if pa.types.is_uint64(column.type) else column.cast(field.type)
        for column, field in zip(batch.columns, fields, strict=True)
    ]
    return pa.record_batch(columns, schema=pa.schema(fields))


def _plain_type(kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.int64() if pa.types.is_uint64(kind) else kind


def plain_schema(write: str, *, customer_is_number: bool = False, id_is_number: bool = False) -> Any:
    """The schema of what a worker gives: that of results or of a ledger, in the types of `plain`."""
    if write == "results":
        schema = result_schema()
    else:
        program = Program(Law(engine="table"))
        runner = Runner(program, compiled=False, clocks=False)
        nothing = encode(from_events([]), program, runner.shape)
        schema = ledger_columns(settle(runner.answers(nothing), Meter(program), Counts()), program, runner.fill).schema
    fields = [pa.field(field.name, _plain_type(field.type), field.nullable) for field in schema]
    if write == "ledger":
        numbers = {"customer": customer_is_number, "id": id_is_number}
        fields = [field.with_type(pa.int64()) if numbers.get(field.name) else field for field in fields]
    return pa.schema(fields)
