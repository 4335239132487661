"""Live on Spark: in whatever order files come, and though a worker is killed, the answers are those of the batch."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from fsm.events import Account, Event, write_event
from fsm.machine import Law
from fsm.spark import live
from fsm.spark.stream import answers_in, answers_on_spark, events_in, touched_in
from tests.spark.histories import canonical_hash, reference_hash
from tests.spark.test_batch import DAY, JUNE_2023, conversation

FOREVER = 1 << 60
ACCOUNT = Account(free_left=4)
FAR = JUNE_2023 + 300 * DAY
TICK = Event(event="customer_message", at=FAR, business="nobody", customer="clock", id="tick")
"""Moves the watermark behind everything else, and waits itself."""


def write_files(folder: Path, files: list[list[Event]], order: list[int]) -> None:
    """Files of log lines; `order` says in which order they arrived."""
    folder.mkdir()
    for number, events in enumerate(files):
        path = folder / f"{number}.jsonl"
        path.write_text("".join(json.dumps(write_event(event)) + "\n" for event in events))
        at = 1_000_000_000 + order.index(number)
        os.utime(path, (at, at))


def run(session: Any, folder: Path, bound: str, poison: Path | None = None) -> list[Any]:
    """Everything the stream gives out. With a poison a worker is killed in the middle, and the query started again."""
    for attempt in range(2 if poison else 1):
        lines = session.readStream.format("text").option("maxFilesPerTrigger", 1).load(str(folder / "log"))
        if poison:
            lines = lines.mapInPandas(killing(str(poison)), "value string")
        query = (
            answers_on_spark(lines, ACCOUNT, bound=bound, buckets=4)
            .writeStream.format("parquet")
            .option("path", str(folder / "out"))
            .option("checkpointLocation", str(folder / "checkpoint"))
            .outputMode("append")
            .trigger(availableNow=True)
            .start()
        )
        if poison and attempt == 0:
            with pytest.raises(Exception, match=r"exited unexpectedly|crashed"):
                query.awaitTermination()
            assert poison.exists()
        else:
            query.awaitTermination()
    return [row.asDict() for row in session.read.parquet(str(folder / "out")).collect()]


def killing(marker: str) -> Any:
    """Kills the worker that reads the second file, once."""

    def pass_on(frames: Any) -> Any:
        for frame in frames:
            yield frame
            if frame["value"].str.contains('"q25"').any() and not Path(marker).exists():
                Path(marker).touch()
                os.kill(os.getpid(), signal.SIGKILL)

    return pass_on


def history() -> list[Event]:
    return [e for n in range(60) for e in conversation(f"5215550{n % 6:04}", JUNE_2023 + n * DAY // 3, n)]


def settled_hash(rows: list[Any], log: list[Event]) -> str:
    """Finals, corrected where late events touched their thread, with the allowance settled."""
    law = Law(ACCOUNT, engine="table")
    finals, touched = answers_in(rows), touched_in(rows)
    again = live.redecide(
        law,
        [event for event in log if event.thread in touched],
        [answer for answer in finals if answer.event.thread in touched],
        FAR,
    )
    return canonical_hash(live.settle(law, live.corrected(finals, again)))


@pytest.mark.usefixtures("few_partitions")
def test_a_killed_worker_loses_nothing_and_repeats_nothing(session: Any, tmp_path: Path) -> None:
    events = history()
    write_files(tmp_path / "log", [events[:70], [*events[70:], *events[60:90]], [TICK]], [0, 1, 2])
    rows = run(session, tmp_path, "1 day", tmp_path / "killed")
    finals = [answer.event.key for answer in answers_in(rows)]
    assert len(finals) == len(set(finals)) == len(events)
    assert not touched_in(rows)
    assert settled_hash(rows, events) == reference_hash(events, ACCOUNT)


@pytest.mark.usefixtures("few_partitions")
def test_files_whose_times_are_swapped_give_the_same_answers(session: Any, tmp_path: Path) -> None:
    """The later half comes first. No thread was final behind its instants yet, so it is put in order like any other."""
    events = history()
    write_files(tmp_path / "log", [events[:90], [*events[90:], TICK]], [1, 0])
    rows = run(session, tmp_path, "1 hour")
    assert not touched_in(rows)
    assert settled_hash(rows, events) == reference_hash(events, ACCOUNT)


@pytest.mark.usefixtures("few_partitions")
def test_what_comes_behind_the_watermark_goes_out_at_the_side_and_is_decided_again_from_the_log(
    session: Any, tmp_path: Path
) -> None:
    events = history()
    write_files(tmp_path / "log", [events[90:], [TICK], events[:90]], [0, 1, 2])
    broken = "{this is no event"
    with (tmp_path / "log" / "2.jsonl").open("a") as file:
        file.write(broken + "\n")
    os.utime(tmp_path / "log" / "2.jsonl", (1_000_000_002, 1_000_000_002))
    rows = run(session, tmp_path, "1 hour")
    assert {event.key for event in events_in(rows)} == {event.key for event in events[:90]}
    assert {answer.event.key for answer in answers_in(rows)} == {event.key for event in events[90:]}
    assert [row["line"] for row in rows if row["stage"] == "unreadable"] == [broken]
    assert settled_hash(rows, events) == reference_hash(events, ACCOUNT)
    # Without the corrections the answers would be others: this is what a stream that trusts arrival gives.
    law = Law(ACCOUNT, engine="table")
    assert canonical_hash(live.settle(law, answers_in(rows))) != reference_hash(events, ACCOUNT)
