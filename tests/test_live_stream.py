"""Events as they come, without Spark: any arrival within the bound gives what one sorted replay gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.bulk.hybrid import decide_facts
from fsm.errors import BadSettlement, TimeRunsBackwards, UnreadableSnapshot
from fsm.events import Account, Event
from fsm.machine import Law
from fsm.replay import gather, replay, write_result
from fsm.spark import live
from fsm.spark.live import FINAL, LATE, PROVISIONAL, Answer, Row, State, take
from tests.parity.hostile import hostile

HOUR = 3_600_000_000
JUNE_2023 = 1_685_577_600_000_000
"""2023-06-01T00:00:00Z"""
SEEDS = st.integers(0, 5_000)


def stream(
    law: Law, batches: Sequence[Sequence[Event]], watermarks: Sequence[int]
) -> tuple[dict[tuple[str, str], State], list[Row]]:
    """Batches into as many threads as they need; before every batch the watermark is what it was after the last."""
    states: dict[tuple[str, str], str] = {}
    rows: list[Row] = []
    for batch, watermark in zip(batches, watermarks, strict=True):
        mine: dict[tuple[str, str], list[Event]] = {thread: [] for thread in states}
        for event in batch:
            mine.setdefault(event.thread, []).append(event)
        for thread, events in mine.items():
            before = live.read_state(states[thread], law) if thread in states else State()
            # Nothing is forgotten here: what is, is a test of its own.
            after, told = take(law, before, events, watermark, remember=1 << 62)
            assert live.read_state(live.write_state(after, law), law) == after
            states[thread] = live.write_state(after, law)
            rows += told
    return {thread: live.read_state(text, law) for thread, text in states.items()}, rows


def answers(rows: Sequence[Row], stage: str = FINAL) -> list[Answer]:
    found = [row.answer for row in rows if row.stage == stage]
    return [live.read_answer(live.write_answer(answer)) for answer in found if answer is not None]


def reference(law: Law, events: Sequence[Event]) -> list[dict[str, object]]:
    return [write_result(result) for result in replay(law, events)]


def text(results: Sequence[dict[str, object]]) -> list[str]:
    return sorted(json.dumps(result, sort_keys=True) for result in results)


def effective(events: Sequence[Event]) -> list[int]:
    """For every event the instant before which it must arrive: its own, that of its twins, of its message's statuses."""
    keys: dict[Any, int] = {}
    for event in events:
        keys[event.key] = min(keys.get(event.key, event.at), event.at)
        if event.event in terms.STATUS_EVENTS:
            record = (*event.thread, event.id)
            keys[record] = min(keys.get(record, event.at), event.at)
    return [
        min(keys[event.key], keys.get((*event.thread, event.id), event.at))
        if event.event == "message_sent"
        else keys[event.key]
        for event in events
    ]


def arrival(data: st.DataObject, events: list[Event]) -> tuple[list[list[Event]], list[int]]:
    """The events in any order and any batches, and where in that order batches begin."""
    order = data.draw(st.permutations(range(len(events))), label="order")
    cuts = sorted(data.draw(st.sets(st.integers(1, max(len(events) - 1, 1)), max_size=6), label="cuts"))
    bounds = [0, *[cut for cut in cuts if cut < len(events)], len(events)]
    pieces = [order[first:last] for first, last in pairwise(bounds)]
    return [[events[place] for place in piece] for piece in pieces], bounds


def log_of(seed: int) -> tuple[Law, list[Event]]:
    events, account = hostile(seed)
    law = Law(account, engine="table")
    return law, [event for event in events if event.at >= law.editions[0].begins]


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_any_arrival_within_the_bound_gives_the_finals_of_one_sorted_replay(seed: int, data: st.DataObject) -> None:
    law, events = log_of(seed)
    batches, _ = arrival(data, events)
    ahead = [event for batch in batches for event in batch]
    places = effective(ahead)
    watermarks, done = [], 0
    for batch in batches:
        limit = min(places[done:], default=0)
        watermarks.append(limit - data.draw(st.sampled_from([0, 0, 1, HOUR]), label="slack"))
        done += len(batch)
    _, rows = stream(law, [*batches, []], [*watermarks, 1 << 60])
    assert not [row for row in rows if row.stage == LATE]
    assert len({answer.event.key for answer in answers(rows)}) == len(answers(rows))
    assert text(live.settle(law, answers(rows), events)) == text(reference(law, events))


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_whatever_comes_however_late_finals_and_corrections_give_one_sorted_replay(
    seed: int, data: st.DataObject
) -> None:
    law, events = log_of(seed)
    batches, _ = arrival(data, events)
    instants = sorted({event.at for event in events} | {0})
    watermarks = [data.draw(st.sampled_from(instants), label="watermark") + 1 for _ in batches]
    states, rows = stream(law, [*batches, []], [*watermarks, 1 << 60])
    touched = {thread for thread, state in states.items() if state.touched}
    assert touched == {row.event.thread for row in rows if row.stage == LATE}
    finals = answers(rows)
    log = [event for event in events if event.thread in touched]
    corrections = live.redecide(law, log, [each for each in finals if each.event.thread in touched], 1 << 60)
    untouched = [event for event in events if event.thread not in touched]
    mine = [each for each in finals if each.event.thread not in touched]
    assert live.redecide(law, untouched, mine, 1 << 60) == []
    shuffled = [*log, *log]
    Random(seed).shuffle(shuffled)
    again = live.redecide(law, shuffled, [each for each in finals if each.event.thread in touched][::-1], 1 << 60)
    assert again == corrections
    whole = live.corrected(finals, corrections)
    assert text(live.settle(law, whole, events)) == text(reference(law, events))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_what_waits_has_a_provisional_answer_and_only_one_final(seed: int, data: st.DataObject) -> None:
    law, events = log_of(seed)
    batches, _ = arrival(data, events)
    states, rows = stream(law, batches, [0] * len(batches))
    assert {row.stage for row in rows} <= {PROVISIONAL}
    assert {row.event.key for row in rows} == {event.key for event in events}
    assert sum(len(state.waiting) for state in states.values()) == len(
        {json.dumps(live.write_event(event)) for event in events}
    )


def _question(at: int, id: str = "q") -> Event:
    return Event(event="customer_message", at=at, business="b", customer="c", id=id)


def _reply(at: int, id: str = "m") -> Event:
    return Event(event="message_sent", at=at, business="b", customer="c", id=id, content="free_form")


LAW = Law(Account(), engine="table")


def test_an_event_is_final_only_once_the_watermark_has_passed_its_instant() -> None:
    state, rows = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023)
    assert [row.stage for row in rows] == [PROVISIONAL]
    assert state.due == JUNE_2023
    state, rows = take(LAW, state, [], JUNE_2023 + 1)
    assert [row.stage for row in rows] == [FINAL]
    assert state.due is None


def test_a_provisional_refusal_becomes_a_final_yes_when_the_question_arrives_behind_its_answer() -> None:
    state, rows = take(LAW, State(), [_reply(JUNE_2023 + HOUR)], 0)
    assert [row.answer.none.verdict for row in rows if row.answer] == ["refused"]
    state, _ = take(LAW, state, [_question(JUNE_2023)], 0)
    _, rows = take(LAW, state, [], JUNE_2023 + 2 * HOUR)
    assert [row.answer.none.verdict for row in rows if row.answer] == [None, "allowed"]


def test_a_question_that_comes_late_is_given_out_and_the_log_corrects_the_refusal() -> None:
    state, first = take(LAW, State(), [_reply(JUNE_2023 + HOUR)], JUNE_2023 + 2 * HOUR)
    state, second = take(LAW, state, [_question(JUNE_2023)], JUNE_2023 + 2 * HOUR)
    assert [(row.stage, row.why) for row in second] == [(LATE, live.BEHIND)]
    _, third = take(LAW, state, [_reply(JUNE_2023 + 3 * HOUR, "later")], JUNE_2023 + 4 * HOUR)
    assert [row.touched for row in third] == [True]
    log = [_reply(JUNE_2023 + HOUR), _question(JUNE_2023), _reply(JUNE_2023 + 3 * HOUR, "later")]
    corrections = live.redecide(LAW, log, answers([*first, *third]), JUNE_2023 + 4 * HOUR)
    told = [
        (each.event.id, each.was and each.was.none.verdict, each.now and each.now.none.verdict) for each in corrections
    ]
    assert told == [("q", None, None), ("m", "refused", "allowed"), ("later", "refused", "allowed")]
    assert corrections[0].was is None


def test_the_same_event_again_is_no_news_before_or_after_it_is_final() -> None:
    state, _ = take(LAW, State(), [_question(JUNE_2023), _question(JUNE_2023)], 0)
    state, rows = take(LAW, state, [_question(JUNE_2023)], JUNE_2023 + 1)
    assert [row.stage for row in rows] == [FINAL]
    state, rows = take(LAW, state, [_question(JUNE_2023)], JUNE_2023 + 1)
    assert rows == []
    assert not state.touched


def test_another_version_of_a_final_event_contradicts_it() -> None:
    state, _ = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023 + 1)
    other = attrs.evolve(_question(JUNE_2023 + HOUR), kind="reaction")
    state, rows = take(LAW, state, [other], JUNE_2023 + 1)
    assert [(row.stage, row.why) for row in rows] == [(LATE, live.CONTRADICTS)]
    assert state.touched


def test_a_record_of_sending_behind_a_final_status_tells_of_the_past() -> None:
    delivered = Event(event="message_delivered", at=JUNE_2023, business="b", customer="c", id="m")
    state, _ = take(LAW, State(), [delivered], JUNE_2023 + 1)
    _, rows = take(LAW, state, [_reply(JUNE_2023 + 5_000_000)], JUNE_2023 + 1)
    assert [(row.stage, row.why) for row in rows] == [(LATE, live.TELLS)]


def test_an_event_before_the_first_rulebook_is_given_out_and_poisons_nothing() -> None:
    state, rows = take(LAW, State(), [_question(0), _question(JUNE_2023, "other")], JUNE_2023 + 1)
    assert [(row.stage, row.why) for row in rows] == [(LATE, live.UNCOVERED), (FINAL, "")]
    assert not state.touched


def test_a_lower_watermark_takes_nothing_back() -> None:
    state, _ = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023 + 1)
    lower, rows = take(LAW, state, [], JUNE_2023 - HOUR)
    assert (lower.through, rows) == (JUNE_2023 + 1, [])


def test_the_core_refuses_time_that_goes_backwards() -> None:
    state, _ = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023 + 1)
    with pytest.raises(TimeRunsBackwards):
        decide_facts(LAW, state.thread, gather([_question(JUNE_2023 - HOUR, "earlier")]))


def test_final_events_are_forgotten_after_their_time_and_repeats_then_come_late() -> None:
    state, _ = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023 + 1, remember=HOUR)
    state, _ = take(LAW, state, [], JUNE_2023 + 2 * HOUR, remember=HOUR)
    assert state.told == {}
    _, rows = take(LAW, state, [_question(JUNE_2023)], 0, remember=HOUR)
    assert [(row.stage, row.why) for row in rows] == [(LATE, live.BEHIND)]


def test_two_finals_under_one_key_are_refused() -> None:
    _, rows = take(LAW, State(), [_question(JUNE_2023)], JUNE_2023 + 1)
    with pytest.raises(BadSettlement, match="two final answers"):
        live.redecide(LAW, [_question(JUNE_2023)], [*answers(rows), *answers(rows)], JUNE_2023 + 1)


def test_a_refusal_that_hangs_on_the_allowance_is_settled_from_the_log_or_not_at_all() -> None:
    law = Law(Account(payment_method=False, free_left=0), engine="table")
    events = [_question(JUNE_2023), _reply(JUNE_2023 + 1_000_000)]
    events.append(Event(event="message_delivered", at=JUNE_2023 + 2_000_000, business="b", customer="c", id="m"))
    _, rows = stream(law, [events, []], [0, 1 << 60])
    if any(answer.refusals_differ for answer in answers(rows)):
        with pytest.raises(BadSettlement, match="hangs on the free allowance"):
            live.settle(law, answers(rows))
    assert text(live.settle(law, answers(rows), events)) == text(reference(law, events))


@pytest.mark.parametrize("damaged", ["", "{}", "[]", '{"thread": null, "through": "x"}'])
def test_a_damaged_state_or_answer_is_refused(damaged: str) -> None:
    with pytest.raises(UnreadableSnapshot):
        live.read_state(damaged, LAW)
    with pytest.raises(UnreadableSnapshot):
        live.read_answer(damaged)
