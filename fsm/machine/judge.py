"""The question everybody asks: may I send this now, what would follow, and how long does the answer hold?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from fsm import terms
from fsm.errors import BadEvent
from fsm.events import Event
from fsm.machine.judging import decide
from fsm.machine.law import Law
from fsm.machine.outcomes import Intent, Outcome, Verdict
from fsm.machine.step import advance, apply
from fsm.machine.thread import Thread
from fsm.rules import acts

_WOULD_BE: Final = "would-be"
_NOTHING: Final = Outcome()


def judge(
    law: Law, thread: Thread, intent: Intent, at: int, *, allowance_left: bool | Callable[[int], bool] = True
) -> Verdict:
    """
    Whether a message may be sent at an instant, and what its delivery then would do.

    The prediction is not a second set of rules: the very same step runs on a copy of
    the thread.

    Args:
        law: the law for the account.
        thread: the thread as last seen; not changed.
        intent: what would be sent.
        at: instant; not earlier than anything the thread has seen.
        allowance_left: whether a unit of the month's free allowance is left, or what tells so for an instant.

    Raises:
        TimeRunsBackwards: `at` lies before the last instant the thread has seen.
        BadEvent: the content is not one of `terms.CONTENTS`.
    """
    if intent.content not in terms.CONTENTS:
        raise BadEvent(f"content is {intent.content!r}, which is none of {', '.join(terms.CONTENTS)}.")
    left = allowance_left if callable(allowance_left) else lambda _: bool(allowance_left)
    if intent.category is not None and not isinstance(intent.category, str):
        raise BadEvent(f"category is {intent.category!r}; it must be text, for example 'utility'.")
    verdict = _verdict(law, thread, intent, at, left(at))
    return attrs.evolve(verdict, valid_until=_changes_at(law, thread, intent, verdict, left))


def _verdict(law: Law, thread: Thread, intent: Intent, at: int, allowance_left: bool) -> Verdict:
    thread = advance(law, thread, at)
    edition = law.edition_of(thread)
    message = acts.message_of(intent.content, intent.category)
    decision = decide(law, edition, thread, message, intent.template_status, allowance_left)
    edge = ("boundary",) if thread.ran_out_at == at else ()
    outcome = _NOTHING if decision.verdict == terms.REFUSED else _prediction(law, thread, intent, at, allowance_left)
    return Verdict(
        verdict=decision.verdict,
        error=decision.error,
        because=_sorted(decision.because, edition.rank),
        assume=decision.assume,
        flags=tuple(sorted({*decision.flags, *outcome.flags, *edge})),
        advice=_sorted(decision.advice, edition.rank),
        way_out=decision.way_out,
        rulebook=edition.book.name,
        opens=outcome.opens,
        closes=outcome.closes,
        joins=outcome.joins,
        charge=outcome.charge,
        why=outcome.why,
        follows_from=outcome.because,
        decided_at=at,
    )


def _prediction(law: Law, thread: Thread, intent: Intent, at: int, allowance_left: bool) -> Outcome:
    sent = Event(
        event="message_sent",
        at=at,
        business=thread.business,
        customer=thread.customer,
        id=_WOULD_BE,
        content=intent.content,
        category=intent.category,
        template_status=intent.template_status,
    )
    after = apply(law, thread, sent, allowance_left=allowance_left).thread
    delivered = Event(
        event="message_delivered", at=at, business=thread.business, customer=thread.customer, id=_WOULD_BE
    )
    return apply(law, after, delivered, allowance_left=allowance_left).outcome


def _changes_at(law: Law, thread: Thread, intent: Intent, now: Verdict, left: Callable[[int], bool]) -> int | None:
    """The next instant at which the same question gets another answer although nothing has happened."""
    at = now.decided_at
    renewal = None if left(at) else law.next_month(at)
    while True:
        thread = advance(law, thread, at)
        edition = law.edition_of(thread)
        instants = (*thread.deadlines, edition.ends, renewal)
        candidates = [instant for instant in instants if instant is not None and instant > at]
        if not candidates:
            return None
        at = min(candidates)
        then = _verdict(law, thread, intent, at, left(at))
        if _answer(then) != _answer(now):
            return at


def _answer(verdict: Verdict) -> Verdict:
    """A verdict without what belongs to its instant: when it was asked, under which name of the law, and on which edge."""
    flags = tuple(flag for flag in verdict.flags if flag != "boundary")
    return attrs.evolve(verdict, decided_at=0, rulebook="", flags=flags)


def _sorted(ids: tuple[str, ...], rank: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(set(ids), key=rank.__getitem__))
