"""The lines of the law: every row of every lane, clause and table of charges, each once, with a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

import attrs

from fsm.errors import FsmError
from fsm.rules.tables import Charge, Permission, Row, Rulebook, State
from fsm.rules.words import (
    charge_sentence,
    duration_words,
    lane_sentence,
    lane_words,
    permission_sentence,
    sentence,
    state_words,
)

LANE: Final = "lane"
CLOCK: Final = "clock"
CLAUSE: Final = "clause"
CHARGES: Final = "charges"

Written = Row | State | Permission | Charge
"""A row as it stands in a table; of a lane also a state with a clock, which runs out by itself."""
Key = tuple[str, str, Written]
"""Kind of table, its name, and the row: what a row is known by while it runs."""


class UnknownLine(FsmError):
    """No row of the law has that name."""


@attrs.frozen(kw_only=True)
class Line:
    """
    One row of the law.

    Attributes:
        kind: `lane`, `clock`, `clause` or `charges`.
        table: the name of the lane or clause; `charges` for the table of charges.
        row: as it stands there.
        name: the date of the edition that has it first, the table, and its place there: `2023-06-01/utility/2`;
            a clock has the name of its state for a place.
        says: the row as a sentence.
        editions: places of the editions that have it.
        rules: ids of the rules it cites.
    """

    kind: str
    table: str
    row: Written
    name: str
    says: str
    editions: tuple[int, ...]
    rules: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What it is known by while it runs."""
        return (self.kind, self.table, self.row)


def lines_of(books: Sequence[Rulebook]) -> tuple[Line, ...]:
    """
    Every row of the law once, in the order in which the editions bring them.

    >>> from fsm.rulebooks.timeline import editions
    >>> lines_of(editions())[0].name
    '2019-06-01/customer_service_window/1'
    """
    found: dict[Key, tuple[str, str, list[int]]] = {}
    for number, book in enumerate(books):
        for key, place, says in _written(book):
            name = f"{book.since.isoformat()}/{key[1]}/{place}"
            found.setdefault(key, (name, says, []))[2].append(number)
    return tuple(
        Line(
            kind=key[0],
            table=key[1],
            row=key[2],
            name=name,
            says=says,
            editions=tuple(dict.fromkeys(numbers)),
            rules=rules_of(key[2]),
        )
        for key, (name, says, numbers) in found.items()
    )


def _written(book: Rulebook) -> Iterator[tuple[Key, str, str]]:
    for lane in book.lanes:
        for place, row in enumerate(lane.rows, 1):
            yield (LANE, lane.name, row), str(place), lane_sentence(lane, row)
        for state in lane.states:
            if state.lasts is not None:
                lasts = f"{state_words(state.name)} runs out after {duration_words(state.lasts)} ({state.rule})"
                yield (CLOCK, lane.name, state), state.name, f"{sentence(lane_words(lane.name))}: {lasts}."
    for clause in book.clauses:
        for place, line in enumerate(clause.rows, 1):
            yield (CLAUSE, clause.name, line), str(place), permission_sentence(clause, line)
    for place, charge in enumerate(book.charges, 1):
        yield (CHARGES, CHARGES, charge), str(place), charge_sentence(charge)


def rules_of(row: Written) -> tuple[str, ...]:
    """The rules that a row cites."""
    return (row.rule,) if isinstance(row, Row | State) else row.rules


def matching(ids: Iterable[str], pattern: str) -> list[str]:
    """
    The ids that a pattern fits, in any case.

    Raises:
        UnknownLine: it fits none.

    >>> matching(["CSW-01", "PMP-01"], "csw-*")
    ['CSW-01']
    """
    known = list(ids)
    found = [id for id in known if fnmatchcase(id.upper(), pattern.upper())]
    if not found:
        close = get_close_matches(pattern.upper(), known, 3)
        hint = f" Did you mean {', '.join(close)}?" if close else " `fsm rules` lists them all."
        raise UnknownLine(f"no rule fits {pattern!r}.{hint}")
    return found


def named(lines: Sequence[Line], pattern: str) -> list[Line]:
    """
    The lines of that name; `*` and `?` stand for anything.

    Raises:
        UnknownLine: there is none.
    """
    found = [line for line in lines if fnmatchcase(line.name, pattern)]
    if not found:
        close = get_close_matches(pattern, [line.name for line in lines], 3)
        hint = f" Did you mean {', '.join(close)}?" if close else " `fsm spec rows` lists them all."
        raise UnknownLine(f"no row of the law is called {pattern!r}.{hint}")
    return found
