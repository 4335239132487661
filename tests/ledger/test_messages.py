"""Since July 2025 every delivered message has a row with its own price, and says how sure that price is."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal

import attrs
import pytest

from fsm.events import Account, Event
from fsm.ledger import sum_of
from tests.ledger.making import (
    ANA,
    BAKERY,
    DAY,
    HOUR,
    RAVI,
    amounts,
    card,
    instant,
    ledger,
    prices,
    row_of,
    rows_of,
    sent,
    wrote,
)

RATE = Decimal("0.0305")
"""Marketing to Mexico on the card of July 2026."""


@pytest.mark.parametrize(
    ("day", "free_form", "utility"),
    [
        ("2025-08-04", (None, "free_customer_service"), (None, "free_customer_service")),
        ("2026-08-04", (None, "free_customer_service"), (None, "free_customer_service")),
        ("2026-10-12", (None, "free_tier"), ("utility", "regular")),
    ],
)
def test_the_same_answer_inside_the_window_costs_what_its_day_says(
    day: str, free_form: tuple[str | None, str], utility: tuple[str | None, str]
) -> None:
    """PB-41 and PB-42: utility in the window, and an answer in free form, over the years."""
    story = wrote(f"{day} 09:00") + sent("f", f"{day} 10:00", "free_form") + sent("u", f"{day} 10:00", "utility")
    rows = rows_of(story)
    assert [row.kind for row in rows] == ["message", "message"]
    assert (row_of("f", rows).line, row_of("f", rows).why) == free_form
    assert (row_of("u", rows).line, row_of("u", rows).why) == utility
    assert row_of("u", rows).amount == (Decimal("0.0085") if utility[0] else Decimal(0))


def test_three_bubbles_are_three_service_messages_since_october_2026_and_cost_nothing_before() -> None:
    def bubbles(day: str) -> list[Decimal | None]:
        story = wrote(f"{day} 09:00")
        for number in range(3):
            story += sent(f"m{number}", f"{day} 10:0{number}", "free_form")
        return [row.amount for row in rows_of(story, Account(free_left=0))]

    assert bubbles("2026-09-30") == [Decimal(0)] * 3
    assert bubbles("2026-10-01") == [Decimal("0.0085")] * 3


def test_each_business_number_has_a_free_tier_of_its_own_since_october_2026() -> None:
    story = [event for number in "12" for event in wrote("2026-10-12 09:00", business=number)]
    story += sent("a", "2026-10-12 10:00", "free_form", business="1")
    story += sent("b", "2026-10-12 11:00", "free_form", business="2")
    assert [row.allowance for row in rows_of(story)] == ["1 of 1000", "1 of 1000"]


def test_service_has_the_rate_of_utility_where_the_card_has_no_rate_of_its_own() -> None:
    own = card("2026-10-01", {("Mexico", "utility"): "0.0100", ("Mexico", "service"): "n/a"})
    story = wrote("2026-10-12 09:00") + sent("a", "2026-10-12 10:00", "free_form")
    row = row_of("a", rows_of(story, Account(free_left=0), prices=prices(own)))
    assert (row.line, row.amount, row.flags) == ("service", Decimal("0.0100"), ("same_rate",))


def test_an_exempt_sender_pays_nothing_beyond_the_free_tier() -> None:
    story = wrote("2026-10-12 09:00") + sent("a", "2026-10-12 10:00", "free_form")
    row = row_of("a", rows_of(story, Account(free_left=0, sender="government")))
    assert (row.line, row.why, row.amount) == (None, "exempt", Decimal(0))


# --- which day's rate -------------------------------------------------------
@pytest.mark.parametrize(
    ("delivered", "card_name", "amount"),
    [
        ("2026-06-30 23:59:59", "rate_card_USD_2026-04-01.csv", "0.0860"),
        ("2026-07-01 00:00:00", "rate_card_USD_2026-07-01.csv", "0.0860"),
    ],
)
def test_the_card_of_the_delivery_counts_however_long_ago_it_was_sent(
    delivered: str, card_name: str, amount: str
) -> None:
    """PB-47: the log is read long after the change, and its rows keep the card of their own day."""
    story = sent("a", "2026-06-30 12:00", "marketing", "36301234567", delivered=delivered)
    story += sent("z", "2026-08-01 12:00", "marketing", "36301234567")
    row = row_of("a", rows_of(story))
    assert (row.card, row.amount) == (card_name, Decimal(amount))


def test_a_change_of_card_inside_a_month_prices_each_row_by_its_own_day() -> None:
    first = card("2026-08-01", {("Mexico", "marketing"): "0.0100"})
    second = card("2026-08-16", {("Mexico", "marketing"): "0.0200"})
    story = sent("a", "2026-08-15 12:00", "marketing", delivered="2026-08-15 23:59:59")
    story += sent("b", "2026-08-15 12:00", "marketing", delivered="2026-08-16 00:00:00")
    assert amounts(rows_of(story, prices=prices(first, second))) == {"a": Decimal("0.0100"), "b": Decimal("0.0200")}


@pytest.mark.parametrize(
    ("hours", "day", "period", "card_name"),
    [(-6, "2026-09-30", "2026-09", "rate_card_USD_2026-07-01.csv"), (0, "2026-10-01", "2026-10", None)],
)
def test_day_month_law_and_card_are_those_of_the_accounts_zone(
    hours: int, day: str, period: str, card_name: str | None
) -> None:
    account = Account(time_zone=timezone(timedelta(hours=hours)))
    row = row_of("a", rows_of(sent("a", "2026-10-01 03:00", "marketing"), account))
    assert (row.day, row.period, row.card) == (day, period, card_name or "rate_card_USD_2026-10-01.csv")
    assert row.rulebook == ("pmp-2026-08" if hours else "pmp-2026-10")


# --- no rate is no zero -----------------------------------------------------
def test_a_cell_that_says_n_a_gives_no_amount_and_says_so() -> None:
    own = card("2026-08-01", {("Mexico", "marketing"): "n/a"})
    row = row_of("a", rows_of(sent("a", "2026-08-15 12:00", "marketing"), prices=prices(own)))
    assert (row.line, row.amount, row.priced_by, row.card) == ("marketing", None, "not_on_card", "own 2026-08-01")


def test_a_day_beyond_the_last_card_gives_no_amount() -> None:
    rows = rows_of(sent("a", "2026-12-31 12:00", "marketing") + sent("b", "2027-01-01 00:00", "marketing"))
    assert amounts(rows) == {"a": Decimal("0.0397"), "b": None}
    assert (row_of("b", rows).priced_by, row_of("b", rows).rate) == ("unpriced", None)
    assert (sum_of(rows).amount, sum_of(rows).unknown, sum_of(rows).complete) == (Decimal("0.0397"), 1, False)


def test_notifications_before_2022_are_charged_and_nobody_knows_for_how_much() -> None:
    row = row_of("a", rows_of(sent("a", "2021-05-05 12:00", "utility")))
    assert (row.line, row.amount, row.priced_by) == ("notification", None, "unpriced")


def test_a_customer_whose_market_cannot_be_told_is_charged_without_an_amount() -> None:
    row = row_of("a", rows_of(sent("a", "2026-08-15 12:00", "marketing", "somebody")))
    assert (row.line, row.market, row.amount, row.priced_by) == ("marketing", None, None, "unpriced")
    assert "unknown_market" in row.flags


def test_a_template_of_a_category_nobody_knows_is_undecided_and_not_free() -> None:
    row = row_of("a", rows_of(sent("a", "2026-08-15 12:00", "newsletter")))
    assert (row.line, row.why, row.amount, row.priced_by) == (None, None, None, "undecided")


def test_a_partial_card_prices_nothing_unless_somebody_asks_what_if() -> None:
    story = sent("a", "2024-07-15 12:00", "marketing")
    assert row_of("a", rows_of(story), "conversation").priced_by == "unpriced"
    assert row_of("a", rows_of(story, partial=True), "conversation").amount is not None


def test_a_derived_cell_is_flagged_and_a_read_one_is_not() -> None:
    rows = rows_of(
        sent("a", "2026-07-05 12:00", "marketing", "5491123456789") + sent("b", "2026-07-05 12:00", "marketing")
    )
    found = {row.id: (row.market, row.evidence, "derived_rate" in row.flags) for row in rows}
    assert found["a"] == ("Argentina", "derived", True)
    assert found["b"][1:] == ("read", False)


# --- what was delivered -----------------------------------------------------
def test_the_category_of_metas_status_beats_our_own_record() -> None:
    """PB-44."""
    story = sent("a", "2026-08-15 12:00", "utility", delivered=None)
    story.append(
        Event(
            event="message_delivered",
            at=instant("2026-08-15 12:01"),
            business=BAKERY,
            customer=ANA,
            id="a",
            content="template",
            category="marketing",
            inferred=True,
        )
    )
    row = row_of("a", rows_of(story))
    assert (row.category, row.line, row.amount) == ("marketing", "marketing", RATE)
    assert "category_drift" in row.flags


def test_delivered_read_and_played_are_one_row_at_the_first_of_them() -> None:
    story = sent("a", "2026-08-15 12:00", "marketing", delivered=None)
    for name, minute in (("message_played", 4), ("message_read", 2), ("message_delivered", 3)):
        story.append(Event(event=name, at=instant(f"2026-08-15 12:0{minute}"), business=BAKERY, customer=ANA, id="a"))
    (row,) = rows_of(story)
    assert (row.at, row.amount) == (instant("2026-08-15 12:02"), RATE)


def test_a_delivery_whose_message_is_unknown_waits_for_a_status_that_tells_it() -> None:
    """Meta's `delivered` may state no price; the `read` behind it does. Without the sending only the second tells."""
    delivered = Event(event="message_delivered", at=instant("2026-08-15 12:01"), business=BAKERY, customer=ANA, id="a")
    read = attrs.evolve(
        delivered,
        event="message_read",
        at=instant("2026-08-15 12:05"),
        content="template",
        category="marketing",
        inferred=True,
    )
    (row,) = rows_of([delivered, read])
    assert (row.line, row.category, row.amount) == ("marketing", "marketing", RATE)
    (alone,) = rows_of([delivered])
    assert (alone.line, alone.why, alone.amount, alone.priced_by) == (None, None, None, "undecided")
    assert "unknown_message" in alone.flags


def test_a_delivery_dated_before_its_sending_is_priced_and_says_what_was_sent() -> None:
    start = instant("2026-08-15 12:00")
    row = row_of("a", rows_of(sent("a", start, "marketing", delivered=-5_000_000)))
    assert (row.content, row.category, row.line) == ("template", "marketing", "marketing")
    assert row.facts == (("message_sent", start), ("message_delivered", start - 5_000_000))
    assert "delivered_before_sent" in row.flags


def test_a_message_that_failed_and_was_delivered_is_charged_and_flagged() -> None:
    story = sent("a", "2026-08-15 12:00", "marketing")
    story.append(
        Event(
            event="message_failed", at=instant("2026-08-15 11:59:59") + 1_500_000, business=BAKERY, customer=ANA, id="a"
        )
    )
    row = row_of("a", rows_of(story))
    assert (row.amount, "delivered_and_failed" in row.flags) == (RATE, True)


def test_messages_to_two_customers_under_one_id_are_two_rows() -> None:
    """A log whose ids repeat from customer to customer loses no money, and each has the market of its own number."""
    rows = rows_of(sent("m", "2026-08-15 12:00", "marketing", ANA) + sent("m", "2026-08-16 12:00", "utility", RAVI))
    assert [(row.customer, row.market, row.line) for row in rows] == [
        (ANA, "Mexico", "marketing"),
        (RAVI, "India", "utility"),
    ]
    assert not any("two_names" in row.flags for row in rows)


def test_fates_count_every_message_once() -> None:
    story = sent("a", "2026-08-15 12:00", "marketing") + sent("b", "2026-08-15 12:00", "marketing", delivered=None)
    story += sent("c", "2026-08-15 12:00", "marketing", delivered=None)
    story.append(Event(event="message_failed", at=instant("2026-08-15 12:01"), business=BAKERY, customer=ANA, id="c"))
    made = ledger([*story, *story])
    assert made.fates == {"delivered": 1, "failed": 1, "waiting for a status": 1}


def test_one_rulebook_whatever_the_date_prices_by_the_nearest_day_on_which_it_holds() -> None:
    story = (
        wrote("2026-08-15 11:00")
        + sent("a", "2026-08-15 12:00", "utility")
        + sent("f", "2026-08-15 12:00", "free_form")
    )
    rows = rows_of(story, Account(free_left=0), rulebook="pmp-2026-10")
    assert {row.rulebook for row in rows} == {"pmp-2026-10"}
    assert {row.card for row in rows} == {"rate_card_USD_2026-10-01.csv"}
    assert {row.period for row in rows} == {"2026-08"}
    earlier = rows_of(story, rulebook="cbp-2024-11")
    assert row_of("a", earlier, "conversation").card == "rate_card_USD_2025-04-01.csv"


def test_an_event_before_the_first_rulebook_is_reported_with_its_place_and_the_rest_is_priced() -> None:
    made = ledger(sent("old", 0, "marketing", delivered=DAY) + sent("a", "2026-08-15 12:00", "marketing"))
    assert [problem.where for problem in made.problems] == ["story, event 0", "story, event 1"]
    assert amounts(made.rows) == {"a": RATE}


def test_an_hour_late_is_still_the_window_of_its_own_time() -> None:
    """A free answer sent inside the window and delivered after it is judged at its delivery (PMP-03)."""
    start = instant("2026-08-15 12:00")
    story = wrote(start) + sent("a", start + DAY - HOUR, "utility", delivered=HOUR - 1)
    story += sent("b", start + DAY - HOUR, "utility", delivered=HOUR)
    assert {row.id: row.why for row in rows_of(story)} == {"a": "free_customer_service", "b": "regular"}
