"""
A log as it comes, on Spark's structured streaming: `fsm.spark.live` with its state in Spark's hands.

Spark keeps the watermark, the state and the progress; what an event does, what waits and what is late is said by
`fsm.spark.live`. Rows that come late must reach it, so they must not be dropped by Spark: see `watched`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import attrs

from fsm.errors import BadEvent, FsmError
from fsm.events import Account, Event, format_instant, read_event, write_event
from fsm.machine import Law
from fsm.spark import extra, live
from fsm.spark.live import REMEMBER, Answer, Row, State, take

MILLI: Final = 1_000
BUCKETS: Final = 64
UNREADABLE: Final = "unreadable"
PROVIDER: Final = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"

LINES: Final = "value string"
"""What a stream of log lines has: each row one line of the log of JSON Lines."""
ROWS: Final = (
    "stage string, business string, customer string, event string, id string, participant string, at timestamp, "
    "why string, touched boolean, line string, answer string"
)
"""
The columns that come out: `stage` is `provisional`, `final` or `late`; `line` the event as a line of a log; `answer`
what `fsm.spark.live.read_answer` reads, null for a late event.
"""


@attrs.frozen(kw_only=True)
class LiveJob:
    """
    What every worker of a stream must know.

    Attributes:
        account, rulebook: the law.
        remember: how long the keys of final events are remembered, in microseconds.
    """

    account: Account = Account()  # noqa: RUF009 (a frozen value)
    rulebook: str = "auto"
    remember: int = REMEMBER


@lru_cache(maxsize=4)
def _law(job: LiveJob) -> Law:
    return Law(job.account, rulebook=job.rulebook, engine="table")


def answers_on_spark(
    lines: Any,
    account: Account,
    *,
    rulebook: str = "auto",
    bound: str = "1 hour",
    buckets: int = BUCKETS,
    remember: int = REMEMBER,
) -> Any:
    """
    Provisional and final answers, and late events, of a stream of log lines.

    Args:
        lines: a streaming data frame with a column `value`: lines of a log, in any order and with any duplicates.
        account: the account that the log belongs to.
        rulebook: `auto` for the law of each instant, or the name of one rulebook.
        bound: how much later than others of its instant an event may come: what comes later is late.
        buckets: over how many keys the threads are spread. It cannot be changed while a checkpoint is kept.
        remember: how long the keys of final events are remembered, in microseconds.

    Returns:
        A streaming data frame with the columns `ROWS`, to be written in the mode `append`.

    Raises:
        MissingExtra: PySpark or Java is not installed.
    """
    extra.require()
    from pyspark.sql import functions as F

    lines.sparkSession.conf.set("spark.sql.streaming.stateStore.providerClass", PROVIDER)
    job = LiveJob(account=account, rulebook=rulebook, remember=remember)
    read = lines.mapInPandas(_read, "business string, customer string, line string, at long, problem string")
    keyed = watched(read, bound).withColumn(
        "bucket", F.pmod(F.xxhash64("business", "customer"), F.lit(buckets)).cast("int")
    )
    return keyed.groupBy("bucket").transformWithStateInPandas(
        processor(job), outputStructType=ROWS, outputMode="append", timeMode="eventTime"
    )


def watched(read: Any, bound: str) -> Any:
    """
    Rows whose instants move the watermark, without Spark knowing which of its columns is the instant.

    Spark drops what lies behind the watermark before we could give it out as late; it does so by the column that the
    watermark was put on, so that column is dropped right behind it.
    """
    from pyspark.sql import functions as F

    return read.withColumn("clock", F.timestamp_millis(F.col("at"))).withWatermark("clock", bound).drop("clock")


def _read(frames: Iterable[Any]) -> Iterator[Any]:
    """Lines to events. A line that is none is given out like a late one, and moves no watermark."""
    import pandas as pd

    for frame in frames:
        rows: list[tuple[Any, ...]] = []
        for line in frame["value"]:
            if not line or not line.strip():
                continue
            try:
                event = _event(line)
            except (FsmError, ValueError) as problem:
                rows.append(("", "", line, None, f"{type(problem).__name__}: {problem}"))
            else:
                rows.append((*event.thread, line, event.at // MILLI, None))
        out = pd.DataFrame(rows, columns=["business", "customer", "line", "at", "problem"])
        out["at"] = out["at"].astype("Int64")
        yield out


def _event(line: str) -> Event:
    members = json.loads(line)
    if not isinstance(members, dict):
        raise BadEvent(f"a line must be a JSON object, and is {type(members).__name__}.")
    return read_event(members)[0]


def processor(job: LiveJob) -> Any:
    """What Spark calls for every bucket: the threads of one bucket, each with a state of its own."""
    import pandas as pd
    from pyspark.sql.streaming import StatefulProcessor

    class Bucket(StatefulProcessor):  # type: ignore[misc]
        """Reads and writes the states of the threads that something happens to, and no others."""

        def init(self, handle: Any) -> None:
            self._handle = handle
            self._states = handle.getMapState("threads", "thread string", "state string")
            self._due = handle.getMapState("due", "thread string", "at long")

        def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: Any) -> Iterator[Any]:  # noqa: ARG002
            arrived: dict[tuple[str, str], list[Event]] = {}
            out: list[tuple[Any, ...]] = []
            # Spark gives no order and several frames: all of them first, and then each thread once.
            for frame in rows:
                for line, problem in zip(frame["line"], frame["problem"], strict=True):
                    if problem:
                        out.append(unreadable(line, problem))
                    else:
                        event = _event(line)
                        arrived.setdefault(event.thread, []).append(event)
            watermark = timerValues.getCurrentWatermarkInMs() * MILLI
            for thread in sorted(arrived):
                out += self._take(thread, arrived[thread], watermark)
            self._set_timer()
            yield _frame(out)

        def handleExpiredTimer(self, key: Any, timerValues: Any, expiredTimerInfo: Any) -> Iterator[Any]:  # noqa: ARG002
            watermark = timerValues.getCurrentWatermarkInMs() * MILLI
            due = sorted(_thread_of(row[0][0]) for row in self._due.iterator() if row[1][0] < watermark)
            out = [row for thread in due for row in self._take(thread, [], watermark)]
            self._set_timer()
            yield _frame(out)

        def close(self) -> None:
            pass

        def _take(self, thread: tuple[str, str], events: list[Event], watermark: int) -> list[tuple[Any, ...]]:
            law, name = _law(job), (json.dumps(thread),)
            before = State()
            if self._states.containsKey(name):
                before = live.read_state(self._states.getValue(name)[0], law)
            after, rows = take(law, before, events, watermark, remember=job.remember)
            self._states.updateValue(name, (live.write_state(after, law),))
            if after.due is not None:
                self._due.updateValue(name, (after.due,))
            elif self._due.containsKey(name):
                self._due.removeKey(name)
            return [written(row) for row in rows]

        def _set_timer(self) -> None:
            for timer in list(self._handle.listTimers()):
                self._handle.deleteTimer(timer[0] if isinstance(timer, tuple) else timer)
            due = [row[1][0] for row in self._due.iterator()]
            if due:
                # The watermark must have passed the instant, and timers count in milliseconds.
                self._handle.registerTimer(min(due) // MILLI + 1)

    def _frame(rows: list[tuple[Any, ...]]) -> Any:
        frame = pd.DataFrame(rows, columns=[column.split()[0] for column in ROWS.split(", ")])
        frame["at"] = pd.to_datetime(frame["at"], unit="us")
        return frame

    return Bucket()


def _thread_of(name: str) -> tuple[str, str]:
    business, customer = json.loads(name)
    return business, customer


def written(row: Row) -> tuple[Any, ...]:
    """A row of `fsm.spark.live` as a row of `ROWS`."""
    event = row.event
    return (
        row.stage,
        event.business,
        event.customer,
        event.event,
        event.id or None,
        event.participant or None,
        event.at,
        row.why or None,
        row.touched,
        json.dumps(write_event(event)),
        None if row.answer is None else live.write_answer(row.answer),
    )


def unreadable(line: str, problem: str) -> tuple[Any, ...]:
    """A line that is no event: it goes out at the side, so that nothing is lost and nothing is held up."""
    return (UNREADABLE, None, None, None, None, None, None, problem, False, line, None)


def answers_in(rows: Iterable[Any], stage: str = live.FINAL) -> list[Answer]:
    """The answers among rows that a stream wrote."""
    return [live.read_answer(row["answer"]) for row in rows if row["stage"] == stage and row["answer"]]


def events_in(rows: Iterable[Any], stage: str = live.LATE) -> list[Event]:
    """The events among rows that a stream wrote: those that came late, if nothing else is asked for."""
    return [_event(row["line"]) for row in rows if row["stage"] == stage]


def events_of(session: Any, folder: str) -> Iterator[Event]:
    """
    The events of a folder of log lines; a line that is none is left out, as the stream did.

    One by one: what they are needed for may be a few threads of many.
    """
    for row in session.read.text(folder).toLocalIterator():
        try:
            yield _event(row["value"])
        except (FsmError, ValueError):
            continue


def touched_in(rows: Iterable[Any]) -> set[tuple[str, str]]:
    """The threads that a late event touched: their answers need `fsm.spark.live.redecide`."""
    return {
        (row["business"], row["customer"])
        for row in rows
        if row["touched"] or (row["stage"] == live.LATE and row["why"] != live.UNCOVERED)
    }


def through(query: Any) -> str:
    """The watermark that a query has reached, in words."""
    progress = query.lastProgress
    told = None if progress is None else progress["eventTime"].get("watermark")
    return format_instant(0) if told is None else str(told)
