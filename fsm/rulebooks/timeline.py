"""The law in order of time: every edition, and the instants at which each takes effect."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from fsm.errors import NoRulebookInForce, UnknownRulebook
from fsm.events.instants import format_instant, instant_of
from fsm.rulebooks import (
    from_2019_06_01,
    from_2022_02_01,
    from_2023_03_01,
    from_2023_04_01,
    from_2023_06_01,
    from_2024_06_01,
    from_2024_10_15,
    from_2024_11_01,
    from_2024_11_18,
    from_2025_02_01,
    from_2025_04_01,
    from_2025_07_01,
    from_2025_07_15,
    from_2026_02_16,
    from_2026_03_11,
    from_2026_05_13,
    from_2026_07_31,
    from_2026_08_01,
    from_2026_09_28,
    from_2026_10_01,
    from_2027_01_01,
    from_2027_07_01,
    from_2028_01_01,
)
from fsm.rulebooks.knobs import Policy
from fsm.rules.check import check
from fsm.rules.tables import Rulebook

AMENDMENTS: Final = (
    from_2022_02_01.law,
    from_2023_03_01.law,
    from_2023_04_01.law,
    from_2023_06_01.law,
    from_2024_06_01.law,
    from_2024_10_15.law,
    from_2024_11_01.law,
    from_2024_11_18.law,
    from_2025_02_01.law,
    from_2025_04_01.law,
    from_2025_07_01.law,
    from_2025_07_15.law,
    from_2026_02_16.law,
    from_2026_03_11.law,
    from_2026_05_13.law,
    from_2026_07_31.law,
    from_2026_08_01.law,
    from_2026_09_28.law,
    from_2026_10_01.law,
    from_2027_01_01.law,
    from_2027_07_01.law,
    from_2028_01_01.law,
)


def editions(policy: Policy = Policy()) -> tuple[Rulebook, ...]:  # noqa: B008 (a frozen value)
    """
    Every edition of the law under a policy, oldest first, each checked.

    >>> [book.name for book in editions()][:2]
    ['nbp', 'cbp-2022-02']
    """
    return _editions(policy)


@lru_cache(maxsize=64)
def _editions(policy: Policy) -> tuple[Rulebook, ...]:
    books = [check(from_2019_06_01.law(policy))]
    for law in AMENDMENTS:
        books.append(check(law(books[-1], policy)))
    return tuple(books)


def names() -> tuple[str, ...]:
    """
    The names of the rulebooks, oldest first.

    >>> names()[-1]
    'pmp-2026-10'
    """
    return tuple(dict.fromkeys(book.name for book in editions()))


def starts(books: tuple[Rulebook, ...], zone: tzinfo) -> tuple[int, ...]:
    """
    The instant at which each edition takes effect for an account in this zone.

    It is the local midnight of its date. Where the clocks skip that midnight, the
    first instant after it; where they show it twice, the first time.
    """
    return tuple(midnight(book.since, zone) for book in books)


def midnight(day: date, zone: tzinfo) -> int:
    """
    The instant at which a day begins in a zone.

    >>> midnight(date(2023, 6, 1), UTC) == instant_of(datetime(2023, 6, 1, tzinfo=UTC))
    True
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    there_and_back = begins.astimezone(UTC).astimezone(zone)
    if there_and_back.replace(tzinfo=None) != begins.replace(tzinfo=None):
        # The clocks jumped over midnight: fold=0 reads it with the offset of before the jump,
        # fold=1 with the one of after it. The jump itself lies where both meet.
        early, late = begins.replace(fold=1).astimezone(UTC), begins.astimezone(UTC)
        while late - early > timedelta(seconds=1):
            middle = early + (late - early) // 2
            early, late = (early, middle) if middle.astimezone(zone).date() >= day else (middle, late)
        return instant_of(late.replace(microsecond=0))
    return instant_of(begins)


def place(starts: tuple[int, ...], at: int) -> int:
    """
    The index of the edition in force at an instant.

    Raises:
        NoRulebookInForce: it lies before the first.
    """
    index = bisect_right(starts, at) - 1
    if index < 0:
        first = editions()[0]
        raise NoRulebookInForce(
            f"nothing covers {format_instant(at)}; the first rulebook, {first.name}, starts on "
            f"{first.since} in the account's time zone. Ask about a later date, or add a rulebook with its source."
        )
    return index


def named(books: tuple[Rulebook, ...], name: str) -> tuple[int, int]:
    """
    The indices of the first and the last edition of a rulebook.

    Raises:
        UnknownRulebook: there is none of that name.
    """
    mine = [index for index, book in enumerate(books) if book.name == name]
    if not mine:
        raise UnknownRulebook(f"there is no rulebook {name!r}; there are {', '.join(names())}, and 'auto'.")
    return mine[0], mine[-1]


def in_force(on: date, policy: Policy = Policy()) -> Rulebook:  # noqa: B008 (a frozen value)
    """
    The law of a day, as it stands at that day's midnight.

    Raises:
        NoRulebookInForce: no rulebook covers the day.

    >>> in_force(date(2023, 12, 24)).edition
    'cbp-2023-06 (2023-06-01)'
    """
    books = editions(policy)
    return books[place(starts(books, UTC), midnight(on, UTC))]
