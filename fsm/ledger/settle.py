"""Settling a month, and correcting it afterwards: what was settled stays, differences become rows of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import attrs

from fsm.errors import BadSettlement
from fsm.ledger.rows import CORRECTION, PROVISIONAL, SETTLED, Row, charged_units
from fsm.rates import times, total

_COMPARED: Final = ("amount", "currency", "account", "line", "why", "market", "day", "at")
"""What a settled row states about money. Who the customer is called, and which doubts are known, may become clearer."""

_PLACES: Final = ("account", "line", "market")
"""What sums are made by: a row that moves from one to another is taken back there and booked here."""

_MOVED: Final = "moved: taken back here, and booked again in another row of corrections"
_GONE: Final = "a late fact: nothing of this row is left"
_LATE: Final = "a late fact: this row was not there when the month was settled"
_BACK: Final = "a late fact: this row is there again"


def settle(rows: Iterable[Row], through: str) -> tuple[Row, ...]:
    """
    The rows with those of every month up to and including `through` settled.

    Raises:
        BadSettlement: nothing of that month or an earlier one is there to settle.
    """
    listed = tuple(rows)
    if not any(row.period <= through for row in listed):
        raise BadSettlement(f"there is no row of {through} or before, so nothing can be settled. Check the month.")
    return tuple(attrs.evolve(row, status=SETTLED) if row.period <= through else row for row in listed)


def corrected(rows: Sequence[Row], settled: Sequence[Row]) -> tuple[Row, ...]:
    """
    A new ledger over the same months as a settled one: settled rows stay, each difference is a correction.

    A correction stands in the first month that is not settled and says which row it corrects and what changed. Its
    amount is the difference from everything that was settled about that row, and its units the difference of the
    units charged, so sums over settled rows and corrections are those of what is known now. Where the amount is not
    known now, the correction has none.

    Args:
        rows: the ledger of everything that is known now.
        settled: the rows that were settled, corrections of earlier settlements among them.

    Raises:
        BadSettlement: two rows have one key, or settled rows and new ones are in different currencies.
    """
    if not settled:
        return tuple(rows)
    through = max(row.period for row in settled)
    _check(rows, settled)
    booked = _following(through)
    standing = _standing(settled)
    kept: list[Row] = [attrs.evolve(row, status=SETTLED) for row in settled]
    corrections: list[Row] = []
    for row in rows:
        before = standing.pop(row.key, None)
        if before is None and row.period > through:
            kept.append(row)
        elif before is None:
            corrections.append(_late(row, booked))
        elif before.gone or _differs(before, row):
            corrections += _changed(before, row, booked)
    corrections += [_removed(before, booked) for before in standing.values() if not before.gone]
    return tuple(sorted((*kept, *corrections), key=lambda row: (row.period, row.order)))


@attrs.frozen
class _Standing:
    """
    What was settled about one row, its corrections included.

    Attributes:
        row: as the last of them left it; its amount is None if that one did not know it.
        paid: everything that is known to have been settled.
        units: of them, how many are charged.
        gone: nothing was left of it.
    """

    row: Row
    paid: Decimal
    units: int
    gone: bool = False


def _standing(settled: Iterable[Row]) -> dict[str, _Standing]:
    found: dict[str, _Standing] = {}
    # A row before its corrections, and these in the order in which they were made.
    for row in sorted(settled, key=lambda row: (row.kind == CORRECTION, row.period, row.reason != _MOVED)):
        key = row.corrects if row.kind == CORRECTION else row.key
        before = found.get(key)
        amounts = [amount for amount in (before.paid if before else None, row.amount) if amount is not None]
        paid = total(amounts)
        found[key] = _Standing(
            attrs.evolve(row, amount=None if row.amount is None else paid),
            paid,
            (before.units if before else 0) + charged_units(row),
            gone=row.kind == CORRECTION and row.reason == _GONE,
        )
    return found


def _check(rows: Sequence[Row], settled: Sequence[Row]) -> None:
    currencies = {row.currency for row in (*rows, *settled) if row.currency}
    if len(currencies) > 1:
        raise BadSettlement(
            f"the settled rows and the new ones are in {' and '.join(sorted(currencies))}. Settle each currency by itself."
        )
    for listed, what in ((settled, "settled rows"), (rows, "rows")):
        twice = [key for key, count in Counter(row.key for row in listed).items() if count > 1]
        if twice:
            raise BadSettlement(
                f"two {what} are about the same thing ({twice[0]}), so what changed in which cannot be told. "
                "Give each settlement once, and let the ids of messages differ."
            )


def _differs(before: _Standing, now: Row) -> bool:
    return before.units != charged_units(now) or any(
        getattr(before.row, name) != getattr(now, name) for name in _COMPARED
    )


def _late(row: Row, period: str) -> Row:
    return _correction(row, period, amount=row.amount, units=charged_units(row), reason=_LATE)


def _changed(before: _Standing, row: Row, period: str) -> list[Row]:
    amount = None if row.amount is None else total((row.amount, times(before.paid, -1)))
    changes = [
        f"{name}: {_shown(getattr(before.row, name))} became {_shown(getattr(row, name))}"
        for name in _COMPARED
        if getattr(before.row, name) != getattr(row, name)
    ]
    units = charged_units(row)
    if units != before.units:
        changes.append(f"units charged: {before.units} became {units}")
    reason = _BACK if before.gone else "; ".join(changes)
    moved = any(getattr(before.row, name) != getattr(row, name) for name in _PLACES)
    if moved and before.paid and not before.gone:
        back = _correction(before.row, period, amount=times(before.paid, -1), units=-before.units, reason=_MOVED)
        return [back, _correction(row, period, amount=row.amount, units=units, reason=reason)]
    return [_correction(row, period, amount=amount, units=units - before.units, reason=reason)]


def _removed(before: _Standing, period: str) -> Row:
    # It keeps its rate line, so that what is taken back stands beside what was charged.
    return _correction(before.row, period, amount=times(before.paid, -1), units=-before.units, reason=_GONE)


def _correction(row: Row, period: str, *, amount: Decimal | None, units: int, reason: str) -> Row:
    return attrs.evolve(
        row,
        kind=CORRECTION,
        period=period,
        amount=amount,
        units=units,
        priced_by="correction",
        status=PROVISIONAL,
        corrects=row.corrects if row.kind == CORRECTION else row.key,
        reason=reason,
        rate=None,
    )


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def _following(period: str) -> str:
    year, month = int(period[:4]), int(period[5:])
    return f"{year + month // 12:04}-{month % 12 + 1:02}"
