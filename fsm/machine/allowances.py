"""The free allowance of the month: how many units are left, per account or per phone number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fsm.errors import UnreadableSnapshot
from fsm.machine.law import Edition, Law


class FreeUnit(NamedTuple):
    """A unit of the month's free allowance: its place, and how many there are."""

    place: int
    units: int


class Allowances:
    """
    Counts the units of the free allowance of one account, in the order in which they are used.

    The account's `free_left` holds for the month of the earliest event that was told; every other
    month starts with the rulebook's own number. Months are those of the account's
    time zone. The scope is the rulebook's: the account, or each phone number.

    Rules: CBP1-08, CBP2-11, P26-02
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        self._first_month: tuple[int, int] | None = None
        self._used: dict[tuple[str, tuple[int, int], str], int] = {}

    def seen(self, at: int) -> None:
        """Tell that something happened at an instant; the first one fixes the month of `free_left`."""
        if self._first_month is None:
            self._first_month = self._law.month_of(at)

    def left(self, edition: Edition, business: str, at: int) -> int:
        """How many units are left; 0 where the rulebook has no allowance."""
        allowance = edition.book.allowance
        if allowance is None:
            return 0
        month = self._law.month_of(at)
        return max(self._given(edition, month) - self._used.get(self._key(edition, business, month), 0), 0)

    def use(self, edition: Edition, business: str, at: int) -> FreeUnit:
        """Use one unit, and give its place among the units of the month."""
        allowance, month = edition.book.allowance, self._law.month_of(at)
        assert allowance is not None
        key = self._key(edition, business, month)
        self._used[key] = self._used.get(key, 0) + 1
        return FreeUnit(self._used[key] + max(allowance.units - self._given(edition, month), 0), allowance.units)

    def to_dict(self) -> dict[str, object]:
        """The counts as plain JSON values."""
        return {
            "first_month": list(self._first_month) if self._first_month else None,
            "used": [[rule, list(month), scope, used] for (rule, month, scope), used in sorted(self._used.items())],
        }

    @classmethod
    def from_dict(cls, law: Law, saved: Mapping[str, Any]) -> Allowances:
        """
        The counts that were saved.

        Raises:
            UnreadableSnapshot: a shape that `to_dict` does not write.
        """
        counts = cls(law)
        try:
            first = saved["first_month"]
            counts._first_month = None if first is None else (int(first[0]), int(first[1]))
            counts._used = {
                (str(rule), (int(year), int(month)), str(scope)): int(used)
                for rule, (year, month), scope, used in saved["used"]
            }
        except (KeyError, IndexError, TypeError, ValueError) as wrong:
            raise UnreadableSnapshot(f"the allowances of a saved thread cannot be read: {wrong!r}.") from None
        return counts

    def _given(self, edition: Edition, month: tuple[int, int]) -> int:
        """How many units the month began with, as far as this log is concerned."""
        assert edition.book.allowance is not None
        given = self._law.account.free_left
        return given if given is not None and month == (self._first_month or month) else edition.book.allowance.units

    @staticmethod
    def _key(edition: Edition, business: str, month: tuple[int, int]) -> tuple[str, tuple[int, int], str]:
        allowance = edition.book.allowance
        assert allowance is not None
        return (allowance.rule, month, business if allowance.per == "business" else "")
