"""Grading: a smoke test, then every vector, whatever the implementation does."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import attrs

from fsm import __version__
from fsm.harness.conform.adapters.base import Answered, CannotStart, Claims, Driver
from fsm.harness.conform.checks import Check, Malformed, checks_of, read_reply
from fsm.harness.conform.outcomes import Grade, Report
from fsm.harness.conform.vectors import UnknownVector, Vector, all_vectors
from fsm.harness.conform.words import harmless, plain
from fsm.terms import UNSPECIFIED

_now = time.perf_counter


def grade(
    driver: Driver,
    vectors: Sequence[Vector] | None = None,
    *,
    known_gaps: Mapping[str, str] | None = None,
    smoke: bool = True,
    selection: str = "",
    progress: Callable[[int], None] | None = None,
) -> Report:
    """
    Grade an implementation.

    Args:
        driver: reaches the implementation; it is started and stopped here.
        vectors: which to use; by default all.
        known_gaps: ids of vectors or rules (or patterns) that may fail, each with its reason. One that no longer
            fails must be struck.
        smoke: ask the simplest questions first, so that a wrongly wired adapter is told so in one sentence.
        selection: how the vectors were chosen, for the report.
        progress: called with the number of vectors graded so far.

    Raises:
        CannotStart: the implementation cannot be reached, or the smoke test gets no usable answer.
        UnknownVector: a known gap names nothing.
    """
    chosen = all_vectors() if vectors is None else tuple(vectors)
    gaps = dict(known_gaps or {})
    check_gaps(gaps)
    began = _now()
    # Thousands of vectors stay until the end: looking for cycles among them took a third of the time.
    gc.freeze()
    try:
        claims = driver.start()
        told = smoke_test(driver, claims, all_vectors()) if smoke else ""
        grades: dict[str, Grade] = {}
        asked = [vector for vector in chosen if _asks(vector, claims)]
        for vector in chosen:
            grades[vector.id] = Grade(vector=vector, outcome="unsupported", reason=why_not_asked(vector, claims))
        for count, (vector, answered) in enumerate(driver.run(asked), 1):
            grades[vector.id] = graded(vector, answered, claims)
            if progress is not None:
                progress(count)
    finally:
        gc.unfreeze()
        driver.stop()
    with_gaps, unused = apply_gaps([grades[vector.id] for vector in chosen], gaps)
    return Report(
        claims=claims,
        suite=__version__,
        grades=tuple(with_gaps),
        smoke=told,
        selection=selection,
        unused_gaps=tuple(unused),
        seconds=_now() - began,
    )


def graded(vector: Vector, answered: Answered, claims: Claims) -> Grade:
    """The grade of one vector, without regard to known gaps."""

    def made(outcome: str, reason: str = "", checks: tuple[Check, ...] = ()) -> Grade:
        return Grade(vector=vector, outcome=outcome, checks=checks, reason=reason, seconds=answered.seconds)

    if answered.skipped:
        return made("unsupported", f"declined: {answered.skipped}")
    if answered.errored or answered.message is None:
        return made("errored", answered.errored or "no answer")
    try:
        checks = checks_of(vector, read_reply(vector, answered.message), claims.can_answer)
    except Malformed as bad:
        return made("errored", f"malformed: {bad}")
    outcomes = {check.outcome for check in checks}
    if "failed" in outcomes:
        outcome = "review" if vector.reviewed else "failed"
    else:
        outcome = "passed" if "passed" in outcomes else "unsupported"
    return made(outcome, checks=tuple(checks))


def _asks(vector: Vector, claims: Claims) -> bool:
    """Whether a vector asks anything that an implementation claims to answer."""
    return not why_not_asked(vector, claims)


def why_not_asked(vector: Vector, claims: Claims) -> str:
    """Why a vector is not asked: a rulebook or every level of it is not claimed. Empty if it is."""
    others = [name for name in vector.rulebooks if name not in claims.rulebooks]
    if others:
        return f"it does not claim the rulebook {', '.join(others)}"
    wanted = wanted_levels(vector)
    if not wanted & set(claims.can_answer):
        return f"it does not claim {', '.join(sorted(wanted))}"
    return ""


def wanted_levels(vector: Vector) -> frozenset[str]:
    """The levels that a vector asks for."""
    return frozenset(
        level
        for each in vector.expect
        for level in ((each["level"],) if "level" in each else ("windows", "conversations"))
    )


# --- known gaps -----------------------------------------------------------------
def check_gaps(gaps: Mapping[str, str]) -> None:
    """
    Refuse gaps that name nothing.

    Raises:
        UnknownVector: a gap is the id of no vector and of no rule.
    """
    for gap in gaps:
        if not any(names_gap(gap, vector) for vector in all_vectors()):
            raise UnknownVector(
                f"the known gap {gap!r} is the id of no vector and of no rule. Strike it or correct it."
            )


def names_gap(gap: str, vector: Vector) -> bool:
    """Whether a known gap is about a vector: its id, one of its rules, or a pattern of either."""
    return any(fnmatchcase(name, gap) for name in (vector.id, *vector.rules))


def apply_gaps(grades: Iterable[Grade], gaps: Mapping[str, str]) -> tuple[list[Grade], list[str]]:
    """
    The grades in the light of the known gaps, and the gaps that no graded vector fits.

    A gap that names one vector is closed when that passes; one that names more (a rule, a pattern), when none of
    them fails any more.
    """
    found = list(grades)
    still: set[str] = set()
    seen: set[str] = set()
    for grade in found:
        for gap in gaps:
            if grade.outcome != "unsupported" and names_gap(gap, grade.vector):
                seen.add(gap)
                if grade.outcome in ("failed", "errored"):
                    still.add(gap)
    changed = []
    for grade in found:
        mine = [gap for gap in gaps if names_gap(gap, grade.vector)]
        open_gaps = [gap for gap in mine if gap in still]
        closed = [gap for gap in mine if gap in seen - still]
        if grade.outcome in ("failed", "errored") and open_gaps:
            reason = gaps[open_gaps[0]]
            changed.append(
                attrs.evolve(
                    grade, outcome="known gap", reason=f"{reason} ({grade.reason})" if grade.reason else reason
                )
            )
        elif grade.outcome == "passed" and closed:
            changed.append(
                attrs.evolve(grade, outcome="gap closed", reason=f"strike {', '.join(closed)} from the known gaps")
            )
        else:
            changed.append(grade)
    return changed, [gap for gap in gaps if gap not in seen]


# --- the smoke test ---------------------------------------------------------------
_SIMPLEST: Final = ("windows", "conversations", "charges", "ledger")
"""The concepts that everybody knows: the smoke test asks about them first."""


def smoke_vectors(vectors: Iterable[Vector], claims: Claims) -> list[Vector]:
    """
    The simplest questions: for every level claimed the shortest documented vectors, one per kind of answer to "may I?".

    An implementation that is wired to nothing, or answers everything alike, cannot get all of them right. Of bodies to
    be read the newest comes first: it has the shape that is met today.
    """
    asked = [vector for vector in vectors if vector.status == "documented" and _asks(vector, claims)]
    asked.sort(key=lambda vector: vector.id)
    asked.sort(key=lambda vector: "" if vector.events else vector.last, reverse=True)
    shortest = sorted(
        asked,
        key=lambda vector: (
            _SIMPLEST.index(vector.concept) if vector.concept in _SIMPLEST else len(_SIMPLEST),
            len(vector.account),
            len(vector.events),
            len(vector.expect),
        ),
    )
    found: dict[tuple[str, str], Vector] = {}
    for vector in shortest:
        for each in vector.expect:
            level = each.get("level", "windows")
            answer = each["value"]["verdict"] if each["about"] == "verdict" else ""
            # That a source is silent is no simple question.
            if level in claims.can_answer and answer != UNSPECIFIED:
                found.setdefault((level, answer), vector)
    return list({vector.id: vector for vector in found.values()}.values())


def smoke_test(driver: Driver, claims: Claims, vectors: Sequence[Vector]) -> str:
    """
    What is wrong with the answers to the simplest questions, in one sentence; empty if nothing is.

    Raises:
        CannotStart: none of them has a usable answer.
    """
    simplest = smoke_vectors(vectors, claims)
    grades = [graded(vector, answered, claims) for vector, answered in driver.run(simplest)]
    errored = [grade for grade in grades if grade.outcome == "errored"]
    if errored and len(errored) == len(grades):
        raise CannotStart(
            f"the smoke test got no usable answer to any of its {len(grades)} simple questions: {errored[0].reason}"
        )
    wrong = [grade for grade in grades if grade.outcome == "failed"]
    if not wrong:
        return ""
    first = wrong[0]
    difference = first.differences[0]
    return (
        f"{len(wrong)} of the {len(grades)} simplest questions are answered wrongly, so check the wiring first: "
        f"“{first.vector.title}” expects {plain(difference.expected)} and got {harmless(plain(difference.got))}."
    )
