"""Replay: any order, duplication, batching or split of the same facts gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, permutations
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fsm import terms
from fsm.errors import NoRulebookInForce, TimeRunsBackwards
from fsm.events import Account, Event, instant_of, read_account, read_event
from fsm.machine import Allowances, Law, apply
from fsm.machine.snapshot import read_thread, write_thread
from fsm.replay import Fact, Fold, Result, gather, replay, write_result
from tests.parity.histories import history

ROOT = Path(__file__).resolve().parents[1]
STEADY = settings(deadline=None, derandomize=True)
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
LAW = Law(engine="table")


def _at(*when: int) -> int:
    return instant_of(datetime(*when, tzinfo=UTC))  # type: ignore[misc,arg-type]


NINE = _at(2023, 9, 11, 9)


def _event(name: str, at: int, id: str = "", **members: Any) -> Event:
    return Event(event=name, at=at, id=id, **{"business": "the bakery", "customer": "5215550001111", **members})


def _written(results: Iterable[Result]) -> list[str]:
    return [json.dumps(write_result(result)) for result in results]


def _replayed(events: Iterable[Event], law: Law = LAW) -> list[str]:
    return _written(replay(law, events))


def _results(*events: Event, law: Law = LAW) -> dict[tuple[str, str], Result]:
    """The results by event and id."""
    return {(result.event.event, result.event.id): result for result in replay(law, events)}


# --- the result -------------------------------------------------------------
MEMBERS = (
    "id",
    "event",
    "at",
    "business",
    "customer",
    "rulebook",
    "verdict",
    "error",
    "because",
    "opens",
    "refreshes",
    "closes",
    "joins",
    "charge",
    "why",
    "deadlines",
    "flags",
)


@pytest.mark.parametrize("name", terms.EVENTS)
def test_a_result_has_exactly_the_documented_members_in_their_order(name: str) -> None:
    """Whoever reads results in another language relies on them: columns, not only keys."""
    content = {"content": "template", "category": "utility"} if name == "message_sent" else {}
    (result,) = replay(LAW, [_event(name, NINE, "m", **content)])
    assert tuple(write_result(result)) == MEMBERS


def test_a_result_is_written_in_the_words_of_the_log() -> None:
    sent = _event("message_sent", NINE + 2 * HOUR, "out", content="template", category="utility")
    events = [_event("customer_message", NINE, "in"), sent, _event("message_delivered", NINE + 2 * HOUR + 1, "out")]
    written = [write_result(result) for result in replay(LAW, events)]
    assert written[1] == {
        "id": "out",
        "event": "message_sent",
        "at": "2023-09-11T11:00:00Z",
        "business": "the bakery",
        "customer": "5215550001111",
        "rulebook": "cbp-2023-06",
        "verdict": "allowed",
        "error": None,
        "because": ["CSW-03", "TPL-01"],
        "opens": [],
        "refreshes": [],
        "closes": [],
        "joins": None,
        "charge": None,
        "why": None,
        "deadlines": {"customer_service_window": "2023-09-12T09:00:00Z"},
        "flags": [],
    }
    assert written[2] == {
        **written[1],
        "event": "message_delivered",
        "at": "2023-09-11T11:00:00.000001Z",
        "verdict": None,
        "because": ["CBP2-01", "CBP2-10"],
        "opens": ["utility"],
        "charge": "utility",
        "why": "regular",
        "deadlines": {
            "customer_service_window": "2023-09-12T09:00:00Z",
            "utility": "2023-09-12T11:00:00.000001Z",
        },
    }


def test_an_event_without_an_id_has_none_in_its_result() -> None:
    (result,) = replay(LAW, [_event("opted_in", NINE)])
    assert write_result(result)["id"] is None


@STEADY
@given(seed=st.integers(0, 100_000))
def test_results_use_no_word_outside_the_vocabulary(seed: int) -> None:
    log, account = history(seed)
    law = Law(read_account(account), engine="table")
    for result in replay(law, [read_event(members)[0] for members in log]):
        outcome = result.outcome
        assert {*outcome.opens, *outcome.refreshes, *outcome.closes} <= set(terms.REPORTED)
        assert outcome.joins in (None, terms.UNSPECIFIED, *terms.REPORTED)
        assert outcome.charge in (None, *terms.RATE_LINES)
        assert outcome.why in (None, *terms.REASONS)
        assert set(outcome.flags) <= set(terms.FLAGS)
        assert outcome.verdict in (None, *terms.VERDICTS)
        assert (outcome.charge is None) or (outcome.why == "regular")
        assert not set(outcome.opens) & set(outcome.refreshes)
        assert (outcome.error is not None) == (outcome.verdict == "refused")
        for names in (outcome.opens, outcome.refreshes, outcome.closes):
            assert list(names) == sorted(names, key=terms.REPORTED.index)


# --- any order --------------------------------------------------------------
def _sent(at: int, id: str, content: str = "template", category: str | None = "utility", **members: Any) -> Event:
    return _event("message_sent", at, id, content=content, category=category, **members)


LOGS: dict[str, tuple[Event, ...]] = {
    "a question, an answer and its statuses": (
        _event("customer_message", NINE, "in"),
        _sent(NINE + HOUR, "out", "free_form", None),
        _event("message_delivered", NINE + HOUR + SECOND, "out"),
        _event("message_read", NINE + HOUR + 2 * SECOND, "out"),
        _event("customer_message", NINE + 20 * HOUR, "again"),
        _sent(NINE + 30 * HOUR, "more", "free_form", None),
    ),
    "statuses dated before their sending": (
        _event("message_read", NINE, "out"),
        _event("message_delivered", NINE + SECOND, "out"),
        _sent(NINE + 2 * SECOND, "out", "template", "marketing"),
        _event("message_failed", NINE + SECOND, "lost", error=131026),
        _sent(NINE + 3 * SECOND, "lost"),
        _event("message_delivered", NINE + HOUR, "never sent"),
    ),
    "everything in one second": (
        _event("customer_message", NINE, "in", entry="ad"),
        _event("opted_in", NINE),
        _sent(NINE, "a", "free_form", None),
        _event("message_delivered", NINE, "a"),
        _sent(NINE, "b"),
        _event("message_delivered", NINE, "b"),
    ),
    "a free entry point over other conversations": (
        _sent(NINE, "a", "template", "marketing"),
        _event("message_delivered", NINE, "a"),
        _event("customer_message", NINE + HOUR, "in", entry="ad"),
        _sent(NINE + 2 * HOUR, "b"),
        _event("message_read", NINE + 2 * HOUR, "b"),
        _event("customer_message", NINE + 3 * HOUR, "text"),
    ),
    "the same message with two stories": (
        _event("customer_message", NINE, "in"),
        _event("customer_message", NINE + SECOND, "in", kind="media"),
        _sent(NINE + HOUR, "out", "template", "utility"),
        _sent(NINE + HOUR, "out", "template", "marketing"),
        _sent(NINE + HOUR, "out", "free_form", None, inferred=True),
        _event("message_delivered", NINE + HOUR, "out"),
    ),
    "across the change of the law, on the last free unit": (
        _event("customer_message", _at(2023, 5, 31, 23), "in"),
        _sent(_at(2023, 5, 31, 23, 30), "a", "free_form", None),
        _event("message_delivered", _at(2023, 5, 31, 23, 30), "a"),
        _sent(_at(2023, 6, 1), "b"),
        _event("message_delivered", _at(2023, 6, 1), "b"),
        _event("customer_message", _at(2023, 6, 1, 0, 0, 1), "late"),
    ),
    "two customers of one account": (
        _event("customer_message", NINE, "in-1", customer="ana"),
        _event("customer_message", NINE, "in-2", customer="luis"),
        _sent(NINE + HOUR, "out-1", "free_form", None, customer="ana"),
        _sent(NINE + HOUR, "out-2", "free_form", None, customer="luis"),
        _event("message_delivered", NINE + HOUR, "out-1", customer="ana"),
        _event("message_delivered", NINE + HOUR, "out-2", customer="luis"),
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_every_permutation_of_a_log_gives_the_same_bytes(name: str) -> None:
    law = Law(Account(free_left=1), engine="table")
    log = LOGS[name]
    expected = _replayed(log, law)
    for order in permutations(log):
        assert _replayed(order, law) == expected


@pytest.mark.parametrize("name", LOGS)
def test_every_permutation_of_a_log_with_everything_twice_gives_the_same_bytes(name: str) -> None:
    law = Law(Account(free_left=1), engine="table")
    log = LOGS[name]
    expected = _replayed(log, law)
    for number, order in enumerate(permutations(log)):
        twice = (*order, *log[::-1]) if number % 2 else tuple(event for event in order for _ in range(2))
        assert _replayed(twice, law) == expected


@pytest.mark.parametrize("name", LOGS)
def test_every_batching_of_a_log_gives_the_same_bytes(name: str) -> None:
    """Batches come from several files or webhooks; together they are one log."""
    log = LOGS[name]
    expected = _replayed(log)
    for size in range(1, len(log)):
        batches = [log[start : start + size] for start in range(0, len(log), size)]
        assert _replayed(event for batch in reversed(batches) for event in batch) == expected


def test_one_result_comes_for_every_distinct_event_in_canonical_order() -> None:
    events = [event for log in LOGS.values() for event in log]
    results = list(replay(LAW, [*events, *events]))
    keys = [result.event.key for result in results]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {event.key for event in events}
    orders = [result.event.order for result in results]
    assert orders == sorted(orders)


def test_an_empty_log_has_no_results() -> None:
    assert list(replay(LAW, [])) == []


def test_threads_do_not_touch_each_other() -> None:
    ana = [
        _event("customer_message", NINE, "in", customer="ana"),
        _sent(NINE + 1, "o", "free_form", None, customer="ana"),
    ]
    luis = [_sent(NINE + 1, "o", "free_form", None, customer="luis")]
    florist = [_sent(NINE + 1, "o", "free_form", None, customer="ana", business="the florist")]
    together = {result.event.thread: result.outcome.verdict for result in replay(LAW, [*ana, *luis, *florist])}
    assert together == {
        ("the bakery", "ana"): "allowed",
        ("the bakery", "luis"): "refused",
        ("the florist", "ana"): "refused",
    }


def test_a_log_from_before_the_first_rulebook_is_refused() -> None:
    with pytest.raises(NoRulebookInForce):
        list(replay(LAW, [_event("customer_message", _at(2019, 5, 31), "in")]))


def test_results_come_as_they_are_asked_for() -> None:
    """A log of millions is not held back until the last line."""
    stream = replay(LAW, [*LOGS["a question, an answer and its statuses"], _event("opted_in", _at(9000, 1, 1))])
    assert next(stream).event.event == "customer_message"


_PROGRAM = """
import json, sys
from fsm.events import read_account, read_event
from fsm.machine import Law
from fsm.replay import replay, write_result
from tests.parity.histories import history
for seed in range(40):
    log, account = history(seed)
    for result in replay(Law(read_account(account)), [read_event(members)[0] for members in log]):
        print(json.dumps(write_result(result)))
"""


def test_the_answer_does_not_depend_on_hash_seed_host_zone_or_locale() -> None:
    places = (
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            cwd=ROOT,
            env={**os.environ, **place, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for place in places
    }
    assert len(outputs) == 1
    assert outputs.pop().count(b"\n") > 200


# --- any split --------------------------------------------------------------
def _fold(fold: Fold, events: Sequence[Event]) -> list[str]:
    results: list[str] = []
    for _, together in groupby(gather(events), key=lambda fact: fact.event.at):
        results += _written(fold.take(list(together)))
    return results


def _resumed(fold: Fold, law: Law) -> Fold:
    """The fold as it comes back from a database: through JSON."""
    threads = json.loads(json.dumps([write_thread(thread, law) for thread in fold.threads.values()]))
    allowances = json.loads(json.dumps(fold.allowances.to_dict()))
    return Fold(law, [read_thread(thread, law) for thread in threads], Allowances.from_dict(law, allowances))


def _check_splits(events: Sequence[Event], law: Law) -> None:
    ordered = [fact.event for fact in gather(events)]
    whole = _fold(Fold(law), ordered)
    for cut in sorted({event.at for event in ordered}):
        fold = Fold(law)
        first = _fold(fold, [event for event in ordered if event.at < cut])
        second = _fold(_resumed(fold, law), [event for event in ordered if event.at >= cut])
        assert [*first, *second] == whole, cut


@pytest.mark.parametrize("name", [name for name in LOGS if "before their sending" not in name])
def test_a_log_split_at_any_instant_and_resumed_gives_the_same_bytes(name: str) -> None:
    _check_splits(LOGS[name], Law(Account(free_left=1), engine="table"))


@STEADY
@given(seed=st.integers(0, 100_000))
def test_a_random_log_split_at_any_instant_and_resumed_gives_the_same_bytes(seed: int) -> None:
    log, account = history(seed)
    _check_splits([read_event(members)[0] for members in log], Law(read_account(account), engine="table"))


def test_a_fold_refuses_to_go_back() -> None:
    fold = Fold(LAW)
    list(fold.take([Fact(_event("customer_message", NINE, "in"))]))
    with pytest.raises(TimeRunsBackwards):
        list(fold.take([Fact(_event("customer_message", NINE - 1, "earlier"))]))


# --- merging ----------------------------------------------------------------
def test_the_earliest_of_two_versions_counts_and_is_flagged() -> None:
    early, late = _event("customer_message", NINE, "in"), _event("customer_message", NINE + HOUR, "in")
    for order in ((early, late), (late, early)):
        (result,) = replay(LAW, order)
        assert result.event == early
        assert result.outcome.flags == ("conflict",)


def test_two_versions_of_one_instant_are_told_apart_in_the_same_way_in_any_order() -> None:
    versions = [_event("customer_message", NINE, "in", kind=kind) for kind in ("media", "text", "reaction", "location")]
    chosen = {next(replay(LAW, order)).event.kind for order in permutations(versions)}
    assert len(chosen) == 1


def test_the_same_content_twice_is_no_conflict() -> None:
    event = _event("customer_message", NINE, "in")
    (fact,) = gather([event, event, attrs.evolve(event)])
    assert fact == Fact(event, conflict=False)


def test_a_record_of_sending_counts_before_what_a_status_implies_and_is_no_conflict() -> None:
    recorded = _sent(NINE + SECOND, "out", "template", "utility")
    inferred = _sent(NINE, "out", "template", "marketing", inferred=True)
    for order in ((recorded, inferred), (inferred, recorded)):
        (result,) = replay(LAW, order)
        assert result.event == recorded
        assert result.outcome.flags == ()


def test_two_records_of_one_sending_are_a_conflict_even_beside_an_implied_one() -> None:
    versions = [_sent(NINE, "out", "template", category) for category in ("utility", "marketing")]
    (result,) = replay(LAW, [*versions, _sent(NINE, "out", "free_form", None, inferred=True)])
    assert result.outcome.flags == ("conflict",)
    assert not result.event.inferred


def test_two_implied_sendings_that_differ_are_a_conflict() -> None:
    versions = [_sent(NINE, "out", "template", category, inferred=True) for category in ("utility", "marketing")]
    (result,) = replay(LAW, versions)
    assert result.outcome.flags == ("conflict", "inferred")


def test_the_stated_end_of_an_entry_point_is_kept_when_a_record_of_sending_wins() -> None:
    end = NINE + 3 * DAY
    recorded = _sent(NINE, "out")
    inferred = _sent(NINE, "out", inferred=True, entry_point_ends_at=end)
    (fact,) = gather([inferred, recorded])
    assert fact.event == attrs.evolve(recorded, entry_point_ends_at=end)
    (fact,) = gather([recorded, inferred, attrs.evolve(inferred, entry_point_ends_at=end - HOUR)])
    assert fact.event.entry_point_ends_at == end - HOUR


def test_a_status_dated_before_its_sending_learns_what_was_sent() -> None:
    results = _results(_event("message_delivered", NINE, "out"), _sent(NINE + SECOND, "out"))
    delivered = results["message_delivered", "out"].outcome
    assert (delivered.opens, delivered.charge, delivered.flags) == (("utility",), "utility", ("delivered_before_sent",))
    assert results["message_sent", "out"].outcome.verdict == "allowed"


def test_a_message_is_opened_and_charged_once_however_often_its_delivery_is_told() -> None:
    statuses = [_event(name, NINE + n * HOUR, "out") for n, name in enumerate(terms.DELIVERY_EVENTS, 1)]
    for order in permutations(statuses):
        results = _results(_sent(NINE, "out"), *order, *order)
        charged = [key for key, result in results.items() if result.outcome.charge]
        assert charged == [("message_delivered", "out")]


# --- what Meta says the category is -----------------------------------------
def _status(at: int, category: str, content: str = "template", inferred: bool = True) -> Event:
    return _event("message_delivered", at, "out", content=content, category=category, inferred=inferred)


def test_meta_s_category_decides_over_our_record_and_the_difference_is_flagged() -> None:
    results = _results(_sent(NINE, "out"), _status(NINE + 1, "marketing"))
    outcome = results["message_delivered", "out"].outcome
    assert (outcome.opens, outcome.charge, outcome.flags) == (("marketing",), "marketing", ("category_drift",))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (_sent(NINE, "out"), _status(NINE + 1, "utility")),
        (_sent(NINE, "out", category="UTILITY"), _status(NINE + 1, "utility")),
        (_sent(NINE, "out"), _status(NINE + 1, "marketing", inferred=False)),
        (_sent(NINE, "out", "free_form", None), _status(NINE + 1, "marketing")),
        (_sent(NINE, "out", inferred=True), _status(NINE + 1, "marketing")),
    ],
    ids=["the same", "another spelling", "not from a webhook", "another content", "nothing but webhooks"],
)
def test_where_no_record_of_ours_contradicts_meta_no_drift_is_flagged(sent: Event, status: Event) -> None:
    assert "category_drift" not in _results(sent, status)["message_delivered", "out"].outcome.flags


def test_a_later_status_of_another_category_changes_nothing_any_more() -> None:
    read = attrs.evolve(_status(NINE + 2, "marketing"), event="message_read")
    results = _results(_sent(NINE, "out"), _status(NINE + 1, "utility"), read)
    assert results["message_delivered", "out"].outcome.charge == "utility"
    assert results["message_read", "out"].outcome.charge is None


def test_meta_s_category_decides_also_where_its_status_is_dated_before_our_record() -> None:
    """Our clock runs a second fast; that must not change what Meta charges us for (PMP-11)."""
    results = _results(_sent(NINE + SECOND, "out"), _status(NINE, "marketing"))
    outcome = results["message_delivered", "out"].outcome
    assert (outcome.charge, "category_drift" in outcome.flags) == ("marketing", True)


# --- two events of one instant ----------------------------------------------
def _flagged(*events: Event, law: Law = LAW) -> set[tuple[str, str]]:
    return {key for key, result in _results(*events, law=law).items() if "tie_sensitive" in result.outcome.flags}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (_event("customer_message", NINE, "in"), _sent(NINE, "out", "free_form", None), {"message_sent"}),
        (_event("welcome_requested", NINE), _sent(NINE, "out", "free_form", None), {"message_sent"}),
        (_event("customer_message", NINE, "in", kind="edit"), _sent(NINE, "out", "free_form", None), {"message_sent"}),
        (_event("customer_message", NINE, "in"), _sent(NINE, "out"), set()),
        (_event("customer_message", NINE, "in"), _sent(NINE, "out", "app", None), set()),
        (_event("opted_in", NINE), _sent(NINE, "out"), set()),
        (_event("customer_message", NINE, "in"), _event("customer_message", NINE, "in-2"), set()),
        (_sent(NINE, "out-1"), _sent(NINE, "out-2"), set()),
    ],
    ids=[
        "a text and a reply",
        "a first chat and a reply",
        "an edit and a reply",
        "a text and a template",
        "a text and a message of the app",
        "consent and a template",
        "two texts",
        "two templates",
    ],
)
def test_two_events_of_one_instant_are_flagged_where_the_other_order_answers_otherwise(
    one: Event, other: Event, both: set[str]
) -> None:
    assert {name for name, _ in _flagged(one, other)} == both
    assert not _flagged(one, attrs.evolve(other, at=NINE + 1))


def test_two_deliveries_of_one_instant_that_want_the_same_conversation_are_both_flagged() -> None:
    """Which of the two opens it, and is charged, is for Meta to say."""
    sent = [_sent(NINE - HOUR, f"out-{n}") for n in (1, 2)]
    delivered = [_event("message_delivered", NINE, f"out-{n}") for n in (1, 2)]
    assert _flagged(*sent, *delivered) == {("message_delivered", "out-1"), ("message_delivered", "out-2")}


def test_two_deliveries_of_one_instant_on_the_last_free_unit_are_both_flagged() -> None:
    sent = [_sent(_at(2026, 11, 10), f"out-{n}", "free_form", None) for n in (1, 2)]
    delivered = [_event("message_delivered", _at(2026, 11, 10, 1), f"out-{n}") for n in (1, 2)]
    assert len(_flagged(*sent, *delivered, law=Law(Account(free_left=1)))) == 2
    assert not _flagged(*sent, *delivered, law=Law(Account(free_left=2)))


def test_statuses_of_one_message_in_one_instant_have_an_order_and_are_not_flagged() -> None:
    statuses = [_event(name, NINE, "out") for name in terms.STATUS_EVENTS]
    assert not _flagged(_sent(NINE, "out"), *statuses)


@STEADY
@given(
    seed=st.integers(0, 100_000),
    kinds=st.tuples(*[st.sampled_from(["text", "ad", "call", "stop", "sent", "delivered", "template"])] * 2),
)
def test_a_pair_is_flagged_exactly_where_swapping_it_changes_an_answer(seed: int, kinds: tuple[str, str]) -> None:
    log, account = history(seed)
    law = Law(read_account(account), engine="table")
    events = [read_event(members)[0] for members in log]
    thread = events[0].thread
    at = max(event.at for event in events) + 5 * HOUR
    pair = [_of_kind(kind, at, f"tie-{n}", thread) for n, kind in enumerate(kinds)]
    waiting = [
        attrs.evolve(_sent(at - HOUR, event.id, "free_form", None), business=thread[0], customer=thread[1])
        for event in pair
        if event.event == "message_delivered"
    ]
    pair.sort(key=lambda event: event.order)
    assume(not {event.event for event in pair} <= set(terms.CUSTOMER_EVENTS))
    fold = Fold(law)
    _fold(fold, [*events, *waiting])
    start = fold.threads[thread]
    left = fold.allowances.left(law.edition_at(at), thread[0], at)
    expected = set()
    if pair[0].key != pair[1].key:
        outcomes = [_outcomes(law, start, order, left) for order in (pair, pair[::-1])]
        expected = {key for key in outcomes[0] if outcomes[0][key] != outcomes[1][key]}
    results = list(fold.take([Fact(event) for event in pair][: 1 + (pair[0].key != pair[1].key)]))
    assert {result.event.key for result in results if "tie_sensitive" in result.outcome.flags} == expected


def _of_kind(kind: str, at: int, id: str, thread: tuple[str, str]) -> Event:
    whose = {"business": thread[0], "customer": thread[1]}
    match kind:
        case "text":
            return _event("customer_message", at, id, **whose)
        case "ad":
            return _event("customer_message", at, id, entry="ad", **whose)
        case "call":
            return _event("customer_call", at, **whose)
        case "stop":
            return _event("marketing_stopped", at, **whose)
        case "sent":
            return _sent(at, id, "free_form", None, **whose)
        case "template":
            return _sent(at, id, "template", "marketing", **whose)
        case _:
            return _event("message_delivered", at, id, **whose)


def _outcomes(law: Law, thread: Any, events: Sequence[Event], left: int) -> dict[tuple[str, ...], object]:
    found: dict[tuple[str, ...], object] = {}
    for event in events:
        step = apply(law, thread, event, allowance_left=left > 0)
        thread, left = step.thread, left - step.outcome.uses_allowance
        found[event.key] = step.outcome
    return found


def test_a_tie_is_flagged_also_when_an_unrelated_event_stands_between_the_two() -> None:
    """The text decides about the reply in the same second; the consent between them changes neither."""
    text, reply = _event("customer_message", NINE, "in"), _sent(NINE, "out", "free_form", None)
    assert _flagged(text, reply) == {("message_sent", "out")}
    assert _flagged(text, _event("opted_in", NINE), reply) == {("message_sent", "out")}


def test_a_tie_for_the_last_free_unit_is_flagged_between_two_customers() -> None:
    at = _at(2026, 11, 10, 1)
    events = [
        event
        for customer in ("ana", "luis")
        for event in (
            _sent(at - HOUR, f"to-{customer}", "free_form", None, customer=customer),
            _event("message_delivered", at, f"to-{customer}", customer=customer),
        )
    ]
    results = _results(*events, law=Law(Account(free_left=1)))
    assert [results["message_delivered", f"to-{who}"].outcome.why for who in ("ana", "luis")] == [
        "free_tier",
        "regular",
    ]
    assert {name for name, _ in _flagged(*events, law=Law(Account(free_left=1)))} == {"message_delivered"}


# --- free units of the month ------------------------------------------------
def test_free_units_are_used_in_canonical_order_over_all_threads() -> None:
    at = _at(2023, 9, 12)
    events = [
        event
        for n in range(4)
        for event in (
            _event("customer_message", at + n, f"in-{n}", customer=f"c{n}"),
            _sent(at + n, f"out-{n}", "free_form", None, customer=f"c{n}"),
            _event("message_delivered", at + n, f"out-{n}", customer=f"c{n}"),
        )
    ]
    results = _results(*reversed(events), law=Law(Account(free_left=2)))
    whys = [results["message_delivered", f"out-{n}"].outcome.why for n in range(4)]
    assert whys == ["free_tier", "free_tier", "regular", "regular"]


def test_the_length_of_a_month_is_that_of_the_account_s_zone() -> None:
    law = Law(read_account({"time_zone": "-06:00", "allowances": {"free_left": 0}}))
    turn = instant_of(datetime(2023, 10, 1, 6, tzinfo=UTC))
    assert turn - instant_of(datetime(2023, 10, 1, tzinfo=UTC)) == timedelta(hours=6) // timedelta(microseconds=1)
    whys = []
    for at in (turn - 1, turn):
        before = _event("customer_message", turn - DAY, "first")
        events = [_sent(at, "out", "free_form", None), _event("message_delivered", at, "out")]
        whys.append(_results(before, *events, law=law)["message_delivered", "out"].outcome.why)
    assert whys == ["regular", "free_tier"]


def test_our_own_record_of_a_delivery_does_not_hide_the_category_that_metas_status_names() -> None:
    """PB-44: the record says that it was delivered, the status also what it was charged as; drift must not get lost."""
    common: dict[str, Any] = {"business": "b", "customer": "c", "id": "m"}
    at = instant_of(datetime(2025, 8, 11, 10, tzinfo=UTC))
    events = [
        Event(event="message_sent", at=at, content="template", category="utility", **common),
        Event(event="message_delivered", at=at + 1, **common),
        Event(event="message_delivered", at=at + 1, content="template", category="marketing", inferred=True, **common),
    ]
    for order in permutations(events):
        delivered = list(replay(Law(), order))[-1].outcome
        assert (delivered.charge, delivered.flags) == ("marketing", ("category_drift",))
