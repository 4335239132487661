"""Rate files as they lie on a disk: the first bytes say what they are, and every sheet ends somewhere."""

from __future__ import annotations

import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from fsm.errors import BadRates, MissingExtra, UnknownMarket
from fsm.rates import MESSAGE, UNPRICED, read_markets, split_rows
from fsm.service import rate_files
from fsm.service.rate_files import load_prices, read_rate_file, shipped_prices

TITLE = "Cost per message in USD on the WhatsApp Business Platform, effective October 1, 2026"
HEADER = [
    "Market",
    "Currency",
    "Marketing",
    "Utility",
    "Authentication",
    "Authentication-\nInternational",
    "Service",
    "Meta Business Agent",
]
INDIA = ["India", "$US", 0.086, 0.1 + 0.2, 5e-05, "n/a", 2, "$2 USD / 1 M (million) tokens"]
TIER_ROWS = [
    ["Volume tiers in USD, effective October 1, 2026"],
    ["https://example.org"],
    [None, None, "Utility"],
    [None, None, "Messages per month", None, "What we charge"],
    ["Market\n(per rate card)", "Currency", "From", "To", "Rate type", "Rate", "vs. List rate"],
    ["India", "$US", 0, 100000, "List rate", 0.3, 0],
    [None, None, 100001, "--", "Tier 1 rate", 0.285, -0.05],
]


def workbook(path: Path, sheets: dict[str, list[list[object]]], *, percent: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for row in sheet.iter_rows() if title == percent else ():
            if isinstance(row[-1].value, int | float):
                row[-1].number_format = "0%"
    book.save(path)
    return path


def autumn(path: Path, *rows: list[object]) -> Path:
    """A download of 2026-10: a workbook, whatever it is called."""
    card: list[list[object]] = [[TITLE], ["Some notes"], [], list(HEADER), *(rows or (INDIA,))]
    return workbook(
        path,
        {"About": [["Rate cards"]], "List rates": card, "Volume tiers": [list(row) for row in TIER_ROWS]},
        percent="Volume tiers",
    )


def test_a_workbook_called_csv_is_read_as_the_workbook_it_is(tmp_path: Path) -> None:
    prices = load_prices([autumn(tmp_path / "rates.csv")], shipped=False)
    (card,) = prices.cards
    assert (card.name, card.effective_from, card.unit) == ("rates.csv, sheet List rates", date(2026, 10, 1), MESSAGE)
    assert card.notes == (TITLE, "Some notes")


def test_numbers_of_a_workbook_are_the_decimals_it_shows(tmp_path: Path) -> None:
    (card,) = load_prices([autumn(tmp_path / "rates.xlsx")], shipped=False).cards
    shown = {line: str(cell.rate) for (_, line), cell in card.cells.items() if cell.rate is not None}
    assert shown == {"marketing": "0.086", "utility": "0.3", "authentication": "0.00005", "service": "2"}
    assert card.cells["India", "mba_tokens"].text == "$2 USD / 1 M (million) tokens"
    assert card.cells["India", "mba_tokens"].state == UNPRICED


def test_the_tier_sheet_of_a_workbook_is_read_with_the_card(tmp_path: Path) -> None:
    bands = load_prices([autumn(tmp_path / "rates.xlsx")]).tier_bands("utility", "India", date(2026, 10, 1))
    assert bands is not None
    assert [(band.first, band.last, band.rate, band.discount) for band in bands] == [
        (0, 100_000, Decimal("0.3"), "0%"),
        (100_001, None, Decimal("0.285"), "-5%"),
    ]


def test_a_card_sheet_under_another_name_is_found_by_its_first_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"About": [["x"]], "Tabelle1": [[TITLE], list(HEADER), list(INDIA)]})
    assert load_prices([path], shipped=False).cards[0].name == "a.xlsx, sheet Tabelle1"


def test_a_workbook_of_one_sheet_needs_no_name_for_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Blatt": [[TITLE], list(HEADER), list(INDIA)]})
    assert load_prices([path], shipped=False).cards[0].name == "a.xlsx"


def test_a_workbook_with_two_cards_or_none_is_refused(tmp_path: Path) -> None:
    card: list[list[object]] = [[TITLE], list(HEADER), list(INDIA)]
    for sheets in ({"A": card, "B": card}, {"A": [["x"]], "B": [["y"]]}):
        with pytest.raises(BadRates, match="which of its sheets is the card"):
            load_prices([workbook(tmp_path / "a.xlsx", dict(sheets))])


def test_a_day_cell_is_a_day_and_a_truth_cell_is_no_amount(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["effective_from", "market", "currency", "unit", "marketing"],
        [datetime(2026, 10, 1), "India", "USD", "message", 0.01],  # noqa: DTZ001 (a workbook has no zones)
    ]
    path = workbook(tmp_path / "a.xlsx", {"Card": rows})
    assert load_prices([path], shipped=False).cards[0].effective_from == date(2026, 10, 1)
    rows[1][-1] = True
    with pytest.raises(BadRates, match="'TRUE' is not an amount"):
        load_prices([workbook(path, {"Card": rows})])


def test_without_the_extra_a_workbook_is_refused_by_name_and_text_still_loads(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = autumn(tmp_path / "rates.csv")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"rates\.csv is an Excel workbook.*extra 'excel'"):
        load_prices([path])
    assert load_prices([data / "rates/messages_2026.csv"]).currency == "USD"


def packed(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html></html>", "it is a web page"),
        (b"\n  <html>", "it is a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "of the old kind or with a password"),
        (b"PK\x03\x04 and then nothing", "cannot be opened as one"),
        ("Market;£".encode("latin-1"), "not UTF-8"),
        (b'Market,"Currency', "not comma-separated"),
        (b"", "no row has the headings"),
    ],
)
def test_a_file_that_is_no_card_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "download.csv"
    path.write_bytes(content)
    with pytest.raises(BadRates, match=rf"download\.csv.*{message}"):
        load_prices([path])


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRates, match="cannot be opened as one"):
        load_prices([packed(tmp_path / "a.csv", {"notes.txt": b"x"})])


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_files, "LARGEST_WORKBOOK", 1000)
    with pytest.raises(BadRates, match="unpacks to 1001 bytes"):
        load_prices([packed(tmp_path / "a.csv", {"x": b"0" * 1001})])


def test_a_card_in_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_text(f'"{TITLE.replace("USD", "GBP")}"\nMarket,Currency,Marketing\nIndia,£,0.1\n', encoding="utf-16")
    assert load_prices([path]).currency == "GBP"


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_prices([tmp_path / "nowhere.csv"])


def test_the_same_bytes_have_the_same_hash_and_other_bytes_another(tmp_path: Path, data: Path) -> None:
    content = (data / "rates/messages_2026.csv").read_bytes()
    hashes = []
    for name, each in {"a.csv": content, "b.csv": content, "c.csv": content.replace(b"0.0130", b"0.0131")}.items():
        (tmp_path / name).write_bytes(each)
        hashes.append(read_rate_file(tmp_path / name).sha256)
    assert hashes[0] == hashes[1] != hashes[2]


# --- putting files together -------------------------------------------------------------------------------------


def test_the_order_of_the_files_does_not_matter(data: Path) -> None:
    paths = [data / "rates" / name for name in ("messages_2026.csv", "contract.csv", "volume_tiers_2026.csv")]
    assert load_prices(paths) == load_prices(paths[::-1])


def test_the_currency_is_that_of_the_files_and_shipped_cards_of_another_stay_out(data: Path) -> None:
    prices = load_prices([data / "rates/messages_2026_IDR.csv"])
    assert (prices.currency, len(prices.cards), prices.tiers) == ("IDR", 1, ())


def test_files_of_two_currencies_are_refused(data: Path) -> None:
    paths = [data / "rates" / name for name in ("messages_2026_IDR.csv", "messages_2026_GBP.csv")]
    for ordered in (paths, paths[::-1]):
        with pytest.raises(BadRates, match="amounts of two currencies"):
            load_prices(ordered)
    with pytest.raises(BadRates, match="currency IDR, and you said USD"):
        load_prices(paths[:1], currency="USD")


def test_shipped_cards_can_be_left_out(data: Path) -> None:
    prices = load_prices([data / "rates/messages_2026.csv"], shipped=False)
    assert [
        prices.rate("marketing", "India", day, unit=MESSAGE).state for day in (date(2026, 6, 30), date(2026, 7, 1))
    ] == [
        "unpriced",
        "priced",
    ]


def test_a_market_that_only_the_callers_table_has_is_priced_from_the_callers_card(tmp_path: Path) -> None:
    table = "effective_from,calling_prefix,iso_country,market\n2027-01-01,84,VN,Vietnam\n"
    path = tmp_path / "card.csv"
    path.write_text(
        f'"{TITLE.replace("October 1, 2026", "January 1, 2027")}"\nMarket,Currency,Utility\nVietnam,$US,0.01\n',
        encoding="utf-8",
    )
    with pytest.raises(UnknownMarket, match=r"card\.csv, row 3: 'Vietnam' is not a market"):
        load_prices([path])
    markets = read_markets(split_rows(table), name="markets.csv", sha256="")
    prices = load_prices([path], markets=markets)
    assert prices.rate("utility", "Vietnam", date(2027, 1, 1), unit=MESSAGE).rate == Decimal("0.01")


def test_shipped_prices_are_the_same_values_however_often_they_are_asked_for() -> None:
    assert shipped_prices() == shipped_prices() == load_prices([])


def test_reading_shipped_data_needs_no_spreadsheet_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    rate_files._shipped_cards.cache_clear()
    assert shipped_prices().cards
