"""
Events as they come: held back until the watermark, put in order, decided; and decided again if more comes to light.

Everything here takes values and gives new ones back. It knows neither Spark nor a clock: the watermark is an argument.
An event *waits* from its arrival until the watermark has passed its instant: until then a *provisional* answer says
what is known, then a *final* one says what it did. What comes later than that changes nothing here: it is given out as
*late*, and `redecide` says from the log which final answers it makes wrong.

The month's free allowance is shared by all threads, and a thread knows only itself. So an answer holds both cases, and
`settle` chooses between them in the order of deliveries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

import attrs

from fsm import terms
from fsm.bulk.hybrid import Decided, decide, decide_facts
from fsm.errors import BadSettlement, UnreadableSnapshot
from fsm.events import Event, format_instant, parse_instant, read_event, write_event
from fsm.machine import Allowances, Law, Outcome, Thread
from fsm.machine.law import Edition
from fsm.machine.snapshot import read_thread, write_thread
from fsm.replay.gather import gather

Key = tuple[str, str, str, str]

PROVISIONAL, FINAL, LATE = "provisional", "final", "late"

BEHIND: Final = "behind_the_watermark"
CONTRADICTS: Final = "contradicts_a_final"
TELLS: Final = "tells_of_a_final"
UNCOVERED: Final = "before_the_first_rulebook"
WHY: Final[Mapping[str, str]] = {
    BEHIND: "its instant lies before the watermark",
    CONTRADICTS: "an event with other content was final under its key",
    TELLS: "it says what was sent, and a status of that message is final",
    UNCOVERED: "no rulebook covers its instant",
}
"""Why an event is late, and what that means."""

REMEMBER: Final = 8 * 86_400_000_000
"""How long the keys of final events are remembered, in microseconds: Meta repeats a webhook for up to seven days."""


@attrs.frozen(kw_only=True)
class Answer:
    """
    What one event did, as far as its thread alone can tell.

    Attributes:
        event: as it counts.
        rulebook, edition: the law it happened under.
        left, none: what it did if a unit of the free allowance was left, and if none was.
        ties, most: see `fsm.bulk.hybrid.Decided`.
        deadlines: the clocks that run after it: lane to instant.
        refusals_differ: the message was refused in one of the two cases only, so that flags of later rows hang on it.
    """

    event: Event
    rulebook: str
    edition: str
    left: Outcome
    none: Outcome
    ties: int
    most: int
    deadlines: Mapping[str, int]
    refusals_differ: bool

    @property
    def place(self) -> tuple[Any, ...]:
        """Its place in the canonical order of a log."""
        return self.event.order


@attrs.frozen(kw_only=True)
class Row:
    """
    What comes out of a stream.

    Attributes:
        stage: `provisional`, `final` or `late`.
        event: it is about.
        answer: None for a late one.
        why: of a late one, a key of `WHY`; else empty.
        touched: the thread has seen a late event, so that this answer needs `redecide`.
    """

    stage: str
    event: Event
    answer: Answer | None = None
    why: str = ""
    touched: bool = False


@attrs.frozen(kw_only=True)
class Told:
    """What is remembered of a final event: its instant, its message, and the contents with which it arrived."""

    at: int
    event: str
    id: str
    prints: frozenset[str]


@attrs.frozen(kw_only=True)
class State:
    """
    One thread of a stream.

    Attributes:
        thread: after its last final event; None before the first.
        through: instant; everything before it is final. Microseconds since 1970 (UTC).
        waiting: events that are not final yet, in the order of their text.
        told: final events that are remembered, by key.
        touched: a late event came.
    """

    thread: Thread | None = None
    through: int = 0
    waiting: tuple[Event, ...] = ()
    told: Mapping[Key, Told] = attrs.field(factory=dict)
    touched: bool = False

    @property
    def due(self) -> int | None:
        """The instant that the watermark must pass for something to become final; None if nothing waits."""
        return min((event.at for event in self.waiting), default=None)


def take(
    law: Law, state: State, events: Iterable[Event], watermark: int, *, remember: int = REMEMBER
) -> tuple[State, list[Row]]:
    """
    Take in events of one thread, in any order, and let the watermark pass.

    A watermark lower than one that was seen is none: what is final stays final.

    Args:
        law: for the account.
        state: of the thread.
        events: newly arrived; there may be none.
        watermark: every event before this instant should have arrived. Microseconds since 1970 (UTC).
        remember: how long the keys of final events are remembered.

    Returns:
        The new state, and rows: late events, final answers in canonical order, provisional answers to those of
        `events` that wait.

    Rules: CSW-11 (the event's own timestamp counts, not its arrival)
    """
    rows: list[Row] = []
    waiting = {_print(event): event for event in state.waiting}
    fresh: set[Key] = set()
    touched = state.touched
    finals_of = {told.id for told in state.told.values() if told.event in terms.STATUS_EVENTS}
    for event in events:
        mark = _print(event)
        told = state.told.get(event.key)
        if mark in waiting or (told is not None and mark in told.prints):
            continue
        why = _late(law, state, event, told, finals_of)
        if why:
            rows.append(Row(stage=LATE, event=event, why=why))
            touched |= why != UNCOVERED
        else:
            waiting[mark] = event
            fresh.add(event.key)
    rows.sort(key=lambda row: (row.event.order, _print(row.event)))
    through = max(state.through, watermark)
    facts = gather(waiting.values())
    ready = [fact for fact in facts if fact.event.at < through]
    decided = decide_facts(law, state.thread, ready)
    rows += [Row(stage=FINAL, event=each.event, answer=answer_of(each), touched=touched) for each in decided]
    thread = decided[-1].thread if decided else state.thread
    final = {fact.event.key: fact.event for fact in ready}
    told_now = {key: told for key, told in state.told.items() if told.at >= through - remember}
    for mark, event in waiting.items():
        if event.key in final:
            at = final[event.key].at
            before = told_now.get(event.key)
            prints = (before.prints if before else frozenset()) | {mark}
            told_now[event.key] = Told(at=at, event=event.event, id=event.id, prints=prints)
    kept = sorted((mark, event) for mark, event in waiting.items() if event.key not in final) if waiting else []
    if fresh - final.keys():
        still = [fact for fact in facts if fact.event.key not in final]
        rows += [
            Row(stage=PROVISIONAL, event=each.event, answer=answer_of(each), touched=touched)
            for each in decide_facts(law, thread, still)
            if each.event.key in fresh
        ]
    new = State(
        thread=thread,
        through=through,
        waiting=tuple(event for _, event in kept),
        told=told_now,
        touched=touched,
    )
    return new, rows


def _late(law: Law, state: State, event: Event, told: Told | None, finals_of: set[str]) -> str:
    if event.at < law.editions[0].begins and law.rulebook == "auto":
        return UNCOVERED
    if event.at < state.through:
        return BEHIND
    if told is not None:
        return CONTRADICTS
    return TELLS if event.event == "message_sent" and event.id in finals_of else ""


def _print(event: Event) -> str:
    text = json.dumps(write_event(event), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def answer_of(decided: Decided) -> Answer:
    """What was decided of one event, without the thread behind it."""
    return Answer(
        event=decided.event,
        rulebook=decided.edition.book.name,
        edition=decided.edition.book.edition,
        left=decided.left,
        none=decided.none,
        ties=decided.ties,
        most=decided.most,
        deadlines=decided.deadlines,
        refusals_differ=decided.refusals_differ,
    )


# --- again, from the log ----------------------------------------------------
@attrs.frozen(kw_only=True)
class Correction:
    """
    A final answer that the log does not bear out.

    Attributes:
        was: the final answer; None if there was none.
        now: what the log says; None if the log has no such event.
    """

    was: Answer | None
    now: Answer | None

    @property
    def event(self) -> Event:
        """The event it is about, as the log has it."""
        answer = self.now or self.was
        assert answer is not None
        return answer.event


def redecide(law: Law, log: Iterable[Event], finals: Iterable[Answer], through: int) -> list[Correction]:
    """
    What late events change: threads decided again, from the start, against the answers that were final.

    The log decides alone, so the same log gives the same corrections however often and in whatever order it is told.

    Args:
        law: for the account.
        log: every event of the threads that were touched, late ones too, in any order, with any duplicates.
        finals: the final answers of these threads.
        through: the watermark up to which finals were given; what lies behind it is not final and is left alone.

    Returns:
        In canonical order, one for every event whose answer is another.

    Raises:
        BadSettlement: two final answers have one key.
    """
    was: dict[Key, Answer] = {}
    for answer in finals:
        if answer.event.key in was:
            raise BadSettlement(
                f"there are two final answers to {', '.join(answer.event.key)}. Give each final row once: "
                "a sink that repeats rows must be read by key."
            )
        was[answer.event.key] = answer
    now = {answer.event.key: answer for answer in decided_from(law, log) if answer.event.at < through}
    corrections = [
        Correction(was=was.get(key), now=now.get(key)) for key in {**was, **now} if was.get(key) != now.get(key)
    ]
    return sorted(corrections, key=lambda correction: correction.event.order)


def decided_from(law: Law, log: Iterable[Event]) -> Iterator[Answer]:
    """The answers of whole threads, thread by thread."""
    threads: dict[tuple[str, str], list[Event]] = {}
    for event in log:
        threads.setdefault(event.thread, []).append(event)
    for _, events in sorted(threads.items()):
        for decided in decide(law, events):
            yield answer_of(decided)


def corrected(finals: Iterable[Answer], corrections: Iterable[Correction]) -> list[Answer]:
    """The final answers with corrections in their places, in canonical order."""
    answers = {answer.event.key: answer for answer in finals}
    for correction in corrections:
        answers.pop(correction.event.key, None)
        if correction.now is not None:
            answers[correction.now.event.key] = correction.now
    return sorted(answers.values(), key=lambda answer: answer.place)


# --- the allowance ----------------------------------------------------------
def settle(law: Law, answers: Iterable[Answer], log: Iterable[Event] = ()) -> list[dict[str, object]]:
    """
    Final answers as the results that `fsm replay` would give: of both cases the one that the allowance makes true.

    Args:
        law: for the account.
        answers: to all events of the account up to some instant, in any order.
        log: the events of threads in which a refusal hangs on the allowance; it does so only without a payment method.

    Raises:
        BadSettlement: a refusal hangs on the allowance, and the log of its thread is not given.
    """
    every = sorted(answers, key=lambda answer: answer.place)
    contested = {answer.event.thread for answer in every if answer.refusals_differ}
    if contested:
        known = {chosen.answer.place: (chosen.left, chosen.units) for chosen in _chosen(law, every)}
        threads: dict[tuple[str, str], list[Event]] = {}
        for event in log:
            if event.thread in contested:
                threads.setdefault(event.thread, []).append(event)
        for thread in sorted(contested - threads.keys()):
            raise BadSettlement(
                f"in the thread of {' and '.join(thread)} a refusal hangs on the free allowance, so later rows do as well. "
                "Give the events of that thread too."
            )
        wanted = {answer.event.key for answer in every}
        every = [answer for answer in every if answer.event.thread not in contested]
        for events in threads.values():
            again = decide(
                law,
                events,
                left=lambda event: known.get(event.order, (True, 0))[0],
                units=lambda event: known.get(event.order, (True, 0))[1],
            )
            every += [answer_of(each) for each in again if each.event.key in wanted]
        every.sort(key=lambda answer: answer.place)
    return [_written(chosen) for chosen in _chosen(law, every)]


@attrs.define
class _Chosen:
    answer: Answer
    left: bool
    units: int
    tied: bool

    @property
    def outcome(self) -> Outcome:
        return self.answer.left if self.left else self.answer.none


def _chosen(law: Law, answers: list[Answer]) -> Iterator[_Chosen]:
    allowances = Allowances(law)
    for at, together in groupby(answers, key=lambda answer: answer.event.at):
        mine = list(together)
        allowances.seen(at)
        edition = law.edition_at(at)
        before = {each.event.business: allowances.left(edition, each.event.business, at) for each in mine}
        chosen: list[_Chosen] = []
        for answer in mine:
            units = before[answer.event.business]
            has_left = edition.book.allowance is None or allowances.left(edition, answer.event.business, at) > 0
            one = _Chosen(answer, has_left, units, bool(answer.ties >> min(units, answer.most) & 1))
            if one.outcome.uses_allowance:
                allowances.use(edition, answer.event.business, at)
            chosen.append(one)
        _mark_last_unit(edition, chosen)
        yield from chosen


def _mark_last_unit(edition: Edition, chosen: list[_Chosen]) -> None:
    """Of several deliveries of one instant Meta does not say which got the last free unit."""
    allowance = edition.book.allowance
    if allowance is None:
        return
    scopes: dict[str, list[_Chosen]] = {}
    for one in chosen:
        scopes.setdefault(one.answer.event.business if allowance.per == "business" else "", []).append(one)
    for mine in scopes.values():
        users = [one for one in mine if one.outcome.uses_allowance]
        losers = [one for one in mine if not one.outcome.uses_allowance and one.answer.left.uses_allowance]
        for one in (*users, *losers) if users and losers else ():
            one.tied = True


def _written(chosen: _Chosen) -> dict[str, object]:
    answer, outcome, event = chosen.answer, chosen.outcome, chosen.answer.event
    flags = sorted({*outcome.flags, "tie_sensitive"}) if chosen.tied else list(outcome.flags)
    return {
        "id": event.id or None,
        "event": event.event,
        "at": format_instant(event.at),
        "business": event.business,
        "customer": event.customer,
        "rulebook": answer.rulebook,
        "verdict": outcome.verdict,
        "error": outcome.error,
        **{name: list(getattr(outcome, name)) for name in ("because", "opens", "refreshes", "closes")},
        **{name: getattr(outcome, name) for name in ("joins", "charge", "why")},
        "deadlines": {lane: format_instant(at) for lane, at in answer.deadlines.items()},
        "flags": flags,
    }


# --- as text ----------------------------------------------------------------
def write_state(state: State, law: Law) -> str:
    """The state as JSON text."""
    return json.dumps(
        {
            "thread": None if state.thread is None else write_thread(state.thread, law),
            "through": state.through,
            "waiting": [write_event(event) for event in state.waiting],
            "told": [
                [*key, told.at, told.event, told.id, sorted(told.prints)] for key, told in sorted(state.told.items())
            ],
            "touched": state.touched,
        }
    )


def read_state(text: str, law: Law) -> State:
    """
    The state that was written.

    Raises:
        UnreadableSnapshot: it is not what `write_state` writes.
    """
    try:
        saved = json.loads(text)
        return State(
            thread=None if saved["thread"] is None else read_thread(saved["thread"], law),
            through=int(saved["through"]),
            waiting=tuple(read_event(event)[0] for event in saved["waiting"]),
            told={
                (business, customer, name, told): Told(at=at, event=event, id=id, prints=frozenset(prints))
                for business, customer, name, told, at, event, id, prints in saved["told"]
            },
            touched=bool(saved["touched"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise UnreadableSnapshot(f"the state of a thread in a stream cannot be read: {wrong!r}.") from None


def write_answer(answer: Answer) -> str:
    """The answer as JSON text."""
    return json.dumps(
        {
            "event": write_event(answer.event),
            "rulebook": answer.rulebook,
            "edition": answer.edition,
            "left": attrs.asdict(answer.left),
            "none": None if answer.none == answer.left else attrs.asdict(answer.none),
            "ties": answer.ties,
            "most": answer.most,
            "deadlines": {lane: format_instant(at) for lane, at in answer.deadlines.items()},
            "refusals_differ": answer.refusals_differ,
        }
    )


def read_answer(text: str) -> Answer:
    """
    The answer that was written.

    Raises:
        UnreadableSnapshot: it is not what `write_answer` writes.
    """
    try:
        saved = json.loads(text)
        left = _outcome(saved["left"])
        return Answer(
            event=read_event(saved["event"])[0],
            rulebook=saved["rulebook"],
            edition=saved["edition"],
            left=left,
            none=left if saved["none"] is None else _outcome(saved["none"]),
            ties=int(saved["ties"]),
            most=int(saved["most"]),
            deadlines={lane: parse_instant(at) for lane, at in saved["deadlines"].items()},
            refusals_differ=bool(saved["refusals_differ"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise UnreadableSnapshot(f"an answer of a stream cannot be read: {wrong!r}.") from None


def _outcome(saved: Mapping[str, Any]) -> Outcome:
    members: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in saved.items()}
    return Outcome(**members)
