"""One canonical hash: reference machine, table, kernel (compiled and not), one bucket and many, one worker and two."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from fsm import terms
from fsm.bulk import Digest, Threads, bulk_replay, digest, replay_columns
from fsm.bulk.memory import MOST_UNITS
from fsm.bulk.results import BOTH
from fsm.columns import from_events
from fsm.columns.results import from_results, to_results
from fsm.columns.schema import result_schema
from fsm.columns.writing import EventWriter
from fsm.errors import BadColumns
from fsm.events import Account, Event, read_account, read_event
from fsm.harness.conform.vectors import all_vectors
from fsm.machine import Law
from fsm.replay import replay, write_result
from fsm.service.customer_thread import CustomerThread
from tests.parity.histories import history_of
from tests.parity.hostile import crowd, hostile
from tests.worked_examples import timelines

HOSTILE = range(int(os.environ.get("FSM_HISTORIES", "40")))
"""`make histories` runs many more of them."""
ENGINES = (pytest.param(True, id="compiled"), pytest.param(False, id="as Python runs it"))
ZONES = ("UTC", "+05:30", "America/Sao_Paulo")

Log = tuple[Sequence[Event], Account]


@lru_cache(maxsize=64)
def _law(account: Account) -> Law:
    """The law of an account: the kernel's cells of one log serve the next."""
    return Law(account, engine="table")


def _expected(log: Log) -> list[dict[str, object]]:
    events, account = log
    return [write_result(result) for result in replay(_law(account), events)]


def _same(log: Log, name: object, *, compiled: bool) -> None:
    events, account = log
    found = list(to_results(replay_columns(from_events(events), _law(account), compiled=compiled)))
    expected = _expected(log)
    for ours, theirs in zip(found, expected, strict=False):
        differs = [member for member in theirs if ours[member] != theirs[member]]
        assert not differs, f"{name}: {differs[0]} of {theirs['event']} {theirs['id']} at {theirs['at']}: " + (
            f"{ours[differs[0]]!r}, not {theirs[differs[0]]!r}"
        )
    assert len(found) == len(expected), name


@pytest.mark.parametrize("compiled", ENGINES)
def test_hostile_histories_give_what_the_reference_says(compiled: bool) -> None:
    for seed in HOSTILE:
        _same(hostile(seed), f"hostile {seed}", compiled=compiled)


@pytest.mark.parametrize("compiled", ENGINES)
def test_crowds_of_one_second_around_the_last_free_unit_give_what_the_reference_says(compiled: bool) -> None:
    for seed in HOSTILE:
        _same(crowd(seed), f"crowd {seed}", compiled=compiled)


@pytest.mark.parametrize("compiled", ENGINES)
def test_random_histories_give_what_the_reference_says(compiled: bool) -> None:
    for seed in HOSTILE:
        _same(history_of(seed), f"history {seed}", compiled=compiled)


@pytest.mark.parametrize("compiled", ENGINES)
def test_worked_examples_give_what_the_reference_says(compiled: bool) -> None:
    # Each of them one way; in which one is of no importance, since random histories go both.
    for timeline in list(timelines())[int(compiled) :: 2]:
        _same((timeline.events, timeline.account), timeline.id, compiled=compiled)


@pytest.mark.parametrize("place", range(len(ZONES)))
def test_every_scenario_gives_what_the_reference_says(place: int) -> None:
    told, zone = 0, ZONES[place]
    for vector in all_vectors()[place :: len(ZONES)]:
        account = read_account({**vector.account, "time_zone": vector.account.get("time_zone", zone)})
        events = [read_event(event)[0] for event in vector.events]
        told += len(events)
        _same((events, account), vector.id, compiled=True)
    assert told > 300


@pytest.mark.parametrize("compiled", ENGINES)
def test_what_once_gave_two_answers_gives_what_the_reference_says(compiled: bool) -> None:
    """A stated end of 0, told twice; an id that reads like an instant, and one that ends like a member of a group."""
    one, at = {"business": "100", "customer": "5511999990000"}, "2023-07-10T10:01:0"
    free: list[dict[str, Any]] = [
        {"event": "customer_message", "at": "2023-07-10T10:00:00Z", "id": "in", "entry": "ad"},
        {"event": "message_sent", "at": f"{at}0Z", "id": "a", "content": "free_form"},
        {"event": "message_delivered", "at": f"{at}1Z", "id": "a", "entry_point_ends_at": 0},
        {"event": "message_delivered", "at": f"{at}1Z", "id": "a", "entry_point_ends_at": "2023-07-20T00:00:00Z"},
        {
            "event": "message_sent",
            "at": "2023-07-15T10:00:00Z",
            "id": "b",
            "content": "template",
            "category": "marketing",
        },
        {"event": "message_delivered", "at": "2023-07-15T10:00:01Z", "id": "b"},
    ]
    named: list[dict[str, Any]] = [
        {"event": "opted_in", "at": f"{at}0Z"},
        {"event": "opted_in", "at": f"{at}0Z", "id": f"{at}0Z"},
        {"event": "message_sent", "at": f"{at}0Z", "id": "m", "content": "template", "category": "utility"},
        {"event": "message_sent", "at": f"{at}0Z", "id": "m to p", "content": "template", "category": "utility"},
        {"event": "message_delivered", "at": f"{at}1Z", "id": "m", "participant": "p"},
        {"event": "message_delivered", "at": f"{at}1Z", "id": "m to p"},
    ]
    for told in (free, named):
        log: Log = ([read_event({**event, **one})[0] for event in told], Account())
        _same(log, told[0]["event"], compiled=compiled)
    assert [row["charge"] for row in _expected(log)][-2:] == ["utility", None]
    assert len(_expected(log)) == len(named)


CALLED_TWICE = [
    {"event": "customer_message", "at": "2026-06-10T10:00:00Z", "id": "in"},
    {"event": "customer_call", "at": "2026-06-10T10:00:00Z", "id": "call"},
    {"event": "customer_call", "at": "2026-06-10T10:00:01Z", "id": "call"},
]
"""A call is told when it connects and when it ends, which is no contradiction."""
END_TOLD_LATER = [
    {"event": "customer_message", "at": "2023-07-10T10:00:00Z", "id": "in", "entry": "ad"},
    {"event": "message_sent", "at": "2023-07-10T10:01:00Z", "id": "a", "content": "free_form"},
    {"event": "message_delivered", "at": "2023-07-10T10:01:01Z", "id": "a"},
    {
        "event": "message_delivered",
        "at": "2023-07-10T10:01:02Z",
        "id": "a",
        "entry_point_ends_at": "2023-07-10T19:00:00Z",
    },
    {"event": "message_sent", "at": "2023-07-11T10:00:00Z", "id": "b", "content": "template", "category": "marketing"},
    {"event": "message_delivered", "at": "2023-07-11T10:00:01Z", "id": "b"},
]
"""The same delivery again, one second later, with the end that the first telling lacked."""
CLOCK_OF_ANOTHER = [
    {"event": "customer_message", "at": "2026-06-10T10:00:00Z", "id": "in", "customer": "one"},
    {"event": "opted_in", "at": "2026-06-11T10:00:00Z", "customer": "one"},
    {"event": "message_sent", "at": "2026-06-11T10:00:00Z", "id": "x", "content": "template", "category": "utility"},
]
"""A window of one thread runs out in the instant in which another thread begins."""


@pytest.mark.parametrize("compiled", ENGINES)
@pytest.mark.parametrize("told", [CALLED_TWICE, END_TOLD_LATER, CLOCK_OF_ANOTHER], ids=["call", "end", "clock"])
def test_what_no_random_history_told_of_gives_what_the_reference_says(told: list[Any], compiled: bool) -> None:
    one = {"business": "100", "customer": "5511999990000"}
    _same(([read_event({**one, **event})[0] for event in told], Account()), told, compiled=compiled)


@pytest.mark.parametrize("compiled", ENGINES)
def test_the_month_of_what_is_left_is_that_of_the_earliest_telling(compiled: bool) -> None:
    """Also of one that gives way: a status of January tells of a message, whose record of March counts in its place."""
    one = {"business": "100", "customer": "5511999990000"}
    told: list[dict[str, Any]] = [
        {"event": "message_sent", "at": "2023-01-29T00:00:00Z", "id": "o", "content": "free_form", "inferred": True},
        {
            "event": "message_sent",
            "at": "2023-03-10T00:00:00Z",
            "id": "o",
            "content": "template",
            "category": "utility",
        },
        {"event": "customer_message", "at": "2023-02-08T00:00:00Z", "id": "in"},
        {"event": "message_sent", "at": "2023-02-08T00:00:10Z", "id": "p", "content": "free_form"},
        {"event": "message_delivered", "at": "2023-02-08T00:00:11Z", "id": "p"},
    ]
    events, account = [read_event({**one, **event})[0] for event in told], Account(free_left=0)
    _same((events, account), "earliest", compiled=compiled)
    thread = CustomerThread("100", "5511999990000", account)
    for event in reversed(events):
        thread.record(event)
    whys = [row["why"] for row in _expected((events, account)) if row["event"] == "message_delivered"]
    assert whys == ["free_tier"]
    assert [each.outcome.why for each in thread.history if each.event.event == "message_delivered"] == whys


@pytest.mark.parametrize("start", ["sent", "delivered", "by_date"])
def test_a_reply_in_the_very_instant_in_which_its_entry_point_ends_gives_what_the_reference_says(start: str) -> None:
    one = {"business": "100", "customer": "5511999990000"}
    answered = 0
    for day in ("2022-06-10", "2023-01-10", "2023-07-10", "2024-02-01", "2025-08-01", "2026-11-02"):
        sent = datetime.fromisoformat(f"{day}T10:00:00+00:00")
        for hours, late in itertools.product((24, 72), (-1, 0, 1)):
            came = sent + timedelta(hours=hours, seconds=late)
            told = [
                {"event": "customer_message", "at": (sent - timedelta(hours=1)).isoformat(), "id": "in", "entry": "ad"},
                {"event": "message_sent", "at": sent.isoformat(), "id": "a", "content": "free_form"},
                {"event": "customer_message", "at": (came - timedelta(hours=2)).isoformat(), "id": "more"},
                {"event": "message_delivered", "at": came.isoformat(), "id": "a"},
            ]
            log = [read_event({**event, **one})[0] for event in told], read_account({"policy": {"fep_start": start}})
            _same(log, (day, hours, late), compiled=False)
            answered += any("free_entry_point" in row["opens"] for row in _expected(log))  # type: ignore[operator]
    assert answered


@lru_cache(maxsize=1)
def _crowd() -> Log:
    """Many hostile histories as one log of one account: their threads share the allowance."""
    events: list[Event] = []
    for seed in range(40):
        events += (attrs.evolve(event, customer=f"{event.customer}{seed}") for event in hostile(seed)[0])
    return events, Account(free_left=7, payment_method=False, direct_send=True)


@pytest.mark.parametrize(
    "account", [Account(), Account(free_left=7), _crowd()[1]], ids=["all", "seven left", "no card"]
)
def test_one_bucket_and_many_one_worker_and_two_give_one_hash(account: Account, tmp_path: Path) -> None:
    events = _crowd()[0]
    law = Law(account, engine="table")
    expected = digest([from_results(replay(law, events))])
    reference = digest([from_results(replay(Law(account, engine="machine"), events))])
    assert reference.difference(expected) == ""
    batch = from_events(events)
    for compiled in (True, False):
        assert digest([replay_columns(batch, law, compiled=compiled)]).difference(expected) == ""
    with EventWriter(str(tmp_path / "log.parquet"), profile="coded") as writer:
        writer.write(batch)
    for buckets, workers in ((1, 1), (8, 1), (8, 2), (64, 2)):
        found = _job(tmp_path, law, buckets, workers, "results")
        assert found.difference(expected) == "", f"{buckets} buckets, {workers} workers"


def _job(tmp_path: Path, law: Law, buckets: int, workers: int, write: str) -> Digest:
    out = tmp_path / f"{write}-{buckets}-{workers}"
    summary = bulk_replay(
        [str(tmp_path / "log.parquet")], law, out, write=write, buckets=buckets, workers=workers, hashed=True
    )
    assert summary.digest is not None
    return summary.digest


def test_a_ledger_has_one_hash_however_it_was_parted(tmp_path: Path) -> None:
    events, account = _crowd()
    with EventWriter(str(tmp_path / "log.parquet"), profile="coded") as writer:
        writer.write(from_events(events))
    law = Law(account, engine="table")
    found = {_job(tmp_path, law, buckets, workers, "ledger").text for buckets, workers in ((1, 1), (16, 1), (16, 2))}
    assert len(found) == 1


def _deliveries(log: Log) -> Iterator[dict[str, Any]]:
    for result in replay(Law(log[1], engine="table"), log[0]):
        if result.event.event in ("message_delivered", "message_read", "message_played"):
            yield {
                "id": result.event.id,
                "charge": result.outcome.charge,
                "why": result.outcome.why,
                "unit": None if result.free_unit is None else result.free_unit.place,
                "units": None if result.free_unit is None else result.free_unit.units,
            }


def test_the_free_units_of_a_ledger_are_those_of_the_reference(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    log = (_crowd()[0], Account(free_left=30))
    with EventWriter(str(tmp_path / "log.parquet"), profile="coded") as writer:
        writer.write(from_events(log[0]))
    bulk_replay([str(tmp_path / "log.parquet")], Law(log[1], engine="table"), tmp_path / "ledger", buckets=8)
    table = pq.read_table(tmp_path / "ledger", columns=["id", "unit", "units"]).to_pylist()
    found = sorted((row["id"], row["unit"], row["units"]) for row in table if row["unit"] is not None)
    expected = sorted((row["id"], row["unit"], row["units"]) for row in _deliveries(log) if row["unit"] is not None)
    assert found == expected
    assert len(expected) > 20


def test_a_tie_around_the_last_unit_is_one_however_its_threads_are_parted(tmp_path: Path) -> None:
    """One unit is left, and two threads of different buckets use it in one second: found out behind both of them."""
    told = []
    for customer, id in (
        ("5215550001111", "zz"),
        ("5215550002222", "aa"),
        ("5215550003333", "mm"),
        ("5215550004444", "bb"),
    ):
        one = {"business": "100", "customer": customer}
        told += [
            {"event": "customer_message", "at": "2023-09-10T09:00:00Z", "id": f"in-{id}", **one},
            {"event": "message_sent", "at": "2023-09-10T09:59:59Z", "id": id, "content": "free_form", **one},
            {"event": "message_delivered", "at": "2023-09-10T10:00:00Z", "id": id, **one},
        ]
    events, law = [read_event(event)[0] for event in told], Law(Account(free_left=1), engine="table")
    expected = digest([from_results(replay(law, events))])
    with EventWriter(str(tmp_path / "log.parquet"), profile="coded") as writer:
        writer.write(from_events(events))
    for buckets, workers in ((1, 1), (2, 1), (8, 1), (8, 2)):
        assert _job(tmp_path, law, buckets, workers, "results").difference(expected) == "", buckets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": ["a"], "error": [None]}, {"id": ["a"], "error": [0]}),
        ({"id": ["a", "b"], "charge": ["utility", None]}, {"id": ["a", "b"], "charge": [None, "utility"]}),
        (
            {"at": [5, 5], "id": ["a", "b"], "charge": ["utility", None]},
            {"at": [5, 5], "id": ["a", "b"], "charge": [None, "utility"]},
        ),
        (
            {"id": ["a", "a"], "participant": ["p", "q"], "charge": ["utility", None]},
            {"id": ["a", "a"], "participant": ["p", "q"], "charge": [None, "utility"]},
        ),
    ],
    ids=["nothing is not 0", "of two messages", "in one instant", "of two members"],
)
def test_a_digest_tells_what_belongs_to_which_row(one: dict[str, Any], other: dict[str, Any]) -> None:
    types = {
        "error": pa.int32(),
        "charge": pa.string(),
        "at": pa.int64(),
        "id": pa.string(),
        "participant": pa.string(),
    }
    ours, theirs = (
        digest([pa.record_batch({name: pa.array(cells, types[name]) for name, cells in rows.items()})])
        for rows in (one, other)
    )
    assert ours.text != theirs.text
    assert ours.difference(theirs)


@pytest.mark.parametrize("left", [0, 1_000_000])
def test_both_answers_of_whole_threads_hold_that_of_the_reference(left: int) -> None:
    names = result_schema().names
    tie = list(terms.FLAGS).index("tie_sensitive")
    counted = 0
    for seed in range(12):
        events = crowd(seed)[0]
        law = Law(Account(free_left=left), engine="table")
        batch = Threads(law, compiled=False).results(from_events(events))
        columns = {name: batch.column(name) for name in names}
        if left:
            columns |= {name: batch.column(f"left_{name}") for name in BOTH}
        hangs = batch.column("counter").is_valid().to_pylist()
        counted += sum(hangs)
        ties = batch.column("ties").to_pylist()
        flags = [
            flag | (ties[row] >> min(left, MOST_UNITS) & hangs[row]) << tie
            for row, flag in enumerate(columns["flags"].to_pylist())
        ]
        columns["flags"] = pa.array(flags, pa.int32())
        found = digest([pa.record_batch([columns[name] for name in names], schema=result_schema())])
        assert found.difference(digest([from_results(replay(law, events))])) == "", seed
    assert counted > 50


def test_an_account_whose_refusals_hang_on_the_allowance_is_not_run_thread_by_thread() -> None:
    law = Law(Account(payment_method=False), engine="table")
    with pytest.raises(BadColumns, match="no payment method"):
        Threads(law, compiled=False).results(from_events(crowd(3)[0]))


def test_a_difference_is_named_by_its_first_member() -> None:
    events, account = hostile(1)
    batch = replay_columns(from_events(events), Law(account, engine="table"), compiled=False)
    place = batch.schema.get_field_index("flags")
    other = batch.set_column(place, batch.schema.field(place), batch.column(place).fill_null(0).take([0] * len(batch)))
    assert digest([batch]).difference(digest([other])) in ("member 'flags'", "")
    assert (
        digest([batch]).difference(digest([batch.slice(1)])) == f"{batch.num_rows:,} rows, not {batch.num_rows - 1:,}"
    )
