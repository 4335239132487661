"""
A register of mistakes that were found in public code for WhatsApp messaging, and what holds us to the right answer.

PB are mistakes about behaviour, RB about ingestion, storage and money. Each has a test here that bears its number, or
stands in `ELSEWHERE` with the tests and scenarios that would fail if we made it. What is no mistake of ours to make,
because this kit has no such part, is in `NOT_OURS` with the reason, and with the property that makes it harmless.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fsm import CustomerThread
from fsm.events import Account, Event, read_account
from fsm.ledger import Row, ledger_hash, settle, sum_of
from fsm.machine import Law
from fsm.replay import replay
from fsm.service.accounting import ledger_of, stated_by
from fsm.service.facts import read_facts, write_facts
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log, read_all
from fsm.webhooks import read_body
from tests.ledger.making import ANA, BAKERY, DAY, HOUR, RAVI, instant, ledger, row_of, rows_of, sent, status, wrote

ROOT = Path(__file__).parents[1]
LATER_NUMBERS = "30 31 34 36 38 39 40 41 42 43 44 45 47 48 49 50 51"
MISTAKES = (
    *(f"PB-{number:02}" for number in (*range(1, 7), 8, 9, *range(11, 14), *range(15, 21))),
    *(f"PB-{number}" for number in LATER_NUMBERS.split()),
    *(f"RB-{number:02}" for number in range(1, 23)),
)

ELSEWHERE: dict[str, tuple[str, ...]] = {
    "PB-01": (
        "features/windows/late-and-out-of-order.feature: A message that was written 25 hours ago has no window left, "
        "however late we hear of it",
    ),
    "PB-02": (
        "features/windows/customer-service-window.feature: The answer of the business, <answer>, renews nothing",
        "features/windows/customer-service-window.feature: The 24 hours run from the customer's message, not from the "
        "answer",
    ),
    "PB-03": (
        "features/windows/customer-service-window.feature: A customer who has not answered <what> cannot be written to "
        "freely",
    ),
    "PB-04": (
        "features/windows/customer-service-window.feature: A customer who has never written cannot be written to freely",
    ),
    "PB-05": (
        "features/windows/customer-service-window.feature: A free-form message <elapsed> after the customer's last "
        "message",
        "features/windows/edge.feature: Sending <message> <elapsed> after the customer's last message",
    ),
    "PB-08": ("features/windows/whose-window.feature: A message to the bakery permits the florist nothing",),
    "PB-09": (
        "tests/test_identity.py: test_a_reply_under_another_name_of_the_customer_finds_the_window_open",
        "tests/test_identity.py: test_every_row_of_the_table_makes_two_spellings_one",
    ),
    "PB-11": (
        "tests/test_identity.py: test_the_same_message_three_times_under_three_names_counts_once",
        "tests/test_replay.py: test_every_permutation_of_a_log_with_everything_twice_gives_the_same_bytes",
    ),
    "PB-12": ("tests/test_webhooks.py: test_every_entry_change_message_and_status_is_read",),
    "PB-13": (
        "features/windows/late-and-out-of-order.feature: A message dated later than now opens no window now",
        "features/windows/late-and-out-of-order.feature: A message dated later than now does not lengthen an open window",
    ),
    "PB-15": (
        "tests/test_customer_thread.py: test_a_question_about_any_instant_is_answered_from_what_had_happened_by_then",
    ),
    "PB-16": (
        "features/windows/inbound-messages.feature: The window opens with <kind>",
        "features/windows/inbound-messages.feature: Nothing opens with <kind>, but a doubt remains",
        "features/windows/inbound-messages.feature: That a customer reads a message opens no window",
        "features/windows/calls-and-first-visits.feature: The window opens when <call>",
    ),
    "PB-17": (
        "features/windows/business-app.feature: A message from the app opens no window for other messages",
        "tests/test_webhooks.py: test_history_opens_nothing",
    ),
    "PB-18": ("features/windows/permission.feature: With the window closed on <date>, <message> is refused",),
    "PB-19": ("features/windows/whose-window.feature: A participant's message opens the window of the whole group",),
    "PB-20": (
        "tests/test_events.py: test_a_time_without_an_offset_is_refused_by_name",
        "tests/test_events.py: test_milliseconds_are_refused_and_not_taken_for_seconds",
        "tests/test_webhooks.py: test_milliseconds_are_named_as_such",
    ),
    "PB-41": (
        "features/changes/the-same-question-through-the-years.feature: A utility template to a customer who wrote an "
        "hour ago, on <date>",
        "tests/ledger/test_messages.py: test_the_same_answer_inside_the_window_costs_what_its_day_says",
    ),
    "RB-12": (
        "tests/ledger/test_messages.py: test_a_change_of_card_inside_a_month_prices_each_row_by_its_own_day",
        "tests/ledger/test_markets.py: test_a_market_changes_at_midnight_of_its_first_day",
    ),
    "RB-18": (
        "features/windows/edge.feature: In Madrid a free-form message on <date> at <time> answers a message of the day "
        "before",
    ),
    "RB-19": (
        "features/windows/customer-service-window.feature: The answer of the business, <answer>, renews nothing",
        "features/windows/customer-service-window.feature: <message> opens no window",
    ),
}

NOT_OURS: dict[str, tuple[str, str]] = {
    "PB-06": (
        "no safety margin is added to any answer; the answer says until when it holds, and the caller may stop earlier",
        "tests/test_customer_thread.py: test_the_answer_names_the_next_instant_at_which_it_changes",
    ),
    "RB-02": (
        "there is no store and no lock: facts may be kept by two workers and joined later",
        "tests/test_mistakes.py: test_facts_that_two_workers_kept_apart_give_the_ledger_of_one",
    ),
    "RB-03": (
        "there is no transaction: a fact that is written twice is one fact",
        "tests/test_mistakes.py: test_facts_that_two_workers_kept_apart_give_the_ledger_of_one",
    ),
    "RB-10": (
        "there is no eventually consistent store: duplicates may all slip through, and count once",
        "tests/test_mistakes.py: test_facts_that_two_workers_kept_apart_give_the_ledger_of_one",
    ),
    "RB-13": (
        "there is no index to check before inserting: the key of a fact is its content",
        "tests/ledger/test_always.py: test_facts_are_the_same_lines_however_they_arrived",
    ),
    "RB-14": (
        "signatures are checked by whoever receives the request; what we read is the same however it is encoded",
        "tests/test_mistakes.py: test_emoji_and_accents_read_the_same_escaped_or_not",
    ),
    "RB-22": (
        "there is no database: a run keeps its facts in a new file that takes the old one's place as a whole",
        "tests/ledger/test_command.py: test_runs_that_keep_their_facts_give_the_ledger_of_all_files_at_once",
    ),
}


# --- the register itself ----------------------------------------------------
@cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file, or the titles of a feature's scenarios."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".feature"):
        return frozenset(re.findall(r"^\s*Scenario(?: Outline)?: (.+?)\s*$", text, re.MULTILINE))
    return frozenset(node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))


def test_every_mistake_has_its_place() -> None:
    mine = re.findall(r"^def test_(pb|rb)_([0-9]{2})_", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    here = {f"{kind.upper()}-{number}" for kind, number in mine}
    assert here | set(ELSEWHERE) | set(NOT_OURS) == set(MISTAKES)
    assert not here & set(ELSEWHERE) | here & set(NOT_OURS) | set(ELSEWHERE) & set(NOT_OURS)
    assert len(MISTAKES) == 56


@pytest.mark.parametrize("mistake", [*ELSEWHERE, *NOT_OURS])
def test_what_the_register_points_to_exists(mistake: str) -> None:
    for pointer in ELSEWHERE.get(mistake) or NOT_OURS[mistake][1:]:
        path, name = pointer.split(": ", 1)
        assert name in names_in(path), pointer


# --- helpers ----------------------------------------------------------------
def results(events: Sequence[Event], account: Account | None = None) -> list[Any]:
    return list(replay(Law(account or Account(), engine="table"), events))


def opened(events: Sequence[Event]) -> list[str]:
    return [name for result in results(events) for name in result.outcome.opens if name != "customer_service_window"]


def told(name: str, at: str, id: str = "a", customer: str = ANA, **more: Any) -> Event:
    return Event(event=f"message_{name}", at=instant(at), business=BAKERY, customer=customer, id=id, **more)


def body(*statuses: dict[str, Any], messages: Sequence[dict[str, Any]] = (), number: str = BAKERY) -> dict[str, Any]:
    value: dict[str, Any] = {"metadata": {"display_phone_number": "1", "phone_number_id": number}}
    if statuses:
        value["statuses"] = list(statuses)
    if messages:
        value["messages"] = list(messages)
    return {"entry": [{"id": "9", "time": 1, "changes": [{"field": "messages", "value": value}]}]}


def status_body(name: str, at: str, id: str = "wamid.A", **more: Any) -> dict[str, Any]:
    return {"id": id, "status": name, "recipient_id": ANA, "timestamp": str(instant(at) // 1_000_000), **more}


def read(*bodies: dict[str, Any]) -> Log:
    log = read_all([("bodies", "\n".join(map(json.dumps, bodies)))])
    assert not log.problems
    return log


def rows_in(log: Log, account: Account | None = None) -> tuple[Row, ...]:
    return ledger_of(log, [account or Account()], shipped_prices(), shipped_markets()).rows


PRICE = {"pricing_model": "PMP", "type": "regular", "category": "marketing", "billable": True}
RATE = Decimal("0.0305")


# --- behaviour that costs money ---------------------------------------------
@pytest.mark.parametrize("day", ["2022-06-01", "2023-09-01"])
def test_pb_30_what_the_customer_writes_opens_no_conversation_and_the_delivered_answer_does(day: str) -> None:
    story = wrote(f"{day} 09:00")
    assert opened(story) == []
    assert rows_of(story) == ()
    assert len(opened([*story, *sent("a", f"{day} 10:00", "free_form")])) == 1


def test_pb_31_a_template_inside_an_open_service_conversation_opens_its_own_and_both_run() -> None:
    story = wrote("2024-10-02 09:00") + sent("a", "2024-10-02 10:00", "free_form")
    story += sent("b", "2024-10-02 11:00", "utility")
    assert opened(story) == ["service", "utility"]
    last = results(story)[-1]
    assert {"service", "utility"} <= set(last.deadlines)


def test_pb_34_a_conversation_starts_at_the_delivery_and_never_without_one() -> None:
    rows = rows_of(sent("a", "2024-10-02 10:00", "marketing", delivered="2024-10-02 14:00"))
    row = row_of("a", rows, "conversation")
    assert (row.at, row.ends_at) == (instant("2024-10-02 14:00"), instant("2024-10-03 14:00"))
    assert rows_of(sent("a", "2024-10-02 10:00", "marketing", delivered=None)) == ()


def test_pb_36_statuses_in_any_order_are_one_charge_or_none() -> None:
    record = sent("a", "2026-08-15 12:00", "marketing", delivered=None)
    delivered, failed = told("delivered", "2026-08-15 12:02"), told("failed", "2026-08-15 12:01")
    late = told("sent", "2026-08-15 12:03", content="template", category="marketing", inferred=True)
    for order in permutations([*record, delivered, late]):
        assert [row.amount for row in rows_of(order)] == [RATE]
    for order in permutations([*record, failed, late]):
        assert rows_of(order) == ()
    for order in permutations([*record, failed, delivered]):
        (row,) = rows_of(order)
        assert (row.amount, "delivered_and_failed" in row.flags) == (RATE, True)


@pytest.mark.parametrize("type_", ["regular", "free_customer_service", "free_entry_point", "something_new", None])
def test_pb_38_an_absent_billable_is_unknown_and_decides_nothing(type_: str | None) -> None:
    price = {key: value for key, value in {**PRICE, "type": type_}.items() if key != "billable" and value is not None}
    made = ledger(
        sent("a", "2026-08-15 12:00", "marketing"), evidence=[status("a", "2026-08-15 12:00", "sent", pricing=price)]
    )
    (row,) = made.rows
    assert row.stated is not None
    assert (row.stated.billable, row.stated.type, row.amount) == (None, type_ or "", RATE)


def test_pb_39_contradictions_and_unknown_words_are_kept_verbatim_counted_and_move_no_money() -> None:
    price = {"pricing_model": "QMP", "type": "free_customer_service", "category": "newsletter", "billable": "false"}
    log = read(body(status_body("sent", "2026-08-15 12:00", pricing=price)))
    (evidence,) = log.evidence
    assert evidence.pricing == price
    stated = stated_by(evidence)
    assert (stated.model, stated.category, stated.billable) == ("QMP", "newsletter", None)
    assert any("newsletter" in name for name in log.notes)
    assert rows_in(log) == ()


def test_pb_40_a_status_without_contacts_or_origin_is_read_and_a_later_one_erases_nothing() -> None:
    ends = instant("2024-10-03 10:01") // 1_000_000
    price = {"pricing_model": "CBP", "category": "utility", "billable": True}
    first = {"id": "conv", "expiration_timestamp": str(ends)}
    bodies = (
        body(status_body("sent", "2024-10-02 10:00", conversation=first, pricing=price)),
        body(status_body("delivered", "2024-10-02 10:01", conversation={"id": "conv"}, pricing=price)),
    )
    for order in permutations([*bodies, *bodies]):
        rows = rows_in(read(*order))
        assert [row.kind for row in rows] == ["conversation", "message"]
        assert {row.stated.expires_at for row in rows if row.stated} == {ends * 1_000_000}


@pytest.mark.parametrize(
    ("day", "free", "beyond"),
    [
        ("2024-10-07", "free_tier", "regular"),
        ("2024-12-02", "service_free_era", "service_free_era"),
        ("2025-08-04", "free_customer_service", "free_customer_service"),
        ("2026-10-12", "free_tier", "regular"),
    ],
)
def test_pb_42_an_answer_in_free_form_over_the_years(day: str, free: str, beyond: str) -> None:
    story = wrote(f"{day} 09:00") + sent("a", f"{day} 10:00", "free_form")
    for left, why in ((1, free), (0, beyond)):
        rows = [row for row in rows_of(story, Account(free_left=left)) if row.why != "attached"]
        assert [row.why for row in rows] == [why]
        assert [row.line for row in rows] == ["service" if why == "regular" else None]


def test_pb_43_the_free_tier_begins_at_the_accounts_midnight_and_is_not_pooled_over_numbers() -> None:
    account = read_account({"time_zone": "America/Caracas", "allowances": {"free_left": 1}})
    story = wrote("2026-10-31 22:00") + wrote("2026-10-31 22:00", business="other")
    story += sent("a", "2026-10-31 23:00", "free_form") + sent("b", "2026-11-01 03:59:58", "free_form")
    story += sent("c", "2026-11-01 03:59:59", "free_form") + sent(
        "d", "2026-10-31 23:00", "free_form", business="other"
    )
    assert {row.id: row.why for row in rows_of(story, account)} == {
        "a": "free_tier",
        "b": "regular",
        "c": "free_tier",
        "d": "free_tier",
    }


def test_pb_44_metas_category_wins_over_our_store_and_the_drift_is_reported() -> None:
    log = read(body(status_body("delivered", "2026-08-15 12:01", "a", pricing=PRICE)))
    record = sent("a", "2026-08-15 12:00", "utility", delivered=None)
    log.events += record
    log.places += [""] * len(record)
    (row,) = rows_in(log)
    assert (row.line, row.amount, "category_drift" in row.flags) == ("marketing", RATE, True)


@pytest.mark.parametrize(
    ("day", "hours", "waits", "opens"),
    [
        ("2022-06-01", 24, 23, True),
        ("2023-04-03", 72, 23, True),
        ("2025-08-04", 72, 23, True),
        ("2026-10-12", 168, 23, True),
        ("2025-08-04", 72, 25, False),
    ],
)
def test_pb_45_a_free_entry_point_lasts_as_long_as_its_day_says(day: str, hours: int, waits: int, opens: bool) -> None:
    start = instant(f"{day} 09:00")
    story = wrote(start, entry="ad") + sent("a", start + waits * HOUR, "utility", delivered=0)
    found = [row for row in rows_of(story) if row.category == "free_entry_point"]
    assert [row.ends_at for row in found] == ([start + (waits + hours) * HOUR] if opens else [])


def test_pb_45_the_end_that_metas_webhook_states_wins() -> None:
    start, ends = instant("2026-10-12 09:00"), instant("2026-10-15 09:00")
    story = wrote(start, entry="ad") + sent("a", start + HOUR, "free_form", delivered=None)
    story.append(told("delivered", "2026-10-12 10:00", entry_point_ends_at=ends))
    assert row_of("a", rows_of(story), "conversation").ends_at == ends


def test_pb_47_a_late_status_after_a_change_of_card_keeps_the_rate_of_its_own_instant() -> None:
    story = sent("a", "2026-09-30 12:00", "marketing") + sent("b", "2026-10-01 12:00", "marketing")
    assert {row.id: row.amount for row in rows_of(story[::-1])} == {"a": RATE, "b": Decimal("0.0397")}


@pytest.mark.parametrize(
    ("customer", "day", "market"),
    [
        ("18095550123", "2026-10-12", "Rest of Latin America"),
        ("77011234567", "2026-09-30", "Other"),
        ("77011234567", "2026-10-01", "Kazakhstan"),
        ("79161234567", "2026-10-01", "Russia"),
    ],
)
def test_pb_48_a_market_needs_more_than_the_calling_code(customer: str, day: str, market: str) -> None:
    (row,) = rows_of(sent("a", f"{day} 12:00", "marketing", customer))
    assert row.market == market


def test_pb_49_falling_back_to_a_template_says_the_price_that_it_causes() -> None:
    thread = CustomerThread(BAKERY, ANA)
    now = "2026-08-15T12:00:00Z"
    refused = thread.may_send("free_form", at=now)
    assert (refused.allowed, refused.charge) == (False, None)
    template = thread.may_send("template", "utility", at=now)
    assert (template.allowed, template.charge, template.why) == (True, "utility", "regular")


def test_pb_50_a_resend_after_an_unknown_outcome_is_charged_by_what_was_delivered() -> None:
    first, second = (sent(id, "2026-08-15 12:00", "marketing", delivered=None) for id in ("try-1", "try-2"))
    assert rows_of([*first, *second]) == ()
    once = [*first, *second, told("delivered", "2026-08-15 12:05", "try-2")]
    assert [row.id for row in rows_of(once)] == ["try-2"]
    # The same attempt reported twice, by two queues: still once.
    assert rows_of([*once, *once, told("read", "2026-08-15 12:09", "try-2")]) == rows_of(once)
    assert ledger(once).fates == {"delivered": 1, "waiting for a status": 1}


@pytest.mark.parametrize(("day", "charged"), [("2024-10-07", 1), ("2026-09-30", 0), ("2026-10-01", 3)])
def test_pb_51_one_answer_in_three_bubbles(day: str, charged: int) -> None:
    story = wrote(f"{day} 09:00")
    for number in range(3):
        story += sent(f"m{number}", f"{day} 10:0{number}", "free_form")
    assert sum_of(rows_of(story, Account(free_left=0))).charged == charged


# --- ingestion --------------------------------------------------------------
def test_rb_01_a_late_sent_takes_nothing_back() -> None:
    delivered = body(status_body("delivered", "2026-08-15 12:01", pricing=PRICE))
    late = body(status_body("sent", "2026-08-15 12:09", pricing=PRICE))
    assert [row.amount for row in rows_in(read(delivered, late))] == [RATE]
    assert ledger_hash(rows_in(read(delivered, late))) == ledger_hash(rows_in(read(late, delivered)))


def test_rb_04_an_album_in_parallel_webhooks_is_one_thread_one_window_and_one_conversation() -> None:
    at = str(instant("2023-09-04 09:00") // 1_000_000)
    images = [
        body(messages=[{"from": ANA, "id": f"wamid.{n}", "timestamp": at, "type": "image", "image": {"id": str(n)}}])
        for n in range(4)
    ]
    answer = sent("a", "2023-09-04 10:00", "free_form")
    found = set()
    for seed in range(10):
        order = [*images, *images]
        Random(seed).shuffle(order)
        log = read(*order)
        log.events += answer
        log.places += [""] * len(answer)
        assert len({event.thread for event in log.events}) == 1
        found.add(rows_in(log))
    assert len(found) == 1
    assert [row.kind for row in found.pop()] == ["conversation", "message"]


def test_rb_05_the_time_at_which_a_body_was_received_counts_for_nothing() -> None:
    early = body(status_body("delivered", "2026-08-15 12:01", pricing=PRICE))
    late = json.loads(json.dumps(early))
    late["entry"][0]["time"] = instant("2026-10-15 12:00") // 1_000_000
    assert rows_in(read(early)) == rows_in(read(late))


def test_rb_06_messages_that_come_hours_late_and_out_of_order_give_the_same_answer() -> None:
    story = wrote("2026-10-12 09:00") + sent("a", "2026-10-12 10:00", "free_form")
    story += sent("b", "2026-10-13 08:00", "utility")
    assert len({rows_of(order) for order in permutations(story)}) == 1


def test_rb_07_a_status_that_comes_before_its_message_is_known_waits_for_it() -> None:
    record = sent("a", "2026-08-15 12:00", "marketing")
    for order in permutations(record):
        assert [row.amount for row in rows_of(order)] == [RATE]
    (alone,) = rows_of(record[1:])
    assert (alone.amount, alone.priced_by) == (None, "undecided")


def test_rb_08_acceptance_is_no_delivery_and_each_send_is_judged_at_its_own_instant() -> None:
    start = instant("2026-10-12 09:00")
    story = wrote(start)
    for number in range(3):
        # A batch that starts in time and ends too late.
        story += sent(f"m{number}", start + DAY - HOUR + number * HOUR, "free_form", delivered=None)
    verdicts = [result.outcome.verdict for result in results(story) if result.event.event == "message_sent"]
    # In the very second in which the window ends nobody knows; see CSW-12.
    assert verdicts == ["allowed", "unspecified", "refused"]
    assert rows_of(story) == ()


def test_rb_09_an_inbound_message_that_comes_again_does_nothing_again() -> None:
    story = wrote("2026-10-12 09:00") * 3 + sent("a", "2026-10-12 10:00", "free_form")
    assert len(results(story)) == 3
    assert [row.allowance for row in rows_of(story)] == ["1 of 1000"]


def test_rb_11_a_body_belongs_to_the_number_that_it_names_itself() -> None:
    mixed = read(
        body(status_body("delivered", "2026-10-12 12:01", "wamid.A", pricing=PRICE), number="one"),
        body(status_body("delivered", "2026-10-12 12:01", "wamid.B", pricing=PRICE), number="two"),
    )
    accounts = [Account(name=number, numbers=frozenset({number})) for number in ("one", "two")]
    rows = ledger_of(mixed, accounts, shipped_prices(), shipped_markets()).rows
    assert [(row.account, row.business, row.id) for row in rows] == [
        ("one", "one", "wamid.A"),
        ("two", "two", "wamid.B"),
    ]


def test_rb_15_the_end_stated_of_a_conversation_of_2025_opens_and_prolongs_nothing() -> None:
    """Since July 2025 it says nothing, except of a free entry point."""
    ends = str(instant("2025-09-30 12:00") // 1_000_000)
    stated = {"id": "conv", "origin": {"type": "utility"}, "expiration_timestamp": ends}
    log = read(
        body(status_body("sent", "2025-08-15 12:00", conversation=stated, pricing={**PRICE, "category": "utility"})),
        body(status_body("delivered", "2025-08-15 12:01", pricing={**PRICE, "category": "utility"})),
    )
    (row,) = rows_in(log)
    assert (row.kind, row.ends_at, row.line) == ("message", None, "utility")
    thread = CustomerThread(BAKERY, ANA)
    for event in log.events:
        thread.record(event)
    assert thread.may_send("free_form", at="2025-08-15T13:00:00Z").verdict == "refused"


@pytest.mark.parametrize("name", ["read", "played"])
def test_rb_16_read_without_delivered_is_charged_once(name: str) -> None:
    log = read(*[body(status_body(name, f"2026-08-15 12:0{n}", pricing=PRICE)) for n in (2, 3)])
    assert [(row.amount, row.at) for row in rows_in(log)] == [(RATE, instant("2026-08-15 12:02"))]


def test_rb_17_a_delivery_after_a_failure_is_charged_and_flagged() -> None:
    story = sent("a", "2026-08-15 12:00", "marketing", delivered=None)
    (row,) = rows_of([*story, told("failed", "2026-08-15 12:01"), told("delivered", "2026-08-15 12:02")])
    assert (row.amount, "delivered_and_failed" in row.flags) == (RATE, True)


def test_rb_20_one_message_under_two_identities_is_one_thread_and_one_row() -> None:
    both = {"recipient_id": ANA, "recipient_user_id": "MX.77"}
    hidden = {"recipient_user_id": "MX.77"}
    bodies = []
    for names, name in ((both, "sent"), (hidden, "delivered"), ({"recipient_id": ANA}, "read")):
        nameless = status_body(name, "2026-08-15 12:01", pricing=PRICE)
        del nameless["recipient_id"]
        bodies.append(body({**nameless, **names}))
    for order in permutations(bodies):
        (row,) = rows_in(read(*order))
        assert (row.customer, row.market, row.amount) == (ANA, "Mexico", RATE)


def test_rb_21_what_was_settled_is_never_priced_again_in_silence() -> None:
    known = sent("a", "2026-09-10 12:00", "utility", RAVI) + sent("b", "2026-10-10 12:00", "utility", RAVI)
    settled = [row for row in settle(rows_of(known), "2026-09") if row.status == "settled"]
    late = [*wrote("2026-09-10 11:00", RAVI), *known]
    rows = rows_of(late, settled=settled)
    assert [row for row in rows if row.status == "settled"] == settled
    corrections = [row for row in rows if row.kind == "correction"]
    assert {row.period for row in corrections} == {"2026-10"}
    assert sum_of(corrections).amount == -Decimal("0.0014")
    assert sum_of(rows).amount == sum_of(rows_of(late)).amount


# --- what makes the mistakes of stores harmless ------------------------------
def test_facts_that_two_workers_kept_apart_give_the_ledger_of_one() -> None:
    """Both may let every duplicate through, in any order: a fact is its content, and counts once."""
    bodies = [
        body(status_body(name, f"2026-08-15 12:0{n}", f"wamid.{n % 3}", pricing=PRICE))
        for n, name in enumerate(("sent", "sent", "sent", "delivered", "read", "delivered"))
    ]
    usual = ledger_hash(rows_in(read(*bodies)))
    for seed in range(10):
        kept = []
        for worker in range(2):
            mine = [*bodies, *bodies]
            Random(f"{seed} {worker}").shuffle(mine)
            kept.append(list(write_facts(read(*mine[: 8 + worker], *bodies[worker::2]))))
        joined = Log()
        for name, lines in enumerate([*kept, *kept]):
            read_facts(joined, str(name), lines)
        missing = read(*bodies)
        read_facts(joined, "rest", list(write_facts(missing)))
        assert ledger_hash(rows_in(joined)) == usual


def test_emoji_and_accents_read_the_same_escaped_or_not() -> None:
    at = str(instant("2026-08-15 12:00") // 1_000_000)
    message = {"from": ANA, "id": "wamid.A", "timestamp": at, "type": "text", "text": {"body": "¡Olé! 😀"}}
    made = body(messages=[message])
    readings = {
        tuple(read_body(json.dumps(made, ensure_ascii=ascii_only).encode()).events) for ascii_only in (True, False)
    }
    assert len(readings) == 1
