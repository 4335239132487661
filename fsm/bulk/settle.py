"""
Who got the free units: the allowance, counted over all threads in the order of deliveries.

The kernel runs threads apart and gives both answers where the allowance decides. Only the first deliveries of a month
can be free, so of each counter no more than its units need to be remembered, and what lies behind them is decided.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Lock
from typing import Any, Final

import attrs
import numpy as np

from fsm.bulk.layout import FAR, MICROS
from fsm.bulk.program import Program
from fsm.events import datetime_of

Key = tuple[int, int, int]
"""A counter: number of the rule, of the month (months since year 0), of the business (-1 for the whole account)."""
_MINUTE: Final = 60_000
_AROUND: Final = 2 * 86_400_000
_MOST_SCOPES: Final = 256
"""Of so many businesses it is looked up quickly when their units are used up."""


class Months:
    """The calendar months of the account's zone, as instants."""

    def __init__(self, program: Program) -> None:
        self._law = program.law
        self._begins: Any = np.zeros(0, np.int64)
        self._months: Any = np.zeros(0, np.int64)
        self._until = 0

    def of(self, at: Any) -> Any:
        """The month of every instant (int64, ms): months since year 0."""
        if not len(at):
            return np.zeros(0, np.int64)
        begins, months = self.around(int(at.min()), int(at.max()))
        return months[np.searchsorted(begins, at, side="right") - 1]

    def around(self, first: int, last: int) -> tuple[Any, Any]:
        """Where months begin from the one of the first instant to that of the last, and which they are; both rise."""
        if not len(self._begins) or first < self._begins[0] or last >= self._until:
            self._cover(first, last)
        return self._begins, self._months

    def known(self) -> tuple[Any, Any, int]:
        """Where the months that were asked for begin, which they are, and where the last of them ends."""
        return self._begins, self._months, self._until

    def _cover(self, first: int, last: int) -> None:
        if len(self._begins):
            first, last = min(first, int(self._begins[0])), max(last, self._until)
        law = self._law
        begins, months = [first], [self.number(first)]
        at = first
        while True:
            at = law.next_month(at * MICROS) // MICROS
            self._until = at
            if at > last:
                break
            for instant in self._changes(at):
                if instant > begins[-1] and self.number(instant) != months[-1]:
                    begins.append(instant)
                    months.append(self.number(instant))
        self._begins, self._months = np.array(begins, np.int64), np.array(months, np.int64)

    def _changes(self, at: int) -> Iterable[int]:
        """Where the month may change around a midnight: there, unless the clocks are put back or forth nearby."""
        zone = self._law.account.time_zone
        offsets = {
            datetime_of((at + shift) * MICROS).astimezone(zone).utcoffset() or timedelta()
            for shift in (-_AROUND, 0, _AROUND)
        }
        if len(offsets) == 1:
            return (at,)
        return range((at - _AROUND) // _MINUTE * _MINUTE, at + _AROUND, _MINUTE)

    def number(self, at: int) -> int:
        """The month of one instant."""
        year, month = self._law.month_of(at * MICROS)
        return 12 * year + month - 1


@attrs.define
class Pending:
    """
    Rows of one bucket whose answer hangs on the allowance.

    Attributes:
        key, at: by row: its counter, its instant.
        uses, uses_none: whether it uses a unit if one is left, and if none is.
        most, ties: what `Answers` says of ties.
        bucket, rows: which they are.
        order: gives the canonical place of one of them, by its place here.
    """

    key: Any
    at: Any
    uses: Any
    uses_none: Any
    most: Any
    ties: Any
    bucket: int
    rows: Any
    order: Callable[[int], tuple[object, ...]]


class Settler:
    """
    Counts the units of every counter, bucket by bucket, and decides.

    Args:
        program: of the account.
        first_at: the first instant of the whole log, milliseconds since 1970 (UTC): `free_left` holds in its month.

    Attributes:
        lock: held by whoever counts.
        units, per_business: by edition, how many units there are in a month, and whether each business has its own.
    """

    def __init__(self, program: Program, first_at: int | None) -> None:
        self._program = program
        self.lock = Lock()
        self.months = Months(program)
        self._first_month = None if first_at is None else self.months.number(first_at)
        rules = dict.fromkeys(
            edition.book.allowance.rule for edition in program.editions if edition.book.allowance is not None
        )
        self._rules = {rule: number for number, rule in enumerate(rules)}
        count = len(program.editions)
        self._rule_of, self.per_business = np.full(count, -1, np.int64), np.zeros(count, bool)
        self._units: dict[int, int] = {}
        units = np.zeros(count, np.int64)
        for place, edition in enumerate(program.editions):
            allowance = edition.book.allowance
            if allowance is not None:
                self._rule_of[place] = self._rules[allowance.rule]
                self.per_business[place] = allowance.per == "business"
                units[place] = allowance.units
        self.units = units
        self._times: dict[Key, Any] = {}
        self._numbers: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._given: list[int] = []
        self._whole: list[int] = []
        self._exhausted: list[int] = []

    def keys_of(self, at: Any, edition: Any, business: Any) -> Any:
        """The number of the counter of every row; all rows lie in editions that have an allowance."""
        rule, month = self._rule_of[edition], self.months.of(at)
        scope = np.where(self.per_business[edition], business.astype(np.int64), -1)
        packed = (rule << 52) | (month << 32) | (scope + 1)
        distinct, places = np.unique(packed, return_inverse=True)
        numbers = np.empty(len(distinct), np.int64)
        for place, value in enumerate(distinct.tolist()):
            key = (value >> 52, value >> 32 & 0xFFFFF, (value & 0xFFFFFFFF) - 1)
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self._keys)
                self._keys.append(key)
                row = int(np.flatnonzero(packed == value)[0])
                units = int(self.units[edition[row]])
                left = self._program.law.account.free_left
                # As `Allowances` counts: what the account says is left holds for the month of its first event.
                given = left if left is not None and key[1] == self._first_month else units
                self._given.append(given)
                self._whole.append(units)
                self._times[key] = np.zeros(0, np.int64)
                self._exhausted.append(FAR if given > 0 else -1)
            numbers[place] = number
        return numbers[places]

    def add(self, numbers: Any, at: Any, uses: Any) -> Any:
        """
        Take in the rows of one bucket that the allowance may decide; which of them are still open.

        Args:
            numbers: their counters, see `keys_of`.
            at: int64, milliseconds.
            uses: whether they use a unit if one is left.
        """
        for number in np.unique(numbers[uses]).tolist():
            given = self._given[number]
            if given == 0:
                continue
            new = at[uses & (numbers == number)]
            times = np.concatenate([self._times[self._keys[number]], new])
            if len(times) > given:
                last = np.partition(times, given - 1)[given - 1]
                times = times[times <= last]
            times.sort()
            self._times[self._keys[number]] = times
            if len(times) >= given:
                self._exhausted[number] = int(times[given - 1])
        if self._program.uses_anyway:
            return np.ones(len(at), bool)
        return at <= np.array(self._exhausted, np.int64)[numbers]

    def used_up(self) -> tuple[Any, Any]:
        """
        When the units of a month are known to be used up: what comes later needs no counting.

        Returns:
            The first instants of months, and the end of the last; and the instant in which the last unit is used, or one
            far away, by edition, month, and business: the first for those who share, the others behind it by their
            number. Both empty while nothing is known.
        """
        with self.lock:
            begins, months, until = self.months.known()
            scopes = min(max((scope for _, _, scope in self._keys), default=-1) + 2, _MOST_SCOPES)
            instants = np.full((len(self.units), len(months), scopes), FAR, np.int64)
            if not self._program.uses_anyway:
                for (rule, month, scope), number in self._numbers.items():
                    if scope + 1 < scopes:
                        whose = np.ix_(self._rule_of == rule, months == month)
                        instants[..., scope + 1][whose] = self._exhausted[number]
        return np.append(begins, until) if len(begins) else begins, instants

    @property
    def counters(self) -> list[Key]:
        """Every counter met so far, by its number."""
        return self._keys

    def exhausted(self, number: int) -> int:
        """The instant in which the last unit of a counter is used; far away if one is left, -1 if there never was one."""
        return self._exhausted[number]

    def left_before(self, number: int, at: int) -> int:
        """How many units of a counter are left before an instant."""
        return max(self._given[number] - bisect_left(self._times[self._keys[number]], at), 0)

    def place(self, number: int, used: int) -> tuple[int, int]:
        """The unit that comes behind so many used ones: its place in the month, and how many there are."""
        return used + 1 + max(self._whole[number] - self._given[number], 0), self._whole[number]

    def decide(self, pending: Iterable[Pending]) -> list[Decision]:
        """Decide all open rows, now that every bucket has been counted."""
        every = list(pending)
        decisions = []
        together: dict[tuple[int, int], list[tuple[int, int]]] = {}
        exhausted = np.array(self._exhausted or [0], np.int64)
        for which, each in enumerate(every):
            last = exhausted[each.key]
            left, tied = each.at < last, np.zeros(len(each.rows), bool)
            # Only who uses a unit is counted, and only in the instant of the last one does the order decide.
            counted = each.uses | each.uses_none | (each.at == last)
            for place in np.flatnonzero(np.asarray(each.ties != 0, bool)).tolist():
                tied[place] = self._tied(each, place)
            places = np.flatnonzero(counted)
            for key, at, place in zip(
                each.key[places].tolist(), each.at[places].tolist(), places.tolist(), strict=True
            ):
                together.setdefault((key, at), []).append((which, place))
            units, whole = np.zeros((2, len(each.rows)), np.int64)
            decisions.append(
                Decision(bucket=each.bucket, rows=each.rows, left=left, tied=tied, place=units, whole=whole)
            )
        # Lists: single numbers are read from them ten times as fast.
        uses = [(each.uses.tolist(), each.uses_none.tolist()) for each in every]
        used = [0] * len(self._keys)
        for (number, _), rows in sorted(together.items()):
            users, losers = [], []
            if len(rows) > 1:
                rows.sort(key=lambda one: (every[one[0]].order(one[1]), one))
            for which, place in rows:
                decision, (uses_left, uses_none) = decisions[which], uses[which]
                is_left = self._given[number] > used[number]
                decision.left[place] = is_left
                if uses_left[place] if is_left else uses_none[place]:
                    decision.place[place], decision.whole[place] = self.place(number, used[number])
                    used[number] += 1
                    users.append((which, place))
                elif uses_left[place]:
                    losers.append((which, place))
            if users and losers:
                # Meta does not say which of several in one second is the free one.
                for which, place in (*users, *losers):
                    decisions[which].tied[place] = True
        return decisions

    def _tied(self, pending: Pending, place: int) -> bool:
        left = min(self.left_before(int(pending.key[place]), int(pending.at[place])), int(pending.most[place]))
        return bool(int(pending.ties[place]) >> left & 1)


@attrs.define(kw_only=True)
class Decision:
    """
    What became of the open rows of one bucket.

    Attributes:
        bucket, rows: which they are.
        left: whether a unit was left.
        tied: whether another order within their instant would change the answer.
        place, whole: the unit of the month that they used, and how many there are; 0 for none.
    """

    bucket: int
    rows: Any
    left: Any
    tied: Any
    place: Any
    whole: Any


__all__ = ["Decision", "Months", "Pending", "Settler"]
