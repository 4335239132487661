"""The replay of a log: every distinct event, in canonical order, with what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from fsm import terms
from fsm.events import Event, changed
from fsm.machine import Allowances, Law, Outcome, Step, Thread, apply
from fsm.machine.allowances import FreeUnit
from fsm.machine.step import has_reached
from fsm.replay.gather import Fact, gather
from fsm.replay.results import Result

Key = tuple[str, str, str, str]


def replay(law: Law, events: Iterable[Event], *, verdicts: bool = True) -> Iterator[Result]:
    """
    One result per distinct event, in canonical order.

    Args:
        law: the law for the account that the log belongs to.
        events: in any order, with any duplicates.
        verdicts: also give what a ledger does not ask: whether a message that was read off a status was allowed, and
            results for statuses that repeat what is known.

    Raises:
        NoRulebookInForce: an event lies before the first rulebook.

    Rules: CSW-11 (the event's own timestamp counts, not its arrival)
    """
    told = list(events)
    fold = Fold(law, verdicts=verdicts)
    if told:
        # Whether it counts or gives way to another telling of itself: so no engine has to merge before it counts.
        fold.allowances.seen(min(event.at for event in told))
    for _, together in groupby(gather(told), key=lambda fact: fact.event.at):
        yield from fold.take(list(together))


class Fold:
    """
    The threads of one account, as far as their facts have been taken in.

    Attributes:
        threads: every thread so far, by business and customer.
        allowances: the units used so far.
        verdicts: also give what a ledger does not ask: whether a message that was read off a status was allowed, and
            results for statuses that repeat what is known.
    """

    def __init__(
        self,
        law: Law,
        threads: Iterable[Thread] = (),
        allowances: Allowances | None = None,
        *,
        verdicts: bool = True,
    ) -> None:
        self.law = law
        self._verdicts = verdicts
        self.threads = {(thread.business, thread.customer): thread for thread in threads}
        self.allowances = allowances or Allowances(law)

    def take(self, facts: Sequence[Fact]) -> Iterator[Result]:
        """
        The results of all facts of one instant, given in canonical order.

        Raises:
            TimeRunsBackwards: a thread has seen a later instant.
        """
        sensitive = self._tie_sensitive(facts) if len(facts) > 1 else set()
        steps: list[tuple[Fact, Thread, Step]] = []
        free_units: dict[Key, FreeUnit] = {}
        for fact in facts:
            event = fact.event
            self.allowances.seen(event.at)
            if not self._verdicts and self._repeats(event):
                continue
            thread = self._thread(event)
            left = self.law.edition_at(event.at).book.allowance is None or self._left(event) > 0
            step = apply(self.law, thread, event, allowance_left=left, sending=fact.sending, verdicts=self._verdicts)
            if step.outcome.uses_allowance:
                free_units[event.key] = self.allowances.use(step.edition, event.business, event.at)
            self.threads[event.thread] = step.thread
            steps.append((fact, thread, step))
        if len(facts) > 1:
            sensitive |= self._last_unit(steps)
        for fact, _, step in steps:
            raised = ["conflict"] if fact.conflict else []
            if sensitive and fact.event.key in sensitive:
                raised.append("tie_sensitive")
            book = step.edition.book
            yield Result(
                event=fact.event,
                outcome=changed(step.outcome, flags=tuple(sorted({*step.outcome.flags, *raised})))
                if raised
                else step.outcome,
                thread=step.thread,
                book=book,
                free_unit=free_units.get(fact.event.key),
            )

    def _repeats(self, event: Event) -> bool:
        """Whether a status tells only what is known: that a message was delivered. It moves and costs nothing."""
        if event.event not in terms.DELIVERY_EVENTS:
            return False
        thread = self.threads.get(event.thread)
        sent = None if thread is None else thread.message(event.id)
        return sent is not None and has_reached(sent, event.participant)

    def _thread(self, event: Event) -> Thread:
        return self.threads.get(event.thread) or self.law.new_thread(*event.thread, event.at)

    def _left(self, event: Event) -> int:
        self.allowances.seen(event.at)
        return self.allowances.left(self.law.edition_at(event.at), event.business, event.at)

    def _tie_sensitive(self, facts: Sequence[Fact]) -> set[Key]:
        tied: dict[tuple[str, str], list[Fact]] = {}
        for fact in facts:
            tied.setdefault(fact.event.thread, []).append(fact)
        sensitive: set[Key] = set()
        for mine in tied.values():
            if len(mine) > 1:
                first = mine[0].event
                sensitive |= tie_sensitive(self.law, self._thread(first), mine, self._left(first))
        return sensitive

    def _last_unit(self, steps: Sequence[tuple[Fact, Thread, Step]]) -> set[Key]:
        """
        The deliveries of one instant between which the last free unit was given by order alone.

        Meta does not say which of several in one second is the free one.
        """
        used = [fact.event for fact, _, step in steps if step.outcome.uses_allowance]
        sensitive: set[Key] = set()
        for fact, thread, step in steps if used else ():
            if step.outcome.uses_allowance or fact.event.event not in terms.DELIVERY_EVENTS:
                continue
            other = apply(self.law, thread, fact.event, allowance_left=True, sending=fact.sending)
            if other.outcome.uses_allowance and other.outcome != step.outcome:
                rivals = [event for event in used if self._shares(step, event, fact.event)]
                sensitive |= {event.key for event in (*rivals, fact.event) if rivals}
        return sensitive

    @staticmethod
    def _shares(step: Step, one: Event, other: Event) -> bool:
        allowance = step.edition.book.allowance
        return allowance is not None and (allowance.per == "account" or one.business == other.business)


def tie_sensitive(law: Law, start: Thread, tied: Sequence[Fact], left: int) -> set[Key]:
    """The events of one instant whose answer would be another if two of them came the other way round."""
    pairs = [
        (earlier, later)
        for later in range(1, len(tied))
        # In a crowd of one second only neighbours are swapped: the pairs grow with its square.
        for earlier in range(later - 1 if len(tied) > CROWD else 0, later)
        if _could_swap(tied[earlier].event, tied[later].event)
    ]
    if not pairs:
        return set()
    states: list[tuple[Thread, int]] = [(start, left)]
    usual: list[Outcome] = []
    for fact in tied:
        thread, units, outcome = _after(law, *states[-1], fact)
        states.append((thread, units))
        usual.append(outcome)
    sensitive: set[Key] = set()
    for earlier, later in pairs:
        one, other = tied[earlier].event, tied[later].event
        thread, units, first = _after(law, *states[earlier], tied[later])
        second = _after(law, thread, units, tied[earlier])[2]
        sensitive |= {
            event.key for event, was, now in ((one, usual[earlier], second), (other, usual[later], first)) if was != now
        }
    return sensitive


def _could_swap(one: Event, other: Event) -> bool:
    """
    Whether two events of one instant could have come the other way round, and it could matter.

    A status follows its message, and of two customer messages it does not matter which opened the window.
    """
    same_message = bool(one.id) and one.id == other.id
    return not same_message and not {one.event, other.event} <= set(terms.CUSTOMER_EVENTS)


CROWD: Final = 12


def _after(law: Law, thread: Thread, left: int, fact: Fact) -> tuple[Thread, int, Outcome]:
    """The thread and the free units left after a fact, and what it did."""
    step = apply(law, thread, fact.event, allowance_left=left > 0, sending=fact.sending)
    return step.thread, left - step.outcome.uses_allowance, step.outcome
