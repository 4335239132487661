"""Which answers a rule can change, read from where it stands in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from fsm import terms
from fsm.harness.conform.levels import LEVELS
from fsm.rulebooks import editions
from fsm.rules.tables import Lane, Rulebook

EVERYWHERE: Final = frozenset(LEVELS)
PERMISSION: Final = frozenset({"permission", "advice", "doubts"})
MONEY: Final = frozenset({"charges", "ledger", "labels", "doubts"})
CONVERSATIONS: Final = MONEY | {"conversations", "status"}
"""A conversation decides what a delivery joins and costs, and never what may be sent."""
ENTRY_POINT: Final = CONVERSATIONS | {"windows"}


def reach(rule: str, rulebooks: Sequence[str]) -> frozenset[str]:
    """
    The levels at which breaking a rule can show under some rulebooks.

    A rule that stands in no row of any table (a definition, a date) can show anywhere; one that stands in those of
    other rulebooks only, nowhere.

    >>> now = ["pmp-2025-07"]
    >>> "permission" in reach("CSW-01", now), "permission" in reach("PMP-02", now), "charges" in reach("CBP1-01", now)
    (True, False, False)
    """
    if rule not in _placed():
        return EVERYWHERE
    return frozenset().union(*(_reaches().get((rule, name), frozenset()) for name in rulebooks))


def refusing(error: int) -> str:
    """
    The rule that refuses with an error code of Meta's; where several do, the one with most rows. Empty if none does.

    >>> refusing(131047)
    'CSW-03'
    """
    found = _refusing().get(error)
    return "" if not found else min(found, key=lambda rule: (-found[rule], rule))


@lru_cache(maxsize=1)
def _refusing() -> Mapping[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for book in editions():
        for clause in book.clauses:
            for row in clause.rows:
                if row.error is not None and row.verdict == terms.REFUSED:
                    found.setdefault(row.error, Counter()).update(row.rules)
    return found


@lru_cache(maxsize=1)
def _reaches() -> Mapping[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for book in editions():
        for rule, levels in _rows(book):
            found[rule, book.name] = found.get((rule, book.name), frozenset()) | levels
    return found


@lru_cache(maxsize=1)
def _placed() -> frozenset[str]:
    return frozenset(rule for rule, _ in _reaches())


def _rows(book: Rulebook) -> Iterator[tuple[str, frozenset[str]]]:
    for lane in book.lanes:
        if lane.runs_out:  # what an older law opened; a vector in which that matters names the older law too
            continue
        for row in lane.rows:
            yield row.rule, _of_lane(lane)
        for state in lane.states:
            if state.rule:
                yield state.rule, _of_lane(lane)
    for clause in book.clauses:
        for permission in clause.rows:
            for rule in permission.rules:
                yield rule, PERMISSION
    for charge in book.charges:
        for rule in charge.rules:
            yield rule, MONEY
    if book.allowance is not None:
        yield book.allowance.rule, MONEY


def _of_lane(lane: Lane) -> frozenset[str]:
    if lane.conversation:
        return CONVERSATIONS
    if lane.name == terms.FREE_ENTRY_POINT:
        return ENTRY_POINT
    if lane.name in (terms.CUSTOMER_SERVICE_WINDOW, terms.WINDOW_IN_DOUBT):
        return EVERYWHERE
    return PERMISSION
