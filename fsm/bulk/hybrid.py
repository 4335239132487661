"""Threads that the kernel leaves alone, run by the reference and written down as the kernel would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

import attrs

from fsm import terms
from fsm.bulk.memory import MOST_UNITS
from fsm.events import Event, changed
from fsm.machine import Law, Outcome, apply
from fsm.machine.law import Edition
from fsm.machine.step import has_reached
from fsm.machine.thread import Thread, deadlines_by_lane
from fsm.replay.fold import tie_sensitive
from fsm.replay.gather import Fact, gather

Left = Callable[[Event], bool]
"""Whether a unit of the allowance is left when an event happens."""
Units = Callable[[Event], int]
"""How many units are left before the instant of an event."""


@attrs.frozen(kw_only=True)
class Decided:
    """
    One distinct event of a thread, decided by the reference.

    Attributes:
        event: as it counts.
        left, none: what it did if a unit of the allowance was left, and if none was.
        ties: bit n: another order within its instant would change the answer if n units are left. The last bit, of
            `most`, stands for every greater number.
        most: see `ties`.
        thread, edition: after it.
        about: content and category of what was delivered; an empty content where nobody knows what, None where nothing
            was delivered.
        refusals_differ: the message was refused in one of the two cases only.
    """

    event: Event
    left: Outcome
    none: Outcome
    ties: int
    most: int
    thread: Thread
    edition: Edition
    about: tuple[str, str | None] | None
    refusals_differ: bool

    @property
    def deadlines(self) -> dict[str, int]:
        """The clocks that run after it: lane to instant."""
        return deadlines_by_lane(self.thread, self.edition.book)


def decide(law: Law, events: Iterable[Event], left: Left | None = None, units: Units | None = None) -> list[Decided]:
    """
    Every distinct event of one thread, in canonical order.

    Args:
        law: for the account.
        events: of one thread, in any order, with any duplicates.
        left, units: what is known of the allowance; None while nobody knows, then both answers are given.
    """
    return decide_facts(law, None, gather(events), left, units)


def decide_facts(
    law: Law, thread: Thread | None, given: Iterable[Fact], left: Left | None = None, units: Units | None = None
) -> list[Decided]:
    """
    The same of facts that come after what a thread has seen.

    Args:
        law: for the account.
        thread: to go on from; None for a new one.
        given: facts of that thread, in canonical order.
        left, units: see `decide`.

    Raises:
        TimeRunsBackwards: the thread has seen a later instant.
    """
    decided: list[Decided] = []
    for _, together in groupby(given, key=lambda fact: fact.event.at):
        facts = list(together)
        first = facts[0].event
        if thread is None:
            thread = law.new_thread(*first.thread, first.at)
        ties, most = _ties(law, thread, facts, None if units is None else units(first))
        for fact in facts:
            chosen = True if left is None else left(fact.event)
            step = apply(law, thread, fact.event, allowance_left=chosen, sending=fact.sending)
            other = apply(law, thread, fact.event, allowance_left=not chosen, sending=fact.sending)
            with_left, without = (step, other) if chosen else (other, step)
            key = fact.event.key
            decided.append(
                Decided(
                    event=fact.event,
                    left=_marked(with_left.outcome, fact),
                    none=_marked(without.outcome, fact),
                    ties=ties.get(key, 0),
                    most=most,
                    thread=step.thread,
                    edition=step.edition,
                    about=_about(thread, step.thread, fact.event),
                    refusals_differ=step.thread.messages != other.thread.messages,
                )
            )
            thread = step.thread
    return decided


def _ties(law: Law, thread: Thread, facts: list[Fact], units: int | None) -> tuple[dict[tuple[str, ...], int], int]:
    if len(facts) == 1:
        return {}, 0
    if law.edition_at(facts[0].event.at).book.allowance is None:
        tried, most = [0], 0
    elif units is not None:
        tried, most = [units], 0
    else:
        most = max(MOST_UNITS, len(facts))
        tried = list(range(most + 1))
    bits: dict[tuple[str, ...], int] = {}
    for place, left in enumerate(tried):
        for key in tie_sensitive(law, thread, facts, left):
            bits[key] = bits.get(key, 0) | 1 << place
    return bits, most


def _about(before: Thread, after: Thread, event: Event) -> tuple[str, str | None] | None:
    if event.event not in terms.DELIVERY_EVENTS:
        return None
    known = before.message(event.id)
    if known is not None and has_reached(known, event.participant):
        return None  # it repeats what is known
    sent = after.message(event.id)
    return ("", None) if sent is None else (sent.content, sent.category)


def _marked(outcome: Outcome, fact: Fact) -> Outcome:
    return changed(outcome, flags=tuple(sorted({*outcome.flags, "conflict"}))) if fact.conflict else outcome
