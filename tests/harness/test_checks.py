"""One expectation against one answer: every way to be right, wrong, or of no shape at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from fsm.harness.conform.checks import Malformed, checks_of, read_reply
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import Vector
from tests.harness.making import DELIVERED, SENT, refused, vector

OPENS = {"about": "opens", "events": [0, 1], "value": ["customer_service_window", "marketing"]}
CHARGE = {"about": "charge", "level": "charges", "events": [0, 1], "value": {"charge": "marketing", "why": "regular"}}
ERROR = refused()["value"]["error"]


def _outcomes(
    each: Mapping[str, Any], *results: Mapping[str, Any] | None, can_answer: Sequence[str] = tuple(LEVELS)
) -> list[tuple[str, str, Any]]:
    asked = vector(each)
    checks = checks_of(asked, read_reply(asked, {"results": list(results)}), can_answer)
    return [(check.level, check.outcome, check.got) for check in checks]


def _answered(about: str, level: str, value: Any, answer: Mapping[str, Any] | None, **more: Any) -> tuple[str, Any]:
    each = {"about": about, "level": level, "question": {"question": "x"}, "value": value, **more}
    asked = vector(each)
    (check,) = checks_of(asked, read_reply(asked, {"answers": [answer]}), tuple(LEVELS))
    return check.outcome, check.got


# --- permission -----------------------------------------------------------------
def test_a_verdict_is_right_with_its_error_and_wrong_without() -> None:
    right, wrong = {"verdict": "refused", "error": ERROR}, {"verdict": "refused", "error": 1}
    assert _outcomes(refused(), right, None) == [("permission", "passed", right)]
    assert _outcomes(refused(), wrong, None)[0][1] == "failed"
    assert _outcomes(refused(), {"verdict": "refused"}, None)[0][1] == "failed"
    assert _outcomes(refused(), {"verdict": "allowed"}, None)[0][1] == "failed"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "there is no result"),
        ({}, "has a 'verdict'"),
        ({"verdict": None}, "has a 'verdict'"),
        ({"verdict": "ok"}, "'ok', which is none of allowed, refused, unspecified"),
        ({"verdict": True}, "True, which is none of"),
        ({"verdict": "refused", "error": "131047"}, "it must be a whole number"),
        ({"verdict": "refused", "error": True}, "it must be a whole number"),
    ],
)
def test_a_verdict_of_no_shape_is_named(result: Mapping[str, Any] | None, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        _outcomes(refused(), result, None)


# --- windows and conversations ----------------------------------------------------
def test_what_opens_is_judged_in_two_parts() -> None:
    both = ({"opens": []}, {"opens": ["marketing", "customer_service_window"]})
    assert [outcome for _, outcome, _ in _outcomes(OPENS, *both)] == ["passed", "passed"]
    window = ({"opens": ["customer_service_window"]}, {"opens": []})
    assert [outcome for _, outcome, _ in _outcomes(OPENS, *window)] == ["passed", "failed"]
    assert [outcome for _, outcome, _ in _outcomes(OPENS, *window, can_answer=["windows"])] == [
        "passed",
        "unsupported",
    ]


def test_what_opens_twice_is_wrong() -> None:
    twice = {"opens": ["customer_service_window", "marketing"]}
    assert [outcome for _, outcome, _ in _outcomes(OPENS, twice, twice)] == ["failed", "failed"]


@pytest.mark.parametrize("opens", [None, "marketing", ["window"], [1], {"marketing": 1}])
def test_what_opens_must_be_a_list_of_known_names(opens: object) -> None:
    with pytest.raises(Malformed, match="opens"):
        _outcomes(OPENS, {"opens": opens}, {"opens": []})


def test_a_result_without_a_claimed_member_is_malformed_not_passed() -> None:
    with pytest.raises(Malformed, match="no 'opens'"):
        _outcomes({**OPENS, "value": []}, {}, {})


@pytest.mark.parametrize(
    ("joins", "outcome"),
    [
        (["marketing", None], "passed"),
        ([None, "marketing"], "passed"),
        (["utility", None], "failed"),
        ([None, None], "failed"),
        (["marketing", "utility"], "failed"),
    ],
)
def test_a_message_joins_one_conversation(joins: Sequence[str | None], outcome: str) -> None:
    each = {"about": "joins", "level": "conversations", "events": [0, 1], "value": "marketing"}
    assert _outcomes(each, *({"joins": name} for name in joins))[0][1] == outcome


def test_a_deadline_may_be_spelled_in_any_way_that_names_the_instant() -> None:
    at = "2025-08-12T10:00:00Z"
    each = {"about": "deadline", "level": "windows", "events": [0], "value": {"lane": "x", "at": at}}
    for spelled in (at, "2025-08-12T12:00:00+02:00", 1754992800):
        assert _outcomes(each, {"deadlines": {"x": spelled}}, None)[0][1] == "passed"
    assert _outcomes(each, {"deadlines": {"x": 1754992801}}, None)[0][1] == "failed"
    assert _outcomes(each, {"deadlines": {}}, None)[0][1] == "failed"
    for wrong in ("2025-08-12T10:00:00", "tomorrow", 1754992800000.5):
        with pytest.raises(Malformed, match=r"deadlines\.x"):
            _outcomes(each, {"deadlines": {"x": wrong}}, None)


def test_no_deadline_is_an_answer_but_no_deadlines_are_none() -> None:
    each = {"about": "deadline", "level": "windows", "events": [0], "value": {"lane": "x", "at": None}}
    assert _outcomes(each, {"deadlines": {}}, None)[0][1] == "passed"
    with pytest.raises(Malformed, match="deadlines"):
        _outcomes(each, {}, None)


# --- charges and doubts -------------------------------------------------------------
def test_a_charge_is_a_line_and_a_reason() -> None:
    nothing = {"charge": None, "why": None}
    right = {"charge": "marketing", "why": "regular"}
    assert _outcomes(CHARGE, nothing, right)[0][1] == "passed"
    assert _outcomes(CHARGE, right, None)[0][1] == "passed"
    assert _outcomes(CHARGE, nothing, {"charge": "utility", "why": "regular"})[0][1] == "failed"
    assert _outcomes(CHARGE, nothing, nothing)[0][1] == "failed"


def test_what_is_charged_twice_is_wrong() -> None:
    right = {"charge": "marketing", "why": "regular"}
    ((_, outcome, got),) = _outcomes(CHARGE, right, right)
    assert (outcome, got) == ("failed", [right, right])


def test_a_charge_that_was_left_out_is_malformed() -> None:
    with pytest.raises(Malformed, match="claims 'charges'"):
        _outcomes({**CHARGE, "value": {"charge": None, "why": None}}, {"opens": []}, {})


def test_a_charge_of_an_unknown_line_is_malformed() -> None:
    with pytest.raises(Malformed, match="'gratis'"):
        _outcomes(CHARGE, {"charge": None, "why": "gratis"}, None)


def test_one_doubt_among_others_is_found_and_none_at_all_is_exact() -> None:
    one = {"about": "flag", "level": "doubts", "events": [0], "value": "boundary"}
    none = {"about": "flags", "level": "doubts", "events": [0], "value": []}
    assert _outcomes(one, {"flags": ["boundary", "conflict"]}, None)[0][1] == "passed"
    assert _outcomes(one, {"flags": ["conflict"]}, None)[0][1] == "failed"
    assert _outcomes(none, {"flags": []}, None)[0][1] == "passed"
    assert _outcomes(none, {"flags": ["boundary"]}, None)[0][1] == "failed"
    with pytest.raises(Malformed, match="flags"):
        _outcomes(none, {}, None)


# --- questions ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("about", "level", "value", "right", "wrong"),
    [
        ("state", "windows", {"lane": "x", "state": "open"}, {"states": {"x": "open"}}, {"states": {"x": "closed"}}),
        ("status", "status", "idle", {"status": "idle"}, {"status": "service-open"}),
        ("advice", "advice", True, {"advised_against": True}, {"advised_against": False}),
        ("limit_use", "limits", 2, {"customers": 2}, {"customers": 3}),
        ("marketing_limit", "limits", None, {"active": None}, {"active": False}),
        ("sum", "ledger", "0.008", {"sum": "0.0080"}, {"sum": None}),
        (
            "webhook_label",
            "labels",
            {"category": "service", "type": ""},
            {"webhook": {"category": "service"}},
            {"webhook": {"category": "utility"}},
        ),
        ("webhook_billable", "labels", True, {"billable": True}, {"billable": None}),
        ("webhook_end", "labels", "2025-08-12T10:00:00Z", {"ends_at": 1754992800}, {"ends_at": None}),
    ],
)
def test_a_question_has_right_and_wrong_answers(
    about: str, level: str, value: Any, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert _answered(about, level, value, right)[0] == "passed"
    assert _answered(about, level, value, wrong)[0] == "failed"


@pytest.mark.parametrize(
    ("about", "value", "answer"),
    [
        ("state", {"lane": "x", "state": "open"}, {"states": {}}),
        ("state", {"lane": "x", "state": "open"}, {"states": {"x": 1}}),
        ("status", "idle", {}),
        ("advice", True, {"advised_against": 1}),
        ("limit_use", 1, {"customers": True}),
        ("sum", "1", {"sum": 1.5}),
        ("sum", "1", {"sum": "NaN"}),
        ("sum", "1", {"sum": "a lot"}),
        ("webhook_label", {"category": "x", "type": ""}, {"webhook": "x"}),
        ("status", "idle", None),
    ],
)
def test_an_answer_of_no_shape_is_malformed(about: str, value: Any, answer: Any) -> None:
    with pytest.raises(Malformed, match="the question"):
        _answered(about, "ledger", value, answer)


ROW = {"business": "bakery", "id": "out-1", "kind": "message", "line": "marketing", "amount": "0.0250"}
ELSEWHERE = {**ROW, "id": "out-2", "amount": "9"}
OF = [{"business": "bakery", "id": "out-1"}]


@pytest.mark.parametrize(
    ("about", "value", "rows", "outcome"),
    [
        ("rows", [{"kind": "message", "line": "marketing", "amount": "0.025"}], [ROW, ELSEWHERE], "passed"),
        ("rows", [{"kind": "message", "line": "marketing", "amount": "0.025"}], [ROW, ROW], "failed"),
        ("rows", [], [{**ROW, "line": None, "amount": "0"}, ELSEWHERE], "passed"),
        ("rows", [], [{**ROW, "amount": None}], "failed"),
        (
            "no_amount",
            [{"kind": "message", "line": "marketing", "why": "n"}],
            [{**ROW, "amount": None, "why": "n"}],
            "passed",
        ),
        ("no_amount", [], [{**ROW, "amount": None, "why": "n"}], "failed"),
        ("market", "India", [{**ROW, "market": "India"}], "passed"),
        ("market", "India", [{**ROW, "market": "India"}, {**ROW, "market": "Italy"}], "failed"),
        ("row_flag", "list_price", [{**ROW, "flags": ["list_price"]}], "passed"),
        ("row_flag", "list_price", [{**ROW, "flags": []}], "failed"),
        ("day", "2025-08-11", [{**ROW, "day": "2025-08-11"}], "passed"),
        ("day", "2025-08-11", [{**ROW, "day": "2025-08-12"}], "failed"),
    ],
)
def test_rows_of_a_ledger_are_those_of_the_message(about: str, value: Any, rows: list[Any], outcome: str) -> None:
    assert _answered(about, "ledger", value, {"rows": rows}, of=OF)[0] == outcome


LEDGER_QUESTIONS = [
    {"about": about, "level": "ledger", "question": {"question": "ledger"}, "value": value, "of": OF}
    for about, value in (("rows", []), ("no_amount", []), ("market", "x"), ("row_flag", "x"), ("day", "x"))
]
MEMBERS = strategies.sampled_from(
    [
        "results",
        "answers",
        "verdict",
        "error",
        "opens",
        "charge",
        "why",
        "rows",
        "amount",
        "market",
        "flags",
        "day",
        "event",
        "business",
        "customer",
        "id",
        "at",
        "line",
        "kind",
        "participant",
    ]
) | strategies.text(max_size=3)


# --- matching results to events -------------------------------------------------------
def _named(event: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return {**{name: event[name] for name in ("event", "business", "customer", "id")}, **members}


def test_results_that_name_their_event_come_in_any_order() -> None:
    asked = vector(events=(SENT, DELIVERED))
    reply = read_reply(asked, {"results": [_named(DELIVERED, why="b"), _named(SENT, why="a")]})
    assert [result["why"] for result in reply.results if result] == ["a", "b"]


def test_an_event_told_twice_has_two_results() -> None:
    asked = vector(events=(SENT, DELIVERED, DELIVERED))
    results = [_named(DELIVERED, why="first"), _named(SENT), _named(DELIVERED, why="second")]
    reply = read_reply(asked, {"results": results})
    assert [result.get("why") for result in reply.results if result] == [None, "first", "second"]


def test_a_result_for_each_member_of_a_group_goes_to_that_member() -> None:
    ana, luis = {**DELIVERED, "participant": "ana"}, {**DELIVERED, "participant": "luis"}
    asked: Vector = vector(events=(ana, luis))
    reply = read_reply(asked, {"results": [_named(luis, participant="luis", n=2), _named(ana, participant="ana", n=1)]})
    assert [result["n"] for result in reply.results if result] == [1, 2]
    reply = read_reply(asked, {"results": [_named(ana, n=1), _named(luis, n=2)]})
    assert [result["n"] for result in reply.results if result] == [1, 2]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"results": [{}]}, "1 results for 2 events"),
        ({"results": [{}, {}, {}]}, "3 results for 2 events"),
        ({"results": [1, 2]}, "results, number 1"),
        ({"results": "allowed"}, "'results' is 'allowed'"),
        ({"results": {"0": {}}}, "it must be a list"),
        ({"answers": [{}]}, "1 answers to 0 questions"),
        ({"results": [_named(SENT), _named(SENT)]}, "not in the case"),
        ({"results": [_named(SENT), {**_named(DELIVERED), "id": "x"}]}, "not in the case"),
        ({"results": [_named(SENT), {**_named(DELIVERED), "id": "", "at": "noon"}]}, "'at' is 'noon'"),
    ],
)
def test_results_that_cannot_be_matched_are_named(message: dict[str, Any], problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        read_reply(vector(events=(SENT, DELIVERED)), message)


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=12,
)
ASKED = [*LEDGER_QUESTIONS, OPENS, CHARGE, refused()]


@given(each=strategies.sampled_from(ASKED), results=strategies.lists(JSON), answers=strategies.lists(JSON))
@settings(max_examples=300, deadline=None)
def test_whatever_is_answered_is_compared_or_malformed(each: Any, results: list[Any], answers: list[Any]) -> None:
    asked = vector(each)
    for message in ({"results": results, "answers": answers}, {"results": (results * 2)[:2], "answers": answers[:1]}):
        try:
            checks = checks_of(asked, read_reply(asked, message), tuple(LEVELS))
        except Malformed:
            continue
        assert {check.outcome for check in checks} <= {"passed", "failed"}


def test_no_results_at_all_are_no_results() -> None:
    assert list(read_reply(vector(), {}).results) == [None, None]


def test_a_huge_value_is_cut_in_the_message() -> None:
    with pytest.raises(Malformed, match=r"characters\)") as told:
        _outcomes(refused(), {"verdict": "x" * 100_000}, None)
    assert len(str(told.value)) < 500
