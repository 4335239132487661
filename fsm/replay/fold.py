"""The replay of a log: every distinct event, in canonical order, with what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import attrs

from fsm import terms
from fsm.events import Event
from fsm.machine import Allowances, Law, Outcome, Thread, apply
from fsm.machine.thread import deadlines_by_lane, states_by_lane, status
from fsm.replay.gather import Fact, gather
from fsm.replay.results import Result


def replay(law: Law, events: Iterable[Event]) -> Iterator[Result]:
    """
    One result per distinct event, in canonical order.

    Args:
        law: the law for the account that the log belongs to.
        events: in any order, with any duplicates.

    Raises:
        NoRulebookInForce: an event lies before the first rulebook.

    Rules: CSW-11 (the event's own timestamp counts, not its arrival)
    """
    fold = Fold(law)
    for _, together in groupby(gather(events), key=lambda fact: fact.event.at):
        yield from fold.take(list(together))


class Fold:
    """
    The threads of one account, as far as their facts have been taken in.

    Attributes:
        threads: every thread so far, by business and customer.
        allowances: the units used so far.
    """

    def __init__(self, law: Law, threads: Iterable[Thread] = (), allowances: Allowances | None = None) -> None:
        self.law = law
        self.threads = {(thread.business, thread.customer): thread for thread in threads}
        self.allowances = allowances or Allowances(law)

    def take(self, facts: Sequence[Fact]) -> Iterator[Result]:
        """
        The results of all facts of one instant, given in canonical order.

        Raises:
            TimeRunsBackwards: a thread has seen a later instant.
        """
        sensitive = self._tie_sensitive(facts)
        for fact in facts:
            event = fact.event
            thread = self._thread(event)
            step = apply(self.law, thread, event, allowance_left=self._left(event) > 0)
            if step.outcome.uses_allowance:
                self.allowances.use(step.edition, event.business, event.at)
            self.threads[event.thread] = step.thread
            raised = [
                name for name, true in (("conflict", fact.conflict), ("tie_sensitive", event.key in sensitive)) if true
            ]
            book = step.edition.book
            yield Result(
                event=event,
                rulebook=book.name,
                edition=book.edition,
                outcome=attrs.evolve(step.outcome, flags=tuple(sorted({*step.outcome.flags, *raised}))),
                deadlines=deadlines_by_lane(step.thread, book),
                status=status(states_by_lane(step.thread, book)),
            )

    def _thread(self, event: Event) -> Thread:
        return self.threads.get(event.thread) or self.law.new_thread(*event.thread, event.at)

    def _left(self, event: Event) -> int:
        self.allowances.seen(event.at)
        return self.allowances.left(self.law.edition_at(event.at), event.business, event.at)

    def _tie_sensitive(self, facts: Sequence[Fact]) -> set[tuple[str, str, str, str]]:
        tied: dict[tuple[str, str], list[Event]] = {}
        for fact in facts:
            tied.setdefault(fact.event.thread, []).append(fact.event)
        sensitive: set[tuple[str, str, str, str]] = set()
        for events in tied.values():
            if len(events) > 1:
                sensitive |= _tie_sensitive(self.law, self._thread(events[0]), events, self._left(events[0]))
        return sensitive


def _tie_sensitive(law: Law, start: Thread, tied: Sequence[Event], left: int) -> set[tuple[str, str, str, str]]:
    """The events of one instant whose answer would be another if a neighbour came the other way round."""
    usual = _outcomes(law, start, tied, left)
    sensitive: set[tuple[str, str, str, str]] = set()
    for place in range(len(tied) - 1):
        one, other = tied[place], tied[place + 1]
        same_message = one.id and one.id == other.id
        if same_message or {one.event, other.event} <= set(terms.CUSTOMER_EVENTS):
            # A status follows its message, and of two customer messages it does not matter which opened the window.
            continue
        swapped = [*tied[:place], other, one, *tied[place + 2 :]]
        unusual = _outcomes(law, start, swapped, left)
        sensitive |= {event.key for event in (one, other) if usual[event.key] != unusual[event.key]}
    return sensitive


def _outcomes(law: Law, thread: Thread, events: Sequence[Event], left: int) -> dict[tuple[str, str, str, str], Outcome]:
    found: dict[tuple[str, str, str, str], Outcome] = {}
    for event in events:
        step = apply(law, thread, event, allowance_left=left > 0)
        left -= step.outcome.uses_allowance
        thread = step.thread
        found[event.key] = step.outcome
    return found
