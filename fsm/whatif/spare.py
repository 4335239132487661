"""Free units that one number has to spare and another lacks: which customers would write to which number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TypeAlias

from fsm.ledger import Row
from fsm.rules.tables import Rulebook

Thread: TypeAlias = tuple[str, str]


def moves_to_spare_units(
    rows: Sequence[Row], books: Mapping[str, Rulebook], threads: Mapping[Thread, object]
) -> tuple[dict[Thread, str], int]:
    """
    Which customer of a number without free units would write to which other number, and how many numbers lack units.

    A customer moves as a whole, to a number of the same account that has room for them in every month and has never
    heard of them; those with the most messages move first, until the number has what it needs.

    Args:
        rows: of the ledger.
        books: the editions of the law, by name.
        threads: every thread there is.

    Rule: P26-02

    >>> moves_to_spare_units((), {}, {})
    ({}, 0)
    """
    spare, needed, taken = _free_units(rows, books)
    moves: dict[Thread, str] = {}
    # Two numbers may lack units for one customer: only one of them sends that customer on to a third.
    coming: set[Thread] = set()
    short = sorted(number for number, units in needed.items() if units > 0)
    for account, period, business in short:
        candidates = sorted(
            (thread for thread, counts in taken.items() if thread[0] == business and counts[account, period]),
            key=lambda thread: (-taken[thread][account, period], thread),
        )
        for thread in candidates:
            if needed[account, period, business] <= 0:
                break
            target = None if thread in moves else _roomy(account, thread, taken[thread], spare, threads, coming)
            if target is None:
                continue
            moves[thread] = target
            coming.add((target, thread[1]))
            for (mine, month), units in taken[thread].items():
                needed[mine, month, business] -= units
                spare[mine, month, target] = spare.get((mine, month, target), 0) - units
    return moves, len({(account, business) for account, _, business in short})


_Number: TypeAlias = tuple[str, str, str]
"""Account, month, business number."""


def _free_units(
    rows: Iterable[Row], books: Mapping[str, Rulebook]
) -> tuple[dict[_Number, int], dict[_Number, int], dict[Thread, Counter[tuple[str, str]]]]:
    """Units to spare and units that were missing, by number and month; and the units that each thread takes."""
    units: dict[_Number, int] = {}
    last: dict[_Number, int] = {}
    metered: dict[_Number, set[str]] = {}
    listed = [row for row in rows if _is_per_number(books.get(row.edition))]
    for row in listed:
        number = (row.account, row.period, row.business)
        book = books[row.edition]
        assert book.allowance is not None
        units[number] = book.allowance.units
        if row.allowance:
            last[number] = max(last.get(number, 0), int(row.allowance.split()[0]))
            metered.setdefault(number, set()).add(row.content)
    needed: Counter[_Number] = Counter()
    threads: dict[Thread, Counter[tuple[str, str]]] = {}
    contents = {content for found in metered.values() for content in found}
    for row in listed:
        number = (row.account, row.period, row.business)
        beyond = row.line is not None and row.content in contents and last.get(number) == units[number]
        needed[number] += beyond
        if beyond or row.allowance:
            threads.setdefault((row.business, row.customer), Counter())[row.account, row.period] += 1
    spare = {number: given - last.get(number, 0) for number, given in units.items()}
    return spare, dict(needed), threads


def _is_per_number(book: Rulebook | None) -> bool:
    return book is not None and book.allowance is not None and book.allowance.per == "business"


def _roomy(
    account: str,
    thread: Thread,
    counts: Mapping[tuple[str, str], int],
    spare: Mapping[_Number, int],
    threads: Mapping[Thread, object],
    coming: Set[Thread],
) -> str | None:
    """Another number of the account with units to spare for a whole thread, in every month; the roomiest."""
    numbers = sorted({number for mine, _, number in spare if mine == account and number != thread[0]})
    fits = []
    for number in numbers:
        # A month in which the number sent nothing is not known to be free, so it is not counted on.
        room = [spare.get((mine, month, number), 0) - units for (mine, month), units in counts.items()]
        if min(room) >= 0 and (number, thread[1]) not in threads and (number, thread[1]) not in coming:
            fits.append((min(room), number))
    return max(fits, key=lambda fit: (fit[0], fit[1]))[1] if fits else None
