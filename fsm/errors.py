"""
What can go wrong when a caller breaks the contract.

A business "no" (a refused message) is never an exception: it is a verdict.
Every error here says what happened, why it matters and what to do.
"""

from __future__ import annotations


class FsmError(Exception):
    """The common ancestor: catch it to catch every error this package raises on purpose."""


class NaiveInstant(FsmError):
    """A time without a zone: it names no instant, so no window can be placed."""


class UnreadableInstant(FsmError):
    """A time that is neither RFC 3339 nor epoch seconds, or that lies outside what can be represented."""


class BadEvent(FsmError):
    """An event that lacks a member, or has one with a value the vocabulary does not know."""


class BadAccount(FsmError):
    """An account file (or value) with an unknown key or a value that cannot be used."""


class BadLog(FsmError):
    """
    A log that cannot be read on from a certain line.

    Attributes:
        where: the source and the line number, for example `log.jsonl, line 7`.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class BadBody(FsmError):
    """
    A webhook body that is not the JSON it claims to be, so nothing in it can be trusted.

    Attributes:
        where: the source, as far as the caller named it.
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class NoRulebookInForce(FsmError):
    """An instant that no rulebook covers."""


class UnknownRulebook(FsmError):
    """A rulebook name that does not exist."""


class UnknownRule(FsmError):
    """A rule id that no rulebook has."""


class BadRulebook(FsmError):
    """A rulebook whose tables contradict themselves: found when it is built, before anything runs on it."""


class TimeRunsBackwards(FsmError):
    """A thread was asked to go back to an instant before the last one it has seen."""


class BadSettlement(FsmError):
    """A month that cannot be settled, or a settled ledger that does not fit the one it is compared with."""


class UnreadableSnapshot(FsmError):
    """A saved thread of an unknown version or shape: refused, never guessed at."""


class BadAmount(FsmError):
    """A text that is no amount of money, or a calculation that could not be exact."""


class BadRates(FsmError):
    """A rate card, tier table or market table that cannot be trusted as it stands, or a question none can answer."""


class UnknownMarket(BadRates):
    """A market that no market table names: a new one is news, and is never priced as another."""


class BadExport(FsmError):
    """An analytics export or an invoice that cannot be read as what it claims to be."""


class BadColumns(FsmError):
    """A table, file or column that does not hold what its place in the schema says, or a value that it cannot hold."""


class BadTraffic(FsmError):
    """A wish for generated traffic that cannot be met."""


class MissingExtra(FsmError):
    """An optional library that this step needs and that is not installed."""


class BadRedactionKey(FsmError):
    """A key for redacting logs that is missing or too short to keep phone numbers secret."""


class BadComparison(FsmError):
    """Ledgers that cannot be laid side by side: fewer than two rulebooks, one twice, or different currencies."""
