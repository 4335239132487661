"""The whole question: from what was read, through one ledger for each rulebook, to the answer."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from fsm.errors import BadLog
from fsm.events import Account, Event
from fsm.identity import Aliases, links_of, unify
from fsm.ledger import Row
from fsm.rates import Markets, Prices
from fsm.replay.gather import gather
from fsm.rulebooks.knobs import policy_of
from fsm.rulebooks.timeline import editions
from fsm.service.accounting import Ledger, ledger_of
from fsm.service.reading import Log
from fsm.whatif.avoid import Assumptions, Suggestion, suggestions
from fsm.whatif.compare import check_names, compare
from fsm.whatif.values import Comparison


@attrs.frozen(kw_only=True)
class Answer:
    """
    What the same traffic costs under several rulebooks, and what would avoid it.

    Attributes:
        comparison: the ledgers side by side.
        suggested_under: the rulebook under which the suggestions were tried; empty if none were.
        suggestions: the greatest saving first; those that save nothing are among them.
        assumptions: what the suggestions assume.
        derived: how many rows of each rulebook were priced with derived cells.
        upper_bound: how many rows of each rulebook are at list price for want of a tier table.
        problems: events that `auto` has no rulebook for, each with its place.
    """

    comparison: Comparison
    suggested_under: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    assumptions: Assumptions
    derived: tuple[int, ...]
    upper_bound: tuple[int, ...]
    problems: tuple[BadLog, ...] = ()


def what_if(
    log: Log,
    accounts: Sequence[Account],
    prices: Prices,
    markets: Markets,
    rulebooks: Sequence[str],
    *,
    assumptions: Assumptions = Assumptions(),  # noqa: B008 (a frozen value)
    suggest: bool = True,
) -> Answer:
    """
    Price the same traffic under several rulebooks, and try what would avoid the cost under the last one.

    Args:
        log: what was read.
        accounts: of the portfolio, as `ledger_of` takes them.
        prices: rate cards and tier tables; shipped cards that are known in part are used too.
        markets: which market a number belongs to.
        rulebooks: two names or more, the first is the base; `auto` is the law of each instant.
        assumptions: what the suggestions assume.
        suggest: also try suggestions, which replays the log some ten times.

    Raises:
        BadComparison: fewer than two rulebooks, or one of them twice.
        UnknownRulebook: there is no rulebook of that name.
        BadAccount: a business number belongs to two accounts or to none.

    >>> from fsm.service.rate_files import shipped_markets, shipped_prices
    >>> names = ("pmp-2025-07", "pmp-2026-10")
    >>> answer = what_if(Log(), (Account(),), shipped_prices(), shipped_markets(), names)
    >>> answer.comparison.steps[0].difference
    Decimal('0')
    """
    check_names(rulebooks)
    # The cost and the tiers that Meta states belong to one law; only cards price every law alike.
    plain = attrs.evolve(log, evidence=[], notices=[])

    def ledger(events: Sequence[Event] | None, name: str) -> Ledger:
        read = plain if events is None else attrs.evolve(plain, events=list(events), places=["what if"] * len(events))
        return ledger_of(read, accounts, prices, markets, rulebook=name, partial=True)

    ledgers = [(name, ledger(None, name)) for name in rulebooks]
    books = {book.edition: book for account in (Account(), *accounts) for book in editions(policy_of(account.policy))}
    sentences = {(name, rule.id): rule.says for name, book in books.items() for rule in book.rules.values()}
    comparison = compare([(name, made.rows) for name, made in ledgers], currency=prices.currency, sentences=sentences)
    last = rulebooks[-1]

    def price_again(events: Sequence[Event]) -> tuple[Row, ...]:
        return ledger(events, last).rows

    aliases = Aliases([*log.aliases, *links_of(log.events)])
    events = [fact.event for fact in gather(unify(log.events, aliases))] if suggest else []
    return Answer(
        comparison=comparison,
        suggested_under=last if suggest else "",
        suggestions=suggestions(events, price_again, books, assumptions) if suggest else (),
        assumptions=assumptions,
        derived=_flagged(ledgers, "derived_rate"),
        upper_bound=_flagged(ledgers, "list_price"),
        problems=tuple({str(problem): problem for _, made in ledgers for problem in made.problems}.values()),
    )


def _flagged(ledgers: Sequence[tuple[str, Ledger]], flag: str) -> tuple[int, ...]:
    return tuple(sum(flag in row.flags for row in made.rows) for _, made in ledgers)
