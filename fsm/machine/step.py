"""
One step: let time pass, take in one event, say what it did.

Everything here takes a thread and gives a new one back. The instant always comes
with the event; nothing reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from fsm import terms
from fsm.errors import TimeRunsBackwards
from fsm.events import Event, changed, format_instant, micros
from fsm.machine.judging import charge_for, decide, price_line
from fsm.machine.law import Edition, Law, carried_over
from fsm.machine.outcomes import Outcome
from fsm.machine.thread import Sent, Thread
from fsm.rules import acts, facts
from fsm.rules.tables import EXTENDS, JOINS, STAYS, Row, State

_NOTHING: Final = Outcome()
_INFERRED: Final = Outcome(flags=("inferred",))
_PLACE: Final = {name: place for place, name in enumerate(terms.REPORTED)}


def advance(law: Law, thread: Thread, to: int) -> Thread:
    """
    The thread at a later instant, if nothing happens until then.

    Clocks that are due run out in the order of their deadlines, ties in the order of
    the lanes; then the thread passes into the edition of the law that is in force.

    Raises:
        TimeRunsBackwards: `to` lies before the last instant the thread has seen.
    """
    if to < thread.at:
        raise TimeRunsBackwards(
            f"the thread has seen {format_instant(thread.at)} and was asked to go back to {format_instant(to)}. "
            "Sort the events first, or replay them from the start: a late event changes what came after it."
        )
    edition = law.edition_of(thread)
    while True:
        ends = edition.ends
        crosses = ends is not None and ends <= to
        thread = _run_out(edition, thread, ends if crosses and ends is not None else to)
        if not crosses or ends is None:
            return thread if thread.at == to else changed(thread, at=to)
        following = law.after(edition)
        assert following is not None
        thread = carried_over(thread, edition.book, following.book, ends)
        edition = following


def _run_out(edition: Edition, thread: Thread, to: int) -> Thread:
    due = [deadline for deadline in thread.deadlines if deadline is not None and deadline <= to]
    if not due:
        return thread
    states, deadlines, opened = thread.states, list(thread.deadlines), list(thread.opened)
    ran_out_at = thread.ran_out_at
    while due:
        at = min(due)
        lane_index = deadlines.index(at)
        lane = edition.book.lanes[lane_index]
        before = lane.state(states[lane_index])
        states = edition.engine.ran_out(states, lane_index)
        after = lane.state(states[lane_index])
        deadlines[lane_index] = _deadline(after, at, at, opened[lane_index])
        if before.name != "boundary":
            ran_out_at = at
        if before.open and not after.open and after.counted_from != "opening":
            opened[lane_index] = None
        due = [deadline for deadline in deadlines if deadline is not None and deadline <= to]
    kept = tuple(opened) if edition.remembers_opening else thread.opened
    return changed(thread, states=states, deadlines=tuple(deadlines), opened=kept, ran_out_at=ran_out_at)


def _deadline(state: State, at: int, sent_at: int, opened_at: int | None) -> int | None:
    if state.lasts is None:
        return None
    if state.counted_from == "opening":
        # Opened under a law that did not ask when: it ends under that law, and nothing is left of it.
        return at if opened_at is None else opened_at + micros(state.lasts)
    return (sent_at if state.counted_from == "sending" else at) + micros(state.lasts)


@attrs.frozen(kw_only=True)
class Step:
    """
    A thread after an event, and what the event did.

    Attributes:
        thread: the thread after it.
        outcome: what it did.
        edition: the edition of the law it happened under.
    """

    thread: Thread
    outcome: Outcome
    edition: Edition


def apply(
    law: Law,
    thread: Thread,
    event: Event,
    *,
    allowance_left: bool = True,
    sending: Event | None = None,
    verdicts: bool = True,
) -> Step:
    """
    The thread after one event, and what the event did.

    Args:
        law: the law for the account.
        thread: the thread before it.
        event: what happened; not earlier than anything the thread has seen.
        allowance_left: whether a unit of the month's free allowance is left.
        sending: of a status that is dated before it, the record of its message's sending.
        verdicts: also judge sendings that were read off a status. Nothing later depends on that verdict: a refusal is
            remembered for records of sending only.

    Raises:
        TimeRunsBackwards: the event lies before the last instant the thread has seen.

    Rules: CSW-13 (permission is judged at sending, the price at delivery)
    """
    thread = advance(law, thread, event.at)
    edition = law.edition_of(thread)
    if event.event in terms.DELIVERY_EVENTS:
        thread, outcome = _delivered(law, edition, thread, event, allowance_left, sending)
    elif event.event == "message_sent":
        thread, outcome = _sent(law, edition, thread, event, allowance_left, verdicts or not event.inferred)
    elif event.event == "message_failed":
        thread, outcome = _failed(edition, thread, event)
    else:
        thread, outcome = _from_customer(edition, thread, event)
    if thread.ran_out_at == event.at and event.event in terms.MESSAGE_EVENTS:
        outcome = _flagged(outcome, "boundary")
    return Step(thread=thread, outcome=outcome, edition=edition)


# --- the customer -----------------------------------------------------------
def _from_customer(edition: Edition, thread: Thread, event: Event) -> tuple[Thread, Outcome]:
    if not edition.engine.knows(event.event):
        return thread, Outcome(flags=("undocumented_event",))
    true = customer_facts(edition, event)
    thread, outcome = _moved(edition, thread, event.event, true, event.at, event.at)
    if event.event == "customer_message":
        counting = ("CSW-06",) if event.kind in edition.book.readings.undocumented_kinds else ("CSW-05",)
        outcome = changed(outcome, because=_in_order(edition, (*outcome.because, *counting)))
        if event.kind in edition.book.readings.undocumented_kinds:
            outcome = _flagged(outcome, "csw_inbound_kinds")
    return thread, outcome


def customer_facts(edition: Edition, event: Event) -> frozenset[str]:
    """The facts about a customer's message that lanes ask: whether it counts, and how it came."""
    if event.event != "customer_message":
        return frozenset()
    readings = edition.book.readings
    if event.kind in readings.may_open_window:
        return frozenset({facts.MAY_COUNT})
    if event.kind not in readings.opens_window:
        return frozenset()
    if event.entry in readings.entries and event.device in readings.devices:
        return frozenset({facts.COUNTS, facts.THROUGH_ENTRY})
    return frozenset({facts.COUNTS})


# --- the business -----------------------------------------------------------
def _sent(
    law: Law, edition: Edition, thread: Thread, event: Event, allowance_left: bool, judged: bool
) -> tuple[Thread, Outcome]:
    assert event.content is not None
    decision = None
    if judged:
        message = acts.message_of(event.content, event.category)
        decision = decide(law, edition, thread, message, event.template_status, allowance_left, event.addressee)
    place = _entry_point(edition)
    sent = Sent(
        id=event.id,
        content=event.content,
        category=acts.normal_category(event.category),
        at=event.at,
        answered=place is not None and thread.states[place] == "eligible",
        refused=decision is not None and decision.verdict == terms.REFUSED and not event.inferred,
        inferred=event.inferred,
        entry_point_ends_at=event.entry_point_ends_at,
    )
    early = thread.message(event.id)
    if early is not None:
        sent = changed(sent, delivered=early.delivered, failed=early.failed, recipients=early.recipients)
    thread = changed(thread, messages=_remembered(edition, thread, sent))
    if decision is None:
        return thread, _INFERRED
    flags = decision.flags
    if event.inferred:
        flags = (*flags, "inferred")
    return thread, Outcome(
        verdict=decision.verdict,
        error=decision.error,
        because=_in_order(edition, decision.because),
        flags=tuple(sorted(set(flags))),
    )


def _delivered(
    law: Law, edition: Edition, thread: Thread, event: Event, allowance_left: bool, sending: Event | None
) -> tuple[Thread, Outcome]:
    recorded = thread.message(event.id)
    sent = recorded or _as_sent(edition, thread, event, sending or event)
    if sent is None:
        return thread, Outcome(flags=("unknown_message",))
    if has_reached(sent, event.participant):
        return thread, _NOTHING
    drifted = _drifted(sent, event)
    if drifted:
        sent = changed(sent, category=acts.normal_category(event.category))
    ends_at = event.entry_point_ends_at or sent.entry_point_ends_at
    message = acts.message_of(sent.content, sent.category)
    answers = answers_entry_point(edition, thread, sent, message, event.at)
    true = frozenset({facts.ANSWERS_ENTRY}) if answers else frozenset()
    before = edition.facts(thread.states)
    to = event.participant or event.addressee or thread.customer
    charge = charge_for(law, edition, thread, message, before | true, allowance_left, to)
    known = edition.engine.knows(f"{message}_delivered")
    recipients = (*sent.recipients, event.participant) if event.participant else sent.recipients
    delivered = changed(sent, delivered=True, recipients=recipients)
    thread = changed(thread, messages=_replaced(edition, thread, delivered))
    outcome = _NOTHING
    if known:
        thread, outcome = _moved(edition, thread, f"{message}_delivered", true, event.at, sent.at, ends_at)
    flags = [
        flag
        for flag, raised in (
            (charge.flag, bool(charge.flag)),
            ("delivered_though_refused", sent.refused),
            ("delivered_and_failed", sent.failed),
            ("delivered_before_sent", recorded is None and not sent.inferred),
            ("category_drift", drifted),
            ("inferred", sent.inferred),
        )
        if raised
    ]
    return thread, Outcome(
        opens=outcome.opens,
        refreshes=outcome.refreshes,
        closes=outcome.closes,
        joins=outcome.joins,
        charge=price_line(charge, sent.content, sent.category),
        why=charge.why,
        because=_in_order(edition, (*outcome.because, *charge.rules)),
        flags=tuple(sorted({*outcome.flags, *flags})) if flags or outcome.flags else (),
        uses_allowance=charge.uses_allowance,
    )


def has_reached(sent: Sent, participant: str) -> bool:
    """
    Whether a message was delivered before: to a member of a group, or to the customer.

    Rules: GRP-01 (each member of a group who receives it counts)
    """
    if participant and sent.recipients:
        return participant in sent.recipients
    return sent.delivered


def answers_entry_point(edition: Edition, thread: Thread, sent: Sent, message: str, at: int) -> bool:
    """
    Whether the delivery of this message answers the free entry point in time.

    Rules: CBP2-12 (eligible at the delivery), PMP-05 and PMP-06 (eligible at the sending)
    """
    place = _entry_point(edition)
    if place is None or message == acts.APP or thread.states[place] not in ("idle", "eligible"):
        return False
    if edition.book.readings.answered_at == "sending":
        # Sent in time, but so long ago that the hours counted from then are over: nothing is left to open.
        over = _deadline(edition.book.lanes[place].state("open"), at, sent.at, None)
        return sent.answered and (over is None or over > at)
    return thread.states[place] == "eligible"


def _failed(edition: Edition, thread: Thread, event: Event) -> tuple[Thread, Outcome]:
    sent = thread.message(event.id)
    undelivered = [id for id in ("PMP-12", "CBP2-19", "CBP1-12") if id in edition.book.rules][:1]
    if sent is None:
        return thread, Outcome(because=tuple(undelivered), flags=("unknown_message",))
    if event.participant:
        # One member of a group did not get it; that says nothing about the others.
        reached = event.participant in sent.recipients
    else:
        reached = sent.delivered
        thread = changed(thread, messages=_replaced(edition, thread, changed(sent, failed=True)))
    flags = ("delivered_and_failed",) if reached else ()
    return thread, Outcome(because=() if reached else tuple(undelivered), flags=flags)


def _as_sent(edition: Edition, thread: Thread, event: Event, told: Event) -> Sent | None:
    """What was sent, as a later record of sending or the status itself tells; None if neither does."""
    if told.content is None:
        return None
    place = _entry_point(edition)
    return Sent(
        id=event.id,
        content=told.content,
        category=acts.normal_category(told.category),
        at=event.at,
        answered=place is not None and thread.states[place] == "eligible",
        inferred=told.inferred,
        entry_point_ends_at=told.entry_point_ends_at,
    )


def _drifted(sent: Sent, event: Event) -> bool:
    """Whether Meta's status names another category than our record of sending (PMP-11)."""
    if event.category is None or not event.inferred or sent.inferred or event.content != sent.content:
        return False
    return acts.normal_category(event.category) != sent.category


def _remembered(edition: Edition, thread: Thread, sent: Sent) -> tuple[Sent, ...]:
    oldest = sent.at - micros(edition.book.readings.forget_after)
    return (*(old for old in thread.messages if old.at >= oldest and old.id != sent.id), sent)


def _replaced(edition: Edition, thread: Thread, sent: Sent) -> tuple[Sent, ...]:
    if all(old.id != sent.id for old in thread.messages):
        return _remembered(edition, thread, sent)
    return tuple(sent if old.id == sent.id else old for old in thread.messages)


def _entry_point(edition: Edition) -> int | None:
    return edition.places.get(terms.FREE_ENTRY_POINT)


# --- moving the lanes -------------------------------------------------------
def _moved(
    edition: Edition,
    thread: Thread,
    act: str,
    true: frozenset[str],
    at: int,
    sent_at: int,
    ends_at: int | None = None,
) -> tuple[Thread, Outcome]:
    states, fired = edition.engine.move(thread.states, act, edition.facts(thread.states) | true)
    if not fired:
        return thread, _NOTHING
    deadlines, opened = list(thread.deadlines), list(thread.opened)
    opens: list[str] = []
    refreshes: list[str] = []
    closes: list[str] = []
    joined: list[int] = []
    because: list[str] = []
    for index, row in fired:
        if row.dest == STAYS:
            continue
        because.append(row.rule)
        lane = edition.book.lanes[index]
        if row.dest == JOINS:
            joined.append(index)
            continue
        before, after = lane.state(thread.states[index]), lane.state(states[index])
        if index in edition.remembers_opening:
            opened[index] = (at if not before.open else opened[index]) if after.open else None
        if row.dest == EXTENDS:
            deadlines[index] = _extended(edition, index, thread, row)
        else:
            deadlines[index] = _deadline(after, at, sent_at, opened[index])
        stated = ends_at if edition.book.readings.entry_point_end_from_webhook else None
        if stated is not None and stated > at and lane.name == terms.FREE_ENTRY_POINT and after.open:
            deadlines[index] = stated
        if before.open and after.open and before.reported == after.reported and row.dest != STAYS:
            refreshes.append(after.reported)
        elif after.open:
            opens.append(after.reported)
        elif before.open:
            closes.append(before.reported)
    kept = tuple(opened) if edition.remembers_opening else thread.opened
    thread = changed(thread, states=states, deadlines=tuple(deadlines), opened=kept)
    joins, doubt = _joined(edition, thread, joined)
    return thread, Outcome(
        opens=_named(opens),
        refreshes=_named(refreshes),
        closes=_named(closes),
        joins=joins,
        because=_in_order(edition, because),
        flags=doubt,
    )


def _extended(edition: Edition, index: int, thread: Thread, row: Row) -> int | None:
    state = edition.book.lanes[index].state(thread.states[index])
    deadline, opened_at = thread.deadlines[index], thread.opened[index]
    if deadline is None or opened_at is None or row.adds is None or state.at_most is None:
        return deadline  # opened under an earlier law, which gives no more time
    return min(deadline + micros(row.adds), opened_at + micros(state.at_most))


def _joined(edition: Edition, thread: Thread, joined: Sequence[int]) -> tuple[str | None, tuple[str, ...]]:
    lanes = edition.book.lanes
    names = {index: lanes[index].state(thread.states[index]).reported for index in joined}
    if not names:
        return None, ()
    if len(names) == 1:
        return next(iter(names.values())), ()
    # Conversations all last equally long, so the one that ends last was opened last.
    ends = {index: thread.deadlines[index] or 0 for index in names}
    match edition.book.attach:
        case "newest":
            chosen: str = names[max(names, key=lambda index: ends[index])]
        case "oldest":
            chosen = names[min(names, key=lambda index: ends[index])]
        case _:
            chosen = terms.UNSPECIFIED
    return chosen, ("free_form_attach",)


def _named(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    return tuple(sorted((name for name in set(names) if name), key=lambda name: _PLACE[name]))


def _in_order(edition: Edition, ids: Iterable[str]) -> tuple[str, ...]:
    return edition.in_order(tuple(ids))


def _flagged(outcome: Outcome, flag: str) -> Outcome:
    return changed(outcome, flags=tuple(sorted({*outcome.flags, flag})))
