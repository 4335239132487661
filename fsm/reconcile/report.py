"""A reconciliation for people and for programs: counts first, then money, then examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import attrs

from fsm.rates import written
from fsm.reconcile.lines import DIFFERS, MATCHED, ONLY_OURS, ONLY_THEIRS, OUTCOMES, Line, Reconciliation, Tally
from fsm.rulebooks import editions
from fsm.rules.words import counted

VERSION: Final = "fsm-reconcile/1"

TITLES: Final[Mapping[str, str]] = {
    MATCHED: "matched",
    DIFFERS: "differs",
    ONLY_OURS: "only ours",
    ONLY_THEIRS: "only theirs",
}
COLUMNS: Final = (
    "against",
    "kind",
    "outcome",
    "about",
    "name",
    "day",
    "members",
    "our_values",
    "their_values",
    "rules",
    "our_volume",
    "their_volume",
    "our_amount",
    "their_amount",
    "our_unknown",
    "currency",
    "says",
    "states",
    "normal",
    "flags",
    "ours",
    "theirs",
)
"""Of the table for programs, one line each."""

_WIDTH: Final = 110


def report_lines(result: Reconciliation, *, examples: int = 5) -> Iterator[str]:
    """
    The report in words: how many, how much, why they differ by rule, and some examples of each kind.

    Args:
        result: of comparing the ledger with one other side.
        examples: of each outcome but `matched`, at most.

    >>> print(next(report_lines(Reconciliation(against="webhook", kind="webhook", currency="USD", lines=()))))
    Our ledger and webhook: nothing to compare
    """
    if not result.lines and not result.left_out:
        yield f"Our ledger and {result.against}: nothing to compare"
        return
    verdict = "they agree" if result.agrees else "they do not agree"
    yield f"Our ledger and {result.against} ({result.kind.replace('_', ' ')}): {verdict}"
    if result.missing:
        text = f"the file has no entry for {', '.join(result.missing)}, and not everything of ours is free there"
        yield from _wrapped(text, "  ")
    yield ""
    yield from _counts(result)
    yield ""
    yield from _money(result)
    for note in result.notes:
        yield ""
        yield from _wrapped(note, "Note: ")
    yield from _by_rule(result)
    for outcome in (DIFFERS, ONLY_OURS, ONLY_THEIRS):
        yield from _examples(result, outcome, examples)


def _counts(result: Reconciliation) -> Iterator[str]:
    yield f"{'':<14}{'lines':>9}{'our rows':>11}{'their entries':>16}"
    for outcome, tally in result.tallies.items():
        quiet = sum(line.normal for line in result.lines if line.outcome == outcome)
        remark = f"   {quiet:,} of them as expected" if quiet and outcome != MATCHED else ""
        yield f"{TITLES[outcome]:<14}{tally.lines:>9,}{tally.ours:>11,}{tally.theirs:>16,}{remark}"
    if result.left_out:
        yield f"{'not compared':<14}{'':>9}{sum(len(group.rows) for group in result.left_out):>11,}"
        for group in result.left_out:
            rules = f" ({', '.join(group.rules)})" if group.rules else ""
            yield from _wrapped(f"{len(group.rows):,}: {group.why}{rules}", "    ")


def _money(result: Reconciliation) -> Iterator[str]:
    yield f"{result.currency or 'amount':<14}{'ours':>20}{'theirs':>20}"
    for outcome, tally in result.tallies.items():
        # Entries that all keep silent about money do not say that it is none.
        theirs = "not stated" if 0 < tally.theirs == tally.their_unknown else _shown(tally.their_amount)
        yield f"{TITLES[outcome]:<14}{_shown(tally.our_amount):>20}{theirs:>20}{_unknown(tally)}"
    amount = sum((group.amount for group in result.left_out), Decimal(0))
    if amount:
        yield f"{'not compared':<14}{_shown(amount):>20}"


def _shown(amount: Decimal) -> str:
    return f"{amount:,f}"


def _unknown(tally: Tally) -> str:
    parts = [
        f"{counted(count, *noun)} without an amount"
        for count, noun in ((tally.our_unknown, ("row",)), (tally.their_unknown, ("entry", "entries")))
        if count
    ]
    return f"   {', '.join(parts)}" if parts else ""


def _by_rule(result: Reconciliation) -> Iterator[str]:
    """The rules behind what differs, each with how often and its sentence."""
    wrong = [line for line in result.lines if line.outcome != MATCHED and not line.normal]
    by_rule: dict[str, list[Line]] = {}
    for line in wrong:
        for rule in line.explained_by:
            by_rule.setdefault(rule, []).append(line)
    if not wrong:
        return
    says = {id: rule.says for book in editions() for id, rule in book.rules.items()}
    yield ""
    yield "Explained by"
    for rule, lines in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        yield from _wrapped(f"{counted(len(lines), 'line')}: {says.get(rule, '')}", f"  {rule:<8} ")
    unexplained = sum(not line.explained_by for line in wrong)
    if unexplained:
        yield f"  {'no rule':<8} {counted(unexplained, 'line')}"


def _examples(result: Reconciliation, outcome: str, most: int) -> Iterator[str]:
    lines = sorted((line for line in result.lines if line.outcome == outcome), key=lambda line: line.normal)
    if not lines or most < 1:
        return
    yield ""
    yield f"{TITLES[outcome].capitalize()}{f', {most} of {len(lines):,}' if len(lines) > most else ''}"
    for line in lines[:most]:
        yield from _wrapped(
            " ".join(word for word in (line.day if line.day not in line.name else "", line.name) if word), "  "
        )
        for difference in line.differences:
            rules = f" ({', '.join(difference.rules)})" if difference.rules else ""
            text = f"{difference.member}: ours {difference.ours}, theirs {difference.theirs}{rules}"
            yield from _wrapped(text, "    ")
        if line.says:
            yield from _wrapped(line.says, "    ours: ")
        if line.states:
            yield from _wrapped(line.states, "    theirs: ")
        if not line.differences and line.because:
            yield from _wrapped(", ".join(line.because), "    rules: ")


def _wrapped(text: str, head: str) -> Iterator[str]:
    indent = " " * (len(head) - len(head.lstrip()) + 2 if head.strip() else len(head))
    yield from textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)


def record_of(result: Reconciliation, line: Line) -> tuple[object, ...]:
    """One line as the cells of `COLUMNS`; amounts stay decimals."""
    return (
        result.against,
        result.kind,
        line.outcome,
        line.about,
        line.name,
        line.day,
        tuple(difference.member for difference in line.differences),
        "; ".join(difference.ours for difference in line.differences),
        "; ".join(difference.theirs for difference in line.differences),
        line.explained_by,
        line.our_volume,
        line.their_volume,
        line.our_amount,
        line.their_amount,
        line.our_unknown,
        result.currency,
        line.says,
        line.states,
        "yes" if line.normal else "",
        line.flags,
        line.ours,
        line.theirs,
    )


def write_reconciliation(result: Reconciliation) -> dict[str, object]:
    """
    The whole reconciliation as a JSON object: amounts as decimal text, what is absent as null.

    >>> empty = Reconciliation(against="webhook", kind="webhook", currency="USD", lines=())
    >>> write_reconciliation(empty)["counts"]["matched"]["lines"]
    0
    """
    return {
        "version": VERSION,
        "against": result.against,
        "kind": result.kind,
        "currency": result.currency or None,
        "agrees": result.agrees,
        "counts": {outcome: _plain(result.tallies[outcome]) for outcome in OUTCOMES},
        "notes": list(result.notes),
        "missing": list(result.missing),
        "left_out": [_plain(group) for group in result.left_out],
        "lines": [_plain(line) for line in result.lines],
    }


def _plain(value: object) -> object:
    if attrs.has(cls := type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(cls)}
    if isinstance(value, Decimal):
        return written(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return None if value == "" else value
