"""The matrix: for every rule, whether it is claimed, exercised and pinned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from fsm.rules.tables import Rulebook
from fsm.spec.coverage import Coverage
from fsm.spec.lines import Line
from fsm.spec.record import Pins, Score
from fsm.spec.watch import Run


@attrs.frozen(kw_only=True)
class Marks:
    """
    What the features do for one rule.

    Attributes:
        rule: its id.
        claimed: ids of the scenarios that bear its tag.
        rows: the rows that cite it.
        exercised: names of those of them that acted in one of these scenarios.
        elsewhere: names of those of them that acted, but in other scenarios only.
        pins: of the mutation run; None if no valid record tells.
        witness: where no cell cites it, a cell of another rule whose change a scenario of its own notices.
    """

    rule: str
    claimed: tuple[str, ...]
    rows: tuple[Line, ...]
    exercised: tuple[str, ...]
    elsewhere: tuple[str, ...]
    pins: Pins | None
    witness: str = ""

    @property
    def is_exercised(self) -> bool:
        """Every row that cites it acted in a scenario of its own; also true of a rule that no row cites."""
        return len(self.exercised) == len(self.rows)

    @property
    def is_pinned(self) -> bool:
        """Every change of its cells makes a scenario fail, or changes no answer; never true without a record."""
        return self.pins is not None and self.pins.mutants > 0 and self.pins.survivors == 0

    @property
    def has_cells(self) -> bool:
        """Some cell that mutants change cites it; not true of a rule that holds by the shape of the machine."""
        return bool(self.rows) or (self.pins is not None and self.pins.mutants > 0)

    def told(self) -> dict[str, object]:
        """The same as JSON values."""
        pins = self.pins
        return {
            "rule": self.rule,
            "claimed": list(self.claimed),
            "rows": [line.name for line in self.rows],
            "exercised": list(self.exercised),
            "exercised_elsewhere": list(self.elsewhere),
            "unexercised": [line.name for line in self.rows if line.name not in {*self.exercised, *self.elsewhere}],
            "pinned": None
            if pins is None
            else {"mutants": pins.mutants, "killed": pins.killed, "explained": pins.explained},
            "witness": self.witness or None,
        }


def matrix(books: Sequence[Rulebook], runs: Iterable[Run], coverage: Coverage, score: Score | None) -> dict[str, Marks]:
    """
    The marks of every rule of these editions, in the order in which they are documented.

    Args:
        runs: the scenarios.
        coverage: of the same runs.
        score: of a whole mutation run about the same tables and features; None if there is none.
    """
    ids = dict.fromkeys(id for book in books for id in book.rules)
    claimed: dict[str, list[str]] = {id: [] for id in ids}
    for run in runs:
        for tag in dict.fromkeys(run.script.tags):
            if tag in claimed:
                claimed[tag].append(run.script.id)
    rows: Mapping[str, list[Line]] = {id: [] for id in ids}
    for line in coverage.lines:
        for id in dict.fromkeys(line.rules):
            rows[id].append(line)
    return {id: _marks(id, claimed[id], rows[id], coverage, score) for id in ids}


def _marks(id: str, claimed: Sequence[str], rows: Sequence[Line], coverage: Coverage, score: Score | None) -> Marks:
    own = set(claimed)
    acted = {line.name: coverage.of(line) for line in rows}
    exercised = tuple(name for name, ids in acted.items() if not own.isdisjoint(ids))
    return Marks(
        rule=id,
        claimed=tuple(claimed),
        rows=tuple(rows),
        exercised=exercised,
        elsewhere=tuple(name for name, ids in acted.items() if ids and name not in exercised),
        pins=None if score is None else score.rules.get(id, Pins()),
        witness="" if score is None else score.witnesses.get(id, ""),
    )
