"""The answer as JSON, and every delivery as cells of a table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import attrs

from fsm.rates import written
from fsm.whatif.ask import Answer
from fsm.whatif.avoid import NOT_LOOKED_AT, Suggestion
from fsm.whatif.compare import line_words, pattern_words
from fsm.whatif.sides import ABSENT, Side
from fsm.whatif.values import Comparison, Group, Pattern, Priced, Split, Step, Total

VERSION: Final = "fsm-whatif/1"

MOST_CUSTOMERS: Final = 100
"""How many customers are named, those who rise most first; the table of deliveries has them all."""

DELIVERY_COLUMNS: Final = (
    "business",
    "customer",
    "id",
    "participant",
    "day",
    "month",
    "content",
    "category",
    "rulebook_before",
    "rulebook_after",
    "change",
    "charged_before",
    "charged_after",
    "market_before",
    "market_after",
    "amount_before",
    "amount_after",
    "by_rules",
    "by_rates",
    "one_sided",
    "causes",
    "because_before",
    "because_after",
)


def write_answer(answer: Answer) -> dict[str, object]:
    """
    The answer as a JSON object: amounts as decimal text, what is unknown as null and counted.

    >>> from fsm.whatif.avoid import Assumptions
    >>> from fsm.whatif.compare import compare
    >>> two = compare([("nbp", ()), ("pmp-2026-10", ())], currency="USD", sentences={})
    >>> answer = Answer(comparison=two, assumptions=Assumptions(), derived=(0, 0), upper_bound=(0, 0))
    >>> write_answer(answer)["format"]
    'fsm-whatif/1'
    """
    comparison = answer.comparison
    places = range(len(comparison.rulebooks))
    return {
        "format": VERSION,
        "currency": comparison.currency,
        "rulebooks": [
            _priced(comparison.rulebooks[place])
            | {"rows_with_derived_rates": answer.derived[place], "rows_at_list_price": answer.upper_bound[place]}
            for place in places
        ],
        "splits": {name: [_split(comparison, part) for part in parts] for name, parts in comparison.splits.items()},
        "customers": [_group(comparison, group) for group in comparison.groups],
        "steps": [_step(step) for step in comparison.steps],
        "suggestions": {
            "under": answer.suggested_under or None,
            "assumptions": {
                "bubble_seconds": int(answer.assumptions.bubble.total_seconds()),
                "late_seconds": int(answer.assumptions.late.total_seconds()),
                "answer_seconds": int(answer.assumptions.answer.total_seconds()),
            },
            "tried": [_suggestion(one) for one in answer.suggestions],
            "not_looked_at": list(NOT_LOOKED_AT),
        },
        "problems": [str(problem) for problem in answer.problems],
    }


def _priced(priced: Priced) -> dict[str, object]:
    charges = [{"what": what, "line": line, "count": count} for what, line, count in priced.charges]
    return {"name": priced.name, **_total(priced.total), "charges": charges}


def _total(total: Total) -> dict[str, object]:
    return {field.name: _plain(getattr(total, field.name)) for field in attrs.fields(Total)}


def _split(comparison: Comparison, part: Split) -> dict[str, object]:
    named = zip(comparison.rulebooks, part.totals, strict=True)
    return {"name": part.name, "under": {priced.name: _total(total) for priced, total in named}}


def _group(comparison: Comparison, group: Group) -> dict[str, object]:
    return {
        "name": group.name,
        "customers": group.customers,
        "under": {
            priced.name: {"amount": written(amount), "unknown": unknown}
            for priced, amount, unknown in zip(comparison.rulebooks, group.amounts, group.unknown, strict=True)
        },
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "before": step.before,
        "after": step.after,
        "difference": written(step.difference),
        "by_rules": written(step.rules),
        "by_rates": written(step.rates),
        "one_sided": written(step.one_sided),
        "unknown": step.unknown,
        "changes": [_members(change) for change in step.changes],
        "causes": [_members(cause) | {"changes": dict(cause.changes)} for cause in step.causes],
        "days": [_pattern(pattern) for pattern in step.patterns],
        "customers_changed": len(step.rises),
        "customers": [_members(rise) for rise in step.rises[:MOST_CUSTOMERS]],
    }


def _pattern(pattern: Pattern) -> dict[str, object]:
    return {
        "before": pattern_words(pattern.before),
        "after": pattern_words(pattern.after),
        "days": pattern.days,
        "difference": written(pattern.difference),
        "unknown": pattern.unknown,
    }


def _suggestion(suggestion: Suggestion) -> dict[str, object]:
    return _members(suggestion)


def _members(value: attrs.AttrsInstance) -> dict[str, object]:
    return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return written(value)
    return list(value) if isinstance(value, tuple) else value


def delivery_cells(comparison: Comparison) -> Iterator[list[object]]:
    """Every delivery of every step as cells of `DELIVERY_COLUMNS`; amounts stay decimals, unknown ones stay empty."""
    for step in comparison.steps:
        for one in step.deliveries:
            about = one.about
            yield [
                about.which.business,
                about.customer,
                about.which.id,
                about.which.participant,
                about.day,
                about.period,
                about.content,
                about.category,
                step.before,
                step.after,
                one.change,
                _charged(one.before),
                _charged(one.after),
                one.before.market,
                one.after.market,
                one.before.amount,
                one.after.amount,
                None if one.unknown else one.rules,
                None if one.unknown else one.rates,
                one.one_sided,
                one.causes,
                one.before.because,
                one.after.because,
            ]


def _charged(side: Side) -> str:
    return "not there" if side.state == ABSENT else line_words(side)
