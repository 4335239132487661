"""The level `reading`: bodies become vectors, and readers that are wrong on purpose fail them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fsm.harness import Adapter
from fsm.harness.conform.adapters.python import PythonDriver
from fsm.harness.conform.adapters.reference import Reference
from fsm.harness.conform.case import case_of, steps_of
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.vectors import Vector, all_vectors, reordered, select
from fsm.harness.readings import BadReading, read_readings

READINGS = select(all_vectors(), concepts=["readings"])


def _line(**members: Any) -> str:
    body = {"entry": [{"changes": [{"value": {"statuses": [{"id": "m", "timestamp": "1755000000"}]}}]}]}
    told = {"title": "A", "rules": ["LBL-04"], "status": "documented", "shape": "s", "body": body, "states": []}
    return json.dumps({**told, **members})


def _read(tmp_path: Path, *lines: str) -> dict[str, list[Vector]]:
    (tmp_path / "readings").mkdir()
    (tmp_path / "readings" / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return read_readings(tmp_path)


def test_a_reading_has_no_events_and_one_question_that_bears_its_instant(tmp_path: Path) -> None:
    (vector,) = _read(tmp_path, _line())["readings/a.jsonl"]
    assert vector.events == []
    assert (vector.first, vector.rulebooks) == ("2025-08-12T12:00:00Z", ("pmp-2025-07",))
    ((what, place, at, question),) = steps_of(case_of(vector))
    assert (what, place, at, question["question"]) == ("question", 0, vector.last, "reading")
    assert reordered(vector, 1) == vector


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 1: it is not JSON"),
        ("[]", "line 1: it must have exactly the members"),
        (_line(more=1), "line 1: it must have exactly the members"),
        (_line(rules=["XYZ-01"]), "line 1: its status is none of"),
        (_line(rules=[]), "line 1: its status is none of"),
        (_line(status="sure"), "line 1: its status is none of"),
    ],
)
def test_a_line_that_is_no_reading_is_refused_with_its_place(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(BadReading, match=why):
        _read(tmp_path, line)


def test_the_reference_reads_every_body_as_documented() -> None:
    report = grade(PythonDriver(Reference), READINGS)
    assert report.counts["passed"] == len(READINGS) >= 30


def test_nothing_that_is_expected_is_sent() -> None:
    for vector in READINGS:
        (question,) = case_of(vector)["questions"]
        assert set(question) == {"question", "at", "body"}


# --- wrong on purpose ---------------------------------------------------------------------
Answer = dict[str, Any]


class _Wrong(Adapter):
    can_answer = ("reading",)

    def __init__(self, spoil: Callable[[Answer, Mapping[str, Any]], object]) -> None:
        self._spoil, self._right = spoil, Reference()

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        told = self._right.run(case)
        for question, answer in zip(case["questions"], told["answers"], strict=True):
            self._spoil(answer, question["body"]["entry"][0]["changes"][0]["value"])
        return told


def _prices(change: Callable[[Answer], object]) -> Callable[[Answer, Mapping[str, Any]], object]:
    def spoil(answer: Answer, _: Mapping[str, Any]) -> None:
        for status in answer["statuses"]:
            if status["price"] is not None:
                change(status["price"])

    return spoil


def _conversations(change: Callable[[Answer], object]) -> Callable[[Answer, Mapping[str, Any]], object]:
    def spoil(answer: Answer, _: Mapping[str, Any]) -> None:
        for status in answer["statuses"]:
            if status["conversation"] is not None:
                change(status["conversation"])

    return spoil


def _absent_is_free(price: Answer) -> None:
    if price["billable"] is None:
        price["billable"] = False


def _type_decides(price: Answer) -> None:
    if price["type"] is not None:
        price["billable"] = price["type"] == "regular"


def _new_words_are_utility(price: Answer) -> None:
    if price["category"] == "newsletter":
        price["category"] = "utility"


def _only_with_contacts(answer: Answer, value: Mapping[str, Any]) -> None:
    if "contacts" not in value:
        answer["statuses"] = []


WRONG = {
    "what is not stated is free": (_prices(_absent_is_free), "LBL-06"),
    "the type overrules what is stated": (_prices(_type_decides), "LBL-06"),
    "a new word is the commonest": (_prices(_new_words_are_utility), "LBL-04"),
    "every price is of one model": (_prices(lambda price: price.update(model="PMP")), "LBL-01"),
    "prices have no type": (_prices(lambda price: price.update(type=None)), "LBL-04"),
    "conversations end never": (_conversations(lambda stated: stated.update(ends_at=None)), "LBL-01"),
    "the origin is the id": (_conversations(lambda stated: stated.update(origin=stated["id"])), "LBL-01"),
    "only the first is read": (lambda answer, _: answer.update(statuses=answer["statuses"][:1]), "LBL-04"),
    "only what has contacts is read": (_only_with_contacts, "LBL-01"),
}


def _graded(spoil: Callable[[Answer, Mapping[str, Any]], object]) -> Report:
    return grade(PythonDriver(_Wrong(spoil)), READINGS)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_reader_that_is_wrong_fails_a_vector_of_the_rule(wrong: str) -> None:
    spoil, rule = WRONG[wrong]
    report = _graded(spoil)
    assert report.counts["errored"] == 0
    assert any(rule in each.vector.rules for each in report.grades if each.outcome == "failed")
    assert rule in [suspect.rule for suspect in report.suspects[:3]]


def test_a_reader_that_leaves_nothing_out_passes_whatever_spelling_it_has() -> None:
    def shout(price: Answer) -> None:
        price.update({name: price[name] and price[name].upper() for name in ("model", "category", "type")})

    assert _graded(_prices(shout)).fine


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda answer, _: answer.clear(), "no 'statuses'"),
        (lambda answer, _: answer.update(statuses=[1]), "'statuses', a list of objects"),
        (_prices(lambda price: price.pop("type")), "'type' is missing"),
        (_prices(lambda price: price.update(billable="false")), "'billable' is 'false'"),
        (lambda answer, _: [each.pop("price") for each in answer["statuses"]], "'price' is missing"),
        (lambda answer, _: [each.update(conversation=7) for each in answer["statuses"]], "an object or null"),
        (_conversations(lambda stated: stated.update(ends_at="soon")), "'ends_at' is 'soon'"),
    ],
)
def test_an_answer_of_another_shape_is_an_error_and_never_a_pass(
    spoil: Callable[[Answer, Mapping[str, Any]], object], why: str
) -> None:
    report = grade(PythonDriver(_Wrong(spoil)), READINGS, smoke=False)
    assert any(each.outcome == "errored" and why in each.reason for each in report.grades)
