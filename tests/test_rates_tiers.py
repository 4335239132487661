"""Volume tiers: bands follow one another without a gap, both ends inside, and their rates are read and never computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.errors import BadRates
from fsm.rates import Band, TierTable, band_at, prices_of, read_band_text, read_tiers, split_rows
from fsm.rates.tiers import is_tier_file
from fsm.service.rate_files import load_prices, shipped_prices

FIRST_DAY = date(2026, 10, 1)
OURS = "effective_from,market,currency,category,tier_from,tier_to,rate,discount"
METAS = (
    '"Volume tiers in USD, effective October 1, 2026"\n'
    "https://example.org\n"
    ",,Utility,,,,\n"
    ",,Messages per month,,What we charge,,\n"
    '"Market\n(per rate card)",Currency,From,To,Rate type,Rate,vs. List rate\n'
)


def ours(*rows: str, header: str = OURS) -> TierTable:
    return read_tiers(split_rows("\n".join([header, *rows])), name="tiers.csv", sha256="0" * 64)


def metas(*rows: str, head: str = METAS, **says: object) -> TierTable:
    return read_tiers(split_rows(head + "\n".join(rows)), name="tiers.csv", sha256="0" * 64, **says)  # type: ignore[arg-type]


def shipped() -> tuple[Band, ...]:
    bands = shipped_prices().tier_bands("utility", "Rest of Africa", FIRST_DAY)
    assert bands
    return bands


@pytest.mark.parametrize(
    ("position", "rate"),
    [
        (1, "0.0040"),
        (100_000, "0.0040"),
        (100_001, "0.0038"),
        (1_000_000, "0.0038"),
        (1_000_001, "0.0036"),
        (4_500_000, "0.0036"),
        (4_500_001, "0.0034"),
        (40_000_000, "0.0034"),
        (40_000_001, "0.0032"),
        (80_000_000, "0.0032"),
        (80_000_001, "0.0030"),
        (10**12, "0.0030"),
    ],
)
def test_both_ends_of_a_band_are_inside_it(position: int, rate: str) -> None:
    band = band_at(shipped(), position)
    assert band is not None
    assert band.rate == Decimal(rate)


@pytest.mark.parametrize("position", [0, -1])
def test_the_first_message_of_a_month_is_number_one(position: int) -> None:
    with pytest.raises(BadRates, match="is no message"):
        band_at(shipped(), position)


@given(st.integers(1, 10**9))
def test_every_message_is_in_exactly_one_band(position: int) -> None:
    holding = [b for b in shipped() if b.first <= position and (b.last is None or position <= b.last)]
    assert holding == [band_at(shipped(), position)]


def test_behind_bands_that_end_there_is_none() -> None:
    closed = ours("2026-10-01,India,USD,utility,1,10,0.0014,list").bands["India", "utility"]
    assert (band_at(closed, 10), band_at(closed, 11)) == (closed[0], None)


def test_the_shipped_table_covers_one_market_from_its_day_to_the_end_of_the_quarter_it_was_read_in() -> None:
    prices = shipped_prices()
    days = [date(2026, 9, 30), FIRST_DAY, date(2026, 12, 31), date(2027, 1, 1)]
    assert [prices.tier_bands("utility", "Rest of Africa", day) is not None for day in days] == [
        False,
        True,
        True,
        False,
    ]
    assert prices.tier_bands("utility", "India", FIRST_DAY) is None
    assert prices.tier_bands("marketing", "Rest of Africa", FIRST_DAY) is None


# --- Meta's file ------------------------------------------------------------------------------------------------


def test_metas_seventeen_columns_are_three_groups_side_by_side(data: Path) -> None:
    (table,) = load_prices([data / "rates/volume_tiers_2026.csv"], shipped=False).tiers
    assert (table.effective_from, table.currency) == (FIRST_DAY, "USD")
    assert {key: len(bands) for key, bands in table.bands.items()} == {
        ("Argentina", "utility"): 3,
        ("Argentina", "authentication"): 3,
        ("India", "utility"): 3,
        ("India", "authentication"): 3,
        ("India", "authentication_international"): 3,
    }
    assert table.without == {("Argentina", "authentication_international")}
    assert table.bands["Argentina", "authentication"][1] == Band(
        first=50_001, last=250_000, rate=Decimal("0.0190"), discount="-5%"
    )
    assert table.bands["India", "authentication_international"][2].last is None


def test_no_tiers_and_no_knowledge_of_tiers_are_told_apart(data: Path) -> None:
    prices = load_prices([data / "rates/volume_tiers_2026.csv"])
    assert prices.tier_bands("authentication_international", "Argentina", FIRST_DAY) == ()
    assert prices.tier_bands("utility", "Peru", FIRST_DAY) is None


def test_the_callers_table_wins_over_the_shipped_one_whole(data: Path) -> None:
    prices = load_prices([data / "rates/volume_tiers_2026.csv"])
    assert prices.tier_bands("utility", "Rest of Africa", FIRST_DAY) is None
    found = prices.tier_table_on(date(2028, 1, 1))
    assert found is not None
    assert found.provenance().name == "volume_tiers_2026.csv"


def test_a_list_rate_that_the_card_contradicts_is_reported(data: Path) -> None:
    warnings = load_prices([data / "rates/volume_tiers_2026.csv"]).warnings
    says = "the list rate of Argentina, utility is 0.0200, and rate_card_USD_2026-10-01.csv says 0.0260"
    assert f"volume_tiers_2026.csv: {says}" in warnings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["India,$US,0,100,List rate,0.1,0%", ",,102,--,Tier 1,0.09,-5%"], "ends at 100 and this one begins at 102"),
        (["India,$US,0,100,List rate,0.1,0%", ",,100,--,Tier 1,0.09,-5%"], "ends at 100 and this one begins at 100"),
        (["India,$US,0,--,List rate,0.1,0%", ",,101,--,Tier 1,0.09,-5%"], "has no end and this one begins at 101"),
        (["India,$US,5,--,List rate,0.1,0%"], "begins at 5; what comes before it"),
        (["India,$US,10,5,List rate,0.1,0%"], "ends at 5, before it begins at 10"),
        (["India,$US,0,1.5,List rate,0.1,0%"], "1.5 is no number of messages"),
        (["India,$US,0,1e3,List rate,0.1,0%"], "'1e3' is not an amount"),
        (["India,$US,0,--,Special,0.1,0%"], "'Special' is neither List nor Tier"),
        (["India,$US,0,--,List rate,n/a,0%"], "the band has no rate"),
        (["India,$US,0,--,List rate,,0%"], "the band has no rate"),
        (["India,$US,0,--,List rate,0.1,free"], "'free' is no discount"),
        (["India,$US,n/a,n/a,n/a,0.1,n/a"], "'n/a' is neither List nor Tier"),
        (["India,$US,0,100,List rate,0.1,0%", ",,n/a,n/a,n/a,n/a,n/a"], "has tiers for utility and n/a as well"),
        (["India,$US,n/a,n/a,n/a,n/a,n/a", ",,0,--,List rate,0.1,0%"], "has tiers for utility and n/a as well"),
        ([",,0,--,List rate,0.1,0%"], "belongs to no market"),
        (["Atlantis,$US,0,--,List rate,0.1,0%"], "'Atlantis' is not a market"),
        (["India,$US,0,--,List rate,0.1,0%", "INDIA,$US,0,--,List rate,0.1,0%"], "India has two blocks"),
        (["India,$US,0,--,List rate,0.1,0%", "Peru,£,0,--,List rate,0.1,0%"], "currency GBP, and you said USD"),
        ([], "no bands under the header"),
    ],
)
def test_a_table_that_leaves_a_message_without_one_rate_is_refused(rows: list[str], message: str) -> None:
    with pytest.raises(BadRates, match=message):
        metas(*rows)


def test_a_title_with_two_dates_or_two_groups_of_one_name_is_refused() -> None:
    row = "India,$US,0,--,List rate,0.1,0%"
    with pytest.raises(BadRates, match="several dates"):
        metas(row, head=METAS.replace("https://example.org", '"Volume tiers, effective July 1, 2026"'))
    twice = (
        "Volume tiers in USD\n,,Utility,,,,,Utility,,,,\nMarket,Currency"
        + ",From,To,Rate type,Rate,vs. List rate" * 2
        + "\n"
    )
    with pytest.raises(BadRates, match="two groups have the same name"):
        metas(row + ",0,--,List rate,0.1,0%", head=twice, effective_on=FIRST_DAY)


def test_a_first_band_may_begin_at_0_or_1() -> None:
    rows = ["India,$US,{},--,List rate,0.1,0%"]
    assert [metas(rows[0].format(first)).bands["India", "utility"][0].first for first in (0, 1)] == [0, 1]


def test_a_table_that_contradicts_the_caller_is_refused_and_one_without_a_date_needs_one() -> None:
    row = "India,$US,0,--,List rate,0.1,0%"
    with pytest.raises(BadRates, match="effective date 2026-10-01, and you said 2026-07-01"):
        metas(row, effective_on=date(2026, 7, 1))
    with pytest.raises(BadRates, match="currency USD, and you said EUR"):
        metas(row, currency="EUR")
    undated = METAS.replace(", effective October 1, 2026", "")
    with pytest.raises(BadRates, match="Pass effective_on"):
        metas(row, head=undated)
    assert metas(row, head=undated, effective_on=FIRST_DAY).effective_from == FIRST_DAY


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Rate type,Rate,", "Rate,Rate type,", "The layout is new"),
        (",,Utility,", ",,Hologram,", "no row above the header names its 1 groups"),
        (",,Utility,,,,\n", "Utility,,,,,,\n", "stands above no group"),
        ('"Market\n(per rate card)"', '"Place"', "no column is called Market"),
    ],
)
def test_a_new_layout_is_not_guessed_at(old: str, new: str, message: str) -> None:
    with pytest.raises(BadRates, match=message):
        metas("India,$US,0,--,List rate,0.1,0%", head=METAS.replace(old, new))


@pytest.mark.parametrize("title", ["Volume tiers in USD", "WhatsApp volume-tier rates", "VOLUME TIER RATES"])
def test_a_tier_file_says_so_in_its_first_line(title: str) -> None:
    assert is_tier_file([["", ""], [title]])
    assert not is_tier_file([["Cost per message in USD"], [title]])


# --- our own layout ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["2026-10-01,India,USD,utility,0,10,0.1,list", "2026-07-01,India,USD,utility,11,,0.09,-5%"],
            "effective_from differs",
        ),
        (["2026-10-01,India,USD,holograms,0,10,0.1,list"], "'holograms' is no rate line"),
        (["2026-10-01,India,USD,utility,0,10,0.1,list", "2026-10-01,India,USD,utility,12,,0.09,-5%"], "begins at 12"),
        (["2026-10-01,India,USD,utility,0,,0.1,list", "2026-10-01,Peru,EUR,utility,0,,0.1,list"], "currency EUR"),
    ],
)
def test_a_table_of_our_layout_is_held_to_the_same(rows: list[str], message: str) -> None:
    with pytest.raises(BadRates, match=message):
        ours(*rows)


def test_a_table_of_our_layout_needs_its_rates() -> None:
    with pytest.raises(BadRates, match="the columns discount are missing"):
        ours("2026-10-01,India,USD,utility,0,,0.1", header=OURS.removesuffix(",discount"))


def test_two_tables_of_one_day_are_refused() -> None:
    table = ours("2026-10-01,India,USD,utility,0,,0.0014,list")
    with pytest.raises(BadRates, match="are both tier tables of 2026-10-01"):
        prices_of((), [table, table], currency="USD")


# --- bands as text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "band"),
    [("25000001:50000000", (25_000_001, 50_000_000)), ("0:750000", (0, 750_000)), ("0:MAX", (0, None))],
)
def test_a_band_in_a_webhook_says_its_ends(text: str, band: tuple[int, int | None]) -> None:
    assert read_band_text(text) == band


@pytest.mark.parametrize(
    "text", ["", "5", "5:", ":5", "5:4", "MAX:5", "0:max", "0:5:6", "-1:5", "0:1e3", "0 :5", "٠:٥", "1:" + "9" * 16]
)
def test_a_band_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(BadRates, match="is not a band"):
        read_band_text(text)
