"""Opening rate cards, tier tables and market tables: the caller's own files, and those shipped with this package."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import attrs

from fsm.errors import BadRates, MissingExtra
from fsm.rates import (
    Card,
    Change,
    Markets,
    Prices,
    TierTable,
    prices_of,
    read_card,
    read_changes,
    read_markets,
    read_tiers,
    split_rows,
)
from fsm.rates.card import SHIPPED
from fsm.rates.names import MARKETS
from fsm.rates.sheet import Rows, day_of, joined, table_of
from fsm.rates.tiers import is_tier_file

LIST_RATES: Final = "List rates"
"""The sheet of Meta's workbook that is the card."""

SHIPPED_CURRENCY: Final = "USD"

LARGEST_WORKBOOK: Final = 100_000_000
"""Bytes once unpacked. A card has some 20 kilobytes: what unpacks to more than this is no card."""

_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_DIGITS: Final = 15
"""Significant digits a spreadsheet keeps; what a binary fraction has behind them is noise."""


@attrs.frozen(kw_only=True)
class RateFile:
    """
    A file, opened.

    Attributes:
        name: without its folders.
        sha256: of its bytes.
        sheets: by name, their rows; a text file has one, without a name.
    """

    name: str
    sha256: str
    sheets: tuple[tuple[str, Rows], ...] = attrs.field(repr=False)


def read_rate_file(path: str | Path) -> RateFile:
    """
    Open a file as rows of cells, whatever it is called: its first bytes say whether it is a workbook or text.

    Args:
        path: a CSV file in UTF-8 or UTF-16, or an Excel workbook (`.xlsx`).

    Raises:
        BadRates: it is neither.
        MissingExtra: it is a workbook, and the extra `excel` is not installed.
        OSError: it cannot be opened.

    Source: since 2026-10 Meta's link says CSV and serves a workbook (`fsm/rates/data/NOTICE.md`).
    """
    place = Path(path)
    return _opened(place.name, place.read_bytes())


def _opened(name: str, content: bytes) -> RateFile:
    if content.startswith(_ZIP):
        sheets = tuple(_workbook(name, content))
    else:
        try:
            sheets = (("", split_rows(_text(name, content))),)
        except BadRates as bad:
            raise BadRates(f"{name}: {bad}") from bad
    return RateFile(name=name, sha256=hashlib.sha256(content).hexdigest(), sheets=sheets)


def _text(name: str, content: bytes) -> str:
    if content.startswith(_OLD_EXCEL):
        raise BadRates(
            f"{name}: it is an Excel file of the old kind or with a password. Save it as .xlsx or CSV, without."
        )
    if content.lstrip()[:1] == b"<":
        raise BadRates(f"{name}: it is a web page. The link to the card has probably expired; download it again.")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as bad:
        raise BadRates(f"{name}: its text is not {encoding.upper()} ({bad.reason}). Save it as CSV in UTF-8.") from bad


# --- workbooks --------------------------------------------------------------------------------------------------


def _workbook(name: str, content: bytes) -> Iterator[tuple[str, Rows]]:
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as missing:
        raise MissingExtra(
            f"{name} is an Excel workbook, and reading one needs openpyxl. "
            "Install this package with the extra 'excel', or save the sheet as CSV."
        ) from missing
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
        if unpacked > LARGEST_WORKBOOK:
            raise BadRates(f"{name}: it unpacks to {unpacked} bytes, which no rate card has. Use Meta's own download.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError) as bad:
        raise BadRates(
            f"{name}: it looks like a workbook and cannot be opened as one ({bad}). Download it again."
        ) from bad
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            yield sheet.title, [[_written(cell) for cell in row] for row in sheet.iter_rows()]
    finally:
        book.close()


def _written(cell: object) -> str:
    """A cell of a workbook as the text a CSV download would have."""
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        number = Decimal(f"{value:.{_DIGITS}g}") if isinstance(value, float) else Decimal(value)
        if "%" in str(getattr(cell, "number_format", "")):
            return _plain(number * 100) + "%"
        return _plain(number)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- shipped with the package -----------------------------------------------------------------------------------


def _shipped(name: str) -> RateFile:
    return _opened(name, (resources.files("fsm.rates") / "data" / name).read_bytes())


@cache
def shipped_markets() -> Markets:
    """
    The market table shipped with this package.

    >>> len(shipped_markets().names)
    47
    """
    file = _shipped("markets.csv")
    return read_markets(file.sheets[0][1], name=file.name, sha256=file.sha256)


@cache
def shipped_changes() -> tuple[Change, ...]:
    """
    Meta's own list of rate changes, as transcribed.

    >>> sorted({change.market for change in shipped_changes() if change.effective_from == date(2026, 4, 1)})
    ['India', 'Pakistan', 'Saudi Arabia', 'Turkey']
    """
    return read_changes(_shipped("changes.csv").sheets[0][1], name="changes.csv")


@cache
def _shipped_cards() -> tuple[tuple[Card, ...], tuple[TierTable, ...]]:
    listing = table_of(_shipped("files.csv").sheets[0][1], "files.csv", first=("file", "kind", "read_on"))
    cards: list[Card] = []
    tiers: list[TierTable] = []
    for number, row in listing.body:
        said = dict(zip(listing.header, row, strict=True))
        file = _shipped(said["file"])
        read_on = day_of(said["read_on"], listing.where(number))
        if said["kind"] == "tiers":
            tiers.append(
                read_tiers(
                    file.sheets[0][1],
                    name=file.name,
                    sha256=file.sha256,
                    currency=said["currency"],
                    origin=SHIPPED,
                    read_on=read_on,
                )
            )
        else:
            cards.append(
                read_card(
                    file.sheets[0][1],
                    name=file.name,
                    sha256=file.sha256,
                    unit=said["unit"],
                    currency=said["currency"],
                    origin=SHIPPED,
                    complete=said["use"] == "priced",
                    read_on=read_on,
                )
            )
    return tuple(cards), tuple(tiers)


def shipped_prices(currency: str = SHIPPED_CURRENCY) -> Prices:
    """
    The cards and tiers shipped with this package: a courtesy, see `fsm/rates/data/NOTICE.md`.

    Args:
        currency: ISO 4217. Only US dollars are shipped; in any other currency nothing is priced.

    >>> shipped_prices().rate("marketing", "Italy", date(2026, 7, 1), unit="message").rate
    Decimal('0.0795')
    """
    return _with_shipped((), (), currency)


def _with_shipped(cards: Iterable[Card], tiers: Iterable[TierTable], currency: str) -> Prices:
    shipped_cards, shipped_tiers = _shipped_cards()
    return prices_of(
        [*cards, *(card for card in shipped_cards if card.currency == currency)],
        [*tiers, *(table for table in shipped_tiers if table.currency == currency)],
        currency=currency,
    )


# --- the caller's own files -------------------------------------------------------------------------------------


def load_markets(path: str | Path) -> Markets:
    """
    A market table of the caller's own, in the layout of `fsm/rates/data/markets.csv`.

    Raises:
        BadRates: it cannot be understood.
        OSError: it cannot be opened.
    """
    file = read_rate_file(path)
    return read_markets(file.sheets[0][1], name=file.name, sha256=file.sha256)


def load_prices(
    paths: Sequence[str | Path],
    *,
    shipped: bool = True,
    currency: str | None = None,
    effective_on: date | None = None,
    unit: str | None = None,
    markets: Markets | None = None,
) -> Prices:
    """
    The caller's own cards, contracts and tier tables, in front of the shipped ones.

    Args:
        paths: Meta's downloads or files in our own layout, in any order.
        shipped: also use the shipped cards, for days and currency that they cover.
        currency: ISO 4217; a file in another one is refused. None: the one of the files, or US dollars without any.
        effective_on: the first day, for a file that does not say it; one that says another is refused.
        unit: `conversation` or `message`, likewise.
        markets: a market table with markets that the shipped one does not have.

    Raises:
        BadRates: a file cannot be understood, contradicts itself, another file or the caller.
        MissingExtra: one is a workbook, and the extra `excel` is not installed.
        OSError: one cannot be opened.

    >>> load_prices([]).currency
    'USD'
    """
    known = MARKETS if markets is None else MARKETS | markets.names
    cards: list[Card] = []
    tiers: list[TierTable] = []
    for path in paths:
        file = read_rate_file(path)
        for sheet, rows in _tables(file):
            name = f"{file.name}, sheet {sheet}" if len(file.sheets) > 1 else file.name
            if is_tier_file(rows):
                tiers.append(
                    read_tiers(
                        rows,
                        name=name,
                        sha256=file.sha256,
                        effective_on=effective_on,
                        currency=currency,
                        markets=known,
                    )
                )
            else:
                cards.append(
                    read_card(
                        rows,
                        name=name,
                        sha256=file.sha256,
                        effective_on=effective_on,
                        unit=unit,
                        currency=currency,
                        markets=known,
                    )
                )
    currencies = [card.currency for card in cards] + [table.currency for table in tiers]
    chosen = currency or next(iter(currencies), SHIPPED_CURRENCY)
    return _with_shipped(cards, tiers, chosen) if shipped else prices_of(cards, tiers, currency=chosen)


def _tables(file: RateFile) -> list[tuple[str, Rows]]:
    """The sheets of a file that hold figures: of a workbook the card, and the volume tiers if they are there."""
    if len(file.sheets) == 1:
        return list(file.sheets)
    card = [each for each in file.sheets if each[0].casefold() == LIST_RATES.casefold()]
    card = card or [each for each in file.sheets if _first_words(each[1]).startswith("cost per ")]
    tiers = [each for each in file.sheets if each not in card and is_tier_file(each[1])]
    if len(card) > 1 or not (card or tiers):
        raise BadRates(
            f"{file.name}: which of its sheets is the card ({', '.join(sheet for sheet, _ in file.sheets)})? "
            f"Meta calls it {LIST_RATES!r}. Save that sheet alone."
        )
    return [*card, *tiers]


def _first_words(rows: Rows) -> str:
    return next((joined(cell).casefold() for row in rows for cell in row if cell.strip()), "")
