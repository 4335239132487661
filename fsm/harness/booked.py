"""What a scenario can ask of a ledger, and what is found there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fsm.events import format_instant, parse_instant
from fsm.harness.bill import amount_text
from fsm.ledger import Row, sum_of
from fsm.ledger.rows import CONVERSATION, MESSAGE
from fsm.reconcile.naming import label_of
from fsm.rules.tables import Label
from fsm.terms import FREE_ENTRY_POINT
from fsm.webhooks import Evidence, implied_opening, stated_end

Key = tuple[str, str, str, str]

LEDGER: Final = (
    *("rows", "no amount", "market", "row flag", "sum"),
    *("webhook label", "webhook billable", "webhook end", "analytics label", "analytics day"),
)
"""What is asked of the ledger, and not of the threads."""


def observed_in_ledger(about: str, value: Any, keys: Iterable[Key], ledger: Sequence[Row]) -> Any:
    """
    What the ledger says, in the shape of the expected value.

    Args:
        about: one of `LEDGER`.
        value: what is expected.
        keys: the events and calls that it is about.
        ledger: every row of the scenario.
    """
    if about == "sum":
        everything = sum_of(ledger)
        return amount_text(everything.amount) if everything.complete else f"{everything.unknown} rows without an amount"
    names = {(key[0], key[3].partition(" to ")[0]) for key in keys}
    rows = [row for row in ledger if (row.business, row.id) in names]
    match about:
        case "rows":
            charged = [
                (row.kind, row.line, amount_text(row.amount)) for row in rows if row.amount is not None and row.line
            ]
            return (*charged, *((row.kind, row.line, row.priced_by) for row in rows if row.amount is None))
        case "no amount":
            return tuple(
                (row.kind, row.line, "unknown_market" if "unknown_market" in row.flags else row.priced_by)
                for row in rows
                if row.amount is None
            )
        case "market":
            return tuple(dict.fromkeys(row.market for row in rows))
        case "row flag":
            flags = {flag for row in rows for flag in row.flags}
            return value if value in flags else sorted(flags)
        case "analytics day":
            return tuple(dict.fromkeys(row.day for row in rows))
        case "webhook end":
            return _stated_end(value, rows)
    labels = {_label(row, ledger) for row in rows if row.kind == MESSAGE}
    assert len(labels) == 1, f"one act has one label: {labels}"
    label = labels.pop()
    if label is None:
        return "no rule says what Meta calls it"
    if about == "webhook billable":
        return label.billable
    types, categories = (
        (label.types, label.categories)
        if about == "webhook label"
        else (label.analytics_types, label.analytics_categories)
    )
    # Of several words for one thing the usual one comes first.
    return (next(iter(categories), ""), next(iter(types), ""))


def labels_in_ledger(business: str, id: str, ledger: Sequence[Row]) -> dict[str, Any]:
    """What Meta's webhooks and analytics call one message, as the answer to the question `labels`."""
    rows = [row for row in ledger if (row.business, row.id) == (business, id)]
    label = next((_label(row, ledger) for row in rows if row.kind == MESSAGE), None)
    answer: dict[str, Any] = {"webhook": None, "billable": None, "analytics": None, "ends_at": None}
    if label is not None:
        answer["webhook"] = _usual(label.categories, label.types)
        answer["billable"] = label.billable
        answer["analytics"] = _usual(label.analytics_categories, label.analytics_types)
    opened = next((row for row in rows if row.kind == CONVERSATION), None)
    if opened is not None and opened.category != FREE_ENTRY_POINT:
        answer["ends_at"] = format_instant(stated_end(_sent_at(opened)))
    return answer


def _usual(categories: Iterable[str], types: Iterable[str]) -> dict[str, str]:
    """Of several words for one thing the usual one comes first."""
    return {"category": next(iter(categories), ""), "type": next(iter(types), "")}


def _label(row: Row, ledger: Sequence[Row]) -> Label | None:
    opened = [each for each in ledger if each.kind == CONVERSATION and each.id == row.conversation]
    opened.sort(key=lambda each: each.category == FREE_ENTRY_POINT)
    return label_of(row, next(iter(opened), None))


def _sent_at(opened: Row) -> int:
    """When the message that opened a conversation was sent."""
    return next(at for name, at in opened.facts if name == "message_sent")


def _stated_end(value: str, rows: Sequence[Row]) -> str:
    """The end that is asked about if Meta would state it of a message that opens; else what it says instead."""
    opened = next((row for row in rows if row.kind == CONVERSATION), None)
    if opened is None:
        return "it opens no conversation"
    sent = _sent_at(opened)
    evidence = Evidence(
        business=opened.business,
        customer=opened.customer,
        id=opened.id,
        status="sent",
        at=sent,
        pricing={"pricing_model": "CBP"},
        conversation={
            "expiration_timestamp": str(parse_instant(value) // 1_000_000),
            "origin": {"type": opened.category},
        },
    )
    return value if implied_opening(evidence) else f"not the end of what was sent at {format_instant(sent)}"
