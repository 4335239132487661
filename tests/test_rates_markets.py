"""Markets: the longest calling prefix of the day decides, and an id that tells nothing has no market."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.errors import BadRates, UnknownMarket
from fsm.rates import Markets, read_markets, split_rows
from fsm.rates.names import COUNTRIES, NORTH_AMERICA
from fsm.service.rate_files import load_markets, shipped_markets

AUTUMN = date(2026, 11, 22)
HEADER = "effective_from,effective_to,calling_prefix,iso_country,market"


def market_of(customer: str, on: date = AUTUMN, **choice: str) -> str | None:
    market = shipped_markets().market_of(customer, on, **choice)
    return None if market is None else market.name


@pytest.mark.parametrize(
    "spelling",
    ["+91 98765 43210", "919876543210", "whatsapp:+919876543210", "+91 (98765) 432-10", "+91.98765.43210"],
)
def test_a_number_is_in_the_same_market_in_every_spelling(spelling: str) -> None:
    assert market_of(spelling) == "India"


@pytest.mark.parametrize(
    ("customer", "market"),
    [
        ("+12125550123", "North America"),
        ("+14165550123", "North America"),
        ("+18005550123", "North America"),
        ("+18095550123", "Rest of Latin America"),
        ("+18295550123", "Rest of Latin America"),
        ("+18495550123", "Rest of Latin America"),
        ("+16585550123", "Rest of Latin America"),
        ("+18765550123", "Rest of Latin America"),
        ("+17875550123", "Rest of Latin America"),
        ("+19395550123", "Rest of Latin America"),
        ("+12425550123", "Other"),
        ("+18685550123", "Other"),
        ("+79161234567", "Russia"),
        ("+73361234567", "Russia"),
        ("+77011234567", "Kazakhstan"),
        ("+76011234567", "Kazakhstan"),
        ("+390669812345", "Italy"),
        ("+441534123456", "United Kingdom"),
        ("+5215512345678", "Mexico"),
        ("+5491112345678", "Argentina"),
        ("+556112345678", "Brazil"),
        ("+5561912345678", "Brazil"),
        ("+97412345678", "Qatar"),
        ("+6791234567", "Other"),
    ],
)
def test_the_longest_prefix_decides(customer: str, market: str) -> None:
    assert market_of(customer) == market


@pytest.mark.parametrize(
    ("customer", "first_day", "before", "since"),
    [
        ("+263771234567", date(2025, 10, 1), "Other", "Rest of Africa"),
        ("+36201234567", date(2026, 7, 1), "Rest of Central & Eastern Europe", "Hungary"),
        ("+48501234567", date(2026, 7, 1), "Rest of Central & Eastern Europe", "Poland"),
        ("+6591234567", date(2026, 7, 1), "Rest of Asia Pacific", "Singapore"),
        ("+97433123456", date(2026, 7, 1), "Rest of Middle East", "Qatar"),
        ("+212612345678", date(2026, 10, 1), "Rest of Africa", "Morocco"),
        ("+77011234567", date(2026, 10, 1), "Other", "Kazakhstan"),
        ("+380501234567", date(2026, 10, 1), "Rest of Central & Eastern Europe", "Ukraine"),
        ("+96512345678", date(2026, 10, 1), "Rest of Middle East", "Kuwait"),
    ],
)
def test_a_country_changes_market_at_the_first_minute_of_a_day(
    customer: str, first_day: date, before: str, since: str
) -> None:
    day_before = date.fromordinal(first_day.toordinal() - 1)
    assert [market_of(customer, on) for on in (day_before, first_day)] == [before, since]


@pytest.mark.parametrize(
    "customer",
    [
        "",
        "bakery",
        "0612345678",
        "00919876543210",
        "123",
        "+12125550123456789",
        "ZZ.123",
        "in.123",
        "IN",
        "IN.",
        "IN.é",
        "٩١٩٨٧٦٥٤٣٢١٠",
    ],
)
def test_an_id_that_tells_no_country_has_no_market_and_is_not_other(customer: str) -> None:
    assert market_of(customer) is None


@pytest.mark.parametrize(
    ("customer", "market"),
    [
        ("IN.123", "India"),
        ("IN.ENT.123", "India"),
        ("US.123", "North America"),
        ("CA.123", "North America"),
        ("PR.123", "Rest of Latin America"),
        ("KZ.123", "Kazakhstan"),
        ("FJ.123", "Other"),
        ("GG.123", "United Kingdom"),
        ("IM.123", "United Kingdom"),
        ("JE.123", "United Kingdom"),
        ("VA.123", "Italy"),
        ("SJ.123", "Rest of Western Europe"),
        ("AX.123", "Rest of Western Europe"),
        ("CC.123", "Rest of Asia Pacific"),
        ("CX.123", "Rest of Asia Pacific"),
        ("EH.123", "Morocco"),
    ],
)
def test_a_business_scoped_id_is_where_its_countrys_calling_code_is(customer: str, market: str) -> None:
    assert market_of(customer) == market


@pytest.mark.parametrize("customer", ["+13405550123", "+16705550123", "+16715550123", "+16845550123", "GU.1", "VI.1"])
def test_us_territories_are_other_unless_the_caller_bills_them_as_north_america(customer: str) -> None:
    assert market_of(customer) == "Other"
    assert market_of(customer, us_territories="north_america") == NORTH_AMERICA


@pytest.mark.parametrize("customer", ["+17875550123", "+12425550123", "+919876543210", "+6791234567"])
def test_the_choice_about_us_territories_moves_nobody_else(customer: str) -> None:
    assert market_of(customer, us_territories="north_america") == market_of(customer)


@pytest.mark.parametrize("customer", ["+13405550123", "+919876543210", "IN.1"])
def test_a_choice_that_does_not_exist_is_refused_for_every_customer(customer: str) -> None:
    with pytest.raises(BadRates, match="us_territories='us'"):
        market_of(customer, us_territories="us")


def test_before_the_table_starts_every_market_is_unknown() -> None:
    assert market_of("+919876543210", date(2022, 1, 31)) is None
    assert market_of("+919876543210", date(2022, 2, 1)) == "India"


def test_a_market_says_how_sure_it_is() -> None:
    found = shipped_markets().market_of("+13405550123", AUTUMN)
    assert found is not None
    assert (found.prefix, found.iso, found.confidence) == ("1340", "VI", "C")
    assert found.note.startswith("US territory not named by Meta")


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.dates(date(2022, 2, 1), date(2027, 12, 31)))
def test_every_international_number_is_in_one_market_of_its_day(digits: str, on: date) -> None:
    name = market_of(digits, on)
    assert name in shipped_markets().names_on(on)


@given(st.sampled_from(sorted(COUNTRIES)), st.dates(date(2022, 2, 1), date(2027, 12, 31)))
def test_every_country_is_in_one_market_of_its_day(country: str, on: date) -> None:
    assert market_of(f"{country}.1", on) in shipped_markets().names_on(on)


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("INDIA", "India"),
        ("IN", "India"),
        ("Swaziland", "Rest of Africa"),
        ("Ivory Coast", "Rest of Africa"),
        ("Czech Republic", "Rest of Central & Eastern Europe"),
        ("Republic of the Congo (Brazzaville)", "Rest of Africa"),
        ("Turkey", "Turkey"),
    ],
)
def test_a_report_may_name_a_market_or_a_country(text: str, market: str) -> None:
    assert shipped_markets().market_named(text, AUTUMN) == market


def test_a_name_in_a_report_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownMarket, match="'Atlantis'"):
        shipped_markets().market_named("Atlantis", AUTUMN)


# --- reading a table --------------------------------------------------------------------------------------------


def table(*rows: str, header: str = HEADER) -> Markets:
    return read_markets(split_rows("\n".join([header, *rows])), name="markets.csv", sha256="0" * 64)


def test_periods_that_touch_are_read_and_periods_that_share_a_day_are_refused() -> None:
    markets = table("2022-02-01,2026-09-30,84,VN,Rest of Asia Pacific", "2026-10-01,,84,VN,Vietnam")
    found = [markets.market_of("+84912345678", day) for day in (date(2026, 9, 30), date(2026, 10, 1))]
    assert [market.name for market in found if market] == ["Rest of Asia Pacific", "Vietnam"]
    rows = ["2022-02-01,2026-10-01,84,VN,Rest of Asia Pacific", "2026-10-01,,84,VN,Vietnam"]
    for ordered in (rows, rows[::-1]):
        with pytest.raises(BadRates, match=r"row 3: \+84 is in .* and in .* on the same day"):
            table(*ordered)


def test_a_table_without_a_default_row_knows_no_other() -> None:
    assert table("2022-02-01,,91,IN,India").market_of("+4915112345678", AUTUMN) is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2022-02-01,,+91,IN,India", "digits that do not begin with 0"),
        ("2022-02-01,,091,IN,India", "digits that do not begin with 0"),
        ("2022-02-01,,91,IN,", "needs a market"),
        ("2022-02-30,,91,IN,India", "'2022-02-30' is not a day"),
        ("2022-02-01,later,91,IN,India", "'later' is not a day"),
    ],
)
def test_a_row_that_cannot_be_understood_is_refused(row: str, message: str) -> None:
    with pytest.raises(BadRates, match=message):
        table(row)


def test_a_table_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "markets.csv"
    path.write_text(f"{HEADER}\n2027-01-01,,84,VN,Vietnam\n", encoding="utf-8")
    markets = load_markets(path)
    assert (markets.names, len(markets.sha256)) == ({"Vietnam"}, 64)
