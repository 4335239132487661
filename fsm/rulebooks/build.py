"""Small helpers that keep the tables of the rulebooks short to read."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import attrs

from fsm.rules.tables import Charge, Permission, Rule

_Line = TypeVar("_Line", bound=Permission | Charge)


def hours(n: int) -> timedelta:
    """
    A length in hours of 3,600 elapsed seconds.

    >>> hours(24)
    datetime.timedelta(days=1)
    """
    return timedelta(hours=n)


def rule(id: str, says: str, sources: str, confidence: str, reading: str = "", knob: str = "") -> Rule:
    """A rule; `sources` lists the keys of its sources, separated by blanks."""
    return Rule(id=id, says=says, sources=tuple(sources.split()), confidence=confidence, reading=reading, knob=knob)


def in_turn(*steps: tuple[str | None, _Line | tuple[_Line, ...]]) -> tuple[_Line, ...]:
    """
    The lines of a table in which the first fact that is true decides.

    Each step is a fact and the line (or lines) for it; the last fact is None,
    "otherwise". What comes out are ordinary lines, each with the earlier facts
    among its exceptions, so that exactly one of them holds.
    """
    lines: list[_Line] = []
    earlier: tuple[str, ...] = ()
    for fact, given in steps:
        for line in given if isinstance(given, tuple) else (given,):
            needs = line.needs if fact is None else (fact, *line.needs)
            lines.append(attrs.evolve(line, needs=needs, unless=(*earlier, *line.unless)))
        if fact is not None:
            earlier = (*earlier, fact)
    return tuple(lines)
