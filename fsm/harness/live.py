"""A world that acts at once: the scenario runs on live threads, under a clock that its steps move."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from fsm.events import Account, Event, datetime_of, format_instant, read_account
from fsm.harness.bill import Announced, accounts_of, markets, prices
from fsm.harness.booked import Key
from fsm.harness.script import Expectation, failure
from fsm.harness.world import World
from fsm.ledger import Called, Row, portfolio_limit_use
from fsm.machine import Law
from fsm.replay import Result
from fsm.rulebooks.limits import per_user_limit_active
from fsm.service.accounting import ledger_of
from fsm.service.customer_thread import CustomerThread
from fsm.service.reading import Log
from fsm.webhooks import Call, Notice


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

    def limit_use(self, at: int) -> int | None:
        """How many customers count towards the messaging limit, now."""
        return portfolio_limit_use(Law(read_account(self.account)), self.results.values(), at)

    def marketing_limited(self, customer: str, at: int) -> bool | None:
        """Whether the limit of marketing messages per customer is active for one."""
        law = Law(read_account(self.account))
        return per_user_limit_active(law.edition_at(at).book, law.account.primary_location, customer)

    @property
    def ledger(self) -> tuple[Row, ...]:
        """
        The ledger of what the threads have recorded, made the way `fsm ledger` makes it.

        No thread knows amounts, so here the record of the threads is tested together with the shell around the ledger.
        """
        events = [result.event for thread in self._threads.values() for result in thread.history]
        calls = [_call(call) for call in self.bill.calls]
        log = Log(
            events=events,
            places=[""] * len(events),
            calls=calls,
            notices=[_notice(tier) for tier in self.bill.announced],
        )
        return ledger_of(log, accounts_of(self.account, self.bill), prices(self.bill.rates), markets()).rows

    def _account_of(self, event: Event) -> Account:
        """The account as a new thread finds it: less what the other threads have used of the month's allowance."""
        own = next((each for each in self.bill.accounts if event.business in each["numbers"]), self.account)
        account = read_account(own)
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
            case "message_delivered" if not event.inferred and not event.participant:
                thread.message_delivered(event.id, at=at)
            case "message_read":
                thread.message_read(event.id, at=at)
            case "message_failed":
                thread.message_failed(event.id, event.error, at=at)
            case "message_sent" | "message_delivered":
                thread.record(event)
            case "customer_call" | "call_accepted" if event.id:
                thread.record(event)
            case other:
                getattr(thread, other)(at=at)


def _call(call: Called) -> Call:
    """A call as the webhook of its end tells it."""
    return Call(
        business=call.business,
        customer=call.customer,
        id=call.id,
        direction=call.direction,
        event="terminate",
        status="COMPLETED" if call.seconds else "FAILED",
        at=call.at,
        seconds=call.seconds,
    )


def _notice(tier: Announced) -> Notice:
    """An announced tier as the webhook about it is read."""
    return Notice(
        kind="tier",
        account="",
        at=tier.at,
        members={
            "category": tier.line,
            "tier": (tier.first, None),
            "region": tier.market,
            "effective_month": tier.period,
            "updated_at": tier.at,
        },
        where="",
    )
