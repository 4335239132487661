"""What became of every vector, and what that says about every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import attrs

from fsm import terms
from fsm.harness.conform.adapters.base import Claims
from fsm.harness.conform.checks import Check
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.reach import reach, refusing
from fsm.harness.conform.vectors import Vector

OUTCOMES: Final = {
    "passed": "everything that was asked is as documented",
    "failed": "something that was asked is not",
    "known gap": "it fails, and the list of known gaps says so",
    "gap closed": "it passes, but the list of known gaps still says that it fails: strike it",
    "errored": "no usable answer: it crashed, hung, or answered something malformed",
    "review": "it differs where the sources disagree or are silent; never a failure",
    "unsupported": "the implementation does not claim what is asked, or declined it",
}
"""What can become of a vector."""

FAILING: Final = ("failed", "gap closed", "errored")
"""The outcomes that make a run fail."""


@attrs.frozen(kw_only=True)
class Grade:
    """
    What became of one vector.

    Attributes:
        vector: the vector.
        outcome: one of `OUTCOMES`.
        checks: everything that was compared, and what was not asked.
        reason: of an error or a gap, in one sentence; else empty.
        seconds: how long the implementation took.
    """

    vector: Vector
    outcome: str
    checks: tuple[Check, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    @property
    def differences(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.outcome == "failed")


@attrs.frozen(kw_only=True)
class Suspect:
    """
    A rule, and how well breaking it would explain what was seen.

    Attributes:
        rule: its id.
        differs: how many of its graded vectors differ in what it can change.
        graded: how many of its vectors were graded at all. A vector counts as its own if it bears the rule, or if
            it was answered with a refusal that only the rule gives.
        score: 0 to 1; 1 if exactly its vectors differ and all of them do (Ochiai's coefficient).
    """

    rule: str
    differs: int
    graded: int
    score: float

    @property
    def told(self) -> str:
        """
        How much differs, in words.

        >>> Suspect(rule="CSW-01", differs=1, graded=6, score=0.4).told
        '1 of 6 scenarios differs'
        """
        return f"{self.differs} of {self.graded} scenarios differ{'s' if self.differs == 1 else ''}"


@attrs.frozen(kw_only=True, slots=False)
class Report:
    """
    A graded run.

    Attributes:
        claims: what the implementation says of itself.
        suite: version of the kit whose vectors were used.
        grades: one per vector, in the order of the vectors.
        smoke: what the smoke test found wrong, in one sentence; else empty.
        selection: how the vectors were chosen, in words; empty for all of them.
        unused_gaps: known gaps that no vector of the run fits.
        seconds: how long the run took.
    """

    claims: Claims
    suite: str
    grades: tuple[Grade, ...]
    smoke: str = ""
    selection: str = ""
    unused_gaps: tuple[str, ...] = ()
    seconds: float = 0.0

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many vectors have each outcome, every outcome named."""
        found = Counter(grade.outcome for grade in self.grades)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def fine(self) -> bool:
        """Whether nothing fails: every documented vector that was asked is as documented, or a known gap."""
        return not any(self.counts[outcome] for outcome in FAILING) and self.counts["passed"] > 0

    @cached_property
    def levels(self) -> Mapping[str, Mapping[str, int]]:
        """For every level, how many checks passed, failed, are for review, or were not asked."""
        found = {level: Counter[str]() for level in LEVELS}
        for grade in self.grades:
            for check in grade.checks:
                outcome = "review" if check.outcome == "failed" and grade.vector.reviewed else check.outcome
                found[check.level][outcome] += 1
        return {level: dict(counts) for level, counts in found.items()}

    @cached_property
    def rules(self) -> Mapping[str, Mapping[str, int]]:
        """For every rule, how many of its vectors have each outcome; rules in order of their ids."""
        return _tally(self.grades, lambda grade: grade.vector.rules)

    @cached_property
    def concepts(self) -> Mapping[str, Mapping[str, int]]:
        """For every concept, how many of its vectors have each outcome."""
        return _tally(self.grades, lambda grade: (grade.vector.concept,))

    @cached_property
    def suspects(self) -> tuple[Suspect, ...]:
        """The rules that are most likely not followed, the likeliest first."""
        # What is for review tells nothing: the sources themselves do not agree there, or are silent.
        graded = [grade for grade in self.grades if grade.outcome not in ("unsupported", "review")]
        differing = [grade for grade in graded if grade.outcome in ("failed", "errored", "known gap")]
        blamed = {grade.vector.id: _may_explain(grade) for grade in differing}
        told = [(*grade.vector.rules, *_beyond(grade.vector, blamed.get(grade.vector.id, ()))) for grade in graded]
        return suspects_of(told, list(blamed.values()))


def suspects_of(graded: Iterable[Sequence[str]], differing: Sequence[Sequence[str]]) -> tuple[Suspect, ...]:
    """
    Rules by how well each alone would explain which vectors differ.

    Args:
        graded: the rules of every graded vector.
        differing: the rules of every vector that differs.

    The rule that explains most comes first; the next is the one that explains most of what is left; and so on. So
    rules that share their scenarios do not crowd out another that explains the rest.

    >>> [(s.rule, s.score) for s in suspects_of([("A",), ("A", "B"), ("B",)], [("A",), ("A", "B")])]
    [('A', 1.0), ('B', 0.5)]
    """
    every = Counter(rule for rules in graded for rule in rules)
    wrong = Counter(rule for rules in differing for rule in rules)
    suspects = {
        rule: Suspect(rule=rule, differs=count, graded=every[rule], score=count / (len(differing) * every[rule]) ** 0.5)
        for rule, count in wrong.items()
    }
    order: list[str] = []
    left = list(differing)
    while left:
        explains = Counter(rule for rules in left for rule in rules)
        best = min(explains, key=lambda rule: (-explains[rule] / every[rule] ** 0.5, -suspects[rule].score, rule))
        order.append(best)
        left = [rules for rules in left if best not in rules]
    rest = sorted(suspects.keys() - set(order), key=lambda rule: (-suspects[rule].score, rule))
    return tuple(suspects[rule] for rule in (*order, *rest))


def _may_explain(grade: Grade) -> tuple[str, ...]:
    """
    The rules that may be behind a difference: those of the vector that can change an answer of that kind (all of them
    where none can), and, where something was refused that may be sent, the one that refuses with the code it gave.
    """
    levels = {check.level for check in grade.differences}
    able = (
        tuple(rule for rule in grade.vector.rules if levels & reach(rule, grade.vector.rulebooks)) or grade.vector.rules
    )
    codes = {
        check.got["error"]
        for check in grade.differences
        if check.about == "verdict" and check.got["error"] is not None and check.expected["verdict"] == terms.ALLOWED
    }
    overdone = {refusing(code) for code in codes} - {""}
    return (*able, *sorted(overdone - set(able)))


def _beyond(vector: Vector, blamed: Sequence[str]) -> list[str]:
    return [rule for rule in blamed if rule not in vector.rules]


def _tally(grades: Iterable[Grade], names: object) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for grade in grades:
        for name in names(grade):  # type: ignore[operator]
            found.setdefault(name, Counter())[grade.outcome] += 1
    return {name: dict(found[name]) for name in sorted(found)}
