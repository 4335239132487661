"""The summary for a terminal: who was graded, what came out by level, concept and rule, and the first failures in full."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.outcomes import FAILING, OUTCOMES, Grade, Report
from fsm.harness.conform.words import difference_lines, harmless, rule_text, rules_by_id, scenario_text
from fsm.replay.story import Paint

_WIDTH: Final = 110
_MEANING: Final = {"passed": "good", "failed": "bad", "errored": "bad", "gap closed": "bad", "review": "doubt"}
_SUSPECTS: Final = 6


def summary(report: Report, paint: Paint, failures: int = 3) -> Iterator[str]:
    """
    The lines of the summary.

    Args:
        paint: colours a text by its meaning.
        failures: how many failing vectors are shown in full.
    """
    claims = report.claims
    who = " ".join(harmless(word) for word in (claims.name, claims.version) if word)
    yield paint(f"{who}: {verdict(report)}", "good" if report.fine else "bad")
    many = f"{len(report.grades)} scenarios"
    yield f"  {many}{f' ({report.selection})' if report.selection else ''}, kit {report.suite}, {report.seconds:.1f} s"
    if report.smoke:
        yield ""
        yield from _wrapped(f"Smoke test: {report.smoke}", "  ")
    yield ""
    yield from _levels(report, paint)
    yield ""
    yield from _table("concept", report.concepts, paint)
    if report.suspects and any(report.counts[name] for name in ("failed", "errored", "known gap")):
        yield ""
        yield "Rules that are most likely not followed"
        for suspect in report.suspects[:_SUSPECTS]:
            says = rules_by_id()[suspect.rule].says
            head = f"  {suspect.rule:8}  {suspect.told}  "
            yield f"{head}{textwrap.shorten(says, _WIDTH - len(head), placeholder=' ...')}"
    failing = [grade for grade in report.grades if grade.outcome in FAILING]
    for grade in _telling(failing, report)[:failures]:
        yield ""
        yield from _failure(grade, paint)
    if len(failing) > failures:
        yield ""
        yield f"... and {len(failing) - failures} more that fail. `--report report.html` shows them all."
    for gap in report.unused_gaps:
        yield f"The known gap {gap} is about nothing that was graded here."


def verdict(report: Report) -> str:
    """
    The run in one sentence.

    >>> from fsm.harness.conform.grade import grade
    >>> from fsm.harness.conform.adapters.python import python_driver
    >>> from fsm.harness.conform.vectors import all_vectors, select
    >>> reference = python_driver("fsm.harness.conform.adapters.reference:Reference")
    >>> verdict(grade(reference, select(all_vectors(), rules=["CSW-02"], concepts=["windows"])))
    'follows the documented rules it was asked about: ... passed'
    """
    told = [f"{count} {outcome}" for outcome, count in report.counts.items() if count]
    if report.fine:
        return f"follows the documented rules it was asked about: {', '.join(told)}"
    if not any(report.counts[outcome] for outcome in OUTCOMES if outcome != "unsupported"):
        return "claims nothing of what was asked, so nothing was graded"
    return f"does not follow all of them: {', '.join(told)}"


def _levels(report: Report, paint: Paint) -> Iterator[str]:
    yield "What it was asked"
    silent = []
    for level, about in LEVELS.items():
        counts = report.levels[level]
        if level not in report.claims.can_answer:
            silent.append(level)
            continue
        passed, failed, review = (counts.get(name, 0) for name in ("passed", "failed", "review"))
        told = f"{passed} of {passed + failed} right" if passed + failed else "never asked"
        told += f", {review} for review" if review else ""
        yield f"  {level:14}{paint(f'{told:34}', 'bad' if failed else 'good')}{textwrap.shorten(about, 62, placeholder=' ...')}"
    if silent:
        yield paint(f"  not claimed, so not graded: {', '.join(silent)}", "faint")


def _telling(failing: Sequence[Grade], report: Report) -> list[Grade]:
    """The failures in the order in which they tell most: one for every suspected rule, then the others."""
    first = {
        grade.vector.id: grade
        for suspect in report.suspects
        for grade in [next((grade for grade in failing if suspect.rule in grade.vector.rules), None)]
        if grade is not None
    }
    return list({**first, **{grade.vector.id: grade for grade in failing}}.values())


def _table(name: str, rows: Mapping[str, Mapping[str, int]], paint: Paint) -> Iterator[str]:
    used = [outcome for outcome in OUTCOMES if any(row.get(outcome) for row in rows.values())]
    widths = {outcome: max(len(outcome), 6) for outcome in used}
    yield f"  {name:14}" + "  ".join(f"{outcome:>{widths[outcome]}}" for outcome in used)
    for concept, row in rows.items():
        cells = []
        for outcome in used:
            count = row.get(outcome, 0)
            cell = f"{count or '':>{widths[outcome]}}"
            cells.append(paint(cell, _MEANING.get(outcome, "faint")) if count else cell)
        yield f"  {concept:14}" + "  ".join(cells)


def _failure(grade: Grade, paint: Paint) -> Iterator[str]:
    vector = grade.vector
    yield paint(f"{grade.outcome.capitalize()}", "bad") + f"  {scenario_text(vector).splitlines()[0]}"
    for step in vector.text["en"]["steps"]:
        yield f"    {step}"
    if grade.reason:
        yield from _wrapped(f"{grade.outcome}: {harmless(grade.reason)}", "  ")
    for where, expected, got in difference_lines(grade):
        yield f"  {where}"
        yield f"    expected  {expected}"
        yield f"    got       {paint(got, 'bad')}"
    for id in vector.rules:
        for line in rule_text(id).splitlines():
            yield from _wrapped(line, "  ")
    yield paint(f"  alone: --id {vector.id}", "faint")


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]
