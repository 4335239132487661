"""While conversations are charged, the conversation has the amount and its messages have none."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from fsm.events import Account, Event
from fsm.ledger import Row, sum_of
from tests.ledger.making import ANA, BAKERY, DAY, HOUR, MINUTE, RAVI, amounts, instant, row_of, rows_of, sent, wrote


def conversations(rows: tuple[Row, ...]) -> list[tuple[str, str | None, str | None]]:
    return [(row.category, row.line, row.why) for row in rows if row.kind == "conversation"]


@pytest.mark.parametrize(
    ("day", "utility", "free_form"),
    [
        ("2022-06-01", ("user_initiated", None, "free_tier"), None),
        ("2023-06-01", ("utility", "utility", "regular"), ("service", None, "free_tier")),
        ("2024-12-02", ("utility", "utility", "regular"), ("service", None, "service_free_era")),
    ],
)
def test_a_conversation_has_one_row_with_the_charge_and_its_messages_are_attached(
    day: str, utility: tuple[str, str | None, str | None], free_form: tuple[str, str | None, str | None] | None
) -> None:
    story = wrote(f"{day} 09:00")
    story += sent("a", f"{day} 10:00", "free_form") + sent("b", f"{day} 11:00", "utility")
    story += sent("c", f"{day} 12:00", "utility")
    rows = rows_of(story)
    assert conversations(rows) == [each for each in (free_form, utility) if each]
    messages = [row for row in rows if row.kind == "message"]
    assert [(row.id, row.why, row.line, row.amount) for row in messages] == [
        (id, "attached", None, Decimal(0)) for id in "abc"
    ]


def test_a_conversation_is_counted_once_in_the_totals() -> None:
    rows = rows_of(sent("a", "2024-10-02 10:00", "marketing") + sent("b", "2024-10-02 11:00", "marketing"))
    everything = sum_of(rows)
    assert (everything.rows, everything.charged, everything.units) == (3, 1, 1)
    assert everything.amount == row_of("a", rows, "conversation").amount == Decimal("0.0436")


def test_the_first_message_stands_beside_its_conversation_and_names_it() -> None:
    rows = rows_of(sent("a", "2024-10-02 10:00", "marketing"))
    assert [(row.kind, row.conversation) for row in rows] == [("conversation", "a"), ("message", "a")]
    assert {row.at for row in rows} == {instant("2024-10-02 10:00:01")}


def test_a_conversation_ends_24_hours_after_the_delivery_that_opened_it() -> None:
    row = row_of("a", rows_of(sent("a", "2024-10-02 10:00", "marketing")), "conversation")
    assert row.ends_at == instant("2024-10-03 10:00:01")


@pytest.mark.parametrize(("later", "opens"), [(DAY - 1, False), (DAY, True), (DAY + 1, True)])
def test_a_template_joins_until_the_conversation_ends_and_then_opens_another(later: int, opens: bool) -> None:
    start = instant("2024-10-02 10:00")
    rows = rows_of(
        sent("a", start, "marketing", delivered=0) + sent("b", start + later - HOUR, "marketing", delivered=HOUR)
    )
    assert len(conversations(rows)) == 1 + opens
    assert row_of("b", rows).conversation == ("b" if opens else "a")


def test_categories_have_conversations_of_their_own_side_by_side() -> None:
    rows = rows_of(sent("a", "2024-10-02 10:00", "marketing") + sent("b", "2024-10-02 11:00", "utility"))
    assert [row.category for row in rows if row.kind == "conversation"] == ["marketing", "utility"]
    assert sum_of(rows).amount == Decimal("0.0436") + Decimal("0.0100")


def test_a_message_that_joins_one_of_several_conversations_says_that_it_is_not_told_which() -> None:
    story = sent("a", "2024-10-02 10:00", "marketing") + sent("b", "2024-10-02 10:30", "utility")
    story += wrote("2024-10-02 11:00") + sent("c", "2024-10-02 11:30", "free_form")
    row = row_of("c", rows_of(story))
    assert (row.conversation, row.why, row.amount) == ("", "attached", Decimal(0))
    assert "free_form_attach" in row.flags


# --- what is free -----------------------------------------------------------
def test_a_free_entry_point_is_a_conversation_without_a_charge_and_everything_in_it_belongs_to_it() -> None:
    story = wrote("2024-10-02 09:00", entry="ad") + sent("a", "2024-10-02 10:00", "free_form")
    story += sent("b", "2024-10-04 10:00", "marketing")
    rows = rows_of(story)
    assert conversations(rows) == [("free_entry_point", None, "free_entry_point")]
    assert row_of("a", rows, "conversation").ends_at == instant("2024-10-05 10:00:01")
    assert [row_of(id, rows).conversation for id in "ab"] == ["a", "a"]
    assert (sum_of(rows).amount, sum_of(rows).charged) == (Decimal(0), 0)


def test_a_free_entry_point_of_2025_is_a_row_of_its_own_and_does_not_make_its_opening_message_attached() -> None:
    story = wrote("2025-08-02 09:00", entry="ad") + sent("a", "2025-08-02 10:00", "free_form")
    story += sent("b", "2025-08-03 11:00", "marketing") + sent("c", "2025-08-06 11:00", "marketing")
    rows = rows_of(story)
    assert conversations(rows) == [("free_entry_point", None, "free_entry_point")]
    assert [row_of(id, rows).why for id in "abc"] == ["free_entry_point", "free_entry_point", "regular"]
    assert [row_of(id, rows).conversation for id in "abc"] == ["a", "a", ""]
    assert sum_of(rows).amount == Decimal("0.0436")


def test_the_free_allowance_gives_each_conversation_its_place() -> None:
    story: list[Event] = []
    for number in range(3):
        customer = f"52155500011{number:02}"
        story += wrote(f"2023-09-02 09:0{number}", customer)
        story += sent(f"m{number}", f"2023-09-02 10:0{number}", "free_form", customer)
    rows = rows_of(story, Account(free_left=2))
    assert [row.allowance for row in rows if row.kind == "conversation"] == ["999 of 1000", "1000 of 1000", ""]
    assert [row.line for row in rows if row.kind == "conversation"] == [None, None, "service"]
    assert not any(row.allowance for row in rows if row.kind == "message")


@pytest.mark.parametrize(("day", "place"), [("2022-06-03", "2 of 1000"), ("2023-09-03", "2 of 1000")])
def test_numbers_of_one_account_share_its_allowance(day: str, place: str) -> None:
    story = [event for number in "12" for event in wrote(f"{day} 09:00", business=number)]
    story += sent("a", f"{day} 10:00", "free_form", business="1") + sent("b", f"{day} 11:00", "free_form", business="2")
    rows = rows_of(story)
    assert row_of("b", rows, "conversation").allowance == place


def test_only_service_conversations_use_the_allowance_of_2023() -> None:
    story = sent("t", "2023-09-02 08:00", "utility", RAVI) + wrote("2023-09-02 09:00")
    rows = rows_of([*story, *sent("a", "2023-09-02 10:00", "free_form")])
    assert row_of("t", rows, "conversation").allowance == ""
    assert row_of("a", rows, "conversation").allowance == "1 of 1000"


def test_the_allowance_begins_anew_at_midnight_of_the_accounts_month() -> None:
    """At 03:59:59 UTC it is still September in Caracas."""
    story: list[Event] = []
    for number, at in enumerate(("2023-10-01 03:59:59", "2023-10-01 04:00:00")):
        customer = f"521555000111{number}"
        story += wrote("2023-09-30 22:00", customer)
        story += sent(f"m{number}", "2023-09-30 23:00", "free_form", customer, delivered=at)
    rows = rows_of(story, Account(time_zone=ZoneInfo("America/Caracas"), free_left=1))
    found = {row.id: (row.period, row.allowance) for row in rows if row.kind == "conversation"}
    assert found == {"m0": ("2023-09", "1000 of 1000"), "m1": ("2023-10", "1 of 1000")}


# --- what opens nothing -----------------------------------------------------
def test_a_message_that_is_never_delivered_has_no_row() -> None:
    story = sent("a", "2024-10-02 10:00", "marketing", delivered=None)
    failed = Event(event="message_failed", at=instant("2024-10-02 10:01"), business=BAKERY, customer=ANA, id="a")
    assert rows_of([*story, failed]) == ()


def test_what_the_customer_writes_has_no_row() -> None:
    assert rows_of(wrote("2024-10-02 10:00")) == ()


def test_a_conversation_is_priced_at_its_opening_though_the_card_changes_before_its_last_message() -> None:
    """The card of 2024-11-01 makes service free; a conversation opened a minute earlier keeps its price."""
    start = instant("2024-10-31 23:59")
    story = wrote(start - HOUR) + sent("a", start, "free_form") + sent("b", start + 2 * MINUTE, "free_form")
    rows = rows_of(story, Account(free_left=0))
    assert row_of("a", rows, "conversation").line == "service"
    assert row_of("a", rows, "conversation").card == "rate_card_USD_2024-10-01.csv"
    assert amounts(rows) == {"a": Decimal(0), "b": Decimal(0)}
    assert row_of("b", rows).period == "2024-11"


# --- the switch of July 2025 (PMP-07) ---------------------------------------
def test_utility_inside_a_utility_conversation_that_is_open_over_the_switch_is_free_until_it_ends() -> None:
    start = instant("2025-06-30 20:00")
    story = sent("u", start, "utility", delivered=0)
    story += sent("v", start + DAY - HOUR, "utility", delivered=HOUR - 1)
    story += sent("w", start + DAY - HOUR, "utility", delivered=HOUR)
    rows = rows_of(story)
    assert row_of("u", rows, "conversation").line == "utility"
    assert (row_of("v", rows).why, row_of("v", rows).conversation, row_of("v", rows).amount) == (
        "transition_cbp",
        "u",
        Decimal(0),
    )
    assert "PMP-07" in row_of("v", rows).because
    assert (row_of("w", rows).why, row_of("w", rows).line) == ("regular", "utility")


def test_marketing_inside_a_marketing_conversation_that_is_open_over_the_switch_is_charged_and_in_doubt() -> None:
    rows = rows_of(sent("u", "2025-06-30 20:00", "marketing") + sent("v", "2025-07-01 10:00", "marketing"))
    row = row_of("v", rows)
    assert (row.line, row.amount) == ("marketing", Decimal("0.0436"))
    assert "transition_non_utility" in row.flags
