"""Outcomes that are never confused, known gaps that may only shrink, and a smoke test that says what is mis-wired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from fsm.harness.conform.adapters.base import Answered, CannotStart
from fsm.harness.conform.adapters.python import Adapter, PythonDriver, Skip, python_driver
from fsm.harness.conform.adapters.reference import Reference
from fsm.harness.conform.case import case_of
from fsm.harness.conform.grade import apply_gaps, check_gaps, grade, graded, smoke_vectors, wanted_levels
from fsm.harness.conform.outcomes import OUTCOMES, Grade, suspects_of
from fsm.harness.conform.vectors import UnknownVector, Vector, all_vectors, reordered, select
from fsm.harness.conform.words import harmless, plain
from tests.harness.making import Scripted, claims, refused, vector

REFERENCE = "fsm.harness.conform.adapters.reference:Reference"
WINDOWS = select(all_vectors(), concepts=["windows"], rules=["CSW-12"])


def _right(each: Vector) -> Answered:
    return Answered(message=Reference().run(case_of(each)))


# --- order ----------------------------------------------------------------------------
def test_the_reference_passes_in_any_order() -> None:
    shuffled = [reordered(each, 2) for each in all_vectors() if len(each.events) < 100]
    assert sum(list(each.events) != list(was.events) for each, was in zip(shuffled, all_vectors(), strict=False)) > 1000
    report = grade(python_driver(REFERENCE), shuffled)
    assert report.counts["passed"] == len(shuffled)


def test_an_implementation_that_goes_by_the_order_of_telling_fails_in_another_order() -> None:
    class ByOrder(Adapter):
        can_answer = ("permission",)

        def begin(self, case: Mapping[str, Any]) -> None:
            self.known: list[Mapping[str, Any]] = []

        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            self.known.append(event)
            told = Reference().run({"account": {}, "events": list(self.known), "questions": []})
            return dict(told["results"][-1])

    assert grade(PythonDriver(ByOrder), WINDOWS, smoke=False).counts["failed"] == 0
    assert grade(PythonDriver(ByOrder), [reordered(each, 1) for each in WINDOWS], smoke=False).counts["failed"]


# --- one vector ---------------------------------------------------------------------
def test_the_reference_passes_everything_and_claims_everything() -> None:
    report = grade(python_driver(REFERENCE))
    assert report.counts == {**dict.fromkeys(OUTCOMES, 0), "passed": len(all_vectors())}
    assert report.smoke == ""
    assert report.fine
    assert all(set(counts) == {"passed"} for counts in report.levels.values())
    assert report.suspects == ()
    assert {check.outcome for each in report.grades for check in each.checks} == {"passed"}


def test_a_difference_fails_where_it_is_documented_and_is_for_review_where_it_is_not() -> None:
    wrong = Answered(message={"results": [{"verdict": "allowed"}, None]})
    assert graded(vector(refused()), wrong, claims("permission")).outcome == "failed"
    for status in ("contested", "unspecified"):
        assert graded(vector(refused(), status=status), wrong, claims("permission")).outcome == "review"


def test_an_answer_that_agrees_passes_even_where_the_sources_are_silent() -> None:
    right = Answered(message={"results": [refused()["value"], None]})
    assert graded(vector(refused(), status="unspecified"), right, claims("permission")).outcome == "passed"


@pytest.mark.parametrize(
    ("answered", "outcome", "reason"),
    [
        (Answered(skipped="no groups here"), "unsupported", "declined: no groups here"),
        (Answered(errored="hung: no answer within 1 s"), "errored", "hung"),
        (Answered(), "errored", "no answer"),
        (Answered(message={"results": "x"}), "errored", "malformed"),
        (Answered(message={}), "errored", "malformed: event 1"),
    ],
)
def test_what_gives_no_usable_answer_is_neither_passed_nor_failed(
    answered: Answered, outcome: str, reason: str
) -> None:
    found = graded(vector(refused()), answered, claims("permission"))
    assert (found.outcome, found.reason[: len(reason)]) == (outcome, reason)


def test_a_malformed_answer_is_errored_even_where_the_sources_are_silent() -> None:
    found = graded(vector(refused(), status="unspecified"), Answered(message={}), claims("permission"))
    assert found.outcome == "errored"


def test_what_is_not_claimed_is_not_asked() -> None:
    driver = Scripted({}, claims("ledger"))
    report = grade(driver, WINDOWS, smoke=False)
    assert driver.asked == []
    assert report.counts["unsupported"] == len(WINDOWS)
    assert "does not claim" in report.grades[0].reason
    assert not report.fine


def test_a_rulebook_that_is_not_claimed_is_not_asked_about() -> None:
    driver = Scripted({}, claims(rulebooks=["nbp"]))
    report = grade(driver, WINDOWS, smoke=False)
    asked = set(driver.asked)
    assert asked == {each.id for each in WINDOWS if set(each.rulebooks) == {"nbp"}}
    assert all("rulebook" in found.reason for found in report.grades if found.vector.id not in asked)


def test_a_partial_claim_is_graded_on_its_part() -> None:
    each = next(each for each in all_vectors() if wanted_levels(each) >= {"windows", "conversations"})
    found = graded(each, _right(each), claims("windows"))
    assert found.outcome == "passed"
    assert {check.level for check in found.checks if check.outcome == "passed"} == {"windows"}
    assert {check.level for check in found.checks if check.outcome == "unsupported"} >= {"conversations"}


def test_nothing_passed_is_not_fine() -> None:
    report = grade(Scripted({}, claims()), WINDOWS, smoke=False)
    assert report.counts["unsupported"] == len(WINDOWS)
    assert not report.fine


def test_the_driver_is_let_go_whatever_happens() -> None:
    driver = Scripted({})
    grade(driver, WINDOWS[:1], smoke=False)
    assert driver.stopped == 1

    class Broken(Scripted):
        def run(self, vectors: Any) -> Any:
            raise CannotStart("gone")

    broken = Broken({})
    with pytest.raises(CannotStart):
        grade(broken, WINDOWS[:1], smoke=False)
    assert broken.stopped == 1


# --- known gaps -----------------------------------------------------------------------
def _grade(outcome: str, **members: Any) -> Grade:
    return Grade(vector=vector(**members), outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "gap", "becomes"),
    [
        ("failed", "CSW-01.900", "known gap"),
        ("errored", "CSW-01.900", "known gap"),
        ("failed", "CSW-01", "known gap"),
        ("failed", "CSW-*", "known gap"),
        ("failed", "CSW-02", "failed"),
        ("passed", "CSW-01.900", "gap closed"),
        ("passed", "CSW-01", "gap closed"),
        ("passed", "CSW-02", "passed"),
        ("review", "CSW-01.900", "review"),
        ("unsupported", "CSW-01.900", "unsupported"),
    ],
)
def test_a_known_gap_may_fail_and_must_be_struck_when_it_passes(outcome: str, gap: str, becomes: str) -> None:
    ((found,), _) = apply_gaps([_grade(outcome)], {gap: "ticket 7"})
    assert found.outcome == becomes
    if becomes == "known gap":
        assert "ticket 7" in found.reason
    if becomes == "gap closed":
        assert gap in found.reason


def test_a_gap_of_a_rule_is_open_while_one_of_its_vectors_fails() -> None:
    grades = [_grade("failed"), _grade("passed", id="CSW-01.901")]
    found, _ = apply_gaps(grades, {"CSW-01": "ticket 7"})
    assert [each.outcome for each in found] == ["known gap", "passed"]


def test_a_gap_that_nothing_graded_fits_is_named() -> None:
    _, unused = apply_gaps([_grade("unsupported")], {"CSW-01": "x", "CSW-02": "y"})
    assert unused == ["CSW-01", "CSW-02"]


def test_a_gap_that_names_nothing_is_refused() -> None:
    with pytest.raises(UnknownVector, match="CSW-77"):
        check_gaps({"CSW-77": "a ticket"})


def test_a_run_with_only_known_gaps_is_fine() -> None:
    one, other = WINDOWS[:2]
    driver = Scripted({one.id: Answered(errored="crashed"), other.id: _right(other)})
    assert grade(driver, [one, other], known_gaps={one.id: "ticket 7"}, smoke=False).fine
    again = Scripted({one.id: _right(one), other.id: _right(other)})
    report = grade(again, [one, other], known_gaps={one.id: "ticket 7"}, smoke=False)
    assert report.counts["gap closed"] == 1
    assert not report.fine


# --- the smoke test ---------------------------------------------------------------------
class Constant(Adapter):
    """Answers the same to everything."""

    can_answer = ("permission",)
    answer: Mapping[str, Any] | None = {"verdict": "allowed", "error": None}

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return self.answer


def test_an_adapter_that_answers_the_same_to_everything_is_told_so_in_one_sentence() -> None:
    report = grade(PythonDriver(Constant), WINDOWS)
    assert "check the wiring" in report.smoke
    assert report.smoke.count(".") == 1
    assert "\n" not in report.smoke
    assert report.counts["failed"]


def test_an_adapter_that_answers_nothing_is_not_graded() -> None:
    class Silent(Constant):
        answer = None

    with pytest.raises(CannotStart, match="no usable answer"):
        grade(PythonDriver(Silent), WINDOWS)


def test_the_smoke_test_asks_for_a_yes_and_a_no_and_for_every_level_claimed() -> None:
    told = smoke_vectors(all_vectors(), claims())
    assert len(told) < 20
    assert {level for each in told for level in wanted_levels(each)} == set(claims().can_answer)
    verdicts = {each["value"]["verdict"] for found in told for each in found.expect if each["about"] == "verdict"}
    assert {"allowed", "refused"} <= verdicts
    assert all(len(each.events) <= 6 for each in told)


# --- suspects ---------------------------------------------------------------------------
def test_the_rule_whose_scenarios_all_differ_is_the_first_suspect() -> None:
    every = [("A", "B"), ("A",), ("B",), ("B", "C"), ("C",)]
    first, *others = suspects_of(every, [("A", "B"), ("A",)])
    assert first.rule == "A"
    assert first.score == 1
    assert all(other.score < 1 for other in others)


def test_nothing_different_means_no_suspects() -> None:
    assert suspects_of([("A",)], []) == ()


# --- a Python object ----------------------------------------------------------------------
def _run(adapter: Any, vectors: Sequence[Vector] = WINDOWS[:3], **options: Any) -> list[Answered]:
    driver = PythonDriver(adapter, **options)
    driver.start()
    try:
        return [answered for _, answered in driver.run(vectors)]
    finally:
        driver.stop()


def test_a_crash_is_quoted_with_its_place_and_the_run_goes_on() -> None:
    class Crashes(Constant):
        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            raise KeyError("customer")

    found = _run(Crashes)
    assert len(found) == 3
    assert all("crashed: KeyError: 'customer'" in each.errored and "test_grade.py" in each.errored for each in found)


@pytest.mark.parametrize("way_out", [SystemExit(0), GeneratorExit(), RecursionError(), MemoryError()])
def test_no_way_of_leaving_ends_the_run(way_out: BaseException) -> None:
    class Leaves(Constant):
        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            raise way_out

    assert [each.errored[:7] for each in _run(Leaves)] == ["crashed"] * 3


def test_an_endless_loop_is_stopped_even_if_it_catches_everything_ordinary() -> None:
    class Loops(Constant):
        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            while True:
                try:
                    for _ in range(1000):
                        pass
                except Exception:
                    continue

    (found,) = _run(Loops, WINDOWS[:1], time_limit=0.2)
    assert found.errored == "hung: no answer within 0.2 s"


def test_an_adapter_may_decline_a_case() -> None:
    class Declines(Constant):
        def begin(self, case: Mapping[str, Any]) -> None:
            raise Skip("no test account")

    assert [each.skipped for each in _run(Declines)] == ["no test account"] * 3


def test_what_is_no_object_is_malformed() -> None:
    class Wrong(Constant):
        def run(self, case: Mapping[str, Any]) -> Any:
            return [1]

    assert all("malformed" in each.errored for each in _run(Wrong))


def test_an_object_needs_no_base_class() -> None:
    class Plain:
        can_answer = ("permission",)

        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            return {"verdict": "refused", "error": None}

    assert all(each.message for each in _run(Plain))
    assert all(each.message for each in _run(Plain()))


@pytest.mark.parametrize(
    ("adapter", "message"),
    [
        (object(), "neither a method 'event' nor a method 'run'"),
        (Adapter, "'can_answer' is"),
        (type("A", (Constant,), {"can_answer": ("permissions",)}), "'permissions', which is none of"),
        (type("A", (Constant,), {"can_answer": "permission"}), "permission"),
        (type("A", (Constant,), {"rulebooks": ("2025",)}), "'2025', which is none of"),
        (type("A", (Constant,), {"clock": "sundial"}), "sundial"),
        (type("A", (Constant,), {"clock": "faketime"}), "cannot go by the clock 'faketime'"),
        (lambda: 1 / 0, "cannot be made: ZeroDivisionError"),
    ],
)
def test_an_adapter_that_cannot_be_graded_is_told_why(adapter: Any, message: str) -> None:
    with pytest.raises(CannotStart, match=message):
        PythonDriver(adapter).start()


@pytest.mark.parametrize("spec", ["", "json", "json:", "no_such_module:A", "json:NoSuchClass"])
def test_a_class_that_is_not_there_is_named(spec: str) -> None:
    with pytest.raises(CannotStart):
        python_driver(spec)


def test_an_adapter_that_reads_pythons_clock_is_moved_through_time() -> None:
    seen: list[str] = []

    class Reads(Constant):
        clock = "freezegun"

        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            from datetime import UTC, datetime

            seen.append(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
            return None

    _run(Reads, WINDOWS[:5])
    assert seen == [event["at"] for each in WINDOWS[:5] for event in each.events]


# --- words --------------------------------------------------------------------------------
def test_every_outcome_has_a_sentence() -> None:
    assert all(OUTCOMES.values())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"verdict": "refused", "error": 1}, "verdict refused, error 1"),
        ({"charge": None, "why": None}, "nothing"),
        (["a", "b"], "a; b"),
        ([], "nothing"),
        (True, "yes"),
        (0, "0"),
    ],
)
def test_a_compared_value_is_told_in_words(value: object, words: str) -> None:
    assert plain(value) == words


def test_a_report_keeps_the_order_of_the_vectors() -> None:
    chosen = tuple(reversed(WINDOWS))
    report = grade(python_driver(REFERENCE), chosen)
    assert [found.vector.id for found in report.grades] == [each.id for each in chosen]


@pytest.mark.parametrize("nasty", ["\x1b[2J", "\x00", "\n", "\u202e", "\ud800", "\x9b"])
def test_what_could_move_a_terminal_is_spelled_out(nasty: str) -> None:
    shown = harmless(f"a{nasty}b")
    assert nasty not in shown
    assert shown.isprintable()
    assert len(harmless("x" * 10_000)) < 500
