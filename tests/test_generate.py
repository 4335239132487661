"""Generated traffic: the same for the same seed, nobody's, and a valid log under every law."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import phonenumbers
import pytest

from fsm import terms
from fsm.cli.main import main
from fsm.columns import EventReader, names_of, read_events, to_events
from fsm.columns.lines import json_lines
from fsm.errors import BadColumns, BadTraffic, NoRulebookInForce
from fsm.events import Account, Event
from fsm.events.instants import SECOND
from fsm.generate import STORIES, Traffic, people
from fsm.generate.bodies import body_of, write_bodies
from fsm.generate.chance import below, chosen, draw, happens, waited, waits
from fsm.generate.law import refusal_codes, window_seconds
from fsm.generate.output import Statistics, columns_of, generate_batches, write_log, write_parts
from fsm.generate.stories import Made, make
from fsm.machine import Law
from fsm.machine.table import Table
from fsm.replay import replay
from fsm.rulebooks.timeline import editions
from fsm.service.rate_files import shipped_markets
from fsm.service.reading import read_all

DAYS = [book.since for book in editions()]


def told(traffic: Traffic, **options: Any) -> list[Event]:
    """The events of some traffic."""
    return [event for batch in generate_batches(traffic, **options) for event in to_events(batch)]


def lines(traffic: Traffic, **options: Any) -> bytes:
    """The same as JSON Lines."""
    return b"".join(json_lines(batch) for batch in generate_batches(traffic, **options))


def test_a_seed_gives_the_same_bytes_on_every_machine() -> None:
    """If this fails for a reason, say so in the changelog: other people's benchmarks change with it."""
    digest = hashlib.sha256(lines(Traffic(seed=7, threads=40))).hexdigest()
    assert digest == DIGEST


DIGEST = "643cfccf0a712fe8d1b51c23cbc8f7d02bd679c3d5bbea812de2b6bde3c60dd7"


def test_another_seed_gives_other_traffic() -> None:
    assert lines(Traffic(seed=1, threads=20)) != lines(Traffic(seed=2, threads=20))


@pytest.mark.parametrize("disorder", [True, False])
def test_any_chunks_give_the_same_events_in_the_same_order(disorder: bool) -> None:
    traffic = Traffic(seed=3, threads=130, disorder=disorder)
    assert lines(traffic, part=1_000) == lines(traffic, part=47) == lines(traffic, part=10)


def test_any_number_of_workers_gives_the_same_events() -> None:
    traffic = Traffic(seed=3, threads=90)
    assert lines(traffic, part=20, jobs=2) == lines(traffic)


def test_a_thread_has_the_same_events_however_many_others_there_are() -> None:
    few, many = (make(Traffic(seed=5, threads=count), 0, 10) for count in (10, 1_000_000))
    for field in attrs.fields(Made):
        assert (getattr(few, field.name) == getattr(many, field.name)).all(), field.name


_INTERRUPTIBLE = """
import signal
from fsm.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
raise SystemExit(main())
"""
"""What a shell starts in the background ignores interruptions, and so does what that starts: here they count."""
_GENERATE = ("generate", "--threads", "400000", "--jobs", "2", "--part", "500")
FOREVER = [sys.executable, "-c", _INTERRUPTIBLE, *_GENERATE]


@pytest.mark.parametrize(
    ("told", "code", "says"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_whoever_ends_it_ends_the_workers_and_finds_nothing_left(
    told: signal.Signals, code: int, says: str, tmp_path: Path
) -> None:
    """Also where only the process that waits is told, as by a supervisor; the workers themselves say nothing."""
    with subprocess.Popen([*FOREVER, "-o", "log"], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not list(tmp_path.glob(".log-*/*/*.parquet")):
            assert process.poll() is None
            time.sleep(0.05)
        for _ in range(2):
            process.send_signal(told)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, f"fsm generate: {says}\n")
    assert list(tmp_path.iterdir()) == []


def test_workers_do_not_outlive_whoever_waits_for_them(tmp_path: Path) -> None:
    with subprocess.Popen([*FOREVER, "-o", "log"], cwd=tmp_path, start_new_session=True) as process:
        while not list(tmp_path.glob(".log-*/*/*.parquet")):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    for _ in range(600):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    raise AssertionError("a worker is still there")


def test_parts_hold_the_same_events_as_one_file_whoever_writes_them(tmp_path: Path) -> None:
    traffic = Traffic(seed=3, threads=90)
    one = write_log(traffic, str(tmp_path / "log.parquet"))
    parts = [write_parts(traffic, str(tmp_path / f"parts{jobs}"), part=40, jobs=jobs) for jobs in (1, 2)]
    whole = sorted(map(repr, to_events(read_events([str(tmp_path / "log.parquet")]))))
    for jobs, statistics in zip((1, 2), parts, strict=True):
        folder = tmp_path / f"parts{jobs}"
        assert sorted(map(repr, to_events(read_events([str(folder)])))) == whole
        assert statistics == attrs.evolve(one, files=3)
    for file in (tmp_path / "parts1").iterdir():
        assert file.read_bytes() == (tmp_path / "parts2" / file.name).read_bytes()


def test_new_parts_are_not_mixed_with_old_ones(tmp_path: Path) -> None:
    (tmp_path / "old.parquet").touch()
    with pytest.raises(BadColumns, match="is not empty"):
        write_parts(Traffic(threads=1), str(tmp_path))


def test_whoever_stops_it_leaves_no_part_behind(tmp_path: Path) -> None:
    def stops(_events: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_parts(Traffic(threads=4), str(tmp_path / "parts"), part=2, tick=stops)
    assert list(tmp_path.iterdir()) == []


# --- it is a log, under every law -----------------------------------------------------------
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_reference_replays_traffic_across_every_change_of_the_law(day: date) -> None:
    first = max(day - timedelta(days=3), DAYS[0])
    events = told(Traffic(seed=11, threads=25, first_day=first, days=6))
    results = list(replay(Law(Account()), events))
    assert len(results) == len({event.key for event in events})
    assert {result.outcome.verdict for result in results} >= {terms.ALLOWED, None}


def test_a_day_before_the_first_law_is_refused() -> None:
    with pytest.raises(NoRulebookInForce):
        told(Traffic(threads=1, first_day=DAYS[0] - timedelta(days=1)))


def test_lines_are_read_without_a_single_doubt(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    write_log(Traffic(seed=4, threads=60), str(path))
    text = path.read_text()
    log = read_all([("log", text)])
    assert [log.problems, log.unread] == [[], []]
    assert not log.unknown_members
    assert log.events == told(Traffic(seed=4, threads=60))


def test_most_rows_of_the_law_act_on_a_few_hundred_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[int, int, Any]] = set()
    move = Table.move

    def watched(self: Table, states: Any, act: str, true: Any) -> Any:
        moved = move(self, states, act, true)
        seen.update((id(self), lane, row) for lane, row in moved[1])
        return moved

    monkeypatch.setattr(Table, "move", watched)
    for day in (date(2022, 6, 1), date(2024, 1, 10), date(2026, 10, 5)):
        law = Law(Account(direct_send=True), engine="table")
        flags = {
            flag
            for result in replay(law, told(Traffic(seed=3, threads=300, first_day=day)))
            for flag in result.outcome.flags
        }
        engine = law.edition_at(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND).engine
        # Rows are the same if they are equal: an engine that was prepared for an equal book may serve this law as well.
        rows = {(id(engine), place, row) for place, lane in enumerate(engine.book.lanes) for row in lane.rows}
        assert len(rows & seen) >= 0.9 * len(rows), day
        assert {"conflict", "csw_inbound_kinds"} <= flags


def test_webhook_bodies_tell_the_same_events(tmp_path: Path) -> None:
    traffic = Traffic(seed=6, threads=80)
    statistics = write_bodies(traffic, str(tmp_path / "bodies.jsonl"))
    text = (tmp_path / "bodies.jsonl").read_text()
    log = read_all([("bodies", text)])
    assert log.events == told(traffic)
    assert [log.problems, log.unread] == [[], []]
    assert not log.notes
    bodies = sum('"entry"' in line and '"changes"' in line for line in text.splitlines())
    records = sum(event.event == "message_sent" for event in log.events)
    assert bodies > 0.9 * (statistics.events - records)
    reader = EventReader([str(tmp_path / "bodies.jsonl")])
    assert [event for batch in reader for event in to_events(batch)] == log.events


@pytest.mark.parametrize("name", ["message_sent", "opted_in", "opted_out"])
def test_what_only_the_business_knows_has_no_webhook(name: str) -> None:
    assert body_of(Event(event=name, at=0, business="1", customer="2", id="m", content="app")) is None


# --- what it looks like -------------------------------------------------------------------------
BIG = Traffic(seed=9, threads=1_500)


@pytest.fixture(scope="module")
def big() -> Made:
    return make(BIG, 0, BIG.threads)


def test_instants_are_whole_seconds_inside_the_days_asked_for(big: Made) -> None:
    since = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()) * 1000
    assert (big.at % 1000 == 0).all()
    assert (big.at >= since).all()
    assert (big.arrives_at >= big.at - 1000).all()


def test_every_kind_of_event_and_story_occurs(big: Made) -> None:
    assert set(big.event.tolist()) == set(range(len(terms.EVENTS)))
    for column, words in (("kind", terms.KINDS[1:]), ("content", terms.CONTENTS), ("entry", terms.ENTRIES)):
        assert set(range(1 if column == "kind" else 0, len(words))) <= set(getattr(big, column).tolist()), column


def test_statuses_come_behind_their_message_and_once(big: Made) -> None:
    once = ~big.repeated
    keys = list(zip(big.message[once].tolist(), big.event[once].tolist(), strict=True))
    assert len(set(keys)) == len(keys)
    sent = {}
    code = terms.EVENTS.index("message_sent")
    for message, event, at in zip(big.message.tolist(), big.event.tolist(), big.at.tolist(), strict=True):
        if event == code:
            sent[message] = at
    statuses = big.event > code
    assert all(sent[m] <= at for m, at in zip(big.message[statuses].tolist(), big.at[statuses].tolist(), strict=True))


def test_some_reads_come_without_a_delivery(big: Made) -> None:
    read, delivered = (
        set(big.message[big.event == terms.EVENTS.index(name)].tolist())
        for name in ("message_read", "message_delivered")
    )
    assert 0.05 < len(read - delivered) / len(read) < 0.3


def test_rates_are_about_what_was_asked_for(big: Made) -> None:
    assert 0.006 < big.repeated.mean() < 0.010
    late = (big.arrives_at - big.at > 4 * 3_600_000) & ~big.repeated
    assert 0 < late.mean() < 0.01
    sent = big.event == terms.EVENTS.index("message_sent")
    assert 0.015 < (big.event == terms.EVENTS.index("message_failed")).sum() / sent.sum() < 0.06


def test_rates_of_nothing_give_nothing() -> None:
    calm = make(Traffic(threads=200, duplicates=0, late=0, failures=0), 0, 200)
    assert not calm.repeated.any()
    assert (calm.arrives_at - calm.at <= 4 * 3_600_000).all()


def test_events_stand_in_the_order_of_arrival_or_of_happening() -> None:
    arrived, happened = (make(attrs.evolve(BIG, disorder=disorder), 0, 200) for disorder in (True, False))
    assert (np.diff(arrived.arrives_at) >= 0).all()
    assert (np.diff(arrived.at) < 0).any()
    assert (np.diff(happened.at) >= 0).all()


def test_people_sleep(big: Made) -> None:
    customer = big.event == terms.EVENTS.index("customer_message")
    country = people.countries(BIG.seed, big.thread[customer])
    hour = (big.at[customer] // 1000 + people.seconds_from_utc(country)) // 3600 % 24
    counts = np.bincount(hour, minlength=24)
    assert counts[2:6].mean() < 0.5 * counts[9:21].mean()


def test_a_campaign_reaches_the_customers_of_a_business_within_half_an_hour() -> None:
    made = make(Traffic(threads=400, businesses=1, days=1, mix={"campaign": 1}, duplicates=0), 0, 400)
    blasts = (made.event == terms.EVENTS.index("message_sent")) & np.isin(
        made.category, [terms.CATEGORIES.index(name) for name in ("marketing", "marketing_lite")]
    )
    middle = np.percentile(made.at[blasts], [5, 90])
    assert middle[1] - middle[0] <= 1800 * 1000


@pytest.mark.parametrize("story", STORIES)
def test_a_story_can_be_had_alone(story: str) -> None:
    made = make(Traffic(threads=60, mix={story: 1}), 0, 60)
    found = {terms.EVENTS[code] for code in set(made.event.tolist())}
    assert (
        found
        & {
            "chat": {"customer_message"},
            "ad": {"customer_message"},
            "campaign": {"message_sent"},
            "notice": {"message_sent"},
            "password": {"message_sent"},
            "call": {"customer_call", "call_accepted"},
            "preference": {"opted_in"},
        }[story]
    )
    assert ((made.entry >= 0).any()) == (story == "ad")


def test_the_first_business_has_most_of_the_traffic(big: Made) -> None:
    counts = np.bincount(big.business, minlength=3)
    assert counts[0] > counts[1] > counts[2] > 0


def test_a_thread_belongs_to_one_business_and_one_customer(big: Made) -> None:
    for column in (big.business, big.customer):
        pairs = np.unique(np.stack([big.thread.astype(np.uint64), column.astype(np.uint64)]), axis=1)
        assert pairs.shape[1] == len(np.unique(big.thread))
    assert len(np.unique(big.customer)) == len(np.unique(big.thread))


def test_nobody_has_a_generated_number() -> None:
    threads = np.concatenate([np.arange(300), people.MOST_THREADS - 1 - np.arange(300)])
    for place, (code, *_) in enumerate(people.COUNTRIES):
        found = people.numbers(threads, np.full(len(threads), place)).tolist()
        assert len(set(found)) == len(threads), code
        for number in found:
            parsed = phonenumbers.parse(f"+{number}")
            assert phonenumbers.is_possible_number(parsed), number
            assert not phonenumbers.is_valid_number(parsed), number


def test_a_generated_number_has_its_country_for_a_market() -> None:
    markets = shipped_markets()
    for place, (code, *_) in enumerate(people.COUNTRIES):
        number = people.numbers(np.array([12_345]), np.array([place]))[0]
        market = markets.market_of(str(number), date(2026, 10, 1))
        assert market is not None
        assert code in market.iso.split("/")


def test_what_a_careful_business_looks_up_stands_in_the_rulebooks() -> None:
    assert window_seconds(date(2024, 1, 1)) == 86_400
    codes = {row.error for clause in editions()[-1].clauses for row in clause.rows}
    assert set(refusal_codes(DAYS[-1], "marketing_template")) <= codes
    assert refusal_codes(DAYS[-1], "free_form")


def test_answers_fall_on_both_sides_of_the_windows_edge() -> None:
    """Within a second of it, and in it: that is where implementations differ."""
    assert any(
        "boundary" in result.outcome.flags for result in replay(Law(Account()), told(Traffic(seed=1, threads=800)))
    )


# --- chance --------------------------------------------------------------------------------------
def test_draws_are_spread_evenly() -> None:
    bits = draw(1, "test", np.arange(100_000), 5)
    for lane in range(4):
        assert abs(happens(bits, 250_000, lane).mean() - 0.25) < 0.01
    assert abs(np.bincount(below(bits, 10)).std() / 10_000) < 0.02
    assert abs(np.bincount(chosen(bits, [1, 3, 0, 4])) / 100_000 - np.array([0.125, 0.375, 0, 0.5])).max() < 0.01
    assert len(np.unique(bits)) == 100_000


def test_draws_of_other_purposes_seeds_and_indices_are_others() -> None:
    threads = np.arange(1_000)
    draws = [draw(1, "a", threads), draw(1, "b", threads), draw(2, "a", threads), draw(1, "a", threads, 1)]
    draws.append(draw(1, "a", threads, threads))
    for one in range(5):
        for other in range(one):
            assert (draws[one] == draws[other]).sum() <= 1


def test_frequencies_of_nothing_and_of_all_are_exact() -> None:
    bits = draw(1, "test", np.arange(200_000))
    assert not happens(bits, 0).any()
    assert happens(bits, 1_000_000).all()


def test_waits_follow_their_table() -> None:
    table = waits([(0, 10), (500, 20), (1000, 100)])
    found = waited(table, draw(1, "test", np.arange(50_000)))
    assert found.min() >= 10
    assert found.max() <= 100
    assert abs((found < 20).mean() - 0.5) < 0.02


# --- wishes that cannot be met, and the command ----------------------------------------------------
@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"threads": 0}, "threads is 0"),
        ({"threads": people.MOST_THREADS + 1}, "threads is 100000001"),
        ({"days": True}, "days is True"),
        ({"seed": -1}, "seed is -1"),
        ({"mix": {"gossip": 1}}, "there is no story 'gossip'"),
        ({"mix": {"chat": 0}}, "no story has a weight"),
        ({"mix": {"chat": -1}}, "the weight of chat is -1"),
        ({"failures": 1_000_001}, "failures is 1000001"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(wish: dict[str, Any], why: str) -> None:
    with pytest.raises(BadTraffic, match=why):
        Traffic(**wish)


def test_the_command_writes_a_log_that_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "--threads", "30", "--seed", "7", "--days", "20", "-o", "log.jsonl"]) == 0
    statistics = capsys.readouterr().err
    count = len(Path("log.jsonl").read_text().splitlines())
    assert statistics.startswith(f"{count:,} events in 30 threads from 2026-10-")
    assert main(["replay", "log.jsonl", "--format", "jsonl"]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(results) <= count


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "log.parquet"],
        ["-o", "log.arrow", "--profile", "readable"],
        ["-o", "log.csv.gz"],
        ["-o", "parts", "--part", "11", "--jobs", "2"],
        ["-o", "parts/", "--format", "jsonl", "--part", "20"],
        ["-o", "bodies.jsonl", "--format", "webhook"],
        ["-o", "log.jsonl", "--part", "7"],
    ],
)
def test_the_command_writes_the_same_events_in_any_format(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "--threads", "30", "--mix", "chat=2,campaign=1", *arguments]) == 0
    found = sorted(map(repr, to_events(read_events([arguments[1]]))))
    assert found == sorted(map(repr, told(Traffic(threads=30, mix={"chat": 2, "campaign": 1}))))


def test_the_command_writes_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["generate", "--threads", "5", "--from", "2023-05-25", "--in-order"]) == 0
    expected = lines(Traffic(threads=5, first_day=date(2023, 5, 25), disorder=False))
    assert capfdbinary.readouterr().out == expected


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--from", "soon"], "is not a date"),
        (["--mix", "chat"], "is no weight of a story"),
        (["--mix", "chat=1,chat=2"], "is no weight of a story"),
        (["--from", "2018-01-01"], "nothing covers"),
        (["--format", "parquet"], "cannot go to standard output"),
    ],
)
def test_the_command_says_what_it_cannot_do(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--threads", "2", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_statistics_of_parts_add_up_to_those_of_the_whole() -> None:
    whole, sum_of_parts = Statistics(), Statistics()
    whole.add(make(BIG, 0, 60))
    for start in range(0, 60, 20):
        sum_of_parts.add(make(BIG, start, start + 20))
    assert whole == sum_of_parts
    assert sum(whole.kinds.values()) == whole.events


def test_columns_of_traffic_have_the_words_of_the_vocabulary() -> None:
    assert names_of(columns_of(make(BIG, 0, 3), 3).schema).words["event"] == terms.EVENTS
