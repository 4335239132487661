"""The ledger of a whole log, read back from its files, word by word what the reference machine says of each delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow.parquet as pq
import pytest

from fsm import terms
from fsm.bulk import Digest, bulk_replay, digest
from fsm.bulk.job import Summary
from fsm.bulk.ledger import LEDGER_COLUMNS
from fsm.columns import from_events, to_events
from fsm.columns.names import EVENT_WORDS, result_words
from fsm.columns.writing import EventWriter
from fsm.events import Account, Event, changed, read_account
from fsm.generate import Traffic
from fsm.generate.output import generate_batches
from fsm.machine import Law, Outcome
from fsm.replay import Result, replay
from tests.parity.histories import history_of
from tests.parity.hostile import crowd, hostile

MILLISECOND: Final = 1_000
WORDS: Final = {**result_words(), "event": EVENT_WORDS["event"]}
MASKS: Final = ("opens", "flags")

Row = dict[str, Any]
Log = tuple[Sequence[Event], Account]


# --- what the reference says -------------------------------------------------
def expected_rows(events: Sequence[Event], law: Law) -> Iterator[Row]:
    """The rows of the ledger: the first delivery of each message, and to each member of a group, and those of none."""
    reached: dict[tuple[str, ...], set[str]] = {}
    for result in replay(law, events):
        event, outcome = result.event, result.outcome
        if event.event not in terms.DELIVERY_EVENTS:
            continue
        sent = result.thread.message(event.id)
        members = reached.setdefault((event.business, event.customer, event.id), set())
        repeats = event.participant in members if event.participant and members - {""} else bool(members)
        if not repeats:
            members.add(event.participant)
        if sent is None:
            assert "unknown_message" in outcome.flags
        elif repeats and changed(outcome, flags=()) == Outcome():
            continue
        ends = list(_ends(result))
        unit = result.free_unit
        yield {
            "business": event.business,
            "customer": event.customer,
            "id": event.id or None,
            "participant": event.participant or None,
            "event": event.event,
            "at": event.at // MILLISECOND,
            "content": None if sent is None else sent.content,
            "category": None if sent is None else sent.category,
            "rulebook": result.rulebook,
            "edition": result.edition,
            "because": " ".join(outcome.because),
            "charge": outcome.charge,
            "why": outcome.why,
            "opens": set(outcome.opens),
            "ends_at": ends[0] if ends else None,
            "other_ends_at": ends[1] if len(ends) > 1 else None,
            "joins": outcome.joins,
            "unit": None if unit is None else unit.place,
            "units": None if unit is None else unit.units,
            "flags": set(outcome.flags),
        }


def _ends(result: Result) -> Iterator[int]:
    """When each conversation or free entry point ends that the delivery opened, in the order of the lanes."""
    for lane in result.book.lanes:
        if {state.reported for state in lane.states} & set(result.outcome.opens):
            yield result.deadlines[lane.name] // MILLISECOND


def expected_charges(events: Sequence[Event], law: Law) -> Counter[tuple[str, str | None, str | None]]:
    """Deliveries by month of the account's zone, rate line and reason, counted one by one."""
    zone = law.account.time_zone
    return Counter(
        (f"{datetime.fromtimestamp(row['at'] / 1_000, zone):%Y-%m}", row["charge"], row["why"])
        for row in expected_rows(events, law)
    )


# --- what the files say --------------------------------------------------------
def written_rows(folder: Path) -> Iterator[Row]:
    """The rows of a ledger, with the words that its codes stand for."""
    for row in pq.read_table(folder).to_pylist():
        assert list(row) == list(LEDGER_COLUMNS)
        for name, words in WORDS.items():
            if name in MASKS:
                row[name] = {word for place, word in enumerate(words) if row[name] >> place & 1}
            elif name in row and row[name] is not None:
                row[name] = words[row[name]]
        yield {**row, "customer": str(row["customer"])}


def by_key(rows: Iterator[Row]) -> list[Row]:
    """Rows in an order that does not hang on who wrote them."""
    return sorted(rows, key=lambda row: [str(row[name]) for name in ("business", "customer", "at", "event", "id")])


def run(folder: Path, events: Sequence[Event], law: Law, profile: str = "coded", **options: Any) -> Summary:
    """Replay a log into `ledger` in a folder."""
    folder.mkdir(exist_ok=True)
    with EventWriter(str(folder / "log.parquet"), profile=profile) as writer:
        writer.write(from_events(events))
    return bulk_replay([str(folder / "log.parquet")], law, folder / "ledger", hashed=True, **options)


def check(folder: Path, log: Log, profile: str = "coded", **options: Any) -> list[Row]:
    """Hold the ledger of a log to the reference, column by column; its rows."""
    events, account = log
    law = Law(account, engine="table")
    summary = run(folder, events, law, profile, **options)
    found, wanted = by_key(written_rows(folder / "ledger")), by_key(expected_rows(events, law))
    if profile == "packed":
        # Ids are hashes.
        assert len({row["id"] for row in found}) == len({row["id"] for row in wanted})
        found, wanted = ([{**row, "id": None} for row in rows] for rows in (found, wanted))
        found, wanted = (sorted(rows, key=lambda row: str(sorted(row.items(), key=str))) for rows in (found, wanted))
    for ours, theirs in zip(found, wanted, strict=False):
        differs = [name for name in LEDGER_COLUMNS if ours[name] != theirs[name]]
        assert not differs, f"{differs[0]} of {theirs['event']} {theirs['id']} at {theirs['at']}: " + (
            f"{ours[differs[0]]!r}, not {theirs[differs[0]]!r}"
        )
    assert len(found) == len(wanted)
    assert summary.charged == expected_charges(events, law)
    assert summary.written == len(found)
    hashed = summary.digest or Digest()
    assert hashed.difference(digest([pq.read_table(folder / "ledger")])) == ""
    return found


# --- logs ---------------------------------------------------------------------
@pytest.mark.parametrize("workers", [1, 2])
def test_the_ledger_of_hostile_histories_is_that_of_the_reference(tmp_path: Path, workers: int) -> None:
    rows: list[Row] = []
    for seed in range(24):
        rows += check(tmp_path / str(seed), hostile(seed), buckets=4, workers=workers)
    for seed in range(0, 12, 3):
        rows += check(tmp_path / f"crowd{seed}", crowd(seed), buckets=4, workers=workers)
    # Every column says something in some row, and nothing in others, so that none is held to emptiness alone.
    for name in set(LEDGER_COLUMNS) - {"business", "customer", "id", "event", "at", "rulebook", "edition"}:
        assert {bool(row[name]) for row in rows} == {True, False}, name


def test_the_ledger_of_histories_under_every_rulebook_is_that_of_the_reference(tmp_path: Path) -> None:
    rows = [row for seed in range(30) for row in check(tmp_path / str(seed), history_of(seed), buckets=2)]
    assert len({row["rulebook"] for row in rows}) > 4


@pytest.mark.parametrize(
    "account",
    [Account(), Account(free_left=30), Account(free_left=7, payment_method=False, direct_send=True)],
    ids=["all left", "thirty left", "no card"],
)
def test_the_ledger_of_many_threads_that_share_an_allowance_is_that_of_the_reference(
    account: Account, tmp_path: Path
) -> None:
    many = [attrs.evolve(event, customer=f"{event.customer}{seed}") for seed in range(40) for event in hostile(seed)[0]]
    assert len(check(tmp_path, (many, account), buckets=8)) > 150


@pytest.mark.parametrize("profile", ["packed", "coded"])
@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "+05:30"])
def test_the_ledger_of_a_month_of_traffic_is_that_of_the_reference(tmp_path: Path, profile: str, zone: str) -> None:
    account = read_account({"time_zone": zone, "allowances": {"free_left": 50}})
    traffic = Traffic(threads=60, days=40, seed=3)
    events = [event for batch in generate_batches(traffic) for event in to_events(batch)]
    rows = check(tmp_path, (events, account), profile, buckets=4, workers=2, memory=0)
    assert len({row["charge"] for row in rows}) > 3


# --- the borders of months, and where a job begins anew ------------------------
def conversation(customer: str, at: str) -> list[Event]:
    """A customer writes, and gets a reply that is delivered at an instant."""
    when = int(datetime.fromisoformat(at).timestamp()) * 1_000_000

    def event(name: str, seconds: int, id: str, content: str | None = None) -> Event:
        before = when - seconds * 1_000_000
        return Event(
            event=name, at=before, business="b", customer=customer, id=f"{id}-{customer}-{at}", content=content
        )

    return [
        event("customer_message", 60, "in"),
        event("message_sent", 1, "out", "free_form"),
        event("message_delivered", 0, "out"),
    ]


def test_the_first_instant_of_a_month_belongs_to_it(tmp_path: Path) -> None:
    events = conversation("5215550001111", "2023-09-10T00:00:00Z") + conversation(
        "5215550001111", "2023-10-01T00:00:00Z"
    )
    check(tmp_path, (events, Account(free_left=0)))


@pytest.mark.parametrize("profile", ["packed", "coded"])
def test_a_month_that_only_a_later_file_tells_of_comes_first(tmp_path: Path, profile: str) -> None:
    """What is left of the allowance belongs to the month of the earliest event, in whichever file it stands."""
    law = Law(Account(free_left=0), engine="table")
    events = (
        conversation("5215550001111", "2023-09-10T00:00:00Z"),
        conversation("5215550002222", "2023-08-10T00:00:00Z"),
    )
    files = []
    for number, each in enumerate(events):
        files.append(str(tmp_path / f"{number}.parquet"))
        with EventWriter(files[-1], profile=profile) as writer:
            writer.write(from_events(each))
    summary = bulk_replay(files, law, tmp_path / "ledger", workers=1)
    assert summary.charged == expected_charges([*events[0], *events[1]], law)
    assert {why for _, _, why in summary.charged} == {"regular", "free_tier"}


def test_a_job_that_begins_anew_counts_nothing_twice(tmp_path: Path) -> None:
    """An account without payment method: its refusals hang on the allowance, and that is known behind the first bucket."""
    events = [each for n in range(8) for each in conversation(f"52155500{n:05}", f"2023-09-10T00:0{n}:00Z")]
    law = Law(Account(free_left=1, payment_method=False), engine="table")
    summary = run(tmp_path, events, law, buckets=2, volumes=True)
    assert summary.charged == expected_charges(events, law)
    told = [row for row in expected_rows(events, law) if row["charge"]]
    assert sum(summary.volumes.values()) == len(told)


def test_of_two_threads_in_one_second_the_lesser_id_gets_the_last_unit(tmp_path: Path) -> None:
    at = "2023-09-10T00:00:00Z"
    one, other = conversation("5215550001111", at), conversation("5215550002222", at)
    events = [attrs.evolve(event, id=f"zz-{event.id}") for event in one] + other
    rows = check(tmp_path, (events, Account(free_left=1)), buckets=1)
    assert {row["id"][:2]: row["unit"] for row in rows} == {"zz": None, "ou": 1_000}


def test_a_row_group_of_which_some_rows_are_inferred_keeps_which(tmp_path: Path) -> None:
    events = []
    for inferred, at in ((True, "2026-06-10T00:00:00Z"), (False, "2026-06-10T00:01:00Z")):
        _, sent, delivered = conversation("5215550001111", at)
        events += [changed(sent, content="template", category="utility", inferred=inferred), delivered]
    rows = check(tmp_path, (events, Account()), "packed")
    assert [row["flags"] for row in sorted(rows, key=lambda row: row["at"])] == [{"inferred"}, set()]
