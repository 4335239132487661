"""Vectors and differences in words, for terminals, pages and test output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from fsm.harness.conform.outcomes import Grade
from fsm.harness.conform.vectors import Vector
from fsm.rulebooks import editions
from fsm.rulebooks.sources import SOURCES
from fsm.rules.tables import Rule

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LONGEST: Final = 400


def plain(value: object) -> str:
    """
    A compared value as a reader would say it.

    >>> plain({"verdict": "refused", "error": 131047}), plain([]), plain(None)
    ('verdict refused, error 131047', 'nothing', 'nothing')
    """
    match value:
        case None | [] | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            told = [f"{name} {plain(each)}" for name, each in value.items() if each is not None]
            return ", ".join(told) or "nothing"
        case list() | tuple():
            return "; ".join(plain(each) for each in value)
    return str(value)


def harmless(text: str, longest: int = _LONGEST) -> str:
    """
    A text of the tested system, fit to be shown: control characters are spelled out, and what is long is cut.

    >>> harmless("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    shown = _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
    return shown if len(shown) <= longest else f"{shown[:longest]}... ({len(shown)} characters)"


@lru_cache(maxsize=1)
def rules_by_id() -> Mapping[str, Rule]:
    """Every rule of every edition, as the latest edition that has it words it."""
    return {id: rule for book in editions() for id, rule in book.rules.items()}


def rule_text(id: str) -> str:
    """
    A rule with its source and our reading, in a few lines.

    >>> print(rule_text("CSW-02").splitlines()[0])
    CSW-02  Every further customer message starts the 24 hours again; messages of the business never do.
    """
    rule = rules_by_id()[id]
    lines = [f"{id}  {rule.says}"]
    for key in rule.sources:
        source = SOURCES[key]
        lines.append(f"  Source: {source.title}, read {source.read_on}, {source.url}")
    if rule.reading:
        lines.append(f"  Our reading: {rule.reading}")
    return "\n".join(lines)


def scenario_text(vector: Vector, language: str = "en") -> str:
    """The scenario as it stands in its feature, with its id and file."""
    text = vector.text[language]
    steps = "\n".join(f"  {step}" for step in text["steps"])
    return f"{vector.id}  {text['title']}  (features/{vector.feature})\n{steps}"


def difference_lines(grade: Grade) -> Iterator[tuple[str, str, str]]:
    """For every difference where it is, what was expected and what came, all of it fit to be shown."""
    for check in grade.differences:
        told = _clock if check.about == "deadline" else plain
        yield f"{check.about} of {check.place}", told(check.expected), harmless(told(check.got))


def _clock(value: Mapping[str, Any]) -> str:
    """
    When a clock runs out.

    >>> _clock({"lane": "utility", "at": None})
    'utility: no deadline'
    """
    return f"{value['lane']}: {value['at'] or 'no deadline'}"


def difference_text(grade: Grade) -> str:
    """What differs, and the rules behind it; or why there is nothing to compare."""
    lines: list[str] = []
    if grade.reason:
        lines.append(f"{grade.outcome}: {harmless(grade.reason)}")
    for where, expected, got in difference_lines(grade):
        lines += [f"{where}", f"  expected: {expected}", f"  got:      {got}"]
    lines += [rule_text(id) for id in grade.vector.rules]
    return "\n".join(lines)


def event_text(event: Mapping[str, Any]) -> str:
    """
    One event in a line.

    >>> event_text({"event": "opted_in", "at": "2025-08-11T10:00:00Z", "business": "b", "customer": "ana"})
    '2025-08-11T10:00:00Z  opted_in  ana with b'
    """
    rest = [f"{name} {value}" for name, value in event.items() if name not in ("event", "at", "business", "customer")]
    who = f"{event['customer']} with {event['business']}"
    return "  ".join([event["at"], event["event"], who, *([", ".join(rest)] if rest else [])])
