"""The published vectors: what the features compile to, under ids that stay."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import attrs
import pytest

from fsm.errors import FsmError
from fsm.events import parse_instant, read_event
from fsm.harness.conform.case import case_of, questions_of, steps_of
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import (
    STATUSES,
    UnknownVector,
    Vector,
    all_vectors,
    read_vector,
    select,
    vectors_folder,
    write_vector,
)
from fsm.harness.lint import rule_ids
from fsm.harness.places import features_folder
from fsm.harness.publish import RETIRED, files, told_in, vectors_of
from fsm.rulebooks import timeline

FEATURE = """Feature: A test
  @CSW-01
  Scenario: A first one
    Given it is 2025-08-11 at 10:00
    When the bakery asks to send Ana a free-form message
    Then it is refused: a template is needed

  @CSW-01
  Scenario: A second one
    Given it is 2025-08-11 at 10:00
    And Ana wrote to the bakery 1 h ago
    When the bakery asks to send Ana a free-form message
    Then it is allowed
"""


def test_the_published_vectors_are_what_the_features_compile_to() -> None:
    published = vectors_folder()
    for path, text in files(features_folder(), published).items():
        assert (published / path).read_text(encoding="utf-8") == text, f"{path}: run `make vectors`"


def test_no_published_file_is_left_over() -> None:
    published = vectors_folder()
    there = {file.relative_to(published).as_posix() for file in published.rglob("*") if file.is_file()}
    assert there == set(files(features_folder(), published))


def test_spanish_twins_compile_to_the_vectors_of_their_english_features() -> None:
    english, spanish = told_in(features_folder(), "en"), told_in(features_folder(), "es")
    assert len(spanish) >= 5
    for feature, vectors in spanish.items():
        assert vectors == english[feature]


def test_a_vector_with_a_twin_has_both_texts() -> None:
    both = [vector for vector in all_vectors() if set(vector.text) == {"en", "es"}]
    assert {vector.feature for vector in both} == set(told_in(features_folder(), "es"))
    assert all(vector.text["es"]["title"] != vector.text["en"]["title"] for vector in both)


def test_every_id_is_given_once_and_begins_with_the_first_rule() -> None:
    ids = Counter(vector.id for vector in all_vectors())
    assert ids.most_common(1)[0][1] == 1
    assert all(vector.id.rpartition(".")[0] in vector.rules for vector in all_vectors())


def test_every_member_of_a_vector_is_of_the_vocabulary() -> None:
    rules, names = rule_ids(), timeline.names()
    for vector in all_vectors():
        assert vector.rules
        assert set(vector.rules) <= rules
        assert vector.status in STATUSES
        assert vector.rulebooks
        assert set(vector.rulebooks) <= set(names)
        assert parse_instant(vector.first) <= parse_instant(vector.last)
        assert {each["level"] for each in vector.expect if "level" in each} <= set(LEVELS)
        assert all(read_event(event)[1] == () for event in vector.events)


def test_events_stand_in_canonical_order_and_duplicates_are_kept() -> None:
    doubled = 0
    for vector in all_vectors():
        events = [read_event(event)[0] for event in vector.events]
        assert [event.order for event in events] == sorted(event.order for event in events)
        doubled += len(events) != len({event.key for event in events})
    assert doubled


def test_every_rule_has_a_vector() -> None:
    assert {rule for vector in all_vectors() for rule in vector.rules} == rule_ids()


def test_what_is_written_is_read_back() -> None:
    for vector in all_vectors()[:200]:
        assert read_vector(write_vector(vector)) == vector


def test_a_vector_of_another_version_is_refused() -> None:
    members = json.loads(write_vector(all_vectors()[0])) | {"vector": 2}
    with pytest.raises(FsmError, match="version 2"):
        read_vector(json.dumps(members))


# --- ids stay ---------------------------------------------------------------------
def _published(
    tmp_path: Path, text: str, known: dict[str, list[Vector]], retired: tuple[str, ...] = ()
) -> list[Vector]:
    folder = tmp_path / "features" / "windows"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.feature").write_text(text, encoding="utf-8")
    return vectors_of(tmp_path / "features", known, retired)["windows/a.feature"]


def test_a_scenario_keeps_its_id_when_others_come_before_it(tmp_path: Path) -> None:
    first = _published(tmp_path, FEATURE, {})
    assert [vector.id for vector in first] == ["CSW-01.1", "CSW-01.2"]
    head, one, two = FEATURE.partition("  @CSW-01\n")[0], *FEATURE.split("  @CSW-01\n")[1:]
    between = one.replace("A first one", "One between").replace("10:00", "11:00")
    moved = "  @CSW-01\n".join([head, two + "\n", between, one])
    again = _published(tmp_path, moved, {"windows/a.feature": first})
    assert {vector.title: vector.id for vector in again} == {
        "A second one": "CSW-01.2",
        "One between": "CSW-01.3",
        "A first one": "CSW-01.1",
    }


def test_a_scenario_keeps_its_id_under_another_title(tmp_path: Path) -> None:
    first = _published(tmp_path, FEATURE, {})
    again = _published(tmp_path, FEATURE.replace("A second one", "A better title"), {"windows/a.feature": first})
    assert [vector.id for vector in again] == ["CSW-01.1", "CSW-01.2"]


def test_a_retired_id_is_not_given_again(tmp_path: Path) -> None:
    assert [vector.id for vector in _published(tmp_path, FEATURE, {}, ("CSW-01.1",))] == ["CSW-01.2", "CSW-01.3"]


def test_ids_that_name_nothing_any_more_are_retired(tmp_path: Path) -> None:
    first = all_vectors()[0]
    features = tmp_path / "features" / "windows"
    features.mkdir(parents=True)
    (features / "a.feature").write_text(FEATURE, encoding="utf-8")
    written = files(tmp_path / "features", vectors_folder())
    assert first.id in written[RETIRED].split()
    assert "windows/a.jsonl" in written


# --- selecting ----------------------------------------------------------------------
def test_a_selection_fits_every_condition() -> None:
    chosen = select(all_vectors(), rules=["CSW-*"], rulebooks=["pmp-2025-07"], concepts=["windows"])
    assert chosen
    for vector in chosen:
        assert vector.concept == "windows"
        assert any(rule.startswith("CSW-") for rule in vector.rules)
        assert "pmp-2025-07" in vector.rulebooks


def test_vectors_can_be_chosen_by_a_day() -> None:
    day = date(2025, 7, 1)
    chosen = select(all_vectors(), on=day)
    assert 0 < len(chosen) < len(all_vectors())
    assert all(vector.first[:10] <= "2025-07-01" <= vector.last[:10] for vector in chosen)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rules": ["CSW-99"]}, "CSW-99"),
        ({"rulebooks": ["pmp-2031"]}, "pmp-2026-10"),
        ({"concepts": ["window"]}, "windows"),
        ({"ids": ["CSW-01.9999"]}, "CSW-01.9999"),
        ({"concepts": ["windows"], "rules": ["PMP-12"], "rulebooks": ["nbp"]}, "Ask for less"),
    ],
)
def test_a_selection_of_nothing_is_refused(wrong: dict[str, list[str]], message: str) -> None:
    with pytest.raises(UnknownVector, match=message):
        select(all_vectors(), **wrong)  # type: ignore[arg-type]


# --- what is sent ---------------------------------------------------------------------
def test_a_case_tells_nothing_of_what_is_expected() -> None:
    for vector in all_vectors():
        case = case_of(vector)
        assert set(case) <= {"id", "rulebooks", "account", "events", "questions", "bill"}
        for question in case["questions"]:
            assert set(question) <= {"question", "business", "customer", "at", "event", "id", "body"}


def test_the_steps_of_a_case_go_forward_in_time_and_leave_nothing_out() -> None:
    for vector in all_vectors():
        case = case_of(vector)
        steps = list(steps_of(case))
        instants = [parse_instant(at) for _, _, at, _ in steps]
        assert instants == sorted(instants)
        assert sorted(place for what, place, _, _ in steps if what == "event") == list(range(len(vector.events)))
        assert sorted(place for what, place, _, _ in steps if what == "question") == list(
            range(len(questions_of(vector)))
        )


def test_whether_the_policy_speaks_against_a_message_is_asked_once_it_has_been_told() -> None:
    vector = next(vector for vector in all_vectors() if any(each["about"] == "advice" for each in vector.expect))
    steps = list(steps_of(case_of(vector)))
    (asked,) = [number for number, (what, _, _, _) in enumerate(steps) if what == "question"]
    sent = steps[asked][3]["event"]
    assert steps[asked - 1][:2] == ("event", sent)


def test_a_question_about_an_instant_comes_behind_the_events_of_that_instant() -> None:
    vector = next(vector for vector in all_vectors() if any(each["about"] == "state" for each in vector.expect))
    at = vector.expect[-1]
    moved = attrs.evolve(vector, events=[{**event, "at": vector.last} for event in vector.events], expect=[at])
    assert [what for what, _, _, _ in steps_of(case_of(moved))][-1] == "question"
