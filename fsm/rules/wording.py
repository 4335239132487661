"""Rows as sentences: the same table, for people."""

from __future__ import annotations

from collections.abc import Sequence

from fsm.rules import acts
from fsm.rules.tables import EXTENDS, JOINS, OWN_CATEGORY, RESTARTS, STAYS, Charge, Clause, Lane, Permission, Row

_GROUPS = (
    (acts.MESSAGES, "any message"),
    (acts.BUSINESS_MESSAGES, "any message but those of the app"),
    ((*acts.TEMPLATES, *acts.NON_TEMPLATES), "any template or free-form message"),
    (acts.TEMPLATES, "any template"),
    (acts.NON_TEMPLATES, "any free-form message, reaction or agent reply"),
    (acts.DIRECT_SENDS, "any direct send"),
    (acts.MARKETING_TEMPLATES, "any marketing template"),
)
_DEST = {
    STAYS: "nothing changes",
    JOINS: "the message belongs to it; its clock keeps running",
    RESTARTS: "its clock starts again",
    EXTENDS: "its clock gets more time",
}


def lane_sentence(lane: Lane, row: Row) -> str:
    """
    A row of a lane as a sentence.

    For example: `utility, idle: utility template delivered -> business open, unless ... (CBP2-01)`.
    """
    states = " or ".join(acts.words(state) for state in row.source)
    dest = _DEST.get(row.dest) or acts.words(row.dest)
    return f"{acts.words(lane.name)}, {states}: {acts_in_words(row.on)} -> {dest}{given(row)} ({row.rule})"


def permission_sentence(clause: Clause, line: Permission) -> str:
    """A line of a clause as a sentence."""
    error = f" with error {line.error}" if line.error else ""
    advises = ", against policy" if line.advises_against else ""
    return f"{clause.name}: {in_words(line.messages)} is {line.verdict}{error}{advises}{given(line)}{_cited(line.rules)}"


def charge_sentence(line: Charge) -> str:
    """A line of the table of charges as a sentence."""
    if line.line is not None:
        price = "charged by its category" if line.line == OWN_CATEGORY else f"charged as {acts.words(line.line)}"
    else:
        price = f"free ({acts.words(line.why)})" if line.why else "not covered by any rule"
    return f"charge: {in_words(line.messages)} delivered is {price}{given(line)}{_cited(line.rules)}"


def acts_in_words(names: Sequence[str]) -> str:
    """
    Several acts, by the name of their group where they are one.

    >>> acts_in_words(("free_form_delivered", "reaction_delivered", "business_agent_delivered"))
    'any free-form message, reaction or agent reply delivered'
    """
    messages = tuple(name.removesuffix("_delivered") for name in names)
    if all(name.endswith("_delivered") for name in names):
        return f"{in_words(messages)} delivered"
    return " or ".join(acts.words(name) for name in names)


def in_words(messages: Sequence[str]) -> str:
    """
    Several messages, by the name of their group where they are one.

    >>> in_words(acts.TEMPLATES), in_words(("utility_template",))
    ('any template', 'utility template')
    """
    left = set(messages)
    parts = []
    for group, name in _GROUPS:
        if left.issuperset(group):
            parts.append(name)
            left -= set(group)
    parts += [acts.words(message) for message in messages if message in left]
    return " or ".join(parts)


def given(line: Row | Permission | Charge) -> str:
    """The conditions of a row in words; empty if it has none."""
    parts = []
    if line.needs:
        parts.append(f", if {' and '.join(acts.words(fact) for fact in line.needs)}")
    if line.unless:
        parts.append(f", unless {' or '.join(acts.words(fact) for fact in line.unless)}")
    return "".join(parts)


def _cited(rules: Sequence[str]) -> str:
    return f" ({', '.join(rules)})" if rules else ""
