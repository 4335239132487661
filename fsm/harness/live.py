"""A world that acts at once: the scenario runs on live threads, under a clock that its steps move."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from fsm.events import Account, Event, datetime_of, format_instant, read_account
from fsm.harness.script import Expectation, Key, failure
from fsm.harness.world import World
from fsm.machine import Law
from fsm.replay import Result
from fsm.service.customer_thread import CustomerThread


class LiveWorld(World):
    """
    A scenario told to `CustomerThread`, the way an application would tell it.

    Args:
        set_clock: moves the clock that the shell reads to an instant (RFC 3339, UTC).
    """

    def __init__(self, set_clock: Callable[[str], None]) -> None:
        super().__init__()
        self._set_clock = set_clock
        self._threads: dict[tuple[str, str], CustomerThread] = {}
        self.results: dict[Key, Result] = {}

    def move_to(self, at: int) -> None:
        super().move_to(at)
        self._set_clock(format_instant(at))

    def tell(self, events: list[Event]) -> None:
        super().tell(events)
        for event in events:
            thread = self._threads.get(event.thread)
            if thread is None:
                account = self._account_of(event)
                thread = self._threads[event.thread] = CustomerThread(*event.thread, account, engine="machine")
            self._say(thread, event)
            self.results |= {result.event.key: result for result in thread.history}

    def expect(self, expectation: Expectation) -> None:
        super().expect(expectation)
        missed = failure(expectation, self)
        assert not missed, missed

    def states(self, at: int, thread: tuple[str, str]) -> dict[str, str]:
        """The state of every lane, now: the clock is read, not told."""
        assert at == self.now
        return self._threads[thread].state()

    def policy_speaks_against(self, sent: Event) -> bool:
        """Whether the policy speaks against a message."""
        assert sent.content is not None
        verdict = self._threads[sent.thread].may_send(
            sent.content, sent.category, template_status=sent.template_status, at=datetime_of(sent.at)
        )
        return bool(verdict.advice)

    def _account_of(self, event: Event) -> Account:
        """The account as a new thread finds it: less what the other threads have used of the month's allowance."""
        account = read_account(self.account)
        law = Law(account)
        allowance, month = law.edition_at(event.at).book.allowance, law.month_of(event.at)
        if allowance is None:
            return account
        used = sum(
            result.outcome.uses_allowance and law.month_of(result.event.at) == month
            for result in self.results.values()
            if allowance.per == "account" or result.event.business == event.business
        )
        given = allowance.units if account.free_left is None else account.free_left
        return attrs.evolve(account, free_left=max(given - used, 0)) if used else account

    def _say(self, thread: CustomerThread, event: Event) -> None:
        """Tell the thread; what happens now is told without an instant, so that the clock is read."""
        at = None if event.at == self.now else datetime_of(event.at)
        match event.event:
            case "customer_message":
                thread.customer_message(event.kind, entry=event.entry, device=event.device, id=event.id, at=at)
            case "message_sent" if event.entry_point_ends_at is None and event.content is not None:
                thread.message_sent(
                    event.content, event.category, id=event.id, template_status=event.template_status, at=at
                )
            case "message_delivered" if not event.inferred:
                thread.message_delivered(event.id, at=at)
            case "message_read":
                thread.message_read(event.id, at=at)
            case "message_failed":
                thread.message_failed(event.id, event.error, at=at)
            case "message_sent" | "message_delivered":
                thread.record(event)
            case other:
                getattr(thread, other)(at=at)
