"""The machine: how time passes, what each event does, and whether a verdict keeps its promises."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.errors import BadEvent, BadRulebook, NoRulebookInForce, TimeRunsBackwards, UnreadableSnapshot
from fsm.events import Account, Event, instant_of, micros, read_account, read_event
from fsm.machine import Allowances, Intent, Law, Outcome, Thread, Verdict, advance, apply, judge
from fsm.machine.lanes import Fired, Machines
from fsm.machine.law import Edition, Engine, carried_over
from fsm.machine.table import Table
from fsm.machine.thread import Sent, deadlines_by_lane, states_by_lane, status
from fsm.replay import Fold, gather
from fsm.rulebooks.timeline import editions
from fsm.rules.tables import Rulebook
from tests.parity.histories import history

HOUR = micros(timedelta(hours=1))
DAY = 24 * HOUR
SECOND = micros(timedelta(seconds=1))
LAW = Law()
STEADY = settings(deadline=None, derandomize=True)
BUSINESS, CUSTOMER = "the bakery", "5215550001111"

ERAS = {
    "nbp": datetime(2021, 3, 10, 12, tzinfo=UTC),
    "cbp-2022-02": datetime(2022, 5, 10, 12, tzinfo=UTC),
    "cbp-2023-06": datetime(2023, 9, 12, 12, tzinfo=UTC),
    "cbp-2024-11": datetime(2025, 1, 14, 12, tzinfo=UTC),
    "pmp-2025-07": datetime(2025, 9, 9, 12, tzinfo=UTC),
    "pmp-2026-10": datetime(2026, 11, 10, 12, tzinfo=UTC),
}
"""An instant well inside each era, weeks from any change of the law."""


def at(era: str) -> int:
    return instant_of(ERAS[era])


def _event(name: str, when: int, id: str = "m", **members: Any) -> Event:
    return Event(event=name, at=when, business=BUSINESS, customer=CUSTOMER, id=id, **members)


def _new(when: int, law: Law = LAW) -> Thread:
    return law.new_thread(BUSINESS, CUSTOMER, when)


def _after(*events: Event, law: Law = LAW) -> Thread:
    thread = _new(events[0].at, law)
    for event in events:
        thread = apply(law, thread, event).thread
    return thread


def _outcome(*events: Event, law: Law = LAW, allowance_left: bool = True) -> Outcome:
    """What the last of the events did."""
    thread = _after(*events[:-1], law=law) if events[:-1] else _new(events[0].at, law)
    return apply(law, thread, events[-1], allowance_left=allowance_left).outcome


def _states(thread: Thread, law: Law = LAW) -> dict[str, str]:
    return states_by_lane(thread, law.edition_of(thread).book)


def _delivered(when: int, content: str, category: str | None = None, id: str = "m") -> tuple[Event, Event]:
    return (
        _event("message_sent", when, id, content=content, category=category),
        _event("message_delivered", when, id),
    )


# --- time -------------------------------------------------------------------
def test_time_that_passes_without_a_clock_changes_nothing_but_the_instant() -> None:
    thread = _new(at("cbp-2023-06"))
    later = advance(LAW, thread, thread.at + 400 * HOUR)
    assert attrs.evolve(later, at=thread.at) == thread


def test_no_time_that_passes_gives_the_very_same_thread() -> None:
    thread = _after(_event("customer_message", at("cbp-2023-06")))
    assert advance(LAW, thread, thread.at) is thread


def test_a_thread_refuses_to_go_back_and_says_from_where_to_where() -> None:
    thread = _new(at("cbp-2023-06"))
    with pytest.raises(TimeRunsBackwards) as refusal:
        advance(LAW, thread, thread.at - 1)
    assert "has seen 2023-09-12T12:00:00Z" in str(refusal.value)
    assert "go back to 2023-09-12T11:59:59.999999Z" in str(refusal.value)
    with pytest.raises(TimeRunsBackwards):
        apply(LAW, thread, _event("customer_message", thread.at - 1))
    with pytest.raises(TimeRunsBackwards):
        judge(LAW, thread, Intent(content="free_form"), thread.at - 1)


def test_two_clocks_that_run_out_together_both_have_run_out() -> None:
    start = at("cbp-2023-06")
    thread = _after(*_delivered(start, "template", "marketing", "a"), *_delivered(start, "template", "utility", "b"))
    clocks = deadlines_by_lane(thread, LAW.edition_of(thread).book)
    assert clocks == {"marketing": start + DAY, "utility": start + DAY}
    before, after = (_states(advance(LAW, thread, start + DAY + step)) for step in (-1, 0))
    assert (before["marketing"], before["utility"]) == ("business_open", "business_open")
    assert (after["marketing"], after["utility"]) == ("idle", "idle")


def test_clocks_of_which_one_starts_the_next_run_out_in_one_go() -> None:
    """The window goes from open through the second of doubt to closed, however late one looks."""
    start = at("cbp-2023-06")
    thread = advance(LAW, _after(_event("customer_message", start)), start + 400 * HOUR)
    assert _states(thread)["customer_service_window"] == "closed"
    assert not any(thread.deadlines)


def _clocked() -> Iterator[tuple[str, str, str]]:
    """Every state with a clock, in the first edition that has it in this form."""
    seen = set()
    for book in editions():
        for lane in book.lanes:
            for state in lane.states:
                if state.lasts is not None and (lane.name, state) not in seen:
                    seen.add((lane.name, state))
                    yield book.edition, lane.name, state.name


@pytest.mark.parametrize("engine", ["machine", "table"])
@pytest.mark.parametrize(("edition", "lane", "state"), list(_clocked()))
def test_a_clock_still_runs_a_microsecond_before_its_end_and_has_run_out_at_it(
    edition: str, lane: str, state: str, engine: Engine
) -> None:
    book = next(book for book in editions() if book.edition == edition)
    law = Law(books=(book,), engine=engine)
    start = law.editions[0].begins + HOUR
    place = [each.name for each in book.lanes].index(lane)
    thread = _new(start, law)
    states, deadlines = list(thread.states), list(thread.deadlines)
    states[place], deadlines[place] = state, start + DAY
    thread = attrs.evolve(thread, states=tuple(states), deadlines=tuple(deadlines))
    assert _states(advance(law, thread, start + DAY - 1), law)[lane] == state
    ended = advance(law, thread, start + DAY)
    assert _states(ended, law)[lane] == book.lane(lane).state(state).then
    assert _states(ended, law) | {lane: state} == _states(thread, law), "no other lane moved"


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("after", "verdict", "assume"),
    [
        (0, "allowed", ""),
        (DAY - 1, "allowed", ""),
        (DAY, "unspecified", "refused"),
        (DAY + SECOND - 1, "unspecified", "refused"),
        (DAY + SECOND, "refused", ""),
        (400 * HOUR, "refused", ""),
    ],
)
def test_a_free_form_message_is_allowed_for_24_hours_and_in_doubt_for_one_second_more(
    era: str, after: int, verdict: str, assume: str
) -> None:
    """Timestamps of webhooks are whole seconds: which side the last one belongs to is documented nowhere."""
    thread = _after(_event("customer_message", at(era)))
    answer = judge(LAW, thread, Intent(content="free_form"), at(era) + after)
    assert (answer.verdict, answer.assume) == (verdict, assume)
    assert answer.error == (131047 if verdict == "refused" else None)
    assert answer.allowed is (verdict == "allowed")


@pytest.mark.parametrize(
    ("era", "content", "category", "opens"),
    [
        ("cbp-2022-02", "template", "marketing", "business_initiated"),
        ("cbp-2022-02", "free_form", None, "business_initiated"),
        ("cbp-2023-06", "template", "marketing", "marketing"),
        ("cbp-2023-06", "template", "utility", "utility"),
        ("cbp-2023-06", "template", "authentication", "authentication"),
        ("cbp-2023-06", "free_form", None, "service"),
        ("cbp-2024-11", "template", "marketing_lite", "marketing_lite"),
    ],
)
@pytest.mark.parametrize(("after", "joins"), [(DAY - 1, True), (DAY, False), (DAY + 1, False)])
def test_a_conversation_is_joined_until_24_hours_after_its_opening_and_opens_anew_then(
    era: str, content: str, category: str | None, opens: str, after: int, joins: bool
) -> None:
    start = at(era)
    first = _delivered(start, content, category, "first")
    again = _delivered(start + after, content, category, "again")
    assert _outcome(*first).opens == (opens,)
    second = _outcome(*first, *again)
    assert (second.opens, second.joins) == (((), opens) if joins else ((opens,), None))


@pytest.mark.parametrize("era", ["cbp-2022-02", "cbp-2023-06", "pmp-2025-07", "pmp-2026-10"])
@pytest.mark.parametrize(("after", "opens"), [(DAY - 1, True), (DAY, False), (DAY + 1, False)])
def test_an_entry_point_is_answered_until_24_hours_after_the_message_through_it(
    era: str, after: int, opens: bool
) -> None:
    start = at(era)
    through = _event("customer_message", start, "in", entry="ad")
    outcome = _outcome(through, *_delivered(start + after, "template", "utility"))
    assert ("free_entry_point" in outcome.opens) is opens
    assert (outcome.why == "free_entry_point") is opens


@pytest.mark.parametrize(
    ("era", "lasts"),
    [("cbp-2022-02", DAY), ("cbp-2023-06", 3 * DAY), ("pmp-2025-07", 3 * DAY), ("pmp-2026-10", 7 * DAY)],
)
@pytest.mark.parametrize(("step", "free"), [(-1, True), (0, False), (1, False)])
def test_a_free_entry_point_is_free_until_the_end_of_its_time(era: str, lasts: int, step: int, free: bool) -> None:
    start = at(era)
    opened = (
        _event("customer_message", start, "in", entry="ad"),
        *_delivered(start + HOUR, "template", "utility", "a"),
    )
    later = _delivered(start + HOUR + lasts + step, "template", "marketing", "b")
    assert (_outcome(*opened, *later).why == "free_entry_point") is free


@pytest.mark.parametrize(("step", "verdict"), [(-1, "unspecified"), (0, "refused"), (1, "refused")])
def test_a_doubtful_customer_event_is_in_doubt_for_24_hours(step: int, verdict: str) -> None:
    start = at("pmp-2025-07")
    thread = _after(_event("customer_message", start, kind="reaction"))
    assert judge(LAW, thread, Intent(content="free_form"), start + DAY + step).verdict == verdict


@STEADY
@given(seed=st.integers(0, 100_000), cuts=st.lists(st.integers(0, 900 * DAY), min_size=1, max_size=4))
def test_passing_time_in_steps_ends_where_passing_it_at_once_does(seed: int, cuts: list[int]) -> None:
    law, thread = _random_thread(seed)
    to = thread.at + max(cuts)
    once = advance(law, thread, to)
    for cut in sorted(cuts):
        thread = advance(law, thread, to - max(cuts) + cut)
    assert thread == once


# --- from one edition to the next -------------------------------------------
def test_a_thread_passes_through_every_edition_of_the_law() -> None:
    thread = _new(instant_of(datetime(2019, 6, 1, tzinfo=UTC)))
    assert thread.edition == "nbp (2019-06-01)"
    assert advance(LAW, thread, instant_of(datetime(2030, 1, 1, tzinfo=UTC))).edition == "pmp-2026-10 (2028-01-01)"


def test_a_thread_has_the_new_law_from_the_very_instant_it_begins() -> None:
    switch = instant_of(datetime(2023, 6, 1, tzinfo=UTC))
    thread = _new(switch - DAY)
    assert advance(LAW, thread, switch - 1).edition == "cbp-2023-04 (2023-04-01)"
    assert advance(LAW, thread, switch).edition == "cbp-2023-06 (2023-06-01)"


@pytest.mark.parametrize(("step", "state"), [(-1, "business_initiated_open"), (0, "idle")])
def test_a_conversation_of_the_old_law_runs_out_under_the_new_one(step: int, state: str) -> None:
    switch = instant_of(datetime(2023, 6, 1, tzinfo=UTC))
    thread = _after(*_delivered(switch - HOUR, "template", "marketing"))
    later = advance(LAW, thread, switch - HOUR + DAY + step)
    assert later.edition == "cbp-2023-06 (2023-06-01)"
    assert _states(later)["conversation"] == state


def test_a_clock_keeps_its_end_when_the_new_law_gives_more_time() -> None:
    """A free entry point of 24 hours does not become one of 72 because it is open on the first of March."""
    switch = instant_of(datetime(2023, 3, 1, tzinfo=UTC))
    thread = _after(
        _event("customer_message", switch - 2 * HOUR, "in", entry="ad"),
        *_delivered(switch - HOUR, "free_form"),
    )
    book = LAW.edition_of(thread).book
    assert deadlines_by_lane(thread, book)["free_entry_point"] == switch + 23 * HOUR
    later = advance(LAW, thread, switch + HOUR)
    assert later.edition == "cbp-2022-02 (2023-03-01)"
    assert deadlines_by_lane(later, LAW.edition_of(later).book)["free_entry_point"] == switch + 23 * HOUR


def test_the_law_of_the_account_s_own_midnight_holds() -> None:
    law = Law(read_account({"time_zone": "+05:30"}))
    switch = instant_of(datetime(2025, 6, 30, 18, 30, tzinfo=UTC))
    assert law.edition_at(switch - 1).book.name == "cbp-2024-11"
    assert law.edition_at(switch).book.name == "pmp-2025-07"


def test_nothing_happens_before_the_first_rulebook() -> None:
    with pytest.raises(NoRulebookInForce, match="2019-05-31T23:59:59"):
        _new(instant_of(datetime(2019, 5, 31, 23, 59, 59, tzinfo=UTC)))


def test_a_law_that_drops_a_lane_while_it_is_open_is_refused_and_never_forgets_it() -> None:
    start = at("cbp-2023-06")
    thread = _after(*_delivered(start, "template", "marketing"))
    old = LAW.edition_of(thread).book
    new = old.amended(date(2023, 9, 13), "Marketing falls away.", without=("marketing",))
    with pytest.raises(BadRulebook) as refusal:
        carried_over(thread, old, new, start + HOUR)
    assert "cbp-2023-06 (2023-09-13) drops the lane 'marketing' while it is 'business_open'" in str(refusal.value)
    assert "Keep it until nothing can be open in it." in str(refusal.value)
    law = Law(books=(old, new))
    thread = _after(*_delivered(start, "template", "marketing"), law=law)
    with pytest.raises(BadRulebook, match="drops the lane 'marketing'"):
        advance(law, thread, start + DAY)


def test_a_law_may_drop_a_lane_that_has_run_out_and_add_one() -> None:
    start = at("cbp-2023-06")
    thread = _after(_event("customer_message", start))
    old = LAW.edition_of(thread).book
    lite = next(lane for book in editions() for lane in book.lanes if lane.name == "marketing_lite")
    new = old.amended(date(2023, 9, 13), "Lite instead.", without=("marketing",), lanes=(lite,))
    carried = carried_over(thread, old, new, start + HOUR)
    states = states_by_lane(carried, new)
    assert (carried.at, carried.edition) == (start + HOUR, new.edition)
    assert "marketing" not in states
    assert states["marketing_lite"] == "idle"
    assert states["customer_service_window"] == "open"
    assert deadlines_by_lane(carried, new) == {"customer_service_window": start + DAY}


# --- what each event does ---------------------------------------------------
@pytest.mark.parametrize("kind", terms.KINDS)
@pytest.mark.parametrize("era", ERAS)
def test_a_customer_message_opens_the_window_unless_its_kind_is_in_doubt(era: str, kind: str) -> None:
    outcome = _outcome(_event("customer_message", at(era), kind=kind))
    doubtful = kind in ("reaction", "edit", "revoke", "system")
    assert outcome.opens == (() if doubtful else ("customer_service_window",))
    assert ("csw_inbound_kinds" in outcome.flags) is (doubtful or kind == "unsupported")
    assert (outcome.charge, outcome.why, outcome.verdict, outcome.joins) == (None, None, None, None)


@pytest.mark.parametrize("after", [0, 1, DAY - 1])
def test_a_further_customer_message_refreshes_the_window(after: int) -> None:
    start = at("pmp-2025-07")
    thread = _after(_event("customer_message", start, "one"))
    step = apply(LAW, thread, _event("customer_message", start + after, "two"))
    assert (step.outcome.opens, step.outcome.refreshes) == ((), ("customer_service_window",))
    assert deadlines_by_lane(step.thread, step.edition.book)["customer_service_window"] == start + after + DAY


@pytest.mark.parametrize("after", [DAY, DAY + SECOND - 1, DAY + SECOND])
def test_a_customer_message_after_the_end_opens_the_window_even_in_the_second_of_doubt(after: int) -> None:
    start = at("pmp-2025-07")
    outcome = _outcome(_event("customer_message", start, "one"), _event("customer_message", start + after, "two"))
    assert (outcome.opens, outcome.refreshes) == (("customer_service_window",), ())


@pytest.mark.parametrize("name", ["customer_call", "call_accepted"])
def test_a_call_opens_the_window_from_its_day_on_and_is_flagged_before(name: str) -> None:
    day = instant_of(datetime(2025, 7, 15, tzinfo=UTC))
    before, since = (_outcome(_event(name, when, "")) for when in (day - 1, day))
    assert before == Outcome(flags=("undocumented_event",))
    assert since.opens == ("customer_service_window",)
    assert since.because == ("CSW-04",)


@pytest.mark.parametrize("era", ERAS)
def test_opening_a_chat_opens_the_window(era: str) -> None:
    outcome = _outcome(_event("welcome_requested", at(era), ""))
    assert (outcome.opens, outcome.because) == (("customer_service_window",), ("CSW-05b",))


@pytest.mark.parametrize("era", ERAS)
def test_consent_moves_its_own_lane_and_nothing_else(era: str) -> None:
    start = at(era)
    thread = _after(_event("opted_in", start, ""))
    assert _states(thread)["opt_in"] == "opted_in"
    thread = apply(LAW, thread, _event("opted_out", start + 1, "")).thread
    assert _states(thread) == {**_states(_new(start)), "opt_in": "opted_out"}


@pytest.mark.parametrize("era", ["nbp", "cbp-2022-02", "cbp-2023-06"])
def test_a_marketing_preference_is_flagged_before_there_was_one(era: str) -> None:
    assert _outcome(_event("marketing_stopped", at(era), "")) == Outcome(flags=("undocumented_event",))


@pytest.mark.parametrize("category", ["marketing", "utility"])
def test_a_stopped_preference_refuses_marketing_only_until_it_is_resumed(category: str) -> None:
    start = at("pmp-2025-07")
    intent = Intent(content="template", category=category)
    stopped = _after(_event("marketing_stopped", start, ""))
    resumed = apply(LAW, stopped, _event("marketing_resumed", start + HOUR, "")).thread
    assert judge(LAW, stopped, intent, start + 1).error == (131050 if category == "marketing" else None)
    assert judge(LAW, resumed, intent, start + HOUR).verdict == "allowed"


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("content", terms.CONTENTS)
def test_sending_alone_opens_joins_and_costs_nothing(era: str, content: str) -> None:
    """Conversations open, and charges fall, when a message is delivered."""
    start = at(era)
    thread = _after(_event("customer_message", start, "in"))
    step = apply(LAW, thread, _event("message_sent", start + HOUR, content=content, category="utility"))
    outcome = step.outcome
    assert outcome.verdict in terms.VERDICTS
    assert (outcome.opens, outcome.refreshes, outcome.closes, outcome.joins) == ((), (), (), None)
    assert (outcome.charge, outcome.why, outcome.uses_allowance) == (None, None, False)
    assert step.thread.states == thread.states
    assert step.thread.deadlines == thread.deadlines


@pytest.mark.parametrize("first", terms.DELIVERY_EVENTS)
@pytest.mark.parametrize("later", terms.DELIVERY_EVENTS)
def test_the_first_proof_of_delivery_counts_and_every_later_one_changes_nothing(first: str, later: str) -> None:
    start = at("cbp-2023-06")
    sent = _event("message_sent", start, content="template", category="utility")
    thread = _after(sent)
    one = apply(LAW, thread, _event(first, start + HOUR))
    assert (one.outcome.opens, one.outcome.charge) == (("utility",), "utility")
    two = apply(LAW, one.thread, _event(later, start + 2 * HOUR))
    assert two.outcome == Outcome()
    assert attrs.evolve(two.thread, at=one.thread.at) == one.thread


@pytest.mark.parametrize(
    ("era", "rule"), [("cbp-2022-02", "CBP1-12"), ("cbp-2023-06", "CBP2-19"), ("pmp-2025-07", "PMP-12")]
)
def test_a_failed_message_opens_and_costs_nothing(era: str, rule: str) -> None:
    sent = _event("message_sent", at(era), content="template", category="utility")
    outcome = _outcome(sent, _event("message_failed", at(era) + 5, error=131026))
    assert outcome == Outcome(because=(rule,))


def test_a_failure_reported_after_the_delivery_is_flagged_and_undoes_nothing() -> None:
    start = at("cbp-2023-06")
    delivered = _after(*_delivered(start, "template", "utility"))
    step = apply(LAW, delivered, _event("message_failed", start + 1, error=131026))
    assert step.outcome == Outcome(flags=("delivered_and_failed",))
    assert step.thread.states == delivered.states
    assert apply(LAW, step.thread, _event("message_read", start + 2)).outcome == Outcome()


def test_a_delivery_reported_after_the_failure_counts_and_is_flagged() -> None:
    start = at("cbp-2023-06")
    sent = _event("message_sent", start, content="template", category="utility")
    outcome = _outcome(sent, _event("message_failed", start + 1), _event("message_delivered", start + 2))
    assert (outcome.opens, outcome.charge, outcome.flags) == (("utility",), "utility", ("delivered_and_failed",))


@pytest.mark.parametrize("name", terms.STATUS_EVENTS)
def test_a_status_for_a_message_nobody_sent_is_flagged_and_does_nothing(name: str) -> None:
    outcome = _outcome(_event(name, at("cbp-2023-06"), "unknown"))
    assert attrs.evolve(outcome, because=()) == Outcome(flags=("unknown_message",))


@pytest.mark.parametrize(("gap", "known"), [(30 * DAY - 1, True), (30 * DAY, True), (30 * DAY + 1, False)])
def test_a_message_is_forgotten_once_another_is_sent_more_than_30_days_later(gap: int, known: bool) -> None:
    """A thread must not grow for ever; a status a month late is rarer than a busy customer."""
    start = at("cbp-2023-06")
    sent = _event("message_sent", start, "old", content="template", category="utility")
    other = _event("message_sent", start + gap, "new", content="app")
    outcome = _outcome(sent, other, _event("message_delivered", start + gap, "old"))
    assert (outcome.opens == ("utility",)) is known
    assert ("unknown_message" in outcome.flags) is not known


def test_a_refused_message_that_is_delivered_all_the_same_counts_and_is_flagged() -> None:
    start = at("cbp-2023-06")
    sent = _event("message_sent", start, content="free_form")
    assert _outcome(sent).verdict == "refused"
    outcome = _outcome(sent, _event("message_delivered", start + 1))
    assert (outcome.opens, outcome.why) == (("service",), "free_tier")
    assert "delivered_though_refused" in outcome.flags


@pytest.mark.parametrize("era", [era for era in ERAS if era != "nbp"])
def test_a_message_of_the_app_opens_joins_answers_and_costs_nothing(era: str) -> None:
    start = at(era)
    through = _event("customer_message", start, "in", entry="ad")
    before = _after(through)
    outcome = _outcome(through, *_delivered(start + HOUR, "app"))
    assert outcome == Outcome(why="not_billable", because=("CSW-08",))
    assert _after(through, *_delivered(start + HOUR, "app")).states == before.states


@pytest.mark.parametrize("since", [0, 1, HOUR])
def test_whether_an_answer_is_timely_is_decided_when_it_is_sent_since_july_2025(since: int) -> None:
    """Sent within 24 hours and delivered after them: before July 2025 too late, since then in time."""
    outcomes = {}
    for era in ("cbp-2023-06", "pmp-2025-07"):
        start = at(era)
        outcomes[era] = _outcome(
            _event("customer_message", start, "in", entry="ad"),
            _event("message_sent", start + DAY - 1, content="template", category="utility"),
            _event("message_delivered", start + DAY + since),
        )
    assert outcomes["cbp-2023-06"].opens == ("utility",)
    assert outcomes["pmp-2025-07"].opens == ("free_entry_point",)


def test_a_status_that_comes_before_the_record_of_sending_keeps_what_it_opened() -> None:
    start = at("cbp-2023-06")
    early = _event("message_delivered", start, content="template", category="utility")
    late = _event("message_sent", start + 1, content="template", category="utility")
    first = _outcome(early)
    assert (first.opens, first.flags) == (("utility",), ("delivered_before_sent",))
    again = apply(LAW, _after(early, late), _event("message_read", start + 2))
    assert again.outcome == Outcome()


@pytest.mark.parametrize("name", [*terms.CUSTOMER_EVENTS, *terms.PREFERENCE_EVENTS])
def test_what_a_customer_does_never_costs_or_opens_a_conversation(name: str) -> None:
    for era in ERAS:
        outcome = _outcome(_event(name, at(era)))
        assert set(outcome.opens) <= {"customer_service_window"}
        assert (outcome.charge, outcome.why, outcome.uses_allowance) == (None, None, False)


# --- the instant at which a clock runs out ----------------------------------
@pytest.mark.parametrize(("step", "flagged"), [(-1, False), (0, True), (1, False)])
def test_a_message_in_the_very_instant_in_which_a_clock_runs_out_is_flagged(step: int, flagged: bool) -> None:
    start = at("cbp-2023-06")
    opened = _delivered(start, "template", "utility", "a")
    outcome = _outcome(*opened, _event("message_sent", start + DAY + step, "b", content="app"))
    assert ("boundary" in outcome.flags) is flagged


def test_every_message_event_of_that_instant_is_flagged_not_only_the_first() -> None:
    """The doubt is whether the delivery joins or opens; flagging the sending alone misses the event that costs."""
    start = at("cbp-2023-06")
    opened = _delivered(start, "template", "utility", "a")
    outcome = _outcome(*opened, *_delivered(start + DAY, "template", "utility", "b"))
    assert outcome.opens == ("utility",)
    assert "boundary" in outcome.flags


def test_a_verdict_for_that_instant_is_flagged_like_the_step_it_predicts() -> None:
    start = at("cbp-2023-06")
    thread = _after(*_delivered(start, "template", "utility", "a"))
    sent = _event("message_sent", start + DAY, "b", content="template", category="utility")
    assert "boundary" in apply(LAW, thread, sent).outcome.flags
    assert "boundary" in judge(LAW, thread, Intent(content="template", category="utility"), start + DAY).flags


# --- a verdict keeps its promises -------------------------------------------
INTENTS = tuple(
    Intent(content=content, category=category, template_status=status)
    for content, category, status in (
        ("free_form", None, "APPROVED"),
        ("reaction", None, "APPROVED"),
        ("business_agent", None, "APPROVED"),
        ("app", None, "APPROVED"),
        *(("template", category, "APPROVED") for category in (*terms.CATEGORIES, "authentication_international")),
        ("template", None, "APPROVED"),
        ("template", "marketing", "PAUSED"),
        ("direct_send", "utility", "APPROVED"),
        ("direct_send", "marketing", "APPROVED"),
    )
)


def _random_thread(seed: int) -> tuple[Law, Thread]:
    """A thread after part of a random history, at some instant after it, and its law."""
    random = Random(seed)
    log, account = history(seed)
    law = Law(read_account(account))
    facts = gather(read_event(members)[0] for members in log)
    thread: Thread | None = None
    for fact in facts[: random.randint(1, len(facts))]:
        thread = apply(law, thread or law.new_thread(*fact.event.thread, fact.event.at), fact.event).thread
    assert thread is not None
    pause = random.choice((0, 0, 1, SECOND, HOUR, 20 * HOUR, 3 * DAY))
    return law, advance(law, thread, thread.at + pause)


def _answer(verdict: Verdict) -> Verdict:
    """The verdict without when it was asked, under which name of the law, and the doubt of one single instant."""
    flags = tuple(flag for flag in verdict.flags if flag != "boundary")
    return attrs.evolve(verdict, decided_at=0, valid_until=None, rulebook="", flags=flags)


@STEADY
@given(seed=st.integers(0, 100_000), allowance_left=st.booleans(), intent=st.sampled_from(INTENTS))
def test_a_verdict_predicts_what_sending_and_delivering_then_do(
    seed: int, allowance_left: bool, intent: Intent
) -> None:
    law, thread = _random_thread(seed)
    _check_prediction(law, thread, intent, thread.at, allowance_left)


@STEADY
@given(seed=st.integers(0, 100_000))
def test_a_verdict_asked_for_at_every_sending_of_a_history_predicts_its_outcome(seed: int) -> None:
    log, account = history(seed)
    law = Law(read_account(account))
    fold = Fold(law)
    for fact in gather(read_event(members)[0] for members in log):
        event = fact.event
        if event.event == "message_sent":
            assert event.content is not None
            thread = fold.threads.get(event.thread) or law.new_thread(*event.thread, event.at)
            left = fold.allowances.left(law.edition_at(event.at), event.business, event.at) > 0
            intent = Intent(content=event.content, category=event.category, template_status=event.template_status)
            _check_prediction(law, thread, intent, event.at, left)
        list(fold.take([fact]))


def _check_prediction(law: Law, thread: Thread, intent: Intent, when: int, allowance_left: bool) -> None:
    before = attrs.asdict(thread)
    verdict = judge(law, thread, intent, when, allowance_left=allowance_left)
    assert attrs.asdict(thread) == before, "a question changes nothing"
    sent = Event(
        event="message_sent",
        at=when,
        business=thread.business,
        customer=thread.customer,
        id="new",
        **attrs.asdict(intent),
    )
    one = apply(law, thread, sent, allowance_left=allowance_left)
    assert (verdict.verdict, verdict.error, verdict.because) == (
        one.outcome.verdict,
        one.outcome.error,
        one.outcome.because,
    )
    assert verdict.rulebook == one.edition.book.name
    if verdict.verdict == "refused":
        assert (verdict.opens, verdict.closes, verdict.joins, verdict.charge, verdict.why) == ((), (), None, None, None)
        return
    delivered = Event(event="message_delivered", at=when, business=thread.business, customer=thread.customer, id="new")
    two = apply(law, one.thread, delivered, allowance_left=allowance_left).outcome
    assert (verdict.opens, verdict.closes, verdict.joins) == (two.opens, two.closes, two.joins)
    assert (verdict.charge, verdict.why) == (two.charge, two.why)
    assert set(verdict.flags) == {*one.outcome.flags, *two.flags}


def test_an_answer_does_not_end_where_an_unrelated_clock_runs_out() -> None:
    """In that instant it is flagged; it stays the same answer before, in and after it."""
    start = at("cbp-2023-06")
    thread = _after(*_delivered(start, "template", "utility"))
    verdict = judge(LAW, thread, Intent(content="app"), start)
    assert verdict.valid_until is None


@STEADY
@given(seed=st.integers(0, 100_000), allowance_left=st.booleans(), intent=st.sampled_from(INTENTS))
def test_an_answer_holds_until_the_instant_it_names_and_not_beyond(
    seed: int, allowance_left: bool, intent: Intent
) -> None:
    law, thread = _random_thread(seed)
    verdict = judge(law, thread, intent, thread.at, allowance_left=allowance_left)

    def asked(when: int) -> Verdict:
        return _answer(judge(law, thread, intent, when, allowance_left=allowance_left))

    if verdict.valid_until is None:
        for later in (1, DAY, 30 * DAY, 4000 * DAY):
            assert asked(thread.at + later) == _answer(verdict)
        return
    assert verdict.valid_until > thread.at
    for part in (0.25, 0.5, 0.9):
        assert asked(thread.at + int((verdict.valid_until - thread.at) * part)) == _answer(verdict)
    assert asked(verdict.valid_until - 1) == _answer(verdict)
    assert asked(verdict.valid_until) != _answer(verdict)


@pytest.mark.parametrize("content", ["", "text", "Template", "freeform"])
def test_a_verdict_about_unknown_content_is_refused_with_the_choices(content: str) -> None:
    with pytest.raises(BadEvent, match=f"content is {content!r}, which is none of free_form, template"):
        judge(LAW, _new(at("cbp-2023-06")), Intent(content=content), at("cbp-2023-06"))


@pytest.mark.parametrize(
    ("status", "verdict", "error"),
    [
        ("APPROVED", "allowed", None),
        ("PAUSED", "refused", 132015),
        ("DISABLED", "refused", 132016),
        *((word, "refused", 132001) for word in ("REJECTED", "PENDING", "IN_APPEAL", "DELETED", "ARCHIVED")),
        ("FLAGGED", "unspecified", None),
        ("approved", "unspecified", None),
        ("", "unspecified", None),
    ],
)
def test_a_template_state_nobody_documents_is_never_taken_as_approved(
    status: str, verdict: str, error: int | None
) -> None:
    intent = Intent(content="template", category="utility", template_status=status)
    answer = judge(LAW, _new(at("pmp-2025-07")), intent, at("pmp-2025-07"))
    assert (answer.verdict, answer.error) == (verdict, error)


def test_the_first_refusal_gives_the_error_and_only_refusing_rules_are_cited() -> None:
    start = at("pmp-2025-07")
    law = Law(read_account({"payment_method": False}))
    thread = _after(_event("marketing_stopped", start, ""), law=law)
    intent = Intent(content="template", category="marketing", template_status="PAUSED")
    verdict = judge(law, thread, intent, start)
    assert (verdict.verdict, verdict.error) == ("refused", 132015)
    assert set(verdict.because) == {"TPL-01", "OPT-04", "PAY-01"}
    assert verdict.way_out == "Wait until the pause is over."


# --- allowances -------------------------------------------------------------
def _edition(law: Law, when: int) -> Edition:
    return law.edition_at(when)


def test_a_month_turns_at_the_account_s_own_midnight() -> None:
    law = Law(read_account({"time_zone": "+03:00", "allowances": {"free_left": 0}}))
    edge = instant_of(datetime(2023, 9, 30, 21, tzinfo=UTC))
    counts = Allowances(law)
    counts.seen(edge - DAY)
    edition = _edition(law, edge)
    assert [counts.left(edition, BUSINESS, when) for when in (edge - 1, edge)] == [0, 1000]
    assert law.month_of(edge - 1) == (2023, 9)
    assert law.month_of(edge) == (2023, 10)


def test_what_is_left_over_does_not_carry_on() -> None:
    counts = Allowances(LAW)
    september, october = (instant_of(datetime(2023, month, 15, tzinfo=UTC)) for month in (9, 10))
    edition = _edition(LAW, september)
    counts.seen(september)
    counts.use(edition, BUSINESS, september)
    assert counts.left(edition, BUSINESS, september) == 999
    assert counts.left(edition, BUSINESS, october) == 1000


@pytest.mark.parametrize(("era", "others"), [("cbp-2022-02", 999), ("cbp-2023-06", 999), ("pmp-2026-10", 1000)])
def test_units_are_shared_by_the_account_and_since_october_2026_kept_per_number(era: str, others: int) -> None:
    counts = Allowances(LAW)
    edition = _edition(LAW, at(era))
    counts.use(edition, "the bakery", at(era))
    assert counts.left(edition, "the bakery", at(era)) == 999
    assert counts.left(edition, "the florist", at(era)) == others


@pytest.mark.parametrize("given_left", [0, 1, 5])
def test_a_stated_rest_holds_for_the_month_of_the_first_event_and_is_used_up(given_left: int) -> None:
    law = Law(Account(free_left=given_left))
    start = at("cbp-2023-06")
    counts, edition = Allowances(law), _edition(law, start)
    counts.seen(start)
    counts.seen(start + 60 * DAY)
    for used in range(given_left + 2):
        assert counts.left(edition, BUSINESS, start) == max(given_left - used, 0)
        counts.use(edition, BUSINESS, start)
    assert counts.left(edition, BUSINESS, start + 30 * DAY) == 1000


@pytest.mark.parametrize("era", ["nbp", "cbp-2024-11", "pmp-2025-07"])
def test_where_no_rule_gives_an_allowance_nothing_is_left_of_it(era: str) -> None:
    counts = Allowances(Law(Account(free_left=50)))
    assert counts.left(_edition(LAW, at(era)), BUSINESS, at(era)) == 0


@pytest.mark.parametrize(("left", "charge", "why"), [(True, None, "free_tier"), (False, "service", "regular")])
def test_only_the_delivery_of_a_metered_message_uses_a_unit(left: bool, charge: str | None, why: str) -> None:
    start = at("pmp-2026-10")
    outcome = _outcome(_event("customer_message", start, "in"), *_delivered(start, "free_form"), allowance_left=left)
    assert (outcome.charge, outcome.why, outcome.uses_allowance) == (charge, why, left)


def test_counts_survive_being_saved_as_json() -> None:
    law = Law(Account(free_left=3))
    counts = Allowances(law)
    for when in (at("cbp-2023-06"), at("pmp-2026-10")):
        counts.seen(when)
        counts.use(_edition(law, when), BUSINESS, when)
    saved = json.loads(json.dumps(counts.to_dict()))
    again = Allowances.from_dict(law, saved)
    assert again.to_dict() == counts.to_dict()
    edition = _edition(law, at("cbp-2023-06"))
    assert again.left(edition, BUSINESS, at("cbp-2023-06")) == 2


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"first_month": None},
        {"first_month": 5, "used": []},
        {"first_month": [2023], "used": []},
        {"first_month": None, "used": [["CBP2-11"]]},
        {"first_month": None, "used": [["CBP2-11", [2023, 9], "", "many"]]},
        {"first_month": None, "used": 5},
    ],
    ids=str,
)
def test_counts_of_another_shape_are_refused(saved: Mapping[str, Any]) -> None:
    with pytest.raises(UnreadableSnapshot, match="allowances of a saved thread cannot be read"):
        Allowances.from_dict(LAW, saved)


# --- values -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "member"),
    [
        (_new(at("cbp-2023-06")), "at"),
        (Sent(id="m", content="app", category=None, at=0), "delivered"),
        (Outcome(), "charge"),
        (Intent(content="app"), "content"),
        (judge(LAW, _new(at("cbp-2023-06")), Intent(content="app"), at("cbp-2023-06")), "verdict"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_frozen(value: object, member: str) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, member, None)


def _parts(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, tuple):
        for part in value:
            yield from _parts(part)
    elif isinstance(value, Thread | Sent):
        for field in attrs.fields(type(value)):
            yield from _parts(getattr(value, field.name))


@pytest.mark.parametrize("engine", ["machine", "table"])
def test_a_thread_is_made_of_plain_values_and_holds_no_machine(engine: Engine) -> None:
    """A million threads are a million small values; what moves them is shared and stays behind."""
    start = at("cbp-2023-06")
    law = Law(engine=engine)
    thread = _after(_event("customer_message", start, "in"), *_delivered(start, "template", "utility"), law=law)
    assert {type(part) for part in _parts(thread)} <= {Thread, Sent, tuple, str, int, bool, type(None)}
    assert pickle.loads(pickle.dumps(thread)) == thread
    assert not hasattr(thread, "__dict__")


def test_machines_are_shared_by_laws_and_never_learn_about_a_thread() -> None:
    one, other = Law(), Law(Account(time_zone=UTC, sender="government"))
    engines = [law.edition_at(at("cbp-2023-06")).engine for law in (one, other)]
    assert engines[0] is engines[1]
    before = _parts_of_machine(engines[0])
    _after(_event("customer_message", at("cbp-2023-06")), *_delivered(at("cbp-2023-06"), "free_form"), law=one)
    assert _parts_of_machine(engines[0]) == before


def _parts_of_machine(engine: Any) -> list[int]:
    return [len(event.machine.models) for events in engine._events for event in events.values()]


def test_an_event_leaves_the_thread_it_was_applied_to_as_it_was() -> None:
    thread = _new(at("cbp-2023-06"))
    saved = attrs.asdict(thread)
    apply(LAW, thread, _event("customer_message", at("cbp-2023-06") + 5))
    assert attrs.asdict(thread) == saved


# --- the reader's words -----------------------------------------------------
@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({}, "idle"),
        ({"customer_service_window": "open"}, "idle"),
        ({"service": "service_open"}, "service-open"),
        ({"marketing": "business_open"}, "business-open: marketing"),
        ({"marketing": "business_open", "marketing_lite": "business_open"}, "business-open: marketing, marketing lite"),
        ({"service": "service_open", "utility": "business_open"}, "service-open + business-open: utility"),
        ({"conversation": "user_initiated_open"}, "service-open"),
        ({"conversation": "business_initiated_open"}, "business-open"),
        ({"free_entry_point": "eligible"}, "idle"),
        ({"free_entry_point": "open", "conversation": "user_initiated_free_open"}, "free-entry-point-open"),
    ],
)
def test_the_status_is_what_a_reader_would_call_the_thread(states: dict[str, str], words: str) -> None:
    assert status(states) == words


def _book(name: str) -> Rulebook:
    return next(book for book in editions() if book.name == name)


def test_deadlines_leave_out_the_second_of_doubt() -> None:
    start = at("cbp-2023-06")
    thread = advance(LAW, _after(_event("customer_message", start)), start + DAY)
    assert _states(thread)["customer_service_window"] == "boundary"
    assert deadlines_by_lane(thread, _book("cbp-2023-06")) == {}


# --- threads that share a law --------------------------------------------------------------------
class _AskedMeanwhile(Machines):
    """Machines during whose first step another thread asks the table for the same column."""

    def __init__(self, book: Rulebook) -> None:
        super().__init__(book)
        self.table = Table(self)
        self.told: list[object] = []

    def move(
        self, states: tuple[str, ...], act: str, true: frozenset[str]
    ) -> tuple[tuple[str, ...], tuple[Fired, ...]]:
        if not self.told:
            self.told.append("asked")
            other = threading.Thread(target=lambda: self.told.append(self.table.move(states, act, true)))
            other.start()
            other.join()
        return super().move(states, act, true)


@pytest.mark.parametrize("name", sorted({act for lane in editions()[-1].lanes for act in lane.acts}))
def test_a_column_that_one_thread_is_compiling_is_whole_for_every_other(name: str) -> None:
    book = editions()[-1]
    machines = _AskedMeanwhile(book)
    start = tuple(lane.states[0].name for lane in book.lanes)
    right = Machines(book).move(start, name, frozenset())
    assert machines.table.move(start, name, frozenset()) == right
    assert machines.told == ["asked", right]
