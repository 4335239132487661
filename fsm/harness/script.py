"""A scenario without its language: an account, events in order, and what is expected of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol

import attrs

from fsm.events import Event, format_instant, read_account, write_event
from fsm.harness.bill import NOTHING, Bill, ledger_rows
from fsm.harness.booked import LEDGER, Key, observed_in_ledger
from fsm.ledger import Row, portfolio_limit_use
from fsm.machine import Intent, Law, Thread, advance, judge
from fsm.machine.law import Engine
from fsm.machine.thread import states_by_lane, status
from fsm.replay import Fold, Result, gather, replay
from fsm.rulebooks.limits import per_user_limit_active


@attrs.frozen(kw_only=True)
class Expectation:
    """
    Something a scenario says must be so.

    Attributes:
        about: `verdict`, `opens`, `refreshes`, `closes`, `joins`, `charge`, `charges`, `flag`, `no flag`, `deadline`,
            `status`, `lane`, `advised against`, `limit use`, `marketing limit`, or one of `booked.LEDGER`.
        keys: the events it is about, or whose thread it is about; for the ledger also calls, under `call`.
        at: the instant, for a state.
        value: what is expected, in the words of the log.
    """

    about: str
    value: Any
    keys: tuple[Key, ...] = ()
    at: int = 0


@attrs.frozen(kw_only=True)
class Script:
    """
    One scenario (or one row of an outline), compiled.

    Attributes:
        id: the feature's path without language, the scenario's place in it and the row's: `windows/calls.feature#2.1`.
        title: as written.
        tags: without the `@`.
        account: members of an account file.
        events: in the order in which the scenario tells them.
        expectations: in order.
        bill: what it says about money; most scenarios say nothing.
    """

    id: str
    title: str
    tags: tuple[str, ...]
    account: Mapping[str, Any]
    events: tuple[Event, ...]
    expectations: tuple[Expectation, ...]
    bill: Bill = NOTHING

    @property
    def instants(self) -> tuple[int, ...]:
        """Every instant at which something happens or is asked about."""
        asked = (each.at for each in self.expectations if each.at)
        return (*(event.at for event in self.events), *(call.at for call in self.bill.calls), *asked)

    def told(self) -> dict[str, Any]:
        """
        What the scenario says, without the language it says it in: for comparing two translations.

        The member `bill` is there only where the scenario says something about money.
        """
        told = {
            "account": dict(self.account),
            "events": [write_event(event) for event in self.events],
            "expectations": [attrs.asdict(expectation) for expectation in self.expectations],
        }
        return told if self.bill == NOTHING else {**told, "bill": self.bill.told()}


class Played:
    """A script's events, replayed: what each did, the state of a thread at any instant, and the ledger."""

    def __init__(self, law: Law, events: Iterable[Event], bill: Bill = NOTHING) -> None:
        self._law = law
        self._events = tuple(events)
        self._bill = bill
        self.results: dict[Key, Result] = {result.event.key: result for result in replay(law, self._events)}

    def states(self, at: int, thread: tuple[str, str]) -> dict[str, str]:
        """The state of every lane of a thread at an instant."""
        state = self._thread(thread, lambda event: event.at <= at, at)
        return states_by_lane(state, self._law.edition_of(state).book)

    def policy_speaks_against(self, sent: Event) -> bool:
        """Whether the policy speaks against a message of the script, at the instant of its sending."""
        before = self._thread(sent.thread, lambda event: event.order < sent.order, sent.at)
        assert sent.content is not None
        intent = Intent(content=sent.content, category=sent.category, template_status=sent.template_status)
        return bool(judge(self._law, before, intent, sent.at).advice)

    def limit_use(self, at: int) -> int | None:
        """How many customers count towards the messaging limit at an instant."""
        return portfolio_limit_use(self._law, self.results.values(), at)

    def marketing_limited(self, customer: str, at: int) -> bool | None:
        """Whether the limit of marketing messages per customer is active for one."""
        return per_user_limit_active(self._law.edition_at(at).book, self._law.account.primary_location, customer)

    @cached_property
    def ledger(self) -> tuple[Row, ...]:
        """What everything costs, row by row."""
        return ledger_rows(self._events, self._law, self._bill)

    def _thread(self, thread: tuple[str, str], wanted: Callable[[Event], bool], at: int) -> Thread:
        fold = Fold(self._law)
        for fact in gather(event for event in self._events if event.thread == thread and wanted(event)):
            for _ in fold.take([fact]):
                pass
        state = fold.threads.get(thread) or self._law.new_thread(*thread, at)
        return advance(self._law, state, at)


class Observable(Protocol):
    """Anything that has run a script's events and can be asked about them."""

    results: dict[Key, Result]

    def states(self, at: int, thread: tuple[str, str], /) -> dict[str, str]:
        """The state of every lane of a thread at an instant."""

    def policy_speaks_against(self, sent: Event, /) -> bool:
        """Whether the policy speaks against a message."""

    def limit_use(self, at: int, /) -> int | None:
        """How many customers count towards the messaging limit at an instant."""

    def marketing_limited(self, customer: str, at: int, /) -> bool | None:
        """Whether the limit of marketing messages per customer is active for one."""

    @property
    def ledger(self) -> tuple[Row, ...]:
        """What everything costs, row by row."""


def failures(script: Script, law: Law | None = None, *, engine: Engine = "table") -> list[str]:
    """
    What a script expects and does not get; empty if all holds.

    Args:
        law: to run it under; by default that of the script's own account.
    """
    law = law or Law(read_account(script.account), engine=engine)
    played = Played(law, script.events, script.bill)
    return [found for found in (failure(expectation, played) for expectation in script.expectations) if found]


def failure(expectation: Expectation, played: Observable) -> str:
    """How an expectation is missed; empty if it holds."""
    got = observed(expectation, played)
    if got == expectation.value:
        return ""
    return f"{expectation.about}: expected {expectation.value!r}, got {got!r}"


def observed(expectation: Expectation, played: Observable) -> Any:
    """What really is the case, in the shape of the expectation's value."""
    if expectation.about in LEDGER:
        return observed_in_ledger(expectation.about, expectation.value, expectation.keys, played.ledger)
    results = [played.results[key] for key in expectation.keys]
    thread = expectation.keys[0][:2]
    match expectation.about:
        case "verdict":
            sent = next(result for result in results if result.event.event == "message_sent")
            return (sent.outcome.verdict, sent.outcome.error)
        case "opens" | "refreshes" | "closes":
            return tuple(name for result in results for name in getattr(result.outcome, expectation.about))
        case "joins":
            joined = [result.outcome.joins for result in results if result.outcome.joins is not None]
            return joined[0] if joined else None
        case "charge":
            reasons = [(result.outcome.charge, result.outcome.why) for result in results]
            told = [reason for reason in reasons if reason != (None, None)]
            assert len(told) <= 1, f"one message is charged once: {told}"
            return told[0] if told else (None, None)
        case "charges":
            return tuple(result.outcome.charge for result in results if result.outcome.charge)
        case "flag":
            return expectation.value if expectation.value in _flags(results) else sorted(_flags(results))
        case "no flag":
            return tuple(sorted(_flags(results)))
        case "deadline":
            lane, _ = expectation.value
            deadline = results[-1].deadlines.get(lane)
            return (lane, None if deadline is None else format_instant(deadline))
        case "status":
            return status(played.states(expectation.at, thread))
        case "lane":
            lane, _ = expectation.value
            return (lane, played.states(expectation.at, thread).get(lane))
        case "advised against":
            sent = next(result for result in results if result.event.event == "message_sent")
            return played.policy_speaks_against(sent.event)
        case "limit use":
            return played.limit_use(expectation.at)
        case "marketing limit":
            return played.marketing_limited(thread[1], expectation.at)
    raise AssertionError(expectation.about)


def _flags(results: Iterable[Result]) -> set[str]:
    return {flag for result in results for flag in result.outcome.flags}
