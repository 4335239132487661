"""A file as rows of cells: what every table has in common before it says what it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import attrs

from fsm.errors import BadRates
from fsm.rules.words import counted

Rows = Sequence[Sequence[str]]

_MONTHS: Final = "january february march april may june july august september october november december".split()
_EFFECTIVE: Final = re.compile(r"\beffective\s+([A-Za-z]+)\s+([0-9]{1,2})\s*,\s*([0-9]{4})\b", re.ASCII)
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def split_rows(text: str) -> list[list[str]]:
    """
    Split comma-separated text into rows of cells.

    Args:
        text: with or without a byte order mark; line ends of any system; quoted cells may break lines.

    Raises:
        BadRates: a quote is not closed, or text follows a closing quote.

    >>> split_rows('\\ufeffMarket,"Authentication-\\r\\nInternational"\\r\\nIndia,0.1\\r\\n')
    [['Market', 'Authentication-\\nInternational'], ['India', '0.1']]
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return list(csv.reader((line + "\n" for line in plain.rstrip("\n").split("\n")), strict=True))
    except csv.Error as bad:
        raise BadRates(
            f"The text is not comma-separated values: {bad}. A cell could end up under the wrong heading. "
            "Save the file again as CSV, or use the original download."
        ) from bad


def joined(cell: str) -> str:
    """
    A cell on one line: a break after a hyphen closes up, any other becomes a space.

    >>> joined("Authentication-\\nInternational"), joined("Market\\n(per rate card)")
    ('Authentication-International', 'Market (per rate card)')
    """
    return " ".join(re.sub(r"-\s*\n\s*", "-", cell).split())


@attrs.frozen(kw_only=True)
class Table:
    """
    The table inside a file.

    Attributes:
        name: the file, for messages.
        preamble: the lines before the header, each joined; a sentence cut by its own commas is whole again.
        header: the headings, joined.
        body: the rows under the header as (row number in the file, cells, as many as the header has); empty rows
            are left out.
    """

    name: str
    preamble: tuple[str, ...]
    header: tuple[str, ...]
    body: tuple[tuple[int, tuple[str, ...]], ...]

    def where(self, number: int) -> str:
        """The place of a row, for messages."""
        return f"{self.name}, row {number}"

    def columns(self) -> dict[str, int]:
        """
        Where each heading stands, by the heading in lower case.

        Raises:
            BadRates: two columns have the same heading.
        """
        places: dict[str, int] = {}
        for place, heading in enumerate(self.header):
            if not heading:
                continue
            if heading.casefold() in places:
                raise BadRates(
                    f"{self.name}: two columns are called {heading!r}, so either could be meant. Remove one."
                )
            places[heading.casefold()] = place
        return places


def table_of(rows: Rows, name: str, *, first: Sequence[str]) -> Table:
    """
    Find the table in a file by its header, wherever it starts and in whatever order its columns stand.

    Args:
        rows: the whole file.
        name: of the file, for messages.
        first: headings that the header must have, in lower case.

    Raises:
        BadRates: no row has them, or a row has cells beyond the header.

    >>> table_of([["Note"], ["Market", "Currency"], ["India", "$US"]], "card.csv", first=("market",)).preamble
    ('Note',)
    """
    cleaned = [tuple(joined(cell) for cell in row) for row in rows]
    for place, row in enumerate(cleaned):
        if not set(first) <= {cell.casefold() for cell in row}:
            continue
        header = _without_empty_end(row)
        return Table(
            name=name,
            preamble=tuple(line for line in (_sentence(each) for each in cleaned[:place]) if line),
            header=header,
            body=tuple(_body(cleaned, place + 1, len(header), name)),
        )
    hint = ""
    if any(first[0] in cell.casefold() and (";" in cell or "\t" in cell) for row in cleaned for cell in row):
        hint = " Its cells seem to be separated by semicolons or tabs: save it with commas."
    raise BadRates(
        f"{name}: no row has the headings {', '.join(first)}, so it cannot be told what its figures are.{hint} "
        "Use Meta's download as it is, or the layout described in fsm/rates/data/NOTICE.md."
    )


def _without_empty_end(row: tuple[str, ...]) -> tuple[str, ...]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _sentence(row: Sequence[str]) -> str:
    return ", ".join(cell for cell in row if cell)


def _body(rows: Rows, start: int, width: int, name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, row in enumerate(rows[start:], start + 1):
        cells = _without_empty_end(tuple(row))
        if not cells:
            continue
        if len(cells) > width:
            raise BadRates(
                f"{name}, row {number}: it has {counted(len(cells), 'cell')} under {counted(width, 'heading')}, so some "
                "stand under the wrong one. A number with a thousands comma must be quoted."
            )
        yield number, cells + ("",) * (width - len(cells))


def day_of(text: str, where: str) -> date:
    """
    A day written as in ISO 8601.

    Raises:
        BadRates: it is written otherwise, or is no day of the calendar.

    >>> day_of("2026-10-01", "card.csv, row 2")
    datetime.date(2026, 10, 1)
    """
    if _ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise BadRates(f"{where}: {text!r} is not a day. Write it as 2026-10-01.")


def effective_day(sentence: str) -> date | None:
    """
    The day in "… effective July 1, 2026", as Meta's preambles say it; None if there is none.

    Raises:
        BadRates: there is one and it is no day of the calendar.

    >>> effective_day("Cost per conversation in USD, effective June 1, 2023")
    datetime.date(2023, 6, 1)
    """
    match = _EFFECTIVE.search(sentence)
    if match is None:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[1].casefold()) + 1, int(match[2]))
    except ValueError as bad:
        raise BadRates(f"{match[0]!r} is not a day. Use the download as it is, or pass effective_on.") from bad
