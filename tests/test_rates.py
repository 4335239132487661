"""Rates: cards are read as they are printed, what cannot be trusted is refused, and the right card answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm import terms
from fsm.errors import BadAmount, BadRates, UnknownMarket
from fsm.rates import (
    CONVERSATION,
    MESSAGE,
    NOT_APPLICABLE,
    PRICED,
    UNPRICED,
    Card,
    Prices,
    compare_cards,
    parse_amount,
    prices_of,
    read_card,
    split_rows,
    times,
    total,
    written,
)
from fsm.rates.card import CONTRACT, OWN, SHIPPED
from fsm.rates.names import COLUMNS, COUNTRIES, CURRENCIES, MARKETS, currency_code, line_of, market_name
from fsm.rates.prices import quarter_end
from fsm.service.rate_files import load_prices, shipped_prices

TITLE = "Cost per message in USD on the WhatsApp Business Platform, effective July 1, 2026"
HEADER = "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service"
INDIA = "India,$US,0.0130,0.0020,0.0020,0.0330,n/a"


def card_of(text: str, **says: object) -> Card:
    return read_card(split_rows(text), name="card.csv", sha256="0" * 64, **says)  # type: ignore[arg-type]


def meta(*rows: str, title: str = TITLE, header: str = HEADER) -> str:
    return "\n".join([f'"{title}",,,,,,', header, *(rows or (INDIA,))]) + "\n"


def ours(*rows: str, header: str = "effective_from,market,currency,unit,marketing") -> str:
    return "\n".join([header, *rows]) + "\n"


# --- amounts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0", "0"), ("0.0618", "0.0618"), ("1,940.13", "1940.13"), ("12,345,678", "12345678"), ("-3.50", "-3.50")],
)
def test_an_amount_is_read_exactly_as_written(text: str, amount: str) -> None:
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1e3",
        "1E-4",
        "NaN",
        "Infinity",
        "1_000",
        "+1",
        ".5",
        "5.",
        "--1",
        "0x1",
        "$1",
        "1,94",
        "1,9400",
        "12,34,567",
        "1234,567",
        ",123",
        "0,0618",
        "0,061",
        "1.940,13",
        "1,940.1.3",
        "٠.٥",
        "１",
        "1\n",
        "1" * 31,
    ],
)
def test_what_only_looks_like_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount, match="is not an amount"):
        parse_amount(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**12))
def test_an_amount_written_is_the_amount_read(amount: Decimal) -> None:
    assert parse_amount(written(amount)) == amount


@given(st.lists(st.integers(0, 10**12)))
def test_a_total_is_the_sum_of_its_parts_to_the_last_digit(micros: list[int]) -> None:
    assert total(Decimal(each).scaleb(-6) for each in micros) == Decimal(sum(micros)).scaleb(-6)


def test_a_result_that_would_be_rounded_is_refused() -> None:
    with pytest.raises(BadAmount, match="without rounding"):
        total([Decimal("1E+300"), Decimal("1E-300")])
    with pytest.raises(BadAmount, match="without rounding"):
        times(Decimal(10**150 + 1), 10**150 + 1)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "sNaN"])
def test_what_is_no_number_is_never_added(amount: str) -> None:
    for act in (lambda: total([Decimal(amount)]), lambda: times(Decimal(amount), 1), lambda: written(Decimal(amount))):
        with pytest.raises(BadAmount, match="not an amount"):
            act()


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("India", "India"),
        ("INDIA", "India"),
        (" india ", "India"),
        ("Rest of Central and Eastern Europe", "Rest of Central & Eastern Europe"),
        ("Rest of Central & Eastern Europe", "Rest of Central & Eastern Europe"),
        ("Rest of Central &Eastern Europe", "Rest of Central & Eastern Europe"),
        ("Türkiye", "Turkey"),
        ("UAE", "United Arab Emirates"),
    ],
)
def test_a_market_is_known_in_every_spelling_seen(text: str, name: str) -> None:
    assert market_name(text) == name


def test_a_new_market_is_news_and_the_refusal_guesses_what_was_meant() -> None:
    with pytest.raises(UnknownMarket, match="Did you mean 'Kazakhstan'"):
        market_name("Kazakstan")
    with pytest.raises(UnknownMarket, match="'Vietnam' is not a market"):
        market_name("Vietnam")
    assert market_name("Vietnam", MARKETS | {"Vietnam"}) == "Vietnam"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("$US", "USD"),
        ("A$", "AUD"),
        ("£", "GBP"),
        ("₹", "INR"),
        ("RP", "IDR"),
        ("Rp", "IDR"),
        ("GBD", "GBP"),
        ("eur", "EUR"),
    ],
)
def test_a_currency_token_stands_for_one_iso_code(token: str, code: str) -> None:
    assert currency_code(token) == code


@pytest.mark.parametrize("token", ["", "$", "R$", "US", "DOLLARS", "XXX", "€"])
def test_a_currency_that_nobody_knows_is_refused(token: str) -> None:
    with pytest.raises(BadRates, match="no currency we know"):
        currency_code(token)


def test_every_column_stands_for_a_rate_line_of_the_vocabulary() -> None:
    assert set(COLUMNS.values()) == set(terms.RATE_LINES)
    assert len(CURRENCIES) == 156
    assert len(COUNTRIES) == 250


@pytest.mark.parametrize(
    "heading", ["Authentication-International", "authentication_international", "Authentication International"]
)
def test_a_heading_is_known_in_every_spelling_seen(heading: str) -> None:
    assert line_of(heading) == "authentication_international"


# --- rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_change_nothing(ends: str, mark: str) -> None:
    assert split_rows(mark + ends.join(["a,b", '"c', 'd",e', ""])) == [["a", "b"], ["c\nd", "e"]]


@pytest.mark.parametrize("text", ['a,"b', 'a,"b"c', '"a\n'])
def test_a_quote_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(BadRates, match="not comma-separated"):
        split_rows(text)


def test_a_separator_of_unicode_inside_a_cell_is_no_line_end() -> None:
    assert split_rows("a\u2028b,c\x0b\n") == [["a\u2028b", "c\x0b"]]


# --- Meta's three generations -----------------------------------------------------------------------------------


def loaded(data: Path, name: str) -> Card:
    (card,) = load_prices([data / "rates" / name], shipped=False).cards
    return card


def test_a_download_of_2023_prices_conversations_from_the_day_its_first_line_spells(data: Path) -> None:
    card = loaded(data, "conversations_2023.csv")
    assert (card.effective_from, card.unit, card.currency) == (date(2023, 6, 1), CONVERSATION, "USD")
    assert len(card.markets()) == 4
    assert card.cells["Argentina", "service"].rate == Decimal("0.0310")
    assert card.cells["India", "authentication"].state == NOT_APPLICABLE
    assert card.notes[1].startswith("Note: invented figures")


def test_a_download_of_2026_prices_messages_whatever_its_line_ends_and_breaks_in_headings(data: Path) -> None:
    card = loaded(data, "messages_2026.csv")
    assert (card.effective_from, card.unit, card.currency) == (date(2026, 7, 1), MESSAGE, "USD")
    assert card.cells["India", "authentication_international"].rate == Decimal("0.0330")
    assert {card.cells[market, "service"].state for market in card.markets()} == {NOT_APPLICABLE}
    assert {cell.evidence for cell in card.cells.values()} == {"own"}


def test_thousands_commas_are_read_in_currencies_that_need_them(data: Path) -> None:
    card = loaded(data, "messages_2026_IDR.csv")
    assert card.currency == "IDR"
    assert card.cells["Argentina", "marketing"].rate == Decimal("1940.13")
    assert card.cells["India", "authentication_international"].rate == Decimal("1000000.5")


def test_gbd_is_read_as_pounds_and_said_to_be(data: Path) -> None:
    card = loaded(data, "messages_2026_GBP.csv")
    assert card.currency == "GBP"
    assert card.warnings == ("messages_2026_GBP.csv: it prints the currency as GBD, which is read as GBP",)


def test_the_business_agents_column_is_kept_in_words_and_never_multiplied() -> None:
    header = HEADER + ",Meta Business Agent"
    cell = card_of(meta(INDIA + ",$2 USD / 1 M (million) tokens", header=header)).cells["India", "mba_tokens"]
    assert (cell.state, cell.rate, cell.text) == (UNPRICED, None, "$2 USD / 1 M (million) tokens")


def test_columns_count_by_their_heading_and_not_by_their_place() -> None:
    swapped = meta("0.0020,India,0.0130,$US", header="Utility,Market,Marketing,Currency")
    assert card_of(swapped).cells["India", "marketing"].rate == Decimal("0.0130")
    assert card_of(swapped).cells["India", "utility"].rate == Decimal("0.0020")


def test_a_lost_trailing_zero_is_the_same_rate() -> None:
    assert card_of(meta("India,$US,0.013,0.002,0.002,0.033,n/a")).cells["India", "marketing"].rate == Decimal("0.0130")


def test_a_zero_on_the_card_is_a_price() -> None:
    cell = card_of(meta("India,$US,0,0.0020,0.0020,0.0330,n/a")).cells["India", "marketing"]
    assert (cell.state, cell.rate) == (PRICED, 0)


def test_a_note_under_the_table_is_kept_and_reported() -> None:
    card = card_of(meta(INDIA, "* Prices exclude tax,,,,,,"))
    assert card.notes[-1] == "* Prices exclude tax"
    assert card.warnings == ("card.csv, row 4: it is no row of the table and was kept as a note",)


def test_a_column_nobody_knows_is_reported_and_not_priced() -> None:
    card = card_of(meta(INDIA + ",0.9", header=HEADER + ",Hologram"))
    assert card.warnings == ("card.csv: the column 'Hologram' is not known; nothing is priced from it",)
    assert "Hologram" not in card.lines()


def test_a_date_in_a_note_is_not_the_cards_date() -> None:
    text = f'"{TITLE}"\n"Note: Poland became standalone, effective October 1, 2025"\n{HEADER}\n{INDIA}\n'
    assert card_of(text).effective_from == date(2026, 7, 1)


def test_a_currency_in_words_above_the_table_leaves_it_to_the_column() -> None:
    card = card_of(meta("India,₹,0.7846,0.1150,0.1150,2.3,n/a", title=TITLE.replace("USD", "Indian rupees")))
    assert card.currency == "INR"
    assert card.warnings == ("card.csv: 'Indian' above the table is no currency code; the column Currency counts",)


@pytest.mark.parametrize("count", [38, 47])
def test_a_card_of_any_number_of_markets_is_read_whole(count: int) -> None:
    names = sorted(MARKETS)[:count]
    card = card_of(meta(*(f"{name},$US,0.1,0.1,0.1,n/a,n/a" for name in names)))
    assert list(card.markets()) == names


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ({"effective_on": date(2026, 10, 1)}, "effective date 2026-07-01, and you said 2026-10-01"),
        ({"unit": CONVERSATION}, "unit message, and you said conversation"),
        ({"currency": "EUR"}, "currency USD, and you said EUR"),
    ],
)
def test_a_card_that_contradicts_the_caller_is_refused(says: dict[str, object], message: str) -> None:
    with pytest.raises(BadRates, match=message):
        card_of(meta(), **says)


def test_a_caller_who_says_what_the_card_says_is_agreed_with() -> None:
    assert card_of(meta(), effective_on=date(2026, 7, 1), unit=MESSAGE, currency="USD") == card_of(meta())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (meta(INDIA, INDIA), "row 4: 'india' stands in the card twice"),
        (meta(INDIA, INDIA.replace("India", "INDIA")), "stands in the card twice"),
        (meta(INDIA.replace("India", "Atlantis")), "row 3: 'Atlantis' is not a market"),
        (meta("India,$US,0.0130,,0.0020,0.0330,n/a"), "row 3, Utility: the cell is empty"),
        (meta("India,,0.0130,0.0020,0.0020,0.0330,n/a"), "row 3: '' is no currency"),
        (meta("India,R$,0.0130,0.0020,0.0020,0.0330,n/a"), "row 3: 'R\\$' is no currency"),
        (meta("India,A$,0.0130,0.0020,0.0020,0.0330,n/a"), "currency AUD, and you said USD"),
        (meta("India,$US,-0.0130,0.0020,0.0020,0.0330,n/a"), "row 3, Marketing: -0.0130 is below zero"),
        (meta("India,$US,1.3e-2,0.0020,0.0020,0.0330,n/a"), "row 3, Marketing: '1.3e-2' is not an amount"),
        (meta("India,$US,#N/A,0.0020,0.0020,0.0330,n/a"), "'#N/A' is not an amount"),
        (meta("India,$US,1,940.13,0.0020,0.0020,0.0330,n/a"), "8 cells under 7 headings"),
        (meta(header=HEADER.replace("Utility", "Marketing")), "two columns are called 'Marketing'"),
        (
            meta(header=HEADER.replace("Service", "Authentication_International")),
            "two columns stand for authentication_i",
        ),
        (meta(header="Market,Currency,A,B,C,D,E"), "none of its columns is a rate"),
        (meta(title=TITLE.replace("July 1", "June 31")), "'effective June 31, 2026' is not a day"),
        (meta(title=TITLE.replace("July", "Juli")), "'effective Juli 1, 2026' is not a day"),
        (meta(title="Prices"), "does not say its effective date"),
        (f"{TITLE}\n{TITLE.replace('message', 'conversation')}\n{HEADER}\n{INDIA}", "several dates, units"),
        (f"{TITLE}\n{HEADER}\n", "no rates under the header"),
        ("", "no row has the headings market, currency"),
        (meta(header=HEADER.replace(",", ";")), "separated by semicolons"),
    ],
)
def test_a_card_that_cannot_be_trusted_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(BadRates, match=message):
        card_of(text)


def test_without_a_preamble_the_caller_says_date_unit_and_need_not_say_the_currency() -> None:
    bare = f"{HEADER}\n{INDIA}\n"
    card = card_of(bare, effective_on=date(2026, 7, 1), unit=MESSAGE)
    assert (card.effective_from, card.unit, card.currency) == (date(2026, 7, 1), MESSAGE, "USD")
    with pytest.raises(BadRates, match="does not say its unit"):
        card_of(bare, effective_on=date(2026, 7, 1))


_PIECES = ["Market", "Currency", "Utility", "India", "Peru", "$US", "n/a", "0.1", "", TITLE, "contract", '"', ",", "\n"]


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=40).map("".join))
def test_whatever_the_text_is_it_is_read_or_refused_by_name(text: str) -> None:
    for whole in (text, meta(text), meta(INDIA, text), ours(text)):
        try:
            card = card_of(whole)
        except BadRates:
            continue
        assert {cell.rate is not None for cell in card.cells.values() if cell.state == PRICED} <= {True}
        assert {cell.rate for cell in card.cells.values() if cell.state != PRICED} <= {None}


# --- our own layout, and contracts ------------------------------------------------------------------------------


def test_an_empty_cell_of_our_layout_is_unknown_and_not_zero() -> None:
    cell = card_of(ours("2026-10-01,India,USD,message,")).cells["India", "marketing"]
    assert (cell.state, cell.rate) == (UNPRICED, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ours("2026-10-01,India,USD,message,0.1", "2026-07-01,Peru,USD,message,0.1"), "effective_from differs"),
        (ours("2026-10-01,India,USD,message,0.1", "2026-10-01,Peru,EUR,message,0.1"), "currency differs"),
        (ours("2026-10-01,India,USD,minute,0.1"), "'minute' is no unit"),
        (ours("1 October,India,USD,message,0.1"), "'1 October' is not a day"),
        (ours("2026-13-01,India,USD,message,0.1"), "'2026-13-01' is not a day"),
        (ours(",India,USD,message,0.1"), "does not say its effective date"),
        (ours("2026-10-01,India,USD,0.1", header="effective_from,market,currency,marketing"), "does not say its unit"),
        (
            ours("2026-10-01,India,USD,message,1", header="effective_from,market,currency,unit,marketting"),
            "'marketting'",
        ),
        (
            ours(
                "2026-10-01,2026-09-30,India,USD,message,1",
                header="effective_from,effective_to,market,currency,unit,utility",
            ),
            "ends on 2026-09-30, before it starts",
        ),
        (
            ours("2026-10-01,India,USD,message,0.1,u", header="effective_from,market,currency,unit,marketing,read"),
            "neither 'read' nor 'derived'",
        ),
        (
            ours(
                "2026-10-01,India,USD,message,1,1",
                header="effective_from,market,currency,unit,marketing_lite,marketing-lite",
            ),
            "two columns stand for marketing_lite",
        ),
        ("contract\n" + ours("2026-10-01,India,USD,message,0.1"), "a contract says how it is called"),
        ("contract,Ours\n" + meta(), "a contract needs the column effective_from"),
    ],
)
def test_a_file_of_our_layout_that_cannot_be_trusted_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadRates, match=message):
        card_of(text)


def test_a_second_currency_and_an_old_card_of_our_layout_load(data: Path) -> None:
    (aed,) = load_prices([data / "rates/rate_card_AED_2026-10-01.csv"], shipped=False, unit=MESSAGE).cards
    (eur,) = load_prices([data / "rates/rate_card_EUR_2022-02-01.csv"], shipped=False, unit=CONVERSATION).cards
    assert (aed.currency, aed.cells["Bangladesh", "authentication_international"].rate) == ("AED", Decimal("0.3526"))
    assert aed.cells["Egypt", "service"].state == UNPRICED
    assert (eur.currency, eur.cells["Argentina", "user_initiated"].rate) == ("EUR", Decimal("0.0261"))


# --- which card answers -----------------------------------------------------------------------------------------


def own(day: str, rate: str, *, unit: str = MESSAGE, ends: str = "", name: str = "own.csv") -> Card:
    header = "effective_from,effective_to,market,currency,unit,marketing"
    rows = split_rows(ours(f"{day},{ends},India,USD,{unit},{rate}", header=header))
    return read_card(rows, name=name, sha256="1" * 64)


def contract(day: str, rate: str, *, ends: str = "", market: str = "India", unit: str = MESSAGE) -> Card:
    header = "effective_from,effective_to,market,currency,unit,marketing,utility"
    text = "contract,Ours\n" + ours(f"{day},{ends},{market},USD,{unit},{rate},", header=header)
    return read_card(split_rows(text), name=f"{market}.csv", sha256="2" * 64)


def with_shipped(*cards: Card) -> Prices:
    return prices_of([*cards, *shipped_prices().cards], currency="USD")


def india(
    prices: Prices, on: str, unit: str = MESSAGE, *, line: str = "marketing", partial: bool = False
) -> tuple[str, str]:
    rate = prices.rate(line, "India", date.fromisoformat(on), unit=unit, partial=partial)
    return rate.state, "" if rate.rate is None else str(rate.rate)


@pytest.mark.parametrize(
    ("on", "unit", "answer"),
    [
        ("2022-01-31", CONVERSATION, (UNPRICED, "")),
        ("2024-09-30", CONVERSATION, (UNPRICED, "")),
        ("2024-10-01", CONVERSATION, (PRICED, "0.0107")),
        ("2025-06-30", CONVERSATION, (PRICED, "0.0107")),
        ("2025-06-30", MESSAGE, (UNPRICED, "")),
        ("2025-07-01", CONVERSATION, (UNPRICED, "")),
        ("2025-07-01", MESSAGE, (PRICED, "0.0107")),
        ("2025-12-31", MESSAGE, (PRICED, "0.0107")),
        ("2026-01-01", MESSAGE, (PRICED, "0.0118")),
        ("2026-12-31", MESSAGE, (PRICED, "0.0118")),
        ("2027-01-01", MESSAGE, (UNPRICED, "")),
    ],
)
def test_a_shipped_card_prices_its_own_unit_from_its_first_day_to_the_end_of_the_quarter_it_was_read_in(
    on: str, unit: str, answer: tuple[str, str]
) -> None:
    assert india(shipped_prices(), on, unit) == answer


@pytest.mark.parametrize(
    ("on", "unit", "why"),
    [
        ("2022-01-31", CONVERSATION, "no card covers 2022-01-31: the first starts on 2022-02-01"),
        ("2024-09-30", CONVERSATION, "known in part and serves what-if questions only"),
        ("2025-06-30", MESSAGE, "prices a conversation, and a rate for a message is asked"),
        ("2027-01-01", MESSAGE, "read on 2026-11-22; load Meta's own"),
    ],
)
def test_an_unpriced_cell_says_why(on: str, unit: str, why: str) -> None:
    assert why in shipped_prices().rate("marketing", "India", date.fromisoformat(on), unit=unit).why


def test_a_partial_card_answers_what_if_questions_only() -> None:
    answers = [india(shipped_prices(), "2024-08-01", CONVERSATION, line="utility", partial=p) for p in (False, True)]
    assert answers == [(UNPRICED, ""), (PRICED, "0.0014")]


def test_n_a_a_blank_cell_a_missing_column_and_a_missing_row_are_told_apart() -> None:
    prices, day = shipped_prices(), date(2026, 10, 1)
    answers = {
        (line, market): prices.rate(line, market, day, unit=MESSAGE)
        for line, market in [
            ("authentication_international", "Brazil"),
            ("authentication_international", "Iraq"),
            ("marketing_lite", "Brazil"),
            ("utility", "Atlantis"),
        ]
    }
    assert [(rate.state, rate.why.partition("2026-10-01 ")[2]) for rate in answers.values()] == [
        (NOT_APPLICABLE, "says n/a: there is no such rate in this market"),
        (UNPRICED, "leaves the cell blank: the rate is not known"),
        (UNPRICED, "has no column marketing_lite"),
        (UNPRICED, "has no row Atlantis"),
    ]
    assert {rate.rate for rate in answers.values()} == {None}


def test_service_is_what_its_own_column_says() -> None:
    days = {"2024-10-31": CONVERSATION, "2024-11-01": CONVERSATION, "2025-07-01": MESSAGE, "2026-10-01": MESSAGE}
    assert [india(shipped_prices(), on, unit, line="service") for on, unit in days.items()] == [
        (PRICED, "0.0040"),
        (PRICED, "0"),
        (NOT_APPLICABLE, ""),
        (PRICED, "0.0014"),
    ]


def test_the_callers_card_wins_from_its_day_on_and_until_the_callers_next_one() -> None:
    prices = with_shipped(own("2026-01-15", "0.5"), own("2027-01-01", "0.7", name="next.csv"))
    days = ["2026-01-14", "2026-01-15", "2026-12-31", "2027-01-01", "2030-01-01"]
    assert [india(prices, on)[1] for on in days] == ["0.0118", "0.5", "0.5", "0.7", "0.7"]


def test_a_card_that_ends_leaves_the_day_after_to_the_shipped_one() -> None:
    prices = with_shipped(own("2026-01-15", "0.5", ends="2026-01-31"))
    assert [india(prices, on)[1] for on in ("2026-01-31", "2026-02-01")] == ["0.5", "0.0118"]


def test_a_blank_of_the_callers_card_is_not_filled_from_the_shipped_one() -> None:
    prices = with_shipped(own("2026-01-15", ""))
    assert india(prices, "2026-02-01") == (UNPRICED, "")
    assert india(prices, "2026-02-01", line="utility") == (UNPRICED, "")


def test_a_contract_overrides_the_cells_it_holds_and_no_other() -> None:
    prices = with_shipped(contract("2026-10-01", "0.0100", ends="2026-12-31"))
    assert [india(prices, on) for on in ("2026-09-30", "2026-10-01", "2026-12-31", "2027-01-01")] == [
        (PRICED, "0.0118"),
        (PRICED, "0.0100"),
        (PRICED, "0.0100"),
        (UNPRICED, ""),
    ]
    assert india(prices, "2026-10-01", line="utility") == (PRICED, "0.0014")
    rate = prices.rate("marketing", "India", date(2026, 10, 1), unit=MESSAGE)
    assert rate.card is not None
    assert rate.card.provenance() == attrs.evolve(rate.card.provenance(), name="Ours (India.csv)", origin=CONTRACT)


def test_a_contract_overrides_the_callers_own_card_too_and_a_later_contract_an_earlier_one() -> None:
    prices = with_shipped(own("2026-01-01", "0.5"), contract("2026-03-01", "0.3"), contract("2026-06-01", "0.2"))
    assert [india(prices, on)[1] for on in ("2026-02-28", "2026-03-01", "2026-05-31", "2026-06-01")] == [
        "0.5",
        "0.3",
        "0.3",
        "0.2",
    ]


def test_a_contract_per_conversation_never_prices_a_message() -> None:
    prices = with_shipped(contract("2026-01-01", "0.0001", unit=CONVERSATION))
    assert india(prices, "2026-02-01") == (PRICED, "0.0118")


def test_cards_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(BadRates, match="both own cards of 2026-01-15"):
        prices_of([own("2026-01-15", "0.5"), own("2026-01-15", "0.6")], currency="USD")
    with pytest.raises(BadRates, match="both contract cards of 2026-03-01"):
        prices_of([contract("2026-03-01", "0.5"), contract("2026-03-01", "0.6")], currency="USD")
    both = prices_of([contract("2026-03-01", "0.5"), contract("2026-03-01", "0.6", market="Peru")], currency="USD")
    assert len(both.cards) == 2
    units = [contract("2026-03-01", "0.5"), contract("2026-03-01", "0.6", unit=CONVERSATION)]
    assert len(prices_of(units, currency="USD").cards) == 2


def test_two_currencies_are_never_mixed() -> None:
    with pytest.raises(BadRates, match="in USD and the others in EUR"):
        prices_of([own("2026-01-15", "0.5")], currency="EUR")


def test_a_currency_without_any_card_is_unpriced_and_not_converted() -> None:
    rate = shipped_prices("EUR").rate("marketing", "India", date(2026, 10, 1), unit=MESSAGE)
    assert (rate.state, rate.why) == (UNPRICED, "no card in EUR is loaded: load Meta's own")


def test_a_unit_that_no_card_prices_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(BadRates, match="unit='minute'"):
        shipped_prices().rate("marketing", "India", date(2026, 10, 1), unit="minute")


def test_evidence_tells_read_from_derived_from_own() -> None:
    prices = with_shipped(own("2026-12-01", "0.5"))
    days = [date(2026, 4, 1), date(2026, 12, 1)]
    assert [prices.rate("marketing", "India", day, unit=MESSAGE).evidence for day in days] == ["read", "own"]
    assert prices.rate("marketing", "Hungary", date(2026, 7, 1), unit=MESSAGE).evidence == "derived"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_quarter_ends_on_the_last_day_before_its_successor(day: date) -> None:
    end = quarter_end(day)
    after = date.fromordinal(end.toordinal() + 1)
    assert 0 <= (end - day).days < 92
    assert (after.day, after.month % 3) == (1, 1)


# --- what a person should look at -------------------------------------------------------------------------------


def test_a_market_that_is_gone_and_a_rate_that_more_than_doubled_are_reported() -> None:
    previous = card_of(meta(INDIA, "Peru,$US,0.0700,0.0200,0.0200,n/a,n/a"))
    doubled = card_of(meta("India,$US,0.0260,0.0041,0.0009,0.0330,n/a"))
    assert compare_cards(previous, doubled) == (
        "card.csv: Peru is missing, and card.csv has it",
        "card.csv: India, utility moved from 0.0020 to 0.0041",
        "card.csv: India, authentication moved from 0.0020 to 0.0009",
    )


def test_cards_of_two_currencies_are_not_compared() -> None:
    pounds = card_of(meta("India,£,0.9,0.9,0.9,0.9,n/a", title=TITLE.replace("USD", "GBP")))
    assert compare_cards(card_of(meta()), pounds) == (
        "card.csv: it is in GBP and the card before in USD: not compared",
    )


def test_loading_a_card_compares_it_with_the_one_before() -> None:
    warnings = with_shipped(own("2026-12-01", "0.5")).warnings
    assert "own.csv: India, marketing moved from 0.0118 to 0.5" in warnings
    assert "own.csv: Peru is missing, and rate_card_USD_2026-10-01.csv has it" in warnings


def test_a_card_that_is_outlived_by_a_change_of_rates_is_reported() -> None:
    assert any(
        "although rates changed on 2026-04-01" in each for each in with_shipped(own("2026-01-15", "0.5")).warnings
    )
    assert not any("although" in each for each in with_shipped(own("2026-12-01", "0.5")).warnings)
    ends = own("2026-01-15", "0.5", ends="2026-01-31")
    assert not any("although" in each for each in with_shipped(ends).warnings)


def test_origins_are_three() -> None:
    origins: Iterable[str] = (
        card.origin for card in with_shipped(own("2026-12-01", "1"), contract("2026-12-01", "1")).cards
    )
    assert set(origins) == {SHIPPED, OWN, CONTRACT}
