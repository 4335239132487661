"""Reading rate cards: Meta's downloads of three generations, our own layout, and contracts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

import attrs

from fsm.errors import BadAmount, BadRates, UnknownMarket
from fsm.rates.card import CONTRACT, DERIVED, NOT_APPLICABLE, OWN, PRICED, READ, UNITS, UNPRICED, Card, Cell
from fsm.rates.money import parse_amount
from fsm.rates.names import MARKETS, TEXT_LINES, currency_code, folded, line_of, market_name
from fsm.rates.sheet import Rows, Table, day_of, effective_day, table_of

_SAYS_UNIT: Final = re.compile(r"\bcost per (conversation|message) in (\S+?)(?:,| |$)", re.IGNORECASE | re.ASCII)
_TOKENS: Final = re.compile(r"\btokens?\b", re.IGNORECASE)
_LETTERS: Final = {
    "m": ("marketing",),
    # One letter, two lines: a card has either utility or user-initiated conversations, never both.
    "u": ("utility", "user_initiated"),
    "a": ("authentication",),
    "i": ("authentication_international",),
    "s": ("service",),
    "b": ("business_initiated",),
}
_OWN_COLUMNS: Final = frozenset(
    {"effective_from", "effective_to", "market", "currency", "unit", "read", "derived", "source_url", "note"}
)


def read_card(
    rows: Rows,
    *,
    name: str,
    sha256: str,
    effective_on: date | None = None,
    unit: str | None = None,
    currency: str | None = None,
    markets: Collection[str] = MARKETS,
    origin: str = OWN,
    complete: bool = True,
    read_on: date | None = None,
) -> Card:
    """
    Read a rate card: a download of Meta's, or our own layout.

    Args:
        rows: the file as rows of cells.
        name: of the file, for messages and reports.
        sha256: of its bytes.
        effective_on: the first day, if the file does not say it; if it does, both must agree.
        unit: `conversation` or `message`, likewise.
        currency: ISO 4217, likewise.
        markets: the names that exist.
        origin: `own`, or `shipped` with this package. A contract says so itself.
        complete: whether it may price.
        read_on: when a shipped card was read.

    Raises:
        BadRates: it contradicts itself or the caller, or a cell, a market or a currency cannot be understood.

    Source: Meta's downloads of 2023 to 2026, as described in `data/NOTICE.md`.

    >>> rows = [["Cost per message in USD, effective July 1, 2026"],
    ...         ["Market", "Currency", "Marketing"], ["INDIA", "$US", "0.0118"]]
    >>> card = read_card(rows, name="card.csv", sha256="")
    >>> card.effective_from.isoformat(), card.unit, card.cells["India", "marketing"].rate
    ('2026-07-01', 'message', Decimal('0.0118'))
    """
    table = table_of(rows, name, first=("market", "currency"))
    ours = "effective_from" in table.columns()
    read = _read_ours if ours else _read_metas
    draft = read(table, effective_on=effective_on, unit=unit, currency=currency, markets=markets)
    contract = _contract(rows, name, ours)
    notes = tuple(line for line in table.preamble if not (contract and line == table.preamble[0]))
    return Card(
        name=f"{contract} ({name})" if contract else name,
        effective_from=draft.effective_from,
        effective_to=draft.effective_to,
        unit=draft.unit,
        currency=draft.currency,
        cells=draft.cells,
        complete=complete,
        sha256=sha256,
        origin=CONTRACT if contract else origin,
        read_on=read_on,
        notes=(*notes, *draft.notes),
        warnings=draft.warnings,
    )


@attrs.frozen(kw_only=True)
class _Draft:
    effective_from: date
    effective_to: date | None = None
    unit: str
    currency: str
    cells: Mapping[tuple[str, str], Cell]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _contract(rows: Rows, name: str, ours: bool) -> str:
    """What a contract calls itself: its first row is `contract` and the name. Empty for any other card."""
    first = next((row for row in rows if any(cell.strip() for cell in row)), ())
    if not first or first[0].strip().casefold() != CONTRACT:
        return ""
    if not ours:
        raise BadRates(
            f"{name}: a contract needs the column effective_from. See fsm/rates/data/NOTICE.md for the layout."
        )
    title = first[1].strip() if len(first) > 1 else ""
    if not title:
        raise BadRates(
            f"{name}, row 1: a contract says how it is called, so that a bill can name it: contract,Ours 2026"
        )
    return title


def agreed(what: str, found: object, given: object, name: str) -> None:
    """
    Hold a file to what the caller says it is.

    Raises:
        BadRates: both say something, and not the same.

    >>> agreed("currency", "USD", None, "card.csv")
    """
    if found is not None and given is not None and found != given:
        raise BadRates(
            f"{name}: it says {what} {found}, and you said {given}. Prices would be taken from the wrong card. "
            f"Leave {what} out, or give the file that you mean."
        )


def _required(what: str, value: str | date | None, argument: str, name: str) -> None:
    if value is None:
        raise BadRates(f"{name}: it does not say its {what}, and a guess would misprice. Pass {argument}.")


# --- Meta's downloads -------------------------------------------------------------------------------------------


def _read_metas(
    table: Table,
    *,
    effective_on: date | None,
    unit: str | None,
    currency: str | None,
    markets: Collection[str],
) -> _Draft:
    warnings: list[str] = []
    says = _preamble(table, warnings)
    agreed("effective date", says.effective_from, effective_on, table.name)
    agreed("unit", says.unit, unit, table.name)
    agreed("currency", says.currency, currency, table.name)
    day, unit = says.effective_from or effective_on, says.unit or unit
    _required("effective date", day, "effective_on", table.name)
    _required("unit", unit, "unit, 'conversation' or 'message'", table.name)

    columns = table.columns()
    lines = _lines(table, columns, warnings)
    cells: dict[tuple[str, str], Cell] = {}
    notes: list[str] = []
    tokens: set[str] = set()
    for number, row in table.body:
        where = table.where(number)
        market = row[columns["market"]]
        if sum(1 for cell in row if cell) == 1 and not _is_market(market, markets):
            notes.append(next(cell for cell in row if cell))
            warnings.append(f"{where}: it is no row of the table and was kept as a note")
            continue
        name = _market(market, markets, cells, where)
        tokens.add(row[columns["currency"]])
        currency = _row_currency(row[columns["currency"]], says.currency or currency, where)
        for line, place in lines.items():
            cells[name, line] = _metas_cell(row[place], line, f"{where}, {table.header[place]}")
    if not cells or currency is None:
        raise BadRates(f"{table.name}: there are no rates under the header. Use the download as it is.")
    if "GBD" in tokens:
        warnings.append(f"{table.name}: it prints the currency as GBD, which is read as GBP")
    assert isinstance(day, date)
    assert unit is not None
    return _Draft(
        effective_from=day,
        unit=_unit(unit, table.name),
        currency=currency,
        cells=cells,
        notes=tuple(notes),
        warnings=tuple(warnings),
    )


@attrs.frozen(kw_only=True)
class _Says:
    effective_from: date | None
    unit: str | None
    currency: str | None


def _preamble(table: Table, warnings: list[str]) -> _Says:
    """What the sentence above the table says. Notes beside it may name days of their own, which are not the card's."""
    titles = [line for line in table.preamble if _SAYS_UNIT.search(line)] or list(table.preamble)
    days = {day for line in titles if (day := effective_day(line)) is not None}
    found = {(match[1].casefold(), match[2]) for line in titles for match in _SAYS_UNIT.finditer(line)}
    if len(days) > 1 or len(found) > 1:
        raise BadRates(
            f"{table.name}: the lines above the table name several dates, units or currencies "
            f"({'; '.join(titles)}), so it is open which one holds. Use one card per file."
        )
    unit, token = next(iter(found), (None, None))
    currency = None
    if token is not None:
        try:
            currency = currency_code(token)
        except BadRates:
            # "in Indian rupees" is no contradiction: every row says its currency, and a row is never guessed at.
            warnings.append(f"{table.name}: {token!r} above the table is no currency code; the column Currency counts")
    return _Says(effective_from=next(iter(days), None), unit=unit, currency=currency)


def _lines(table: Table, columns: Mapping[str, int], warnings: list[str]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for place, heading in enumerate(table.header):
        if place in (columns["market"], columns["currency"]):
            continue
        line = line_of(heading)
        if line is None:
            if any(row[place] for _, row in table.body):
                warnings.append(f"{table.name}: the column {heading!r} is not known; nothing is priced from it")
        elif line in lines:
            raise BadRates(f"{table.name}: two columns stand for {line}, so either could be meant. Remove one.")
        else:
            lines[line] = place
    if not lines:
        raise BadRates(f"{table.name}: none of its columns is a rate we know ({', '.join(table.header)}).")
    return lines


def _metas_cell(text: str, line: str, where: str) -> Cell:
    if not text:
        raise BadRates(
            f"{where}: the cell is empty, and Meta prints n/a where there is no rate. The file may be damaged: "
            "download it again. (In our own layout an empty cell means unknown.)"
        )
    return cell_of(text, line, OWN, where)


# --- our own layout ---------------------------------------------------------------------------------------------


def _read_ours(
    table: Table,
    *,
    effective_on: date | None,
    unit: str | None,
    currency: str | None,
    markets: Collection[str],
) -> _Draft:
    columns = table.columns()
    lines: dict[str, int] = {}
    for heading, place in columns.items():
        line = line_of(heading)
        if line in lines:
            raise BadRates(f"{table.name}: two columns stand for {line}, so either could be meant. Remove one.")
        if line is not None:
            lines[line] = place
        elif heading not in _OWN_COLUMNS:
            raise BadRates(
                f"{table.name}: no rate line and no other column is called {heading!r}. Correct or remove it."
            )
    day = _same(table, columns, "effective_from")
    last = _same(table, columns, "effective_to")
    found = {"unit": _same(table, columns, "unit"), "currency": _same(table, columns, "currency")}
    _required("effective date", day, "a day in the column effective_from", table.name)
    assert day is not None
    starts = day_of(day, table.name)
    coded = currency_code(found["currency"]) if found["currency"] else None
    agreed("effective date", starts, effective_on, table.name)
    agreed("unit", found["unit"], unit, table.name)
    agreed("currency", coded, currency, table.name)
    unit, currency = found["unit"] or unit, coded or currency
    _required("unit", unit, "unit, or add a column unit with 'conversation' or 'message'", table.name)
    _required("currency", currency, "currency, or fill the column currency", table.name)
    assert unit is not None
    assert currency is not None
    ends = day_of(last, table.name) if last else None
    if ends is not None and ends < starts:
        raise BadRates(f"{table.name}: it ends on {ends}, before it starts on {starts}, so it never holds. Correct it.")

    cells: dict[tuple[str, str], Cell] = {}
    for number, row in table.body:
        where = table.where(number)
        name = _market(row[columns["market"]], markets, cells, where)
        for line, place in lines.items():
            cells[name, line] = _our_cell(row, place, line, columns, where)
    return _Draft(
        effective_from=starts, effective_to=ends, unit=_unit(unit, table.name), currency=currency, cells=cells
    )


def _our_cell(row: Sequence[str], place: int, line: str, columns: Mapping[str, int], where: str) -> Cell:
    if "read" not in columns and "derived" not in columns:
        return cell_of(row[place], line, OWN, where)
    letters = {kind: _letters(row[columns[kind]]) if kind in columns else () for kind in (READ, DERIVED)}
    evidence = next((kind for kind in (READ, DERIVED) if line in letters[kind]), "")
    cell = cell_of(row[place], line, evidence, f"{where}, {line}")
    if cell.state == PRICED and not evidence:
        raise BadRates(f"{where}: {line} has a rate, and neither 'read' nor 'derived' says where it comes from.")
    return cell


def _letters(text: str) -> tuple[str, ...]:
    """The lines that evidence letters stand for; what is in brackets is a remark."""
    return tuple(line for letter in re.sub(r"\(.*?\)", "", text) for line in _LETTERS.get(letter, ()))


def _same(table: Table, columns: Mapping[str, int], heading: str) -> str | None:
    """What every row says in this column; None if the column is missing or empty."""
    if heading not in columns:
        return None
    values = {row[columns[heading]] for _, row in table.body}
    if len(values) > 1:
        raise BadRates(
            f"{table.name}: {heading} differs between rows ({', '.join(sorted(values))}). Use one file per card."
        )
    return next(iter(values), "") or None


# --- both -------------------------------------------------------------------------------------------------------


def cell_of(text: str, line: str, evidence: str, where: str) -> Cell:
    """
    One cell: an amount, `n/a`, or nothing.

    Raises:
        BadRates: it is none of these, or below zero.

    >>> cell_of("n/a", "service", "own", "card.csv, row 2").state, cell_of("0.0618", "marketing", "own", "").state
    ('n/a', 'priced')
    """
    if not text:
        return Cell(state=UNPRICED)
    if text.casefold() == "n/a":
        return Cell(state=NOT_APPLICABLE, evidence=evidence)
    if line in TEXT_LINES and _TOKENS.search(text):
        return Cell(state=UNPRICED, evidence=evidence, text=text)
    try:
        rate = parse_amount(text)
    except BadAmount as bad:
        raise BadRates(f"{where}: {bad}") from bad
    if rate.is_signed():
        raise BadRates(f"{where}: {text} is below zero, and Meta pays nobody. Check the file.")
    return Cell(state=PRICED, rate=rate, evidence=evidence)


def _is_market(text: str, markets: Collection[str]) -> bool:
    try:
        market_name(text, markets)
    except UnknownMarket:
        return False
    return True


def _market(text: str, markets: Collection[str], cells: Mapping[tuple[str, str], Cell], where: str) -> str:
    try:
        name = market_name(text, markets)
    except UnknownMarket as unknown:
        raise UnknownMarket(f"{where}: {unknown}") from unknown
    if any(market == name for market, _ in cells):
        raise BadRates(f"{where}: {folded(text)!r} stands in the card twice, so either row could be meant. Remove one.")
    return name


def _row_currency(token: str, expected: str | None, where: str) -> str:
    try:
        code = currency_code(token)
    except BadRates as bad:
        raise BadRates(f"{where}: {bad}") from bad
    agreed("currency", code, expected, where)
    return code


def _unit(unit: str, name: str) -> str:
    if unit not in UNITS:
        raise BadRates(f"{name}: {unit!r} is no unit that a card prices. Write {' or '.join(UNITS)}.")
    return unit
