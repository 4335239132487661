"""Which label of the law a row of ours bears, and what a label of Meta's means on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from functools import lru_cache

from fsm.errors import UnknownRulebook
from fsm.ledger import Row, Stated
from fsm.ledger.rows import CONVERSATION
from fsm.rulebooks import editions, timeline
from fsm.rulebooks.labels import UNKNOWN_CONVERSATION, one_spelling
from fsm.rulebooks.timeline import in_force
from fsm.rules import acts
from fsm.rules.tables import Label, Rulebook
from fsm.terms import FREE_ENTRY_POINT


def book_of(row: Row) -> Rulebook:
    """
    The edition of the law a row fell under.

    Raises:
        UnknownRulebook: the row names one that does not exist.
    """
    try:
        return _books()[row.edition]
    except KeyError:
        raise UnknownRulebook(
            f"row {row.key} fell under {row.edition!r}, which no rulebook is called, so its labels are not known. "
            "Make the ledger again with this release."
        ) from None


@lru_cache(maxsize=1)
def _books() -> Mapping[str, Rulebook]:
    # Labels do not depend on a policy, so the editions of any will do.
    return {book.edition: book for book in editions()}


def law_at(at: int, zone: tzinfo) -> Rulebook | None:
    """The edition of the law in force at an instant, for an account in this zone; None before the first."""
    books, starts = editions(), _starts(zone)
    return None if at < starts[0] else books[timeline.place(starts, at)]


@lru_cache(maxsize=64)
def _starts(zone: tzinfo) -> tuple[int, ...]:
    return timeline.starts(editions(), zone)


def label_of(row: Row, opened: Row | None = None) -> Label | None:
    """
    What Meta should call a row of ours; None if no rule says.

    Args:
        row: of a message or of a conversation.
        opened: for a message, the row of the conversation it belongs to, if it is known.

    Rules: LBL-01, LBL-04, GRP-03, P26-13
    """
    book = book_of(row)
    if row.kind == CONVERSATION or row.why == FREE_ENTRY_POINT:
        name = row.category if row.kind == CONVERSATION else FREE_ENTRY_POINT
        return _chosen(book, name, row.why, row.line, group=False)
    if row.why == "attached":
        if opened is None:
            return _chosen(book, UNKNOWN_CONVERSATION, row.why, None, group=False)
        # A conversation keeps the words of the law it was opened under (CBP2-17).
        return _chosen(book_of(opened), opened.category, opened.why, opened.line, group=False)
    name = acts.message_of(row.content, row.category or None)
    grouped = _chosen(book, name, row.why, row.line, group=True) if row.participant else None
    return grouped or _chosen(book, name, row.why, row.line, group=False)


@lru_cache(maxsize=4096)
def _chosen(book: Rulebook, name: str, why: str | None, line: str | None, *, group: bool) -> Label | None:
    fitting = [label for label in book.labels if name in label.of and why in label.why and label.group == group]
    named = [label for label in fitting if line in label.lines]
    return next(iter(named or [label for label in fitting if not label.lines]), None)


def meaning(type: str, category: str, on: date | Rulebook, *, subtype: str = "") -> str:
    """
    What `pricing.type` and `pricing.category` of a webhook mean on a day, in plain words.

    Args:
        type: empty where the webhook has none.
        category: in any spelling.
        on: the day of the delivery in the account's time zone, or the law itself.
        subtype: of the price, if it has one.

    Raises:
        NoRulebookInForce: no law covers the day.

    Rules: LBL-01, LBL-04, P26-13

    >>> meaning("free_customer_service", "service", date(2026, 9, 15))
    'any non-template'
    >>> meaning("free_customer_service", "service", date(2026, 10, 15))
    'service inside the free tier'
    >>> meaning("free_customer_service", "utility", date(2026, 10, 15))
    'impossible under pmp-2026-10: it calls no delivery so'
    """
    book = on if isinstance(on, Rulebook) else in_force(on)
    return _meaning(book, one_spelling(type), one_spelling(category), one_spelling(subtype))


@lru_cache(maxsize=4096)
def _meaning(book: Rulebook, type: str, category: str, subtype: str) -> str:
    mine = [label for label in book.labels if type in label.types and subtype == label.subtype]
    usual = [label.means for label in mine if category in label.categories[:1]]
    found = usual or [label.means for label in mine if category in label.categories]
    return " or ".join(dict.fromkeys(found)) or f"impossible under {book.name}: it calls no delivery so"


def stated_meaning(stated: Stated, book: Rulebook) -> str:
    """What Meta states about a message, word for word, and what it means under a law."""
    said = " + ".join(word for word in (stated.model, stated.type, stated.category, stated.subtype) if word)
    if not said:
        return "no price"
    if book.labels and not any(label.types for label in book.labels):
        return said
    return f"{said}: {meaning(stated.type, stated.category, book, subtype=stated.subtype)}"


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Every word for a type or a category that some law has, in one spelling."""
    labels = [label for book in editions() for label in book.labels]
    counted = (word for label in labels for word in (*label.analytics_types, *label.analytics_categories))
    stated = (word for label in labels for word in (*label.types, *label.categories, *label.lines))
    return frozenset({*counted, *stated, "unknown"})


def is_possible(stated: Stated, book: Rulebook) -> bool:
    """Whether some delivery under this law is called so; what is not stated stands in nobody's way."""
    return _possible(book, one_spelling(stated.model), one_spelling(stated.type), one_spelling(stated.category))


@lru_cache(maxsize=4096)
def _possible(book: Rulebook, model: str, type: str, category: str) -> bool:
    return any(
        (not model or model == label.model)
        and (not label.types or not type or type in label.types)
        and (not label.categories or not category or category in label.categories)
        for label in book.labels
        if label.model and UNKNOWN_CONVERSATION not in label.of
    )
