"""What is true of every ledger: its sums, its keys, its amounts, and that no order of arrival changes it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm.events import Account, Event, read_account, read_event
from fsm.identity import Aliases, links_of, unify, unify_account
from fsm.ledger import Paying, Row, ledger_hash, sum_of, sums_by, write_row
from fsm.ledger import rows_of as priced
from fsm.machine import Law
from fsm.replay import replay
from fsm.service.accounting import Ledger, ledger_of
from fsm.service.facts import read_facts, write_facts
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log, read_all
from tests.ledger.calculator import cost
from tests.ledger.making import ANA, RAVI, prices, sent, tiers, wrote
from tests.parity.histories import history
from tests.worlds import deliveries, one_by_one, world

SEEDS = st.integers(0, 100_000)


def threads(seed: int, count: int = 4) -> tuple[list[Event], Account]:
    """Several customers of one account, each with a random history of its own, from any of the eras."""
    events = []
    for part in range(count):
        for members in history(seed * count + part)[0]:
            id = {"id": f"{part}-{members['id']}"} if "id" in members else {}
            customer = f"{members['customer']}{part}" if members["customer"][0].isdigit() else f"ana {part}"
            events.append(read_event({**members, **id, "customer": customer[:15]})[0])
    return events, attrs.evolve(read_account(history(seed * count)[1]), free_left=seed % 2)


def made(events: Sequence[Event], account: Account) -> Ledger:
    log = Log(events=list(events), places=[""] * len(events))
    return ledger_of(log, [account], shipped_prices(), shipped_markets())


def accounted(log: Log, account: Mapping[str, Any]) -> str:
    """Everything a ledger says, as one text."""
    assert not log.problems
    ledger = ledger_of(log, [_account(json.dumps(account))], shipped_prices(), shipped_markets())
    undelivered = sorted(map(repr, ledger.undelivered.items()))
    return "\n".join([ledger_hash(ledger.rows), *undelivered, *map(repr, sorted(ledger.fates.items()))])


@lru_cache(maxsize=16)
def _account(text: str) -> Account:
    return read_account(json.loads(text))


def read(lines: Sequence[bytes]) -> Log:
    return read_all([("world", b"\n".join(lines).decode())])


# --- rows -------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_totals_are_sums_of_rows(seed: int) -> None:
    rows = made(*threads(seed)).rows
    everything, by_month = sum_of(rows), sums_by(rows, lambda row: row.period)
    known = [row.amount for row in rows if row.amount is not None]
    assert everything.amount == sum(known, Decimal(0)) == sum((s.amount for s in by_month.values()), Decimal(0))
    assert everything.unknown == len(rows) - len(known) == sum(s.unknown for s in by_month.values())
    assert everything.rows == len(rows) == sum(s.rows for s in by_month.values())
    assert everything.units == sum(row.units for row in rows if row.line) == sum(s.units for s in by_month.values())


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_every_delivered_message_has_one_row_and_nothing_else_has_one(seed: int) -> None:
    events, account = threads(seed)
    rows = made(events, account).rows
    arrived = {
        (event.business, event.customer, event.id)
        for event in events
        if event.event in ("message_delivered", "message_read", "message_played")
    }
    messages = Counter((row.business, row.customer, row.id) for row in rows if row.kind == "message")
    assert set(messages) == arrived
    assert set(messages.values()) <= {1}
    assert len({row.key for row in rows}) == len(rows)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_every_amount_can_be_worked_out_again_from_the_row_alone(seed: int) -> None:
    for row in made(*threads(seed)).rows:
        assert cost(write_row(row)) == row.amount, write_row(row)


def test_the_second_calculator_finds_amounts_of_every_era_and_knows_when_there_is_none() -> None:
    """A calculator that always said nothing would agree with nobody; this one has something to say."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for seed in range(80):
        for row in made(*threads(seed)).rows:
            found[row.kind, str(row.line), row.amount is not None] += 1
    for kind, line, known in (
        ("conversation", "marketing", True),
        ("conversation", "marketing", False),
        ("message", "marketing", True),
        ("message", "utility", True),
        ("message", "mba_tokens", False),
    ):
        assert found[kind, line, known] > 0


def test_the_second_calculator_agrees_about_service_messages_groups_and_the_first_tier() -> None:
    story = wrote("2026-10-12 09:00") + wrote("2026-10-12 09:00", "group")
    story += sent("f", "2026-10-12 10:00", "free_form")
    story += sent("g", "2026-10-12 10:00", "free_form", "group", members=(ANA, RAVI))
    story += sent("u", "2026-10-12 10:00", "utility", "263771234567")
    rows = made(story, Account(free_left=0)).rows
    assert [row.tier for row in rows if row.tier] == ["0:100000"]
    assert all(row.amount for row in rows)
    assert [cost(write_row(row)) for row in rows] == [row.amount for row in rows]


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_what_is_charged_and_what_is_free_exclude_each_other(seed: int) -> None:
    for row in made(*threads(seed)).rows:
        if row.line is not None:
            assert row.why == "regular"
            assert row.priced_by in ("card", "tier", "not_on_card", "unpriced")
        else:
            assert row.why != "regular"
            assert row.amount == (None if row.why is None else Decimal(0))
        assert (row.amount is None) == (row.priced_by in ("not_on_card", "unpriced", "undecided"))
        if row.why == "attached":
            assert row.kind == "message"


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_each_conversation_that_is_charged_has_its_messages_and_they_cost_nothing(seed: int) -> None:
    rows = made(*threads(seed)).rows
    messages = {(row.business, row.customer, row.id): row for row in rows if row.kind == "message"}
    for row in rows:
        if row.kind == "conversation" and row.line is not None:
            opener = messages[row.business, row.customer, row.id]
            assert (opener.why, opener.amount, opener.conversation) == ("attached", Decimal(0), row.id)


# --- the same facts, the same ledger ----------------------------------------
@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_neither_order_nor_duplicates_change_a_ledger(seed: int, order: Random) -> None:
    events, account = threads(seed)
    usual = made(events, account)
    shuffled = [*events, *order.choices(events, k=len(events) // 2)]
    order.shuffle(shuffled)
    other = made(shuffled, account)
    assert (ledger_hash(other.rows), other.fates, other.provenance) == (
        ledger_hash(usual.rows),
        usual.fates,
        usual.provenance,
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_delivery_of_a_world_changes_its_ledger(seed: int) -> None:
    """Webhook bodies of any size, retries, two numbers, groups, calls, changes of identity, odd midnights."""
    made_world = world(seed)
    usual = accounted(read(one_by_one(made_world.items)), made_world.account)
    for delivery in range(4):
        lines = deliveries(made_world, Random(f"{seed} {delivery}"))
        assert accounted(read(lines), made_world.account) == usual


@pytest.mark.parametrize("seed", range(20))
def test_files_cut_anywhere_and_kept_as_facts_give_the_ledger_of_the_whole(seed: int) -> None:
    made_world = world(seed)
    lines = deliveries(made_world, Random(seed))
    whole = accounted(read(lines), made_world.account)
    assert accounted(_in_pieces(lines, [range(len(lines))]), made_world.account) == whole
    for cut in range(1, len(lines), max(len(lines) // 5, 1)):
        resumed = _in_pieces(lines, [range(cut), range(cut, len(lines))])
        assert accounted(resumed, made_world.account) == whole
    again = _in_pieces(lines, [range(len(lines)), range(len(lines))])
    assert accounted(again, made_world.account) == whole


def _in_pieces(lines: Sequence[bytes], pieces: Sequence[range]) -> Log:
    """The log as it is after several runs, each of which kept its facts and began with those of the one before."""
    kept: list[str] = []
    for piece in pieces:
        log = Log()
        if kept:
            read_facts(log, "facts", kept)
        for part in read(lines[piece.start : piece.stop]).events:
            log.events.append(part)
            log.places.append("")
        _join(log, read(lines[piece.start : piece.stop]))
        kept = list(write_facts(log))
    resumed = Log()
    read_facts(resumed, "facts", kept)
    return resumed


def _join(log: Log, more: Log) -> None:
    for name in ("evidence", "aliases", "calls", "notices", "accounts"):
        getattr(log, name).extend(getattr(more, name))


@pytest.mark.parametrize("seed", range(10))
def test_facts_are_the_same_lines_however_they_arrived(seed: int) -> None:
    made_world = world(seed)
    usual = list(write_facts(read(one_by_one(made_world.items))))
    lines = deliveries(made_world, Random(seed))
    shuffled = list(write_facts(read(lines)))
    # What a body says about names depends on which contacts stand together in it; everything else does not.
    assert _without_aliases(shuffled) == _without_aliases(usual)
    resumed = _in_pieces(lines, [range(3), range(2, len(lines))])
    assert list(write_facts(resumed)) == shuffled


def _without_aliases(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if '"fact": "alias"' not in line]


def test_calls_tiers_and_costs_are_the_same_after_being_kept_as_facts() -> None:
    """What has lists and fractions inside comes back with them."""
    info = {
        "tier_update_time": "1786795201",
        "pricing_category": "UTILITY",
        "tier": "100001:1000000",
        "effective_month": "2026-08",
        "region": "IN",
    }
    tier = {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": info}
    call = {"id": "c", "event": "terminate", "direction": "BUSINESS_INITIATED", "from": "1", "to": ANA, "duration": 56}
    price = {"category": "utility", "pricing_model": "PMP", "cost": {"amount": 0.00123, "currency": "USD"}}
    delivered = {"id": "m", "status": "delivered", "recipient_id": RAVI, "timestamp": "1786795300", "pricing": price}
    metadata = {"phone_number_id": "b"}
    changes = [
        {"field": "account_update", "value": tier},
        {"field": "calls", "value": {"metadata": metadata, "calls": [{**call, "timestamp": "1786795200"}]}},
        {"field": "messages", "value": {"metadata": metadata, "statuses": [delivered]}},
    ]
    body = {"entry": [{"id": "9", "time": 1786795202, "changes": changes}]}
    log = read([json.dumps(body).encode()])
    rates = {("Mexico", "calling"): {1: "0.0200"}, ("India", "utility"): {1: "0.0014", 100001: "0.0013"}}
    kept = list(write_facts(log))
    back = Log()
    read_facts(back, "facts", kept)
    assert list(write_facts(back)) == kept
    whole, again = (
        ledger_of(each, [Account()], prices(tiers("2026-08-01", rates)), shipped_markets()) for each in (log, back)
    )
    assert whole.rows == again.rows
    assert [(row.kind, row.amount, row.tier) for row in whole.rows] == [
        ("call", Decimal("0.02"), "1:MAX"),
        ("message", Decimal("0.00123"), "100001:MAX"),
    ]
    assert "tier_from_webhook" in whole.rows[1].flags


def test_a_ledger_tells_one_changed_row_from_none() -> None:
    rows: tuple[Row, ...] = made(*threads(7)).rows
    assert len({ledger_hash(rows), ledger_hash(rows[1:]), ledger_hash(rows[::-1])}) == 3


@pytest.mark.parametrize("seed", range(30))
def test_a_full_replay_gives_the_rows_of_the_quick_one(seed: int) -> None:
    """A ledger asks the replay for less than a story does; what it asks for must be the same."""
    made_world = world(seed)
    log = read(one_by_one(made_world.items))
    account = _account(json.dumps(made_world.account))
    aliases = Aliases([*log.aliases, *links_of(log.events)])
    law = Law(unify_account(account, aliases))
    quick, full = (
        priced(
            [Paying(law=law, movements=replay(law, unify(log.events, aliases), verdicts=verdicts))],
            shipped_prices(),
            shipped_markets(),
        )
        for verdicts in (False, True)
    )
    assert ledger_hash(quick) == ledger_hash(full)


def test_a_full_replay_of_a_group_counts_each_member_once() -> None:
    events = sent("m", "2026-10-12 10:00", "utility", "group", members=(ANA, RAVI))
    again = [attrs.evolve(event, event="message_read", at=event.at + 1) for event in events[1:]]
    whole = attrs.evolve(events[1], participant="", at=events[1].at + 2)
    story = [*events, *again, whole]
    rows = priced([Paying(law=Law(), movements=replay(Law(), story))], shipped_prices(), shipped_markets())
    assert [(row.participant, row.line) for row in rows] == [(ANA, "utility"), (RAVI, "utility")]
