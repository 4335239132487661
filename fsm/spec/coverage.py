"""Which row acted in which scenario, and which rows act in none."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from fsm.errors import FsmError
from fsm.rules.tables import Rulebook
from fsm.spec.lines import Key, Line, lines_of
from fsm.spec.watch import Run

UNREACHABLE: Final = Path(__file__).parent / "unreachable.toml"


class BadExplanations(FsmError):
    """The file of rows that cannot act is not what it should be."""


@attrs.frozen(eq=False)
class Coverage:
    """
    The rows of the law, and the scenarios in which each acts.

    Attributes:
        lines: every row.
        scenarios: for every row that acts in some, by the edition's name and the row, the ids of those scenarios.
    """

    books: Sequence[Rulebook]
    lines: tuple[Line, ...]
    scenarios: Mapping[tuple[str, Key], tuple[str, ...]]

    def of(self, line: Line) -> tuple[str, ...]:
        """The ids of the scenarios in which a row acts, under any edition."""
        names = [self.books[number].edition for number in line.editions]
        return tuple(dict.fromkeys(id for name in names for id in self.scenarios.get((name, line.key), ())))

    def missing(self) -> list[Line]:
        """The rows that act in no scenario."""
        return [line for line in self.lines if not self.of(line)]

    def by_rulebook(self) -> list[tuple[str, Line]]:
        """Every rulebook with every row that stands in it."""
        return list(dict.fromkeys((self.books[number].name, line) for line in self.lines for number in line.editions))

    def missing_by_rulebook(self) -> list[tuple[str, Line]]:
        """Every rulebook with the rows that act in no scenario under it, though they may under an earlier one."""
        acted = {(self._name[edition], key) for edition, key in self.scenarios if edition in self._name}
        return [(name, line) for name, line in self.by_rulebook() if (name, line.key) not in acted]

    @property
    def _name(self) -> dict[str, str]:
        return {book.edition: book.name for book in self.books}


def coverage_of(runs: Iterable[Run], books: Sequence[Rulebook]) -> Coverage:
    """The rows of these editions, and where they acted in these runs."""
    found: dict[tuple[str, Key], list[str]] = {}
    for run in runs:
        for acted in run.acted:
            found.setdefault(acted, []).append(run.script.id)
    return Coverage(books, lines_of(books), {place: tuple(sorted(ids)) for place, ids in found.items()})


def unreachable(file: Path = UNREACHABLE) -> dict[str, str]:
    """
    The rows that no scenario can make act, by name, and why.

    Raises:
        BadExplanations: the file is not TOML, or an entry lacks its `row` or `why`.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as bad:
        raise BadExplanations(f"{file} is not TOML: {bad}.") from None
    known: dict[str, str] = {}
    for place, each in enumerate(told.get("unreachable", []), 1):
        if not isinstance(each, dict) or set(each) != {"row", "why"} or not all(map(str.strip, each.values())):
            raise BadExplanations(
                f"{file}, entry {place}: it must have a `row` (its name, as `fsm spec rows` prints it) and a `why`."
            )
        known[each["row"]] = each["why"]
    return known


def problems(coverage: Coverage, known: Mapping[str, str]) -> list[str]:
    """
    What keeps the row coverage from being whole; empty if nothing does.

    Args:
        known: the rows that cannot act, by name, and why. One that acts after all, or that does not exist, is a
            problem as well: it must be struck from the file.
    """
    found = [
        f"no scenario makes this row act: {line.name}: {line.says} `fsm spec missing --row {line.name}` writes one."
        for line in coverage.missing()
        if line.name not in known
    ]
    lines = {line.name: line for line in coverage.lines}
    for name in known:
        if name not in lines:
            found.append(f"{UNREACHABLE.name} explains {name}, which is no row of the law. Strike it.")
        elif ids := coverage.of(lines[name]):
            found.append(
                f"{UNREACHABLE.name} says that {name} cannot act, and it does in {ids[0]}. Strike it from the file."
            )
    return found
