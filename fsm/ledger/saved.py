"""Ledgers as they were written, read back: what cannot be read is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from json import JSONDecodeError, loads
from typing import Any, Final

import attrs

from fsm.errors import BadSettlement, FsmError
from fsm.events import parse_instant
from fsm.ledger.rows import KINDS, PRICED_BY, PROVISIONAL, SETTLED, Fact, Row, Stated
from fsm.ledger.totals import ledger_hash
from fsm.rates import parse_amount

_INSTANTS: Final = ("at", "ends_at", "expires_at")
_AMOUNTS: Final = ("amount", "rate", "cost")
_TUPLES: Final = ("because", "flags")
_MAY_BE_ABSENT: Final = frozenset(
    "line why market rate amount volume ends_at stated billable cost expires_at".split()  # the others are empty text
)


def read_rows(text: str, name: str) -> tuple[Row, ...]:
    """
    The rows of a ledger written as JSON.

    Args:
        text: one object with `rows`.
        name: of the file, for messages.

    Raises:
        BadSettlement: it is something else, or a row lacks a member, has an unknown one, or a value that cannot be.

    >>> read_rows('{"rows": []}', "october.json")
    ()
    """
    try:
        ledger = loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_each_once)
    except (JSONDecodeError, RecursionError, ValueError) as bad:
        raise BadSettlement(f"{name} is not a ledger: {bad}.") from None
    if not isinstance(ledger, dict) or not isinstance(ledger.get("rows"), list):
        raise BadSettlement(f"{name} is not a ledger: it has no list of 'rows'.")
    rows = []
    for number, members in enumerate(ledger["rows"], 1):
        try:
            row = _read(Row, members)
            if row.kind not in KINDS or row.status not in (PROVISIONAL, SETTLED) or row.priced_by not in PRICED_BY:
                raise ValueError("it has a kind, status or source of price that no ledger has")
            rows.append(row)
        except (FsmError, KeyError, TypeError, ValueError, AttributeError) as bad:
            raise BadSettlement(f"{name}, row {number}, cannot be read: {bad}.") from None
    if ledger.get("hash") not in (None, ledger_hash(rows)):
        raise BadSettlement(
            f"{name} was changed since it was written: its fingerprint is not that of its rows. Settle the month again, "
            "or restore the file."
        )
    return tuple(rows)


def _no_float(text: str) -> Decimal:
    raise ValueError(f"the number {text} is written without quotes; amounts are decimal text")


def _read(cls: type[Any], members: Mapping[str, object]) -> Any:
    fields = {field.name: field for field in attrs.fields(cls)}
    unknown = sorted(set(members) - set(fields))
    if unknown:
        raise ValueError(f"it has unknown members: {', '.join(unknown)}")
    values: dict[str, object] = {}
    for name, value in members.items():
        if name in _INSTANTS and value is not None:
            values[name] = parse_instant(value)
        elif name in _AMOUNTS and value is not None:
            if not isinstance(value, str):
                raise ValueError(f"{name} is {value!r}; amounts are decimal text")
            values[name] = parse_amount(value)
        elif name == "facts":
            values[name] = tuple(_fact(fact) for fact in value)  # type: ignore[attr-defined]
        elif name in _TUPLES:
            values[name] = tuple(value)  # type: ignore[arg-type]
        elif name == "stated" and value is not None:
            values[name] = _read(Stated, value)  # type: ignore[arg-type]
        else:
            values[name] = "" if value is None and name not in _MAY_BE_ABSENT else value
    for name, value in values.items():
        if not isinstance(value, _types(fields[name].type)) or (isinstance(value, bool) and name not in _BOOLEANS):
            raise ValueError(f"{name} is {value!r}, which no ledger has there")
        if isinstance(value, tuple) and name in _TUPLES and not all(isinstance(each, str) for each in value):
            raise ValueError(f"{name} is {value!r}; it is a list of texts")
    if "period" in values and not _PERIOD.fullmatch(str(values["period"])):
        raise ValueError(f"period is {values['period']!r}; a month is written like 2026-10")
    return cls(**values)


def _types(declared: object) -> tuple[type, ...]:
    """The types that a field's annotation allows; annotations are texts here."""
    words = re.findall(r"[A-Za-z]+", re.sub(r"\[.*\]", "", str(declared)))
    return tuple(_TYPES[word] for word in words)


_TYPES: Final[Mapping[str, type]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "None": type(None),
    "tuple": tuple,
    "Decimal": Decimal,
    "Stated": Stated,
}
_BOOLEANS: Final = ("billable", "differs")
_PERIOD: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("one of its objects has a member twice")
    return members


def _fact(written: str) -> Fact:
    event, _, at = written.partition(" ")
    return (event, parse_instant(at))
