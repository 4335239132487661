"""The live thread that an application embeds: what it is told, what it answers, what it saves."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import attrs
import freezegun
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsm
from fsm import CustomerThread, terms
from fsm.errors import (
    BadAccount,
    BadEvent,
    FsmError,
    NaiveInstant,
    NoRulebookInForce,
    TimeRunsBackwards,
    UnknownRulebook,
    UnreadableInstant,
    UnreadableSnapshot,
)
from fsm.events import Account, Event, format_instant, instant_of, read_account, read_event
from fsm.machine import Verdict
from fsm.replay import Result, write_result
from fsm.service import clock
from fsm.service.customer_thread import SNAPSHOT
from tests.parity.histories import history

STEADY = settings(deadline=None, derandomize=True)
NINE = datetime(2023, 9, 11, 9, tzinfo=UTC)
"""A Monday morning in the era of conversations by category."""


def _ana(**members: Any) -> CustomerThread:
    return CustomerThread("the bakery", "ana", **members)


def _event(name: str, at: datetime, id: str = "m", **members: Any) -> Event:
    return Event(event=name, at=instant_of(at), business="the bakery", customer="ana", id=id, **members)


def _hours(n: float) -> datetime:
    return NINE + timedelta(hours=n)


def _told(results: tuple[Result, ...]) -> list[str]:
    return [json.dumps(write_result(result)) for result in results]


# --- the example that everybody reads first ---------------------------------
def test_six_lines_answer_whether_a_reply_may_be_sent() -> None:
    ana = CustomerThread("the bakery", "ana")
    ana.customer_message(at="2023-09-11T09:00:00Z")
    verdict = ana.may_send("free_form", at="2023-09-12T08:59:59Z")
    assert verdict.allowed
    assert (verdict.because, verdict.opens) == (("CSW-03",), ("service",))
    assert ana.may_send("free_form", at="2023-09-12T09:00:01Z").error == 131047


def test_the_thread_stands_at_the_top_of_the_package() -> None:
    assert fsm.CustomerThread is CustomerThread
    with pytest.raises(AttributeError, match="has no attribute 'CustomerTread'"):
        fsm.CustomerTread  # noqa: B018 (asking is the test)


# --- every method -----------------------------------------------------------
METHODS: dict[str, tuple[str, Callable[[CustomerThread, Any], Result]]] = {
    "a message": ("customer_message", lambda ana, at: ana.customer_message(at=at)),
    "a picture": ("customer_message", lambda ana, at: ana.customer_message("media", at=at)),
    "an ad": ("customer_message", lambda ana, at: ana.customer_message(entry="ad", device="ios", at=at)),
    "a call": ("customer_call", lambda ana, at: ana.customer_call(at=at)),
    "an accepted call": ("call_accepted", lambda ana, at: ana.call_accepted(at=at)),
    "a first chat": ("welcome_requested", lambda ana, at: ana.welcome_requested(at=at)),
    "an opt-in": ("opted_in", lambda ana, at: ana.opted_in(at=at)),
    "an opt-out": ("opted_out", lambda ana, at: ana.opted_out(at=at)),
    "a stop": ("marketing_stopped", lambda ana, at: ana.marketing_stopped(at=at)),
    "a resumption": ("marketing_resumed", lambda ana, at: ana.marketing_resumed(at=at)),
    "a sending": ("message_sent", lambda ana, at: ana.message_sent("free_form", at=at)),
    "a template": ("message_sent", lambda ana, at: ana.message_sent("template", "utility", at=at)),
    "a delivery": ("message_delivered", lambda ana, at: ana.message_delivered("m", at=at)),
    "a reading": ("message_read", lambda ana, at: ana.message_read("m", at=at)),
    "a playing": ("message_played", lambda ana, at: ana.message_played("m", at=at)),
    "a failure": ("message_failed", lambda ana, at: ana.message_failed("m", 131026, at=at)),
}


@pytest.mark.parametrize("name", METHODS)
def test_every_method_tells_its_event_and_returns_what_it_did(name: str) -> None:
    ana = _ana()
    event, tell = METHODS[name]
    result = tell(ana, NINE)
    assert (result.event.event, result.event.at) == (event, instant_of(NINE))
    assert result.event.thread == ("the bakery", "ana")
    assert ana.history == (result,)


def test_there_is_a_method_for_every_event_of_the_log() -> None:
    assert {event for event, _ in METHODS.values()} == set(terms.EVENTS)
    assert all(callable(getattr(CustomerThread, event)) for event in terms.EVENTS)


def test_methods_pass_on_what_they_are_told() -> None:
    ana = _ana()
    assert ana.customer_message("reaction", id="r", at=NINE).event == _event(
        "customer_message", NINE, "r", kind="reaction"
    )
    assert ana.customer_message(entry="page_cta", device="web", id="p", at=_hours(1)).event == _event(
        "customer_message", _hours(1), "p", entry="page_cta", device="web"
    )
    sent = ana.message_sent("template", "marketing", id="t", template_status="PAUSED", at=_hours(2))
    assert sent.event == _event(
        "message_sent", _hours(2), "t", content="template", category="marketing", template_status="PAUSED"
    )
    assert ana.message_failed("t", 131049, at=_hours(3)).event == _event("message_failed", _hours(3), "t", error=131049)


def test_a_message_without_an_id_gets_one_that_its_statuses_can_use() -> None:
    ana = _ana()
    first = ana.message_sent("template", "utility", at=NINE)
    second = ana.message_sent("template", "marketing", at=NINE)
    assert first.event.id != second.event.id
    assert ana.message_delivered(first.event.id, at=_hours(1)).outcome.opens == ("utility",)
    assert ana.message_delivered(second.event.id, at=_hours(1)).outcome.opens == ("marketing",)


@pytest.mark.parametrize(
    ("tell", "says"),
    [
        (lambda ana: ana.customer_message("txt", at=NINE), "'kind' is 'txt'.*Did you mean 'text'"),
        (lambda ana: ana.customer_message(entry="advert", at=NINE), "'entry' is 'advert', which is none of ad"),
        (lambda ana: ana.customer_message(device="phone", at=NINE), "'device' is 'phone', which is none of"),
        (lambda ana: ana.message_sent("freeform", at=NINE), "'content' is 'freeform'.*Did you mean 'free_form'"),
        (lambda ana: ana.message_sent("template", 5, at=NINE), "'category' is 5; it must be text"),
        (lambda ana: ana.message_failed("m", "131026", at=NINE), "must be Meta's code as a whole number"),
        (lambda ana: ana.may_send("freeform", at=NINE), "content is 'freeform', which is none of"),
    ],
)
def test_a_word_nobody_knows_is_refused_and_nothing_is_remembered(
    tell: Callable[[CustomerThread], object], says: str
) -> None:
    ana = _ana()
    with pytest.raises(BadEvent, match=says):
        tell(ana)
    assert ana.history == ()


def test_an_event_of_another_thread_is_refused() -> None:
    ana = _ana()
    with pytest.raises(BadEvent, match=r"about 'luis' and business 'the bakery'; this thread is 'ana'"):
        ana.record(attrs.evolve(_event("opted_in", NINE), customer="luis"))
    with pytest.raises(BadEvent, match="Keep one CustomerThread per pair"):
        ana.record(attrs.evolve(_event("opted_in", NINE), business="the florist"))


def test_an_event_before_the_first_rulebook_is_refused_and_not_remembered() -> None:
    ana = _ana()
    ana.customer_message(at=NINE)
    with pytest.raises(NoRulebookInForce):
        ana.customer_message(at="2019-05-31T23:59:59Z")
    assert len(ana.history) == 1
    assert ana.may_send("free_form", at=_hours(1)).allowed


@pytest.mark.parametrize("word", ["newest", "", "cbp"])
def test_an_unknown_rulebook_is_refused_at_once(word: str) -> None:
    with pytest.raises(UnknownRulebook):
        _ana(rulebook=word)


def test_one_rulebook_may_be_held_whatever_the_date() -> None:
    ana = _ana(rulebook="pmp-2025-07")
    ana.customer_message(at=NINE)
    verdict = ana.may_send("template", "utility", at=_hours(1))
    assert (verdict.rulebook, verdict.why) == ("pmp-2025-07", "free_customer_service")


def test_an_unknown_knob_of_the_account_is_refused_at_once() -> None:
    with pytest.raises(BadAccount, match="no knob 'boundry'"):
        _ana(account=read_account({"policy": {"boundry": "closed"}}))


# --- the instant ------------------------------------------------------------
@pytest.mark.parametrize(
    "at",
    [
        NINE,
        NINE.astimezone(timezone(timedelta(hours=-6))),
        "2023-09-11T09:00:00Z",
        "2023-09-11T11:00:00+02:00",
        "2023-09-11t09:00:00.000z",
        int(NINE.timestamp()),
    ],
    ids=str,
)
def test_an_instant_may_be_a_datetime_a_text_or_epoch_seconds(at: Any) -> None:
    ana = _ana()
    assert ana.customer_message(at=at).event.at == instant_of(NINE)
    assert ana.may_send("free_form", at=at).decided_at == instant_of(NINE)
    assert ana.state(at)["customer_service_window"] == "open"
    assert ana.next_deadline(at) == _hours(24)


@pytest.mark.parametrize(
    ("at", "error"),
    [
        (datetime(2023, 9, 11, 9), NaiveInstant),  # noqa: DTZ001 (naive on purpose)
        ("2023-09-11T09:00:00", NaiveInstant),
        ("yesterday", UnreadableInstant),
        (NINE.timestamp(), UnreadableInstant),
        (int(NINE.timestamp()) * 1000, UnreadableInstant),
        (True, UnreadableInstant),
        (NINE.date(), UnreadableInstant),
    ],
    ids=str,
)
def test_an_instant_that_names_none_is_refused_by_every_method(at: Any, error: type[FsmError]) -> None:
    ana = _ana()
    for _, tell in METHODS.values():
        with pytest.raises(error):
            tell(ana, at)
    for ask in (ana.state, ana.status, ana.deadlines, ana.next_deadline, ana.settle):
        with pytest.raises(error):
            ask(at)
    with pytest.raises(error):
        ana.may_send("free_form", at=at)
    assert ana.history == ()


def test_the_clock_is_read_where_the_instant_is_left_out() -> None:
    with freezegun.freeze_time("2023-09-11T09:00:00Z") as frozen:
        ana = _ana()
        assert ana.customer_message().event.at == instant_of(NINE)
        assert ana.may_send("free_form").allowed
        assert ana.status() == "idle"
        frozen.tick(timedelta(hours=24, seconds=1))
        assert ana.may_send("free_form").error == 131047
        assert ana.state()["customer_service_window"] == "closed"
        assert ana.next_deadline() is None
        for event, tell in METHODS.values():
            told = tell(ana, None).event
            assert (told.event, told.at) == (event, instant_of(_hours(24)) + 1_000_000)


def test_the_clock_is_never_read_where_the_instant_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> int:
        raise AssertionError("the clock was read")

    monkeypatch.setattr(clock, "now", read)
    ana = _ana()
    for _, tell in METHODS.values():
        tell(ana, NINE)
    ana.may_send("free_form", at=NINE)
    for ask in (ana.state, ana.status, ana.deadlines, ana.next_deadline, ana.settle):
        ask(NINE)
    CustomerThread.from_dict(ana.to_dict())
    with pytest.raises(AssertionError, match="the clock was read"):
        ana.state()


def test_the_clock_gives_microseconds_in_utc() -> None:
    with freezegun.freeze_time("2023-09-11T09:00:00.250001Z"):
        assert clock.now() == instant_of(NINE) + 250_001


# --- late, early, twice -----------------------------------------------------
def test_a_late_event_decides_again_what_came_after_it() -> None:
    """The customer's question arrives after our answer to it: the answer was allowed all the same."""
    ana = _ana()
    sent = ana.message_sent("free_form", id="out", at=_hours(2))
    assert sent.outcome.verdict == "refused"
    late = ana.customer_message(at=_hours(1))
    assert late.outcome.opens == ("customer_service_window",)
    assert [result.event.event for result in ana.history] == ["customer_message", "message_sent"]
    assert ana.history[1].outcome.verdict == "allowed"


def test_a_record_of_sending_that_comes_after_its_delivery_explains_it() -> None:
    ana = _ana()
    assert ana.message_delivered("out", at=_hours(1)).outcome.flags == ("unknown_message",)
    ana.message_sent("template", "utility", id="out", at=NINE)
    assert [result.outcome.opens for result in ana.history] == [(), ("utility",)]


def test_a_duplicate_changes_nothing() -> None:
    ana = _ana()
    ana.customer_message(id="in", at=NINE)
    ana.message_sent("template", "utility", id="out", at=_hours(1))
    ana.message_delivered("out", at=_hours(2))
    before = ana.history
    for result in before:
        assert ana.record(result.event) == result
    assert ana.history == before


def test_the_same_event_with_other_content_is_flagged_and_the_earliest_counts() -> None:
    ana = _ana()
    ana.customer_message(id="in", at=_hours(1))
    result = ana.customer_message(id="in", at=NINE)
    assert result.event.at == instant_of(NINE)
    assert result.outcome.flags == ("conflict",)
    assert len(ana.history) == 1


@STEADY
@given(seed=st.integers(0, 100_000), shuffle=st.integers(0, 1000))
def test_a_thread_told_in_any_order_and_twice_has_one_history(seed: int, shuffle: int) -> None:
    log, account = history(seed)
    events = [read_event(members)[0] for members in log]
    one, other = (CustomerThread(*events[0].thread, read_account(account)) for _ in range(2))
    for event in events:
        one.record(event)
    again = [*events, *events[::2]]
    Random(shuffle).shuffle(again)
    for event in again:
        result = other.record(event)
        assert result.event.key == event.key
    assert _told(other.history) == _told(one.history)


# --- questions --------------------------------------------------------------
def _busy() -> CustomerThread:
    """A customer who writes, is answered, gets a template, and writes again the next day."""
    ana = _ana()
    ana.customer_message(id="in-1", at=NINE)
    ana.message_sent("free_form", id="out-1", at=_hours(1))
    ana.message_delivered("out-1", at=_hours(1))
    ana.message_sent("template", "utility", id="out-2", at=_hours(2))
    ana.message_delivered("out-2", at=_hours(3))
    ana.customer_message(id="in-2", at=_hours(40))
    return ana


@pytest.mark.parametrize(
    ("hours", "status", "open_lanes", "next_hours"),
    [
        (0, "idle", {"customer_service_window": 24}, 24),
        (1, "service-open", {"customer_service_window": 24, "service": 25}, 24),
        (
            3,
            "service-open + business-open: utility",
            {"customer_service_window": 24, "service": 25, "utility": 27},
            24,
        ),
        (24, "service-open + business-open: utility", {"service": 25, "utility": 27}, 25),
        (25, "business-open: utility", {"utility": 27}, 27),
        (27, "idle", {}, None),
        (40, "idle", {"customer_service_window": 64}, 64),
        (1000, "idle", {}, None),
    ],
)
def test_a_question_about_any_instant_is_answered_from_what_had_happened_by_then(
    hours: int, status: str, open_lanes: dict[str, int], next_hours: int | None
) -> None:
    ana = _busy()
    at = _hours(hours)
    assert ana.status(at) == status
    assert ana.deadlines(at) == {lane: _hours(end) for lane, end in open_lanes.items()}
    assert ana.next_deadline(at) == (None if next_hours is None else _hours(next_hours))
    open_now = {name for name, state in ana.state(at).items() if state in ("open", "service_open", "business_open")}
    assert open_now == set(open_lanes)


def test_a_question_about_the_past_is_flagged_where_later_events_are_known() -> None:
    ana = _busy()
    past = ana.may_send("free_form", at=_hours(30))
    assert (past.error, past.flags) == (131047, ("future_dated",))
    present = ana.may_send("free_form", at=_hours(40))
    assert (present.verdict, present.flags) == ("allowed", ())


def test_a_question_about_the_past_is_answered_as_it_was_then() -> None:
    ana = _ana()
    asked: dict[int, Verdict] = {}
    for hours, tell in (
        (0, lambda: ana.customer_message(at=_hours(0))),
        (5, lambda: ana.message_sent("template", "marketing", id="t", at=_hours(5))),
        (6, lambda: ana.message_delivered("t", at=_hours(6))),
        (30, lambda: ana.customer_message(at=_hours(30))),
    ):
        tell()
        asked[hours] = ana.may_send("free_form", at=_hours(hours))
    for hours, then in list(asked.items())[:-1]:
        now = ana.may_send("free_form", at=_hours(hours))
        assert now == attrs.evolve(then, flags=tuple(sorted({*then.flags, "future_dated"})))


def test_a_question_leaves_no_trace() -> None:
    ana = _busy()
    before, saved = ana.history, ana.to_dict()
    for content in terms.CONTENTS:
        for hours in (0, 10, 50):
            ana.may_send(content, "utility", at=_hours(hours))
    ana.state(_hours(10)), ana.deadlines(_hours(10)), ana.status(_hours(10))
    assert (ana.history, ana.to_dict()) == (before, saved)


def test_nothing_is_known_of_a_customer_who_has_done_nothing() -> None:
    ana = _ana()
    assert ana.status(NINE) == "idle"
    assert ana.deadlines(NINE) == {}
    assert ana.may_send("free_form", at=NINE).error == 131047
    assert ana.may_send("template", "utility", at=NINE).opens == ("utility",)
    with pytest.raises(NoRulebookInForce):
        ana.may_send("free_form", at=0)


def test_the_answer_names_the_next_instant_at_which_it_changes() -> None:
    ana = _ana()
    ana.customer_message(at=NINE)
    verdict = ana.may_send("free_form", at=_hours(1))
    assert verdict.valid_until == instant_of(_hours(24))


def test_an_answer_about_money_holds_no_longer_than_the_month_of_its_free_units() -> None:
    """From the first of December a unit is left again: the same question gets another answer without any event."""
    ana = _ana(account=Account(free_left=0))
    ana.customer_message(at="2026-11-30T23:00:00Z")
    charged = ana.may_send("free_form", at="2026-11-30T23:30:00Z")
    free = ana.may_send("free_form", at="2026-12-01T00:00:00Z")
    assert (charged.why, free.why) == ("regular", "free_tier")
    assert charged.valid_until == free.decided_at


def test_free_units_used_by_this_thread_are_counted() -> None:
    ana = _ana(account=Account(free_left=1))
    ana.customer_message(at="2026-11-10T09:00:00Z")
    assert ana.may_send("free_form", at="2026-11-10T10:00:00Z").why == "free_tier"
    ana.message_sent("free_form", id="out", at="2026-11-10T10:00:00Z")
    assert ana.message_delivered("out", at="2026-11-10T10:00:00Z").outcome.why == "free_tier"
    assert ana.may_send("free_form", at="2026-11-10T10:00:01Z").why == "regular"


# --- settling ---------------------------------------------------------------
def _answers(ana: CustomerThread, hours: Iterator[float] | list[float]) -> list[object]:
    return [
        (
            ana.state(_hours(h)),
            ana.deadlines(_hours(h)),
            [
                attrs.evolve(ana.may_send(content, category, at=_hours(h)), flags=())
                for content, category in (("free_form", None), ("template", "utility"), ("template", "marketing"))
            ],
        )
        for h in hours
    ]


@pytest.mark.parametrize("settled", [0.5, 1, 2.5, 3, 30, 41, 500])
def test_settling_keeps_every_answer_from_then_on(settled: float) -> None:
    whole, small = _busy(), _busy()
    small.settle(_hours(settled))
    hours = [h for h in (0.5, 1, 3, 3.5, 20, 24, 26, 30, 40, 41, 60, 500, 600) if h >= settled]
    assert _answers(small, hours) == _answers(whole, hours)
    kept = [result for result in whole.history if result.event.at >= instant_of(_hours(settled))]
    assert _told(small.history) == _told(tuple(kept))


def test_settling_makes_the_thread_small_and_later_events_still_count() -> None:
    ana = _busy()
    ana.settle(_hours(100))
    assert ana.history == ()
    assert ana.to_dict()["events"] == []
    ana.customer_message(id="in-3", at=_hours(101))
    assert ana.may_send("free_form", at=_hours(102)).allowed


def test_a_status_of_a_message_that_was_settled_still_finds_it() -> None:
    ana = _ana()
    ana.message_sent("template", "utility", id="out", at=NINE)
    ana.settle(_hours(1))
    assert ana.message_delivered("out", at=_hours(2)).outcome.opens == ("utility",)


@pytest.mark.parametrize("hours", [0, 3, 40])
def test_an_event_as_old_as_what_was_settled_is_refused_and_nothing_changes(hours: int) -> None:
    ana = _busy()
    ana.settle(_hours(100))
    saved = ana.to_dict()
    with pytest.raises(
        TimeRunsBackwards, match=r"everything up to 2023-09-13T01:00:00Z was settled. Replay the thread"
    ):
        ana.customer_message(id="late", at=_hours(hours))
    assert ana.to_dict() == saved


def test_a_question_about_settled_time_is_refused() -> None:
    ana = _busy()
    ana.settle(_hours(100))
    with pytest.raises(TimeRunsBackwards):
        ana.may_send("free_form", at=_hours(39))
    with pytest.raises(TimeRunsBackwards):
        ana.state(_hours(39))


def test_settling_before_anything_happened_changes_nothing() -> None:
    ana = _busy()
    saved = ana.to_dict()
    ana.settle(NINE)
    assert ana.to_dict() == saved


def test_settling_again_and_again_gives_what_settling_once_does() -> None:
    once, often = _busy(), _busy()
    once.settle(_hours(41))
    for hours in (0.5, 1, 1, 2.5, 39, 41, 41):
        often.settle(_hours(hours))
    assert often.to_dict() == once.to_dict()


def test_settling_keeps_the_count_of_free_units_and_their_month() -> None:
    ana = _ana(account=Account(free_left=2))
    for hours in (0, 48):
        ana.customer_message(id=f"in-{hours}", at=_hours(hours))
        ana.message_sent("free_form", id=f"out-{hours}", at=_hours(hours))
        assert ana.message_delivered(f"out-{hours}", at=_hours(hours)).outcome.why == "free_tier"
        ana.settle(_hours(hours + 1))
    ana.customer_message(id="in-3", at=_hours(96))
    assert ana.may_send("free_form", at=_hours(96)).why == "regular"
    october = datetime(2023, 10, 1, 9, tzinfo=UTC)
    ana.customer_message(id="in-4", at=october)
    assert ana.may_send("free_form", at=october).why == "free_tier"


def test_settling_between_two_versions_of_one_event_keeps_the_earliest() -> None:
    """The versions arrive latest first, so the event is taken for a recent one, kept, and counted a second time."""
    ana = _ana()
    ana.customer_message(id="in", at=NINE + timedelta(seconds=20))
    ana.customer_message(id="in", at=NINE + timedelta(seconds=10))
    ana.customer_message(id="other", at=NINE + timedelta(seconds=12))
    ana.settle(NINE + timedelta(seconds=15))
    assert ana.history == ()


def test_settling_gives_the_same_whatever_order_two_versions_of_one_event_came_in() -> None:
    threads = []
    for seconds in ((10, 20), (20, 10)):
        ana = _ana()
        for second in seconds:
            ana.customer_message(id="in", at=NINE + timedelta(seconds=second))
        ana.settle(NINE + timedelta(seconds=15))
        threads.append(ana)
    assert _told(threads[0].history) == _told(threads[1].history)


def test_settling_keeps_what_a_status_learnt_from_a_later_record_of_sending() -> None:
    """Our own clock ran a second fast; the cut falls between Meta's delivery and our sending."""
    whole, small = _ana(), _ana()
    for ana in (whole, small):
        ana.message_delivered("out", at=NINE)
        ana.message_sent("template", "utility", id="out", at=NINE + timedelta(seconds=2))
    small.settle(NINE + timedelta(seconds=1))
    assert small.state(_hours(1)) == whole.state(_hours(1))


# --- saving and resuming ----------------------------------------------------
def test_a_saved_thread_is_plain_json_with_a_version() -> None:
    saved = _busy().to_dict()
    assert saved["version"] == SNAPSHOT
    assert json.loads(json.dumps(saved)) == saved


def test_a_thread_without_events_is_saved_too() -> None:
    saved = _ana().to_dict()
    assert CustomerThread.from_dict(saved).to_dict() == saved


ACCOUNT = {
    "time_zone": "America/Mexico_City",
    "sender": "government",
    "integration": "partner",
    "direct_send": True,
    "payment_method": False,
    "sold_to": "IN",
    "currency": "INR",
    "allowances": {"free_left": 3},
    "customers": {"in_experiment": ["ana"]},
    "policy": {"boundary": "closed", "csw_inbound_kinds": ["reaction"]},
}


def test_the_account_and_the_rulebook_are_saved_with_the_thread() -> None:
    ana = _ana(account=read_account(ACCOUNT), rulebook="pmp-2025-07")
    saved = json.loads(json.dumps(ana.to_dict()))
    again = CustomerThread.from_dict(saved)
    assert again.account == ana.account
    assert again.to_dict() == ana.to_dict()
    ana.customer_message(at=NINE), again.customer_message(at=NINE)
    assert again.may_send("free_form", at=_hours(1)) == ana.may_send("free_form", at=_hours(1))


@STEADY
@given(seed=st.integers(0, 100_000), cut=st.integers(0, 20), settle=st.booleans())
def test_a_thread_resumed_from_json_answers_like_one_that_never_stopped(seed: int, cut: int, settle: bool) -> None:
    log, account = history(seed)
    events = sorted((read_event(members)[0] for members in log), key=lambda event: event.order)
    events = list({event.key: event for event in reversed(events)}.values())[::-1]
    whole = CustomerThread(*events[0].thread, read_account(account))
    for event in events[:cut]:
        whole.record(event)
    stopped = CustomerThread.from_dict(json.loads(json.dumps(whole.to_dict())))
    if settle and cut and cut < len(events):
        stopped.settle(terms_at(events[cut].at))
        stopped = CustomerThread.from_dict(json.loads(json.dumps(stopped.to_dict())))
    for event in events[cut:]:
        one, other = whole.record(event), stopped.record(event)
        if not settle:
            assert write_result(one) == write_result(other)
    last = terms_at(events[-1].at + 3_600_000_000)
    assert stopped.state(last) == whole.state(last)
    assert stopped.deadlines(last) == whole.deadlines(last)
    for content in terms.CONTENTS:
        one, other = (thread.may_send(content, "utility", at=last) for thread in (whole, stopped))
        assert one == other
    count = len(stopped.history)
    assert _told(stopped.history) == _told(whole.history[len(whole.history) - count :])


def terms_at(at: int) -> datetime:
    """The instant as callers have it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


@pytest.mark.parametrize("version", [None, "", "fsm-thread/0", "fsm-thread/2", 1, []], ids=str)
def test_another_version_is_refused_and_nothing_is_loaded(version: object) -> None:
    saved = {**_busy().to_dict(), "version": version}
    with pytest.raises(UnreadableSnapshot, match=r"only 'fsm-thread/1' can be read. Nothing was loaded"):
        CustomerThread.from_dict(saved)
    del saved["version"]
    with pytest.raises(UnreadableSnapshot, match="version None"):
        CustomerThread.from_dict(saved)


@pytest.mark.parametrize(
    "member", ["business", "customer", "rulebook", "account", "settled", "allowances", "given_ids", "events"]
)
def test_a_saved_thread_with_a_member_too_few_or_too_many_is_refused(member: str) -> None:
    saved = _busy().to_dict()
    with pytest.raises(UnreadableSnapshot, match="other members than these"):
        CustomerThread.from_dict({**saved, f"{member}s": 5})
    del saved[member]
    with pytest.raises(UnreadableSnapshot, match="other members than these"):
        CustomerThread.from_dict(saved)


def _settled() -> dict[str, Any]:
    ana = _busy()
    ana.settle(_hours(10))
    saved: dict[str, Any] = json.loads(json.dumps(ana.to_dict()))
    return saved


def _with(path: str, value: object) -> dict[str, Any]:
    """A saved thread with one part replaced."""
    saved = _settled()
    *parents, last = path.split(".")
    place: Any = saved
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place[parent]
    place[int(last) if isinstance(place, list) else last] = value
    return saved


def _spoilt(path: str, value: object) -> Any:
    """A case of a spoilt saved thread."""
    return pytest.param(path, value, id=f"{path}={str(value)[:24]}")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        _spoilt("account", []),
        _spoilt("events", {}),
        _spoilt("allowances", []),
        _spoilt("allowances", {}),
        _spoilt("settled", []),
        _spoilt("settled", {}),
        _spoilt("settled.edition", "cbp-2099-01 (2099-01-01)"),
        _spoilt("settled.edition", "cbp-2023-06"),
        _spoilt("settled.edition", 5),
        _spoilt("settled.states", {}),
        _spoilt("settled.states", []),
        _spoilt("settled.states.newsletter", "idle"),
        _spoilt("settled.states.utility", "open"),
        _spoilt("settled.states.utility", None),
        _spoilt("settled.states.utility", ["idle"]),
        _spoilt("settled.deadlines", []),
        _spoilt("settled.deadlines.utility", "2023-09-12T09:00:00Z"),
        _spoilt("settled.deadlines.utility", 1.5),
        _spoilt("settled.deadlines.utility", True),
        _spoilt("settled.deadlines.newsletter", 5),
        _spoilt("settled.deadlines", {}),
        _spoilt("settled.opened", None),
        _spoilt("settled.at", "2023-09-11T09:00:00Z"),
        _spoilt("settled.at", None),
        _spoilt("settled.at", 10**30),
        _spoilt("settled.business", 5),
        _spoilt("settled.business", "the florist"),
        _spoilt("settled.messages", {}),
        _spoilt("settled.messages", [5]),
        _spoilt("settled.messages", [{}]),
        _spoilt("settled.messages.0.delivered", 1),
        _spoilt("settled.messages.0.at", "now"),
        _spoilt("settled.messages.0.id", 5),
        _spoilt("settled.messages.0.size", 5),
        _spoilt("settled.messages.0.category", 5),
        _spoilt("settled.messages.0.content", "letter"),
        _spoilt("events.0.profile", "Ana"),
        _spoilt("events.0.customer", "luis"),
        _spoilt("events.0", 5),
        _spoilt("events.0.at", "2023-09-10T09:00:00Z"),
    ],
)
def test_a_saved_thread_of_another_shape_is_refused_and_never_guessed_at(path: str, value: object) -> None:
    saved = _with(path, value)
    with pytest.raises(UnreadableSnapshot) as refusal:
        CustomerThread.from_dict(saved).state(_hours(50))
    assert str(refusal.value)


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("events.0.event", "customer_mesage", BadEvent),
        ("events.0.at", "2023-09-13", UnreadableInstant),
        ("account.colour", "green", BadAccount),
        ("account.policy", {"boundry": "closed"}, BadAccount),
        ("rulebook", "cbp", UnknownRulebook),
    ],
)
def test_a_wrong_word_inside_a_saved_thread_is_refused_like_anywhere_else(
    path: str, value: object, error: type[FsmError]
) -> None:
    with pytest.raises(error):
        CustomerThread.from_dict(_with(path, value))


@pytest.mark.parametrize("saved", [[], "thread", 5], ids=repr)
def test_what_is_no_object_is_no_saved_thread(saved: Any) -> None:
    with pytest.raises(UnreadableSnapshot):
        CustomerThread.from_dict(saved)


def test_an_id_given_after_resuming_is_not_one_that_was_given_before() -> None:
    """
    Two messages with one id are one message: the second delivery would open and cost nothing.

    The count of ids is not saved but taken from the events, of which settling leaves few.
    """
    ana = _ana()
    ana.customer_message(at=NINE)
    first = ana.message_sent("template", "marketing", at=NINE)
    ana.message_delivered(first.event.id, at=_hours(1))
    ana.settle(_hours(100))
    again = CustomerThread.from_dict(ana.to_dict())
    again.customer_message(at=_hours(200))
    second = again.message_sent("template", "marketing", at=_hours(200))
    assert second.event.id != first.event.id
    assert again.message_delivered(second.event.id, at=_hours(201)).outcome.charge == "marketing"


def test_an_event_at_the_end_of_the_calendar_can_be_told() -> None:
    """Such an instant is read without complaint, so it must not crash what comes after."""
    ana = _ana(account=read_account({"time_zone": "+14:00"}))
    last = "9998-12-31T23:59:59Z"
    result = ana.customer_message(entry="ad", at=last)
    assert write_result(result)["deadlines"]
    assert ana.next_deadline(last) == ana.deadlines(last)["customer_service_window"]
    assert ana.may_send("free_form", at=last).allowed
    with pytest.raises(UnreadableInstant):
        ana.customer_message(at="9999-01-01T00:00:00Z")


# --- threads of a program --------------------------------------------------------------------
def test_threads_that_share_one_object_leave_what_one_alone_leaves() -> None:
    """A web server may be told two webhooks of one customer at once, and asked meanwhile."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    failed: list[BaseException] = []
    try:
        for seed in range(30):
            told = [read_event(members)[0] for members in history(seed)[0]]
            account = read_account(history(seed)[1])
            alone, shared = (CustomerThread("the bakery", told[0].customer, account) for _ in range(2))
            mine = [event for event in told if event.thread == (alone.business, alone.customer)]
            for event in mine:
                alone.record(event)

            def tell(events: list[Event], thread: CustomerThread = shared) -> None:
                try:
                    for event in events:
                        thread.record(event)
                        thread.may_send("free_form", at=format_instant(event.at))
                except BaseException as bad:
                    failed.append(bad)

            with ThreadPoolExecutor(3) as pool:
                list(pool.map(tell, (mine[::2], mine[1::2], list(reversed(mine)))))
            assert failed == []
            assert list(map(write_result, shared.history)) == list(map(write_result, alone.history))
    finally:
        sys.setswitchinterval(before)


def test_a_thread_can_be_copied_and_pickled() -> None:
    ana = CustomerThread("the bakery", "ana")
    ana.customer_message(at=NINE)
    for other in (copy.deepcopy(ana), pickle.loads(pickle.dumps(ana))):
        assert other.to_dict() == ana.to_dict()
        other.message_sent("free_form", at=NINE + timedelta(hours=1))
        assert len(other.history) == 2
        assert len(ana.history) == 1
