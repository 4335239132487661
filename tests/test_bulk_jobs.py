"""Whole jobs of the bulk engine on packed columns: in memory and by way of the disk, once through the log and twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from fsm.bulk import bulk_replay, digest, replay_columns
from fsm.bulk import job as jobs
from fsm.bulk.bucket import Runner
from fsm.bulk.encode import encode, encode_parted
from fsm.bulk.jit import load
from fsm.bulk.job import Summary
from fsm.bulk.layout import OPS, OPS_END, WINNER
from fsm.bulk.memory import BUSINESS_BITS, NARROW, NO_ID, RECORD
from fsm.bulk.program import Program
from fsm.bulk.volume import Charged
from fsm.columns import from_events, to_events
from fsm.columns.names import EVENT_WORDS
from fsm.columns.profiles import packed
from fsm.columns.writing import EventWriter
from fsm.errors import BadColumns
from fsm.events import Account, Event
from fsm.generate import Traffic
from fsm.generate.output import generate_batches
from fsm.machine import Law
from fsm.replay import replay
from fsm.service.rate_files import shipped_markets

DAY = 86_400_000
SINCE = 1_790_812_800_000  # 2026-10-01T00:00:00Z


def _traffic(**members: Any) -> Any:
    return packed(next(iter(generate_batches(Traffic(threads=300, **members)))))


def _written(path: Path, *batches: Any) -> str:
    with EventWriter(str(path), profile="packed") as writer:
        for batch in batches:
            writer.write(batch)
    return str(path)


def _run(log: str, out: Path, law: Law, **options: Any) -> Summary:
    return bulk_replay([log], law, out, hashed=True, **options)


def _with_ends(batch: Any) -> Any:
    """The same traffic where Meta states the end of the free entry point: of every third message that an ad brought."""
    place = batch.schema.get_field_index("entry_point_ends_at")
    sent = pc.equal(batch.column("event"), 8).to_numpy(zero_copy_only=False) & (np.arange(batch.num_rows) % 40 == 0)
    at = batch.column("at").to_numpy()
    return batch.set_column(place, batch.schema.field(place), pa.array(at + 2 * DAY, mask=~sent))


def _with_members(batch: Any) -> Any:
    """
    The same traffic where some deliveries are those to a member of a group: a packed log once lost who it was.

    Of one customer in ten: their threads are decided by the reference, which takes its time.
    """
    place = batch.schema.get_field_index("participant")
    some = pc.ends_with(batch.column("customer").cast(pa.string()), "7")
    delivered = pc.and_(pc.equal(batch.column("event"), 10), some).to_numpy(zero_copy_only=False)
    members = np.array(["5215550002222", "5215550003333"], object)[np.arange(batch.num_rows) % 2]
    return batch.set_column(place, batch.schema.field(place), pa.array(members, pa.string(), mask=~delivered))


def _with_businesses(batch: Any) -> Any:
    """The same of so many businesses that a row takes four numbers instead of three."""
    place = batch.schema.get_field_index("business")
    names = pa.array([f"10000{number:05}" for number in range(700)])
    assert len(names) > 1 << BUSINESS_BITS
    codes = pa.array((np.arange(batch.num_rows) % len(names)).astype(np.int32))
    return batch.set_column(place, batch.schema.field(place), pa.DictionaryArray.from_arrays(codes, names))


SHAPES: dict[str, Any] = {
    "plain": lambda batch: batch,
    "stated ends": _with_ends,
    "members of groups": _with_members,
    "many businesses": lambda batch: _with_ends(_with_businesses(batch)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("write", ["ledger", "results"])
def test_what_lies_in_memory_and_what_lies_on_disk_give_one_hash(tmp_path: Path, shape: str, write: str) -> None:
    law = Law(Account(free_left=20), engine="table")
    batch = SHAPES[shape](_traffic())
    third = batch.num_rows // 3
    log = _written(tmp_path / "log.parquet", batch)
    # Several row groups, so that some are kept and others are not.
    pq.write_table(pq.read_table(log), log, row_group_size=third + 1)
    size = 32 * (third + 1)
    found = {
        (memory, buckets): _run(log, tmp_path / f"{number}", law, write=write, memory=memory, buckets=buckets).digest
        for number, (memory, buckets) in enumerate([(0, 1), (0, 16), (size, 16), (2 * size, 4), (1 << 30, 16)])
    }
    assert len({each.text for each in found.values() if each is not None}) == 1
    if write == "results":
        expected = digest([replay_columns(batch, law)])
        assert (
            shape != "members of groups" or replay_columns(batch, law).column("participant").null_count < batch.num_rows
        )
        assert all(each is not None and each.difference(expected) == "" for each in found.values())


def test_narrow_rows_and_wide_ones_give_one_hash_together(tmp_path: Path) -> None:
    law = Law(engine="table")
    batches = [_with_members(_with_ends(_traffic(seed=1))), _with_businesses(_with_ends(_traffic(seed=2)))]
    (tmp_path / "log").mkdir()
    for number, batch in enumerate(batches):
        _written(tmp_path / "log" / f"{number}.parquet", batch)
    expected = digest([replay_columns(pa.Table.from_batches(batches).unify_dictionaries(), law)])
    sizes = [8 * batch.num_rows * width for batch, width in zip(batches, (NARROW, RECORD), strict=True)]
    for memory in (0, min(sizes), sum(sizes)):
        found = _run(
            str(tmp_path / "log"), tmp_path / f"{memory}", law, write="results", memory=memory, buckets=8
        ).digest
        assert found is not None
        assert found.difference(expected) == ""


def test_cells_that_do_the_same_share_one_place() -> None:
    """Short tables stay close to the processor; what they say of each cell is the same as if each stood for itself."""
    program, shape = Program(Law(engine="table")), load("shape", False)
    Runner(program, compiled=False).answers(encode(_traffic(), program, shape))
    count = len(program.opened)
    told, seen, runs = program.tables.cells[:count].tolist(), set(), dict[tuple[Any, ...], int]()
    for number, cell in enumerate(told):
        ops = tuple(map(tuple, program.tables.ops[cell[OPS] : cell[OPS_END]].tolist()))
        assert runs.setdefault(ops, cell[OPS]) == cell[OPS]
        if cell[WINNER] < 0:
            says = (tuple(cell), program.opened[number], program.about[number])
            assert says not in seen
            seen.add(says)
    assert len(seen) > 100
    assert 5 < len(runs) < 50


def test_rows_are_as_narrow_as_they_fit(tmp_path: Path) -> None:
    program, shape = Program(Law(engine="table")), load("shape", False)
    batch = _traffic()
    asked: list[int] = []

    def room(width: int) -> Any:
        asked.append(width)
        return np.empty((batch.num_rows, width), np.int64)

    late = batch.schema.get_field_index("at")
    far = batch.set_column(late, batch.schema.field(late), pc.add(batch.column("at"), 1 << 41))
    for each in (batch, _with_businesses(batch), far):
        encode_parted(each, program, shape, [], 4, room)
    assert asked == [NARROW, RECORD, RECORD]


def test_a_job_that_has_dropped_what_it_needs_again_parts_the_log_again(tmp_path: Path) -> None:
    law = Law(Account(payment_method=False, free_left=1), engine="table")
    by_bucket: dict[int, list[str]] = {0: [], 1: []}
    for number in range(40):
        customer = f"52155500{number:05}"
        greets = Event(event="customer_message", at=SINCE * 1_000, business="b", customer=customer, id=f"in-{customer}")
        _, starts = encode_parted(packed(from_events([greets])), Program(law), load("shape", False), [], 2)
        by_bucket[0 if starts[1] else 1].append(customer)
    events = []
    for bucket, customers in by_bucket.items():
        assert len(customers) > 2
        for place, customer in enumerate(customers):
            at = (SINCE + place * 60_000) * 1_000
            common = {"business": "b", "customer": customer}
            events.append(Event(event="customer_message", at=at, id=f"in-{customer}", **common))
            if bucket:
                # Whether these are refused hangs on the one unit that is left.
                sent = {"content": "free_form", "id": f"out-{customer}", **common}
                events.append(Event(event="message_sent", at=at + 1_000_000, **sent))
                events.append(Event(event="message_delivered", at=at + 2_000_000, id=sent["id"], **common))
    batch = packed(from_events(events))
    log = _written(tmp_path / "log.parquet", batch)
    parted = []
    told = [
        _run(log, tmp_path / f"{workers}", law, write="results", buckets=2, memory=0, workers=workers, told=each)
        for workers, each in ((1, lambda doing, *_: parted.append(doing)), (2, None))
    ]
    expected = digest([replay_columns(batch, law)])
    assert [each.digest.difference(expected) for each in told if each.digest is not None] == ["", ""]
    assert "running again" in parted
    assert parted.count("parting") == 2, "the first bucket was dropped before the second showed that it is needed"
    assert all(each.rows == len(events) for each in told)


@pytest.mark.parametrize("members", [False, True], ids=["customers", "members of groups"])
@pytest.mark.parametrize("profile", ["packed", "coded"])
@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo"])
def test_volumes_are_those_of_the_reference_counted_one_by_one(
    tmp_path: Path, profile: str, zone: str, members: bool
) -> None:
    # The middle of 2026: some customers' market changes on the first of July.
    traffic = Traffic(threads=250, first_day=date(2026, 6, 20), days=20, seed=5)
    batch = next(iter(generate_batches(traffic)))
    if members:
        batch = _with_members(batch)
    account = Account(time_zone=ZoneInfo(zone))
    with EventWriter(str(tmp_path / "log.parquet"), profile=profile) as writer:
        writer.write(batch)
    law = Law(account, engine="table")
    found = _run(str(tmp_path / "log.parquet"), tmp_path / "out", law, buckets=4, volumes=True).volumes
    expected: Counter[Charged] = Counter()
    charged: Counter[tuple[int, str | None]] = Counter()
    markets = shipped_markets()
    for movement in replay(law, to_events(batch)):
        if movement.outcome.charge is not None:
            charged[movement.event.at // 1_000, movement.event.participant or None] += 1
            day = movement.event.at // 1_000
            local = datetime.fromtimestamp(day // 1_000, account.time_zone).date()
            market = markets.market_of(movement.event.participant or movement.event.customer, local)
            name = None if market is None else market.name
            expected[Charged(f"{local:%Y-%m}", name, movement.outcome.charge)] += 1
    assert found == expected
    assert len({each.market for each in found}) > 5
    assert {each.month for each in found} == {"2026-06", "2026-07"}
    ledger = pq.read_table(tmp_path / "out").filter(pc.field("charge").is_valid())
    assert Counter(zip(*(ledger.column(name).to_pylist() for name in ("at", "participant")), strict=True)) == charged
    assert members == any(member for _, member in charged)


def test_a_thread_that_waits_for_a_cell_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    law = Law(Account(), engine="table")
    kernel = load("kernel", False)
    began, waited = [], []
    begin, fill = kernel.begin, Program.fill
    monkeypatch.setattr(kernel, "begin", lambda *given: (began.append(1), begin(*given))[1])
    monkeypatch.setattr(Program, "fill", lambda *given: (waited.append(1), fill(*given))[1])
    batch = next(iter(generate_batches(Traffic(threads=40))))
    found = digest([replay_columns(batch, law, compiled=False)])
    threads = {(event.business, event.customer) for event in to_events(batch)}
    assert len(waited) > 2 * len(threads)
    assert len(began) == len(threads)
    monkeypatch.undo()
    # By now every cell is compiled, and nobody waits.
    assert found.difference(digest([replay_columns(batch, law, compiled=False)])) == ""


def test_words_met_while_a_file_was_written_are_understood(tmp_path: Path) -> None:
    law = Law(engine="table")
    common = {"business": "b", "customer": "5215550001111"}
    batches = [
        packed(
            from_events(
                [
                    Event(
                        event="message_sent",
                        at=SINCE * 1_000 + place,
                        id=f"m{place}",
                        content="template",
                        category=category,
                        **common,
                    ),
                    Event(event="message_delivered", at=SINCE * 1_000 + 5_000_000 + place, id=f"m{place}", **common),
                ]
            )
        )
        for place, category in ((0, "utility"), (1_000, "newsletter"))
    ]
    log = _written(tmp_path / "log.parquet", *batches)
    _run(log, tmp_path / "out", law)
    ledger = pq.read_table(tmp_path / "out")
    assert sorted(ledger.column("category").to_pylist()) == ["newsletter", "utility"]


def test_a_part_of_a_batch_is_read_where_it_begins() -> None:
    batch, program, shape = _traffic(), Program(Law(engine="table")), load("shape", False)
    whole = encode(batch, program, shape)
    for start in (1, 7, 8, 9, 501):
        part = encode(batch.slice(start, 333), program, shape, whole.businesses)
        assert part.records.tolist() == whole.records[start : start + 333].tolist()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("at", None, "'at' is empty in 1 of"),
        ("id", 0, "stands for no id"),
        ("content", 99, "'content' holds the code 99"),
        ("kind", -1, "'kind' holds the code -1"),
    ],
)
def test_columns_that_do_not_hold_what_they_say_are_refused(name: str, value: int | None, why: str) -> None:
    batch = _traffic()
    place = batch.schema.get_field_index(name)
    column = batch.column(place)
    row = int(np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))[5])
    changed = pa.concat_arrays([column[:row], pa.array([value], column.type), column[row + 1 :]])
    field = batch.schema.field(place).with_nullable(True)
    with pytest.raises(BadColumns, match=why):
        encode(batch.set_column(place, field, changed), Program(Law(engine="table")), load("shape", False))


def test_columns_of_nothing_may_be_left_out() -> None:
    batch, program, shape = _traffic(), Program(Law(engine="table")), load("shape", False)
    nothing = [name for name in batch.schema.names if batch.column(name).null_count == batch.num_rows]
    assert "participant" in nothing
    few = batch.select([name for name in batch.schema.names if name not in (*nothing, "inferred")])
    assert encode(few, program, shape).records.tolist() == encode(batch, program, shape).records.tolist()


@pytest.mark.parametrize("profile", [packed, lambda batch: batch], ids=["packed", "coded"])
def test_a_log_without_a_single_id_keeps_the_type_of_its_ids(profile: Any) -> None:
    common = {"business": "b", "customer": "5215550001111"}
    for events in ([], [Event(event="opted_in", at=SINCE * 1_000, **common)]):
        batch = profile(from_events(events))
        encoded = encode(batch, Program(Law(engine="table")), load("shape", False))
        assert (encoded.texts is None) == pa.types.is_integer(batch.schema.field("id").type)
        assert (encoded.records[:, 2] == NO_ID).all()


def test_a_machine_that_tells_little_of_itself_gets_few_buckets_and_little_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pages, size, most in ((1 << 20, 4096, 1 << 30), (1 << 30, 4096, 3 << 30), (-1, 4096, 3 << 28)):
        monkeypatch.setattr(jobs.os, "sysconf", {"SC_PHYS_PAGES": pages, "SC_PAGE_SIZE": size}.__getitem__)
        assert jobs._memory() == most
    resource = pytest.importorskip("resource")
    for limit, most in ((256, 128), (1, 1), (1 << 30, jobs.MOST_BUCKETS), (resource.RLIM_INFINITY, jobs.MOST_BUCKETS)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limit=limit: (limit, limit))
        assert jobs._most_buckets() == most


def test_the_settings_of_a_job_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadColumns, match="none of ledger, results"):
        bulk_replay(["nowhere.parquet"], Law(engine="table"), tmp_path / "out", write="everything")


# --- packed rows that are no events -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "event", "value", "says"),
    [
        ("id", None, None, "'id' is empty in"),
        ("id", "message_delivered", None, "'id' is empty in 1 row of"),
        ("content", None, None, "a row is no event: this message_sent has no 'content'"),
        ("kind", "message_sent", 2, "a row is no event: 'kind' belongs to customer_message"),
    ],
)
def test_packed_rows_that_are_no_events_are_refused(
    column: str, event: str | None, value: int | None, says: str, tmp_path: Path
) -> None:
    batch = _traffic()
    codes = batch.column("event").to_pylist()
    rows = range(len(codes)) if event is None else [codes.index(EVENT_WORDS["event"].index(event))]
    changed_ = batch.column(column).to_pylist()
    for row in rows:
        changed_[row] = value
    place = batch.schema.get_field_index(column)
    wrong = batch.set_column(place, batch.schema.field(place), pa.array(changed_, batch.column(column).type))
    log = _written(tmp_path / "log.parquet", wrong)
    with pytest.raises(BadColumns, match=says):
        bulk_replay([log], Law(engine="table"), tmp_path / "out")
    with pytest.raises(BadColumns, match=says):
        replay_columns(wrong, Law(engine="table"), compiled=False)


# --- threads that share what is compiled -----------------------------------------------------------
def test_a_module_of_kernels_is_whole_for_every_thread_that_loads_it(tmp_path: Path) -> None:
    """Also where nothing was compiled yet: in a process of its own, with a cache of its own."""
    script = """
import threading
from fsm.bulk.jit import load
seen, together = [], threading.Barrier(6)
def ask():
    together.wait()
    seen.append(all(hasattr(load("fill"), name) for name in ("copied", "decided", "looked_up")))
threads = [threading.Thread(target=ask) for _ in range(6)]
[each.start() for each in threads]
[each.join() for each in threads]
print(seen)
"""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == (f"{[True] * 6}\n", "")


def test_a_refusal_that_hangs_on_the_allowance_is_never_forgotten() -> None:
    """A thread that finds none must not undo what another has found meanwhile."""
    program = Program(Law(engine="table"))

    class _Found:
        def __init__(self, meanwhile: bool) -> None:
            self._meanwhile = meanwhile

        @property
        def refusals_differ(self) -> bool:
            if self._meanwhile:
                program.contest(True)
            return False

    runner = Runner(program, compiled=False)
    coded = encode(_traffic(), program, load("shape", False))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("fsm.bulk.bucket.decide", lambda *_: [_Found(True)])
        with pytest.raises(AttributeError):
            runner._decided(program.law, coded, [0], None)
    assert program.contested_refusals
