"""Tables for people and for programs: aligned text, CSV that no spreadsheet runs, Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Final, TextIO

from fsm.errors import FsmError, MissingExtra

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_SCALE: Final = 12
"""Decimal places of amounts in Parquet: enough for rates of six places divided by ten and multiplied by shares."""


def text_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, indent: str = "") -> Iterator[str]:
    """
    Aligned lines: text to the left, numbers to the right.

    >>> list(text_table(["what", "rows"], [["marketing", 12], ["utility", 3]]))
    ['what       rows', 'marketing    12', 'utility       3']
    """
    listed = [list(row) for row in rows]
    cells = [[shown(cell) for cell in row] for row in listed]
    right = [
        bool(listed) and all(isinstance(row[place], int | Decimal) or row[place] in ("", None) for row in listed)
        for place in range(len(headings))
    ]
    widths = [max(len(line[place]) for line in [list(headings), *cells]) for place in range(len(headings))]
    for line in [list(headings), *cells]:
        yield (
            indent
            + "  ".join(
                cell.rjust(width) if to_the_right else cell.ljust(width)
                for cell, width, to_the_right in zip(line, widths, right, strict=True)
            )
        ).rstrip()


def shown(cell: object) -> str:
    """
    A cell as people read it: thousands apart, amounts exact.

    >>> shown(Decimal("1234.5600")), shown(1000), shown(None)
    ('1,234.5600', '1,000', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return f"{cell:,}"
    return str(cell)


def write_csv(stream: TextIO, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """
    Comma-separated values, safe to open in a spreadsheet.

    Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers.

    >>> import sys
    >>> write_csv(sys.stdout, ["id", "amount"], [["=1+1", Decimal("-0.50")]])
    id,amount
    '=1+1,-0.50
    """
    for cells in chain([headings], rows):
        stream.write(",".join(_quoted(safe(cell)) for cell in cells) + "\n")


def _quoted(text: str) -> str:
    # The csv module of Python 3.11 leaves a lone carriage return unquoted, and readers take it for a line's end.
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def safe(cell: object) -> str:
    """
    A cell of a CSV file.

    >>> safe(("a", "b")), safe("@SUM(A1)"), safe(None), safe(-3)
    ('a b', "'@SUM(A1)", '', '-3')
    """
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, Mapping):
        text = json.dumps(cell, ensure_ascii=False, sort_keys=True)
    elif isinstance(cell, list | tuple):
        text = " ".join(map(str, cell))
    else:
        text = str(cell)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def write_parquet(path: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """
    A Parquet file; amounts are decimals, lists are texts. Returns the number of rows.

    Raises:
        MissingExtra: pyarrow is not installed.
        FsmError: an amount has more decimal places than the file can hold.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra(
            "writing Parquet needs pyarrow. Install the extra: whatsapp-conversation-fsm[parquet]."
        ) from None
    columns: dict[str, list[object]] = {name: [] for name in headings}
    for row in rows:
        for name, cell in zip(headings, row, strict=True):
            columns[name].append(_column_value(cell))
    arrays = {}
    for name, cells in columns.items():
        known = [cell for cell in cells if cell is not None]
        if known and all(isinstance(cell, Decimal) for cell in known):
            for cell in known:
                assert isinstance(cell, Decimal)
                if -int(cell.as_tuple().exponent) > _SCALE:
                    raise FsmError(
                        f"the amount {cell} has more than {_SCALE} decimal places. Write CSV or JSON instead."
                    )
            arrays[name] = pa.array(cells, type=pa.decimal128(38, _SCALE))
        elif known and all(isinstance(cell, int) for cell in known):
            arrays[name] = pa.array(cells, type=pa.int64())
        else:
            arrays[name] = pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())
    table = pa.table(arrays)
    pq.write_table(table, Path(path), write_page_checksum=True)
    return int(table.num_rows)


def _column_value(cell: object) -> object:
    if cell is None or cell == "":
        return None
    return cell if isinstance(cell, int | Decimal | str) else safe(cell)
