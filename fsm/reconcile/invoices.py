"""An invoice as a table of comma-separated values: whoever wrote it, with headings that are looked up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from fsm.errors import BadAmount, BadExport
from fsm.rates import parse_amount
from fsm.reconcile.entries import Entry, Export
from fsm.reconcile.lines import INVOICE
from fsm.rulebooks.labels import one_spelling
from fsm.rules.words import counted

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "when": ("date", "day", "month", "period", "billing_period", "usage_date"),
    "country": ("market", "country", "region", "recipient_country", "destination"),
    "category": ("category", "pricing_category", "conversation_category", "message_category", "product"),
    "type": ("type", "pricing_type", "conversation_type", "charge_type"),
    "volume": ("quantity", "volume", "count", "messages", "conversations", "units"),
    "rate": ("rate", "unit_price", "price", "unit_rate"),
    "amount": ("amount", "cost", "total", "charge", "net_amount"),
    "currency": ("currency", "currency_code"),
    "account": ("account", "waba", "waba_id", "account_id", "account_name"),
    "phone": ("phone", "phone_number", "business_phone", "phone_number_id", "sender"),
}
"""What each column is for, and the headings it is known by. There is no public form of Meta's own invoice."""

_NEEDED: Final = ("when", "category", "amount")
_LABELS: Final = ("account", "phone", "country", "type", "category")
_TYPES: Final = {"paid": "regular", "charged": "regular", "billable": "regular"}
_DAY: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


def read_invoice(text: str, name: str) -> Export:
    """
    The lines of an invoice.

    Columns that are not understood are kept. Amounts are exact; thousands commas are read only where they group by
    three; an empty amount is not zero but unknown.

    Args:
        text: comma- or semicolon-separated values under one line of headings.
        name: the file, for messages.

    Raises:
        BadExport: a needed column is missing, two columns are for one thing, or a cell cannot be read.

    >>> invoice = read_invoice("Month,Market,Category,Quantity,Amount,Currency\\n2026-10,India,Marketing,2,0.0236,USD", "i")
    >>> invoice.entries[0].when, invoice.entries[0].volume, invoice.entries[0].amount
    ('2026-10', 2, Decimal('0.0236'))
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise BadExport(f"{name} is empty. {_understood()}")
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    table = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        numbered = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as bad:
        raise BadExport(f"{name}, line {table.line_num}: it is not CSV: {bad}. Save the file again as CSV.") from None
    headings = [cell.strip() for cell in numbered[0][1]]
    columns = _columns(headings, name)
    entries = []
    for number, row in numbered[1:]:
        where = f"{name}, line {number}"
        if len(row) != len(headings):
            raise BadExport(
                f"{where}: it has {counted(len(row), 'cell')} under {counted(len(headings), 'heading')}, so none can be "
                "trusted."
            )
        entries.append(_entry([cell.strip() for cell in row], headings, columns, where))
    return Export(name=name, kind=INVOICE, entries=tuple(entries))


def _columns(headings: list[str], name: str) -> Mapping[str, int]:
    columns: dict[str, int] = {}
    for place, heading in enumerate(headings):
        word = one_spelling(heading)
        wanted = next((column for column, known in HEADINGS.items() if word in known), None)
        if wanted is None:
            continue
        if wanted in columns:
            raise BadExport(
                f"{name}: {headings[columns[wanted]]!r} and {heading!r} are both the column {wanted!r}, so either could be "
                "meant. Remove one of them."
            )
        columns[wanted] = place
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise BadExport(f"{name}: no column for {' and '.join(missing)} in {', '.join(headings)}. {_understood()}")
    return columns


def _understood() -> str:
    listed = "; ".join(f"{column}: {', '.join(known)}" for column, known in HEADINGS.items())
    return f"Headings understood, in any case: {listed}."


def _entry(row: list[str], headings: list[str], columns: Mapping[str, int], where: str) -> Entry:
    cells = {column: row[place] for column, place in columns.items()}
    when = cells["when"]
    if not _DAY.fullmatch(when):
        raise BadExport(f"{where}: {when!r} is neither a day (2026-10-01) nor a month (2026-10).")
    said = {name: cells[name] for name in _LABELS if cells.get(name)}
    labels = {name: one_spelling(text) if name in ("type", "category") else text for name, text in said.items()}
    if "type" in labels:
        labels["type"] = _TYPES.get(labels["type"], labels["type"])
    currency = cells.get("currency", "")
    if currency and not _CURRENCY.fullmatch(currency):
        raise BadExport(f"{where}: {currency!r} is no currency. Write its ISO 4217 code, for example USD.")
    volume = _amount(cells.get("volume", ""), where)
    if volume is not None and (volume != int(volume) or volume < 0):
        raise BadExport(f"{where}: {cells['volume']!r} counts nothing. A quantity is a whole number.")
    return Entry(
        place=where,
        when=when,
        labels=labels,
        said=said,
        volume=None if volume is None else int(volume),
        amount=_amount(cells["amount"], where),
        currency=currency,
        rate=_amount(cells.get("rate", ""), where),
        extra=_extra(row, headings, columns.values()),
    )


def _extra(row: list[str], headings: list[str], known: Iterable[int]) -> Mapping[str, str]:
    places = set(known)
    return {
        heading: cell for place, (heading, cell) in enumerate(zip(headings, row, strict=True)) if place not in places
    }


def _amount(text: str, where: str) -> Decimal | None:
    try:
        return parse_amount(text) if text else None
    except BadAmount as bad:
        raise BadExport(f"{where}: {bad}") from None
