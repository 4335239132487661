"""Sums of rows: the only way in which a ledger says an amount about more than one row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import TypeVar

import attrs

from fsm.ledger.rows import Row, charged_units, write_row
from fsm.rates import total

_Key = TypeVar("_Key", bound=Hashable)


@attrs.frozen(kw_only=True)
class Sum:
    """
    Rows taken together.

    Attributes:
        rows: how many.
        charged: how many of them have a rate line.
        units: how many units are charged.
        amount: of the rows whose amount is known.
        unknown: how many rows have no known amount; `amount` leaves them out.
    """

    rows: int
    charged: int
    units: int
    amount: Decimal
    unknown: int

    @property
    def complete(self) -> bool:
        """Whether every row has an amount."""
        return self.unknown == 0


def sum_of(rows: Iterable[Row]) -> Sum:
    """
    The sum of some rows.

    >>> sum_of([]).amount
    Decimal('0')
    """
    listed = list(rows)
    return Sum(
        rows=len(listed),
        charged=sum(row.line is not None for row in listed),
        units=sum(map(charged_units, listed)),
        amount=total(row.amount for row in listed if row.amount is not None),
        unknown=sum(row.amount is None for row in listed),
    )


def sums_by(rows: Iterable[Row], key: Callable[[Row], _Key]) -> dict[_Key, Sum]:
    """The sums of rows that share a key, in the order of the keys."""
    grouped: dict[_Key, list[Row]] = {}
    for row in rows:
        grouped.setdefault(key(row), []).append(row)
    return {name: sum_of(grouped[name]) for name in sorted(grouped, key=repr)}


def ledger_hash(rows: Iterable[Row]) -> str:
    """
    A fingerprint of a ledger: equal if and only if every row is.

    >>> ledger_hash([])[:12]
    'e3b0c44298fc'
    """
    digest = sha256()
    for row in rows:
        digest.update(dumps(write_row(row), sort_keys=True, ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()
