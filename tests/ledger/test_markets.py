"""The market of a recipient: by calling prefix and by the account's day, and by every name under which it is known."""

from __future__ import annotations

from datetime import date, timedelta, timezone

import pytest

from fsm.events import Account
from fsm.ledger.pricing import market_of
from fsm.service.accounting import ledger_of
from fsm.service.rate_files import shipped_markets, shipped_prices
from fsm.service.reading import Log
from fsm.webhooks import Alias
from tests.ledger.making import BAKERY, ledger, row_of, rows_of, sent


@pytest.mark.parametrize(
    ("customer", "before", "first_day", "after"),
    [
        ("77011234567", "Other", "2026-10-01", "Kazakhstan"),
        ("79161234567", "Russia", "2026-10-01", "Russia"),
        ("36301234567", "Rest of Central & Eastern Europe", "2026-07-01", "Hungary"),
        ("18095550123", "Rest of Latin America", "2026-10-01", "Rest of Latin America"),
        ("12425550123", "Other", "2026-10-01", "Other"),
        ("12125550123", "North America", "2026-10-01", "North America"),
        ("9647701234567", "Rest of Middle East", "2026-10-01", "Iraq"),
    ],
)
def test_a_market_changes_at_midnight_of_its_first_day(customer: str, before: str, first_day: str, after: str) -> None:
    """PB-48: the calling code alone tells neither +7 nor +1."""
    story = sent("old", f"{first_day} 00:00", "marketing", customer, delivered=-1)
    story += sent("new", f"{first_day} 00:00", "marketing", customer, delivered=0)
    rows = rows_of(story)
    assert [row_of("old", rows).market, row_of("new", rows).market] == [before, after]


def test_the_midnight_is_that_of_the_account() -> None:
    story = sent("a", "2026-10-01 03:00", "marketing", "77011234567")
    west = Account(time_zone=timezone(timedelta(hours=-6)))
    assert row_of("a", rows_of(story)).market == "Kazakhstan"
    assert row_of("a", rows_of(story, west)).market == "Other"


def test_a_hidden_number_is_in_the_country_of_its_business_scoped_id() -> None:
    row = row_of("a", rows_of(sent("a", "2026-08-15 12:00", "marketing", "IN.1234")))
    assert (row.market, row.flags) == ("India", ())


def test_names_in_two_markets_are_flagged_and_the_number_decides() -> None:
    """The id says Brazil, the number is Mexican: Meta's markets follow the number."""
    story = sent("a", "2026-08-15 12:00", "marketing", "5215550001111", delivered=None)
    story += sent("a", "2026-08-15 12:00", "marketing", "BR.77")[1:]
    row = row_of("a", rows_of(story))
    assert (row.market, "two_names" in row.flags) == ("Mexico", True)


def test_a_number_in_any_spelling_comes_before_an_id() -> None:
    for spelling in ("whatsapp:+5215550001111", "+52 1 555 000 1111", "5215550001111"):
        assert market_of(shipped_markets(), ("BR.77", spelling), date(2026, 8, 15)) == ("Mexico", True)


def test_another_name_of_the_customer_does_not_move_a_message_that_went_to_the_first() -> None:
    """A customer who moved from Mexico to India: each message keeps the market of the number it went to."""
    story = sent("a", "2026-08-15 12:00", "marketing", "5215550001111")
    story += sent("b", "2026-08-20 12:00", "marketing", "919812345678")
    alias = Alias(business=BAKERY, ids=("5215550001111", "919812345678"), why="user_changed_number")
    log = Log(events=list(story), places=[""] * len(story), aliases=[alias])
    rows = ledger_of(log, [Account()], shipped_prices(), shipped_markets()).rows
    assert len({row.customer for row in rows}) == 1
    assert row_of("b", rows).market == "India"
    assert row_of("a", rows).market == "Mexico"


def test_a_group_has_the_markets_of_its_members() -> None:
    rows = ledger(sent("a", "2026-08-15 12:00", "marketing", "G1", members=("5215550001111", "IN.9", "somebody"))).rows
    assert {row.participant: row.market for row in rows} == {
        "5215550001111": "Mexico",
        "IN.9": "India",
        "somebody": None,
    }
