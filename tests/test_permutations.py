"""One answer from any order: random worlds arrive in every way there is, and mean the same. `make permutations` runs more."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import attrs
import pytest

from fsm.events import Event
from fsm.identity import Aliases, links_of, unify
from fsm.rulebooks.timeline import midnight
from fsm.webhooks import read_body
from tests.worlds import World, deliveries, one_by_one, straddles, world
from tests.worlds.__main__ import main
from tests.worlds.answers import Answer, read, results
from tests.worlds.check import check, differs, shrunk
from tests.worlds.generate import GROUP_ID, ODD_MIDNIGHTS, zones
from tests.worlds.ledgers import ledger

ROOT = Path(__file__).resolve().parents[1]
WORLDS = range(30)
BATCH = 10
PERMUTATIONS = 5
"""Of each world, for each answer: 300 in all."""


@pytest.mark.parametrize("answer", [results, ledger], ids=["results", "ledger"])
@pytest.mark.parametrize("first", range(WORLDS.start, WORLDS.stop, BATCH))
def test_a_world_gives_one_answer_in_every_permutation(first: int, answer: Answer) -> None:
    tally = check(range(first, first + BATCH), PERMUTATIONS, answer)
    assert [str(shrunk(failure, answer)) for failure in tally.failures] == []
    assert tally.permutations == BATCH * PERMUTATIONS


def test_the_hash_seed_of_the_process_does_not_change_a_byte() -> None:
    code = (
        "from hashlib import sha256; from random import Random\n"
        "from tests.worlds import deliveries, world\n"
        "from tests.worlds.answers import results\n"
        "for seed in range(6):\n"
        "    made = world(seed)\n"
        "    print(sha256(results(deliveries(made, Random(seed)), made.account).encode()).hexdigest())\n"
    )
    expected = [
        hashlib.sha256(results(deliveries(made, Random(made.seed)), made.account).encode()).hexdigest()
        for made in map(world, range(6))
    ]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.split() == expected


# --- what the worlds are made of ------------------------------------------------
def test_every_time_zone_has_a_world_on_both_sides_of_a_midnight() -> None:
    """Within seconds, by the local date: a zone, a month's end or a new rulebook read wrongly must show."""
    on_both_sides: Counter[str] = Counter()
    for made in map(world, range(2 * len(zones()))):
        on_both_sides[str(made.account["time_zone"])] += straddles(made)
    assert on_both_sides.total() == 2 * len(zones())
    assert len(on_both_sides) > 500
    for zone, _ in ODD_MIDNIGHTS:
        assert on_both_sides[zone] > 100


def test_a_world_on_one_side_of_the_midnight_is_not_counted() -> None:
    for made in map(world, range(20)):
        zone = ZoneInfo(str(made.account["time_zone"]))
        before = [item for item in made.items if _local(item.at, zone).date() < made.day]
        after = [item for item in made.items if item not in before]
        assert before
        assert after
        assert not straddles(attrs.evolve(made, items=tuple(before)))
        assert not straddles(attrs.evolve(made, items=tuple(after)))


def test_the_first_second_of_a_day_is_where_the_timeline_has_it() -> None:
    """Looked up here second by second, worked out there."""
    for made in map(world, range(100)):
        assert made.midnight * 1_000_000 == midnight(made.day, ZoneInfo(str(made.account["time_zone"])))


def test_havana_shows_midnight_twice_and_asuncion_not_at_all() -> None:
    (havana, twice), (asuncion, never) = ODD_MIDNIGHTS
    made = world(0)
    zone = ZoneInfo(havana)
    assert (made.account["time_zone"], made.day, twice.day) == (havana, twice, 1)
    assert _local(made.midnight, zone).hour == _local(made.midnight + 3600, zone).hour == 0
    made = world(1)
    zone = ZoneInfo(asuncion)
    assert (made.account["time_zone"], made.day, never.day) == (asuncion, never, 1)
    assert _local(made.midnight, zone).hour == 1
    assert _local(made.midnight - 1, zone) == datetime(2023, 9, 30, 23, 59, 59, tzinfo=zone)


def test_worlds_with_an_odd_midnight_have_deliveries_around_both_of_its_hours() -> None:
    for made in map(world, (0, 1, 10, 11, 20, 21)):
        for instant in (made.midnight, made.midnight + 3600):
            assert {item.at < instant for item in made.items if item.is_delivery and abs(item.at - instant) < 5} == {
                True,
                False,
            }


def test_the_edges_are_ends_of_months_and_beginnings_of_rulebooks() -> None:
    days = Counter(world(seed).day for seed in range(400))
    assert sum(times for day, times in days.items() if day.day == 1) > 300
    assert {date(2025, 7, 15), date(2024, 11, 18)} <= set(days)


def test_every_item_of_a_world_is_read() -> None:
    for made in map(world, range(100)):
        assert read(one_by_one(made.items)).unread == []


def test_a_world_is_small_and_the_same_for_the_same_seed() -> None:
    for seed in range(100):
        made = world(seed)
        assert 6 <= len(made.items) <= 60
        assert world(seed) == made


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def test_the_worlds_have_what_makes_order_hard() -> None:
    """If the generator stopped making one of these, the permutations would prove less than they say."""
    met: Counter[str] = Counter()
    for made in map(world, range(120)):
        met.update(set(_hard_things(made)))
    assert set(met) == set(HARD)
    assert min(met.values()) >= 4, met


HARD = (
    *("conflict", "tie_sensitive", "delivered_before_sent", "delivered_and_failed", "free allowance runs out"),
    *("one customer under several names", "a number changes", "an id changes", "a group", "two business numbers"),
    *("a member of a group", "many names", "an experiment", "a call with a length", "a tier", "a price in money"),
)


def _hard_things(made: World) -> Iterator[str]:
    log = read(one_by_one(made.items))
    aliases = Aliases([*log.aliases, *links_of(log.events)])
    said = [line for line in results(one_by_one(made.items), made.account).splitlines() if line.startswith("{")]
    outcomes = [json.loads(line) for line in said if '"verdict"' in line]
    flags = {flag for outcome in outcomes for flag in outcome["flags"]}
    yield from flags & {"conflict", "tie_sensitive", "delivered_before_sent", "delivered_and_failed"}
    if {outcome["why"] for outcome in outcomes} >= {"free_tier", "regular"}:
        yield "free allowance runs out"
    if any(one.customer != other.customer for one, other in zip(log.events, unify(log.events, aliases), strict=True)):
        yield "one customer under several names"
    if any(len(aliases.names(event.business, event.customer)) >= 5 for event in log.events):
        yield "many names"
    changes = [str(item.raw["system"]) for item in made.items if "system" in item.raw]
    yield from ("a number changes" for change in changes if "user_changed_number" in change)
    yield from ("an id changes" for change in changes if "user_changed_user_id" in change)
    yield from ("a group" for event in log.events if event.customer == GROUP_ID)
    yield from ("a member of a group" for event in log.events if event.participant)
    if len({event.business for event in log.events}) == 2:
        yield "two business numbers"
    yield from ("a call with a length" for call in log.calls if call.seconds)
    yield from ("a tier" for notice in log.notices if notice.kind == "tier")
    yield from ("a price in money" for told in log.evidence if told.pricing and "cost" in told.pricing)
    if "customers" in made.account:
        yield "an experiment"


# --- how they arrive --------------------------------------------------------------
def _elements(lines: Sequence[bytes]) -> Counter[str]:
    """Every element of every body and every line of the log, as text; a walk that knows no fields."""
    found: Counter[str] = Counter()
    for line in lines:
        body = json.loads(line)
        if "entry" not in body:
            found[json.dumps(body)] += 1
            continue
        for change in (change for entry in body["entry"] for change in entry["changes"]):
            if "messaging_product" not in change["value"]:
                found[json.dumps(change["value"])] += 1
            for part, elements in change["value"].items():
                if isinstance(elements, list) and part != "contacts":
                    found.update(json.dumps(element) for element in elements)
    return found


def test_a_delivery_loses_nothing_and_adds_nothing() -> None:
    for made in map(world, range(40)):
        once = _elements(one_by_one(made.items))
        for seed in range(5):
            assert _elements(deliveries(made, Random(seed))).keys() == once.keys()


def test_deliveries_repeat_reorder_and_batch() -> None:
    repeated = reordered = batched = spread = 0
    for made in map(world, range(40)):
        once = one_by_one(made.items)
        lines = deliveries(made, Random(made.seed))
        found = _elements(lines)
        repeated += max(found.values()) > 1
        reordered += list(found) != list(_elements(once))
        bodies = [json.loads(line)["entry"] for line in lines if b'"entry"' in line]
        batched += any(len(_elements([line])) > 5 for line in lines)
        spread += any(len(body) > 1 for body in bodies)
    assert min(repeated, reordered, batched, spread) >= 10


def test_an_element_is_the_same_event_however_its_body_is_packed() -> None:
    """As with Meta's own bodies: what stands beside a person in a value is the same in every delivery."""
    for made in map(world, range(40)):
        alone = {event for line in one_by_one(made.items) for event in _events(line)}
        assert {event for line in deliveries(made, Random(made.seed)) for event in _events(line)} == alone


def _events(line: bytes) -> tuple[Event, ...]:
    return read_body(line).events if b'"entry"' in line else ()


# --- the check itself can fail -------------------------------------------------------
def _counts_what_arrives(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """PB-11: a retry counts again."""
    return str(len(read(lines).events))


def _last_status_wins(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """RB-01: the status that arrives last is the message's."""
    last = {event.id: event.event for event in read(lines).events if event.event.startswith("message_")}
    return json.dumps(last, sort_keys=True)


def _first_name_wins(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """RB-20: who somebody is depends on the name that came first."""
    names: dict[str, str] = {}
    for event in read(lines).events:
        names.setdefault(event.id, event.customer)
    return json.dumps(names, sort_keys=True)


def _window_from_the_last_arrival(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """The window of whichever customer's message arrived last, instead of the latest one."""
    return str({event.thread: event.at for event in read(lines).events if event.event == "customer_message"})


def _per_body(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """PB-12: of every body only the first change is read."""
    found: set[tuple[str, ...]] = set()
    for line in lines:
        body = json.loads(line)
        if "entry" in body:
            first = {**body, "entry": [{**body["entry"][0], "changes": body["entry"][0]["changes"][:1]}]}
            found.update(event.key for event in read_body(first).events)
    return str(sorted(found))


def _cannot_do_groups(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """Whatever the order, an error is no answer."""
    assert not any(event.customer == GROUP_ID for event in read(lines).events)
    return ""


@pytest.mark.parametrize(
    ("wrong", "most"),
    [
        (_counts_what_arrives, 1),
        (_last_status_wins, 2),
        (_first_name_wins, 2),
        (_window_from_the_last_arrival, 2),
        (_per_body, 2),
        (_cannot_do_groups, 1),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_implementation_is_caught_and_made_small(wrong: Callable[..., str], most: int) -> None:
    tally = check(range(20), 5, wrong)
    assert tally.failures
    smallest = min((shrunk(failure, wrong) for failure in tally.failures[:3]), key=lambda failure: len(failure.kept))
    assert len(smallest.kept) <= most
    made = world(smallest.world)
    assert differs(made, smallest.kept, smallest.delivery, wrong)
    assert not differs(made, smallest.kept, smallest.delivery, lambda lines, account: "")


def test_the_command_ends_with_zero_where_every_world_gives_one_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--permutations", "7", "--per-world", "3", "--answer", "tests.test_permutations:_same"]) == 0
    said = capsys.readouterr().out
    assert "7 permutations of 3 worlds, 3 of them on both sides of a midnight within seconds" in said
    assert "Every world gave one answer." in said


def test_the_command_ends_with_one_and_prints_a_command_that_shows_the_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "tests.test_permutations:_counts_what_arrives"
    assert main(["--permutations", "40", "--answer", name]) == 1
    command = next(line for line in capsys.readouterr().out.splitlines() if "python -m tests.worlds" in line)
    assert main(command.split()[3:]) == 1
    shown = capsys.readouterr().out
    assert shown.endswith("not the same\n")
    assert main([*command.split()[3:], "--answer", "tests.test_permutations:_same"]) == 0


def _same(lines: Sequence[bytes], account: Mapping[str, object]) -> str:
    """What arrived, however often and in whatever order: the one answer that needs none of our code."""
    return str(sorted(_elements(lines)))


def test_several_processes_try_the_same_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for jobs in ("1", "2"):
        arguments = [
            "--permutations",
            "60",
            "--per-world",
            "1",
            "--jobs",
            jobs,
            "--answer",
            "tests.test_permutations:_same",
        ]
        assert main(arguments) == 0
        said.append(capsys.readouterr().out.partition(";")[0])
    assert said[0] == said[1]
