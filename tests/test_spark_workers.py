"""What workers of a cluster do, without the cluster: however threads are dealt out, the answers are the reference's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fsm.columns import from_events, packed, to_results
from fsm.columns.hashing import hash_of
from fsm.columns.schema import EVENT_COLUMNS, names_of, result_schema
from fsm.errors import BadColumns, NoRulebookInForce
from fsm.events import Account, Event
from fsm.machine import Law
from fsm.replay import replay, write_result
from fsm.spark import output
from fsm.spark.answers import ANSWERS
from fsm.spark.counting import count
from fsm.spark.parcels import BUCKET
from fsm.spark.worker import Job, Worker, buckets_of, plain
from tests.parity.hostile import hostile

BATCH = 25
BUCKETS = 8


def text(results: Any) -> list[str]:
    return sorted(json.dumps(result, sort_keys=True) for result in results)


def reference(events: list[Event], account: Account) -> list[str]:
    return text(write_result(result) for result in replay(Law(account, engine="table"), events))


def replayed(events: list[Event], account: Account, workers: int, random: Random) -> list[str]:
    """Some workers make parcels of the rows as they come; each then gets the parcels of its own buckets."""
    shuffled = random.sample(events, len(events))
    names = names_of(from_events(events).schema)
    job = Job(
        account=account,
        words=tuple(names.words.items()),
        compiled=False,
        rows=random.choice((1, 7, 1000)),
        buckets=BUCKETS,
    )
    crew = [Worker(job) for _ in range(workers)]
    parcels: list[dict[str, Any]] = []
    for number, each in enumerate(crew):
        mine = shuffled[number::workers]
        if mine:
            batch = from_events(mine, names.copy())
            parcels += [row for told in each.parcels([_as_spark_gives(batch)]) for row in told.to_pylist()]
    random.shuffle(parcels)
    parts = [
        [
            pa.RecordBatch.from_pylist([parcel])
            for parcel in sorted(parcels, key=lambda parcel: int(parcel[BUCKET]))
            if parcel[BUCKET] % workers == number
        ]
        for number in range(workers)
    ]
    told = [
        row for each, part in zip(crew, parts, strict=True) for told in each.answered(part) for row in told.to_pylist()
    ]
    random.shuffle(told)
    counts = count([row for row in told if row[ANSWERS] is None], crew[0].meter)
    twice = _text(batch for each, part in zip(crew, parts, strict=True) for batch in each.rows(part, counts))
    if not counts.refusals:
        answers = [pa.record_batch([pa.array([row[ANSWERS]])], names=[ANSWERS]) for row in told if row[ANSWERS]]
        assert _text(batch for each in answers for batch in random.choice(crew).settled([each], counts)) == twice
    return twice


def _text(batches: Iterable[Any]) -> list[str]:
    return text(result for batch in batches for result in to_results(_typed(plain(batch))))


def _as_spark_gives(batch: Any) -> Any:
    columns = {name: batch.column(name) for name in EVENT_COLUMNS}
    columns["business"] = columns["business"].cast(pa.string())
    return pa.record_batch(list(columns.values()), names=list(columns))


def _typed(batch: Any) -> Any:
    schema = result_schema()
    return pa.record_batch(
        [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)], schema=schema
    )


def covered(seed: int) -> tuple[list[Event], Account]:
    events, account = hostile(seed)
    first = Law(account).editions[0].begins
    return [event for event in events if event.at >= first], account


@pytest.mark.parametrize("first", range(0, 100, BATCH))
def test_any_number_of_workers_gives_the_answers_of_the_reference(first: int) -> None:
    for seed in range(first, first + BATCH):
        events, account = covered(seed)
        if events:
            random = Random(seed)
            assert replayed(events, account, 1 + seed % 4, random) == reference(events, account), f"history {seed}"


def test_one_allowance_is_shared_by_the_threads_of_all_workers() -> None:
    at = 1_685_577_600_000_000
    events = []
    for number in range(40):
        common: dict[str, Any] = {"business": "b", "customer": f"52155500{number:05}"}
        when = at + (number // 4) * 1_000_000
        events += [
            Event(event="customer_message", at=when, id=f"q{number}", **common),
            Event(event="message_sent", at=when, id=f"a{number}", content="free_form", **common),
            Event(event="message_delivered", at=when + 60_000_000, id=f"a{number}", **common),
        ]
    account = Account(free_left=10)
    got = replayed(events, account, 4, Random(1))
    free = [json.loads(line) for line in got if '"free_tier"' in line]
    assert len(free) == 10
    assert any("tie_sensitive" in result["flags"] for result in free)
    assert got == reference(events, account)


def test_all_rows_of_a_thread_have_one_bucket_whatever_else_they_are() -> None:
    events, _ = covered(7)
    together: dict[tuple[str, str], set[int]] = {}
    for event, bucket in zip(events, buckets_of(from_events(events), 1 << 20).tolist(), strict=True):
        together.setdefault(event.thread, set()).add(bucket)
    assert all(len(found) == 1 for found in together.values())
    assert len(set().union(*together.values())) == len(together)


def test_a_code_without_a_word_is_refused() -> None:
    batch = _as_spark_gives(
        from_events([Event(event="opted_in", at=1_700_000_000_000_000, business="b", customer="c")])
    )
    wrong = batch.set_column(0, "event", pa.array([99], pa.int8()))
    job = Job(words=tuple(names_of(from_events([]).schema).words.items()), compiled=False)
    with pytest.raises(BadColumns, match="99"):
        list(Worker(job).parcels([wrong]))


def test_an_event_before_the_first_rulebook_is_refused_by_name() -> None:
    with pytest.raises(NoRulebookInForce):
        replayed([Event(event="opted_in", at=0, business="b", customer="c")], Account(), 1, Random(0))


# --- what workers write ---------------------------------------------------------
ROWS = pa.schema([pa.field("id", pa.int64()), pa.field("why", pa.string())], metadata={b"told by": b"us"})


def _rows(*ids: int) -> Any:
    return pa.record_batch(
        [pa.array(ids, pa.uint64()), pa.array(["free"] * len(ids)).dictionary_encode()], names=["id", "why"]
    )


def test_what_an_attempt_wrote_that_did_not_finish_is_not_published(tmp_path: Path) -> None:
    room = output.beside(tmp_path / "out")
    list(output.write_files([_rows(1, 2)], str(room), ROWS))
    told = [row["file"] for each in output.write_files([_rows(1, 2)], str(room), ROWS) for row in each.to_pylist()]
    output.publish(told, room, tmp_path / "out", ROWS, "errorifexists")
    table = pq.read_table(tmp_path / "out")
    assert table.to_pylist() == [{"id": 1, "why": "free"}, {"id": 2, "why": "free"}]
    assert table.schema.metadata == {b"told by": b"us"}


@pytest.mark.parametrize(("mode", "expected"), [("errorifexists", [1]), ("append", [1, 2]), ("overwrite", [2])])
def test_a_target_that_exists_is_kept_added_to_or_replaced_as_asked(
    tmp_path: Path, mode: str, expected: list[int]
) -> None:
    def written(id: int, mode: str) -> None:
        room = output.beside(tmp_path / "out")
        told = [row["file"] for each in output.write_files([_rows(id)], str(room), ROWS) for row in each.to_pylist()]
        output.publish(told, room, tmp_path / "out", ROWS, mode)

    written(1, "errorifexists")
    if mode == "errorifexists":
        with pytest.raises(BadColumns, match="exists already"):
            written(2, mode)
    else:
        written(2, mode)
    assert sorted(pq.read_table(tmp_path / "out").column("id").to_pylist()) == expected


def test_a_file_that_only_the_worker_sees_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadColumns, match=r"part-1\.parquet, which this machine does not see"):
        output.publish(["part-1.parquet"], output.beside(tmp_path / "out"), tmp_path / "out", ROWS, "append")
    assert not (tmp_path / "out").exists()


def test_nothing_to_write_leaves_a_file_that_says_what_its_columns_are(tmp_path: Path) -> None:
    output.publish([], output.beside(tmp_path / "out"), tmp_path / "out", ROWS, "overwrite")
    assert pq.read_table(tmp_path / "out").schema == ROWS


@pytest.mark.parametrize("apart", [1, 2, 3])
def test_members_of_groups_and_stated_ends_travel_with_records(apart: int) -> None:
    """In however many parcels the rows of a bucket come."""
    at = 1_754_006_400_000_000
    common: dict[str, Any] = {"business": "b", "customer": "5215550001111", "id": "m1"}
    events = [
        Event(event="message_sent", at=at, content="free_form", **common),
        Event(event="message_delivered", at=at + 1_000, participant="5215550002222", **common),
        Event(event="message_delivered", at=at + 2_000, entry_point_ends_at=at + 9_000_000, **common),
    ]
    told = packed(from_events(events))
    job = Job(compiled=False, buckets=BUCKETS, words=tuple(names_of(told.schema).words.items()))
    here, there = Worker(job), Worker(job)
    parcels: list[Any] = []
    for first in range(0, len(events), len(events) // apart):
        piece = told.slice(first, len(events) // apart)
        parcels += here.parcels([pa.record_batch(piece.columns, schema=piece.schema)])
    [got] = there._chunks(parcels)
    named = {hash_of("m1"): "m1"}
    back = [attrs.evolve(got.event(row), id=named[int(got.id_of(row))]) for row in range(len(got.records))]
    assert sorted(back, key=lambda event: event.at) == events


def test_a_thread_has_the_same_bucket_whichever_business_a_worker_met_first() -> None:
    at = 1_754_006_400_000_000
    one, other = (
        packed(from_events([Event(event="opted_in", at=at, business=name, customer="5215550001111")]))
        for name in ("b", "other")
    )
    job = Job(compiled=False, buckets=64, words=tuple(names_of(one.schema).words.items()))
    met = []
    for order in ((one, other), (other, one)):
        worker = Worker(job)
        found = [row for batch in order for told in worker.parcels([batch]) for row in told.to_pylist()]
        met.append({id(batch): row[BUCKET] for batch, row in zip(order, found, strict=True)})
    assert met[0] == met[1]
    assert len(set(met[0].values())) == 2


def test_the_last_units_of_an_instant_are_shared_by_the_threads_of_all_workers() -> None:
    at = 1_685_577_600_000_000
    events = []
    for number in range(4):
        common: dict[str, Any] = {"business": "b", "customer": f"52155500{number:05}"}
        events += [
            Event(event="customer_message", at=at, id=f"q{number}", **common),
            Event(event="message_sent", at=at, id=f"a{number}", content="free_form", **common),
            Event(event="message_delivered", at=at + 60_000_000, id=f"a{number}", **common),
        ]
    account = Account(free_left=3)
    for seed in range(4):
        got = replayed(events, account, 4, Random(seed))
        assert len([line for line in got if '"free_tier"' in line]) == 3
        assert got == reference(events, account)
