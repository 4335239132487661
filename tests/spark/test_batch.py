"""A whole history on Spark gives the bytes of the reference."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fsm.bulk.digest import digest
from fsm.bulk.job import bulk_replay
from fsm.columns import EventWriter, FolderWriter, Names, from_events, write_events
from fsm.errors import BadColumns, NoRulebookInForce
from fsm.events import Account, Event, changed, read_account, read_event
from fsm.harness.compile import compile_folder
from fsm.harness.places import features_folder
from fsm.machine import Law
from fsm.replay import replay, write_result
from fsm.spark import batch, output
from fsm.spark.batch import by_thread, read_log, read_rows, replay_on_spark
from fsm.spark.footers import cluster_footer, local_footer
from fsm.spark.parcels import PARCEL
from fsm.spark.worker import Job
from tests.parity.histories import history
from tests.parity.hostile import hostile
from tests.spark.histories import (
    as_thread_of_its_own,
    canonical_hash,
    covered,
    reference_hash,
    results_in,
    write_log,
)
from tests.worked_examples import timelines

DAY = 86_400_000_000
JUNE_2023 = 1_685_577_600_000_000
"""2023-06-01T00:00:00Z: a month with an allowance, which takes two runs."""
AUGUST_2025 = 1_754_006_400_000_000
"""2025-08-01T00:00:00Z: one without, which takes one."""


def conversation(customer: str, at: int, number: int, business: str = "the bakery") -> list[Event]:
    """A question, its answer, and the answer's delivery."""
    common: dict[str, Any] = {"business": business, "customer": customer}
    return [
        Event(event="customer_message", at=at, id=f"q{number}", **common),
        Event(event="message_sent", at=at + 1_000_000, id=f"a{number}", content="free_form", **common),
        Event(event="message_delivered", at=at + 2_000_000, id=f"a{number}", **common),
    ]


def replayed(session: Any, events: list[Event], account: Account, folder: Path, **options: Any) -> str:
    write_log(events, folder / "log")
    options = {"compiled": False, "rows": 50, **options}
    replay_on_spark(session, str(folder / "log"), account, str(folder / "results"), **options)
    return canonical_hash(results_in(folder / "results"))


ACCOUNTS = {
    "the allowance runs out": {"allowances": {"free_left": 3}, "time_zone": "America/Mexico_City"},
    "an entry point uses units though none is left": {
        "allowances": {"free_left": 2},
        "policy": {"fep_consumes_free_tier": "yes"},
    },
    "a refusal hangs on the allowance": {"allowances": {"free_left": 2}, "payment_method": False},
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_hostile_histories_give_the_hash_of_the_reference(session: Any, tmp_path: Path, name: str) -> None:
    account = read_account(ACCOUNTS[name])
    events = [
        event for seed in range(40) for event in as_thread_of_its_own(covered(hostile(seed)[0], account), seed % 7)
    ]
    assert replayed(session, events, account, tmp_path) == reference_hash(events, account)


def test_scenarios_worked_examples_and_random_histories_give_the_hash_of_the_reference(
    session: Any, tmp_path: Path
) -> None:
    """One job: each history under business numbers of its own, all under one account."""
    histories = [[read_event(event)[0] for event in history(seed)[0]] for seed in range(150)]
    histories += [list(timeline.events) for timeline in timelines()]
    histories += [list(script.events) for script in compile_folder(features_folder(), "en")]
    account = Account()
    events = [
        event for number, each in enumerate(histories) for event in as_thread_of_its_own(covered(each, account), number)
    ]
    assert len(histories) > 500
    assert replayed(session, events, account, tmp_path, compiled=True, rows=5_000) == reference_hash(events, account)


def test_a_number_with_nearly_all_the_traffic_spreads_over_all_partitions(session: Any, tmp_path: Path) -> None:
    busy = [event for n in range(400) for event in conversation(f"52155500{n:05}", JUNE_2023 + n * 1_000_000, n)]
    events = busy + conversation("12125550123", JUNE_2023, 0, business="the florist")
    write_log(events, tmp_path / "log")
    log, words, _ = read_log(session, [str(tmp_path / "log")])
    job = Job(words=words, buckets=32)
    parts = by_thread(session, log, job, 4).rdd.glom().collect()
    threads = [
        {
            (business, customer)
            for row in part
            for table in [pa.ipc.open_stream(row[PARCEL]).read_all()]
            for business, customer in zip(table["business"].to_pylist(), table["customer"].to_pylist(), strict=True)
        }
        for part in parts
    ]
    assert sum(map(len, threads)) == len(set().union(*threads)) == 401
    busiest = [sum(business == "the bakery" for business, _ in part) for part in threads]
    assert len(busiest) == 4
    assert 70 < min(busiest) <= max(busiest) < 130


def test_files_tell_their_span_and_rows_are_read_where_one_does_not(session: Any, tmp_path: Path) -> None:
    events = [event for n in range(40) for event in conversation(f"52155500{n:05}", JUNE_2023 + n * DAY, n)]
    expected = (min(event.at for event in events), max(event.at for event in events))
    write_log(events, tmp_path / "log")
    log, _, told = read_log(session, [str(tmp_path / "log")])
    assert told == batch._span(log) == expected
    for path in log.inputFiles():
        assert local_footer(path) == cluster_footer(session, path)
    silent = sorted((tmp_path / "log").iterdir())[0]
    table = pq.read_table(silent)
    pq.write_table(table, silent, write_statistics=False)
    log, _, told = read_log(session, [str(tmp_path / "log")])
    assert told is None
    assert batch._span(log) == expected


def test_a_thread_that_comes_in_many_parcels_is_replayed_whole(session: Any, tmp_path: Path) -> None:
    events = [event for n in range(700) for event in conversation("5215550001111", AUGUST_2025 + n * DAY // 9, n)]
    before = session.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch")
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
    try:
        assert replayed(session, events, Account(), tmp_path) == reference_hash(events, Account())
    finally:
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", before)


def test_files_whose_times_are_swapped_give_the_same_answers(session: Any, tmp_path: Path) -> None:
    """A streaming job once gave other totals when the later half of a log lay in the older file."""
    events = [e for n in range(40) for e in conversation(f"5215550{n % 5:04}", AUGUST_2025 + n * DAY // 3, n)]
    hashes = []
    for swapped in (False, True):
        folder = tmp_path / str(swapped)
        folder.mkdir()
        for half, at in (
            ((0, 2_000_000_000), (1, 1_000_000_000)) if swapped else ((0, 1_000_000_000), (1, 2_000_000_000))
        ):
            path = folder / f"{half}.parquet"
            write_events([from_events(events[half * 60 : half * 60 + 60])], str(path))
            os.utime(path, (at, at))
        replay_on_spark(session, str(folder), Account(), str(tmp_path / f"results-{swapped}"), compiled=False)
        hashes.append(canonical_hash(results_in(tmp_path / f"results-{swapped}")))
    assert hashes[0] == hashes[1] == reference_hash(events, Account())


def test_the_ledger_has_the_digest_of_the_one_that_one_machine_writes(session: Any, tmp_path: Path) -> None:
    account = read_account(ACCOUNTS["an entry point uses units though none is left"])
    events = [
        event for seed in range(40, 80) for event in as_thread_of_its_own(covered(hostile(seed)[0], account), seed % 7)
    ]
    events = [
        changed(event, participant="5215550002222") if event.event == "message_delivered" and place % 5 == 0 else event
        for place, event in enumerate(events)
    ]
    log = write_log(events, tmp_path / "log")
    replay_on_spark(session, str(log), account, str(tmp_path / "spark"), write="ledger", compiled=False)
    bulk_replay([str(log)], Law(account, engine="table"), tmp_path / "bulk", compiled=False)
    ours, theirs = read_rows(str(tmp_path / "spark")), pq.read_table(tmp_path / "bulk")
    assert ours.num_rows > 100
    assert all(ours.column(name).null_count < ours.num_rows for name in ("unit", "participant"))
    assert digest([ours]).difference(digest([theirs])) == ""


@pytest.mark.parametrize(
    ("profile", "reader"), [("readable", "spark"), ("packed", "spark"), ("packed", "workers"), ("coded", "spark")]
)
def test_every_profile_of_columns_gives_the_same_answers_whoever_reads_it(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, reader: str
) -> None:
    """Where workers cannot open files by their path, Spark reads and writes them: here it is made to."""
    if reader == "spark":
        monkeypatch.setattr(batch, "is_here", lambda _: False)
        monkeypatch.setattr(output, "shared_folder", lambda *_: None)
    events = [e for n in range(12) for e in conversation(f"5215550{n % 5:04}", AUGUST_2025 + n * DAY // 3, n)]
    (tmp_path / "log").mkdir()
    write_events([from_events(events)], str(tmp_path / "log" / "a.parquet"), profile=profile)
    replay_on_spark(session, str(tmp_path / "log"), Account(), str(tmp_path / "results"), compiled=False)
    got = results_in(tmp_path / "results")
    if profile == "packed":
        # Ids are hashes: all else is the same.
        wanted = replay_reference(events)
        assert canonical_hash({**r, "id": None} for r in got) == canonical_hash({**r, "id": None} for r in wanted)
        assert len({r["id"] for r in got}) == len({r["id"] for r in wanted})
    else:
        assert canonical_hash(got) == reference_hash(events, Account())


@pytest.mark.parametrize("here", [True, False])
def test_a_log_in_folders_is_read_as_its_files_say(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    """Spark would take the name of a folder for a number, and its zeros with it."""
    monkeypatch.setattr(batch, "is_here", lambda _: here)
    events = [e for n in range(4) for e in conversation(f"5215550{n:04}", AUGUST_2025, n, business=f"010{n % 2}")]
    with FolderWriter(str(tmp_path / "log"), by=("business", "day")) as writer:
        writer.write(from_events(events))
    replay_on_spark(session, str(tmp_path / "log"), Account(), str(tmp_path / "results"), compiled=False)
    assert canonical_hash(results_in(tmp_path / "results")) == reference_hash(events, Account())


def test_who_writes_the_files_shows_nowhere(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [e for n in range(12) for e in conversation(f"5215550{n % 5:04}", JUNE_2023 + n * DAY // 3, n)]
    log = write_log(events, tmp_path / "log")
    found = []
    for name in ("workers", "spark"):
        if name == "spark":
            monkeypatch.setattr(output, "shared_folder", lambda *_: None)
        replay_on_spark(session, str(log), Account(), str(tmp_path / name), write="ledger", compiled=False)
        frame = session.read.parquet(str(tmp_path / name))
        told = {field.name: (field.dataType, field.metadata) for field in frame.schema.fields}
        found.append((told, sorted(map(tuple, frame.collect())), read_rows(str(tmp_path / name)).schema))
        assert (tmp_path / name / "_SUCCESS").exists()
    assert found[0] == found[1]
    assert found[0][0]["why"][1]["words"]


def test_nothing_is_run_for_a_target_that_must_stay_as_it_is(session: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    def replayed_into(mode: str) -> int:
        return replay_on_spark(session, "nowhere", Account(), str(tmp_path / "out"), mode=mode).passes

    with pytest.raises(BadColumns, match="exists already"):
        replayed_into("errorifexists")
    with pytest.raises(BadColumns, match="replace"):
        replayed_into("replace")
    assert replayed_into("ignore") == 0
    with pytest.raises(BadColumns, match=r"would lie in .*, which is read"):
        replay_on_spark(session, str(tmp_path), Account(), str(tmp_path / "new"))
    assert list((tmp_path / "out").iterdir()) == []


def replay_reference(events: list[Event]) -> list[dict[str, object]]:
    return [write_result(result) for result in replay(Law(Account(), engine="table"), events)]


def test_files_whose_codes_mean_different_words_are_brought_together(session: Any, tmp_path: Path) -> None:
    question, sent, delivered = conversation("5215550001111", AUGUST_2025, 0)
    sent = attrs.evolve(sent, content="template", category="newsletter")
    other = attrs.evolve(sent, at=sent.at + DAY, id="a1", category="digest")
    (tmp_path / "log").mkdir()
    for number, mine in enumerate(([question, sent, delivered], [other])):
        write_events([from_events(mine, Names())], str(tmp_path / "log" / f"{number}.parquet"))
    replay_on_spark(session, str(tmp_path / "log"), Account(), str(tmp_path / "results"), compiled=False)
    assert canonical_hash(results_in(tmp_path / "results")) == reference_hash(
        [question, sent, delivered, other], Account()
    )


def test_an_event_before_the_first_rulebook_is_refused_by_name(session: Any, tmp_path: Path) -> None:
    write_log([Event(event="opted_in", at=0, business="b", customer="c")], tmp_path / "log", files=1)
    with pytest.raises(NoRulebookInForce, match="1970"):
        replay_on_spark(session, str(tmp_path / "log"), Account(), str(tmp_path / "results"), compiled=False)
    assert not (tmp_path / "results").exists()


def test_parquet_that_is_no_log_is_refused_with_what_to_do(session: Any, tmp_path: Path) -> None:
    session.range(3).write.parquet(str(tmp_path / "numbers"))
    with pytest.raises(BadColumns, match="fsm columns"):
        replay_on_spark(session, str(tmp_path / "numbers"), Account(), str(tmp_path / "results"), compiled=False)


def test_a_bit_turned_over_is_told_whoever_reads_the_file(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = from_events(conversation("5215550001111", AUGUST_2025, 0))
    log = tmp_path / "log.parquet"
    with EventWriter(str(log), profile="packed", compression="none") as writer:
        writer.write(events)
    raw = log.read_bytes()
    place = raw.index((5215550001111).to_bytes(8, "little"))
    log.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
    for here in (True, False):
        monkeypatch.setattr(batch, "is_here", lambda _, here=here: here)
        with pytest.raises(Exception, match=r"(?i)checksum"):
            replay_on_spark(session, str(log), Account(), str(tmp_path / f"results-{here}"), compiled=False)


def test_files_of_two_kinds_and_files_of_another_format_are_refused_by_name(session: Any, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    for profile in ("packed", "coded"):
        events = from_events(conversation("5215550001111", AUGUST_2025, 0))
        write_events([events], str(tmp_path / "log" / f"{profile}.parquet"), profile=profile)
    with pytest.raises(BadColumns, match=r"coded\.parquet and .*packed\.parquet: customers or ids"):
        replay_on_spark(session, str(tmp_path / "log"), Account(), str(tmp_path / "results"), compiled=False)
    (tmp_path / "log.csv").write_text("event,at\n")
    with pytest.raises(BadColumns, match=r"log\.csv cannot be read as Parquet"):
        replay_on_spark(session, str(tmp_path / "log.csv"), Account(), str(tmp_path / "results"), compiled=False)


def test_a_folder_that_is_not_there_is_refused_by_name(session: Any, tmp_path: Path) -> None:
    with pytest.raises(BadColumns, match="nowhere"):
        replay_on_spark(session, str(tmp_path / "nowhere"), Account(), str(tmp_path / "results"), compiled=False)
