"""Calls: by the customer free, by the business in pulses of six seconds, whole at the better tier (CALL-01, TIER-02)."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from fsm.errors import BadAccount
from fsm.events import Account
from fsm.ledger import Row
from fsm.webhooks import Call, read_body
from tests.ledger.making import ANA, BAKERY, MINUTE, instant, ledger, prices, row_of, sent, tiers

BY_BUSINESS, BY_CUSTOMER = "business_initiated", "user_initiated"
TIERS = tiers("2025-07-01", {("Mexico", "calling"): {1: "0.0200", 11: "0.0100"}})
"""From the eleventh minute on, half the price."""


def call(seconds: int | None, at: str = "2026-08-15 12:00", id: str = "c", **more: Any) -> Call:
    told: dict[str, Any] = {"customer": ANA, "direction": BY_BUSINESS, "event": "terminate", "status": "COMPLETED"}
    return Call(business=BAKERY, id=id, at=instant(at), seconds=seconds, **{**told, **more})


def rows(*calls: Call, **more: Any) -> tuple[Row, ...]:
    return ledger([], calls=calls, prices=prices(TIERS), **more).rows


@pytest.mark.parametrize(
    ("seconds", "pulses", "amount"),
    [(1, 1, "0.002"), (5, 1, "0.002"), (6, 1, "0.002"), (7, 2, "0.004"), (56, 10, "0.02"), (60, 10, "0.02")],
)
def test_a_call_by_the_business_is_charged_by_pulses_of_six_seconds_rounded_up(
    seconds: int, pulses: int, amount: str
) -> None:
    (row,) = rows(call(seconds))
    assert (row.line, row.units, row.amount) == ("calling", pulses, Decimal(amount))
    assert (row.rate, row.because) == (Decimal("0.0200"), ("CALL-01",))


def test_a_call_that_nobody_accepted_costs_nothing() -> None:
    (row,) = rows(call(0))
    assert (row.line, row.why, row.units, row.amount) == (None, "not_billable", 0, Decimal(0))
    (unanswered,) = rows(call(None, status="FAILED"))
    assert (unanswered.line, unanswered.why, unanswered.amount) == (None, "not_billable", Decimal(0))


@pytest.mark.parametrize("seconds", [0, 56, None])
def test_a_call_by_the_customer_is_free_however_long(seconds: int | None) -> None:
    (row,) = rows(call(seconds, direction=BY_CUSTOMER))
    assert (row.line, row.why, row.amount, row.flags) == (None, "not_billable", Decimal(0), ())


def test_a_call_whose_length_nobody_tells_has_no_amount() -> None:
    (row,) = rows(call(None, event="connect", status=""))
    assert (row.line, row.why, row.amount, row.priced_by) == (None, None, None, "undecided")
    assert row.flags == ("call_without_duration",)


@pytest.mark.parametrize("customer", [ANA, ""])
def test_a_call_of_which_nobody_tells_who_began_it_is_kept_and_undecided(customer: str) -> None:
    (row,) = rows(call(56, direction="", customer=customer))
    assert (row.customer, row.line, row.why, row.amount) == (customer, None, None, None)
    assert row.flags == ("call_without_direction",)


def test_webhooks_of_one_call_are_one_row_in_any_order() -> None:
    told = [
        call(None, "2026-08-15 12:00", event="status", status="RINGING"),
        call(None, "2026-08-15 12:01", event="connect", status="", customer="", direction=BY_BUSINESS),
        call(56, "2026-08-15 12:01", direction="", customer=""),
        call(None, "2026-08-15 12:01", event="status", status="ACCEPTED"),
    ]
    found = {rows(*order) for order in permutations([*told, told[0]])}
    assert len(found) == 1
    ((row,),) = found
    assert (row.at, row.units, row.customer) == (instant("2026-08-15 12:00"), 10, ANA)


def test_webhook_bodies_of_a_call_become_its_row() -> None:
    common = {"id": "wacid.A", "from": "15550783881", "to": ANA, "direction": "BUSINESS_INITIATED"}
    calls = [
        {**common, "event": "connect", "timestamp": "1786795200"},
        {
            **common,
            "event": "terminate",
            "timestamp": "1786795300",
            "status": "COMPLETED",
            "start_time": "1786795210",
            "end_time": "1786795266",
            "duration": 56,
        },
    ]
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": BAKERY}, "calls": calls}
    reading = read_body({"entry": [{"id": "1", "changes": [{"field": "calls", "value": value}]}]})
    (row,) = rows(*reading.calls)
    assert (row.id, row.units, row.market) == ("wacid.A", 10, "Mexico")


def test_without_a_table_of_call_rates_a_call_is_charged_and_its_amount_is_unknown() -> None:
    (row,) = ledger([], calls=[call(56)]).rows
    assert (row.line, row.units, row.amount, row.priced_by) == ("calling", 10, None, "unpriced")


def test_before_calls_are_documented_no_rule_says_what_they_cost() -> None:
    (row,) = rows(call(56, "2025-07-14 12:00"))
    assert (row.line, row.why, row.amount) == (None, None, None)
    assert "undocumented_charge" in row.flags
    (since,) = rows(call(56, "2025-07-15 12:00"))
    assert since.line == "calling"


def test_a_call_before_the_first_rulebook_is_reported_and_the_rest_is_priced() -> None:
    made = ledger([], calls=[call(6, "1970-01-02 00:00", "old"), call(6)], prices=prices(TIERS))
    assert [row.id for row in made.rows] == ["c"]
    assert [problem.where for problem in made.problems] == ["call old"]


# --- tiers ------------------------------------------------------------------
def test_a_call_that_crosses_into_a_tier_is_billed_as_a_whole_at_its_rate() -> None:
    """Nine minutes are used; the call of two minutes ends in the eleventh."""
    found = rows(call(9 * 60, id="a"), call(120, "2026-08-15 13:00", "b"), call(6, "2026-08-15 14:00", "c"))
    assert {row.id: (row.volume, row.tier, row.amount) for row in found} == {
        "a": (9, "1:10", Decimal("0.18")),
        "b": (11, "11:MAX", Decimal("0.02")),
        "c": (12, "11:MAX", Decimal("0.001")),
    }


def test_a_minute_that_was_begun_counts_for_the_tier() -> None:
    exactly = rows(call(9 * 60, id="a"), call(60, "2026-08-15 13:00", "b"))
    assert row_of("b", exactly, "call").tier == "1:10"
    begun = rows(call(9 * 60, id="a"), call(61, "2026-08-15 13:00", "b"))
    assert row_of("b", begun, "call").tier == "11:MAX"


def test_minutes_are_counted_from_nothing_each_month_and_calls_by_customers_are_not_counted() -> None:
    found = rows(
        call(20 * 60, "2026-08-31 23:59:59", "a", direction=BY_CUSTOMER),
        call(20 * 60, "2026-08-31 23:59:59", "b"),
        call(60, "2026-09-01 00:00:00", "c"),
    )
    assert {row.id: (row.period, row.volume) for row in found} == {
        "a": ("2026-08", None),
        "b": ("2026-08", 20),
        "c": ("2026-09", 1),
    }


def test_calls_and_messages_have_counts_of_their_own() -> None:
    made = ledger(sent("m", "2026-08-15 11:00", "utility"), calls=[call(60)], prices=prices(TIERS)).rows
    assert row_of("c", made, "call").volume == 1


def test_the_beginning_of_a_call_decides_its_account_month() -> None:
    long = call(600, "2026-08-31 23:59:00")
    (row,) = rows(long)
    assert (row.day, row.period) == ("2026-08-31", "2026-08")
    assert row.at + 10 * MINUTE > instant("2026-09-01 00:00")


def test_a_call_of_an_account_that_does_not_own_its_number_is_refused() -> None:
    with pytest.raises(BadAccount, match="no account claims"):
        ledger([], Account(name="A", numbers=frozenset({"1"})), calls=[call(6)], prices=prices(TIERS))
