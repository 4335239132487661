"""
Implementations that are wrong on purpose: each is caught, and the rule that it breaks is named.

An implementation is *caught* if its report is not fine because a vector has failed: an answer was understood and is not
as documented. Errors alone would catch it for the wrong reason, so they do not count, and none of these has any.

A rule is *named* if it is one of the first three suspects of the report and a rule of a vector that failed. Which rules
must be named stands with each implementation: those that somebody who knows the platform would say it breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from fsm.harness import Adapter
from fsm.harness.conform.adapters.python import PythonDriver
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.vectors import all_vectors, select
from fsm.harness.conform.words import rules_by_id
from tests.harness.wrong.afternoon import AFTERNOON, RIGHT_PARTS, Afternoon
from tests.harness.wrong.base import Spoilt, Wrong, vectors_for
from tests.harness.wrong.zoo import ZOO, AtTheEdge, Naive
from tests.test_mistakes import MISTAKES


@cache
def _report(name: str) -> Report:
    wrong = next(wrong for wrong in ZOO if wrong.name == name)
    return grade(PythonDriver(wrong.make), vectors_for(wrong))


def test_there_are_many_and_a_good_part_of_them_was_seen_in_public_code() -> None:
    names = [wrong.name for wrong in ZOO]
    seen = {wrong.seen for wrong in ZOO if wrong.seen}
    assert len(names) == len(set(names)) >= 50
    assert len(seen) >= 20
    assert seen <= set(MISTAKES)


def test_many_are_written_from_nothing() -> None:
    """They share no code with the reference: what they get right they get right by themselves."""
    own = [wrong for wrong in ZOO if isinstance(wrong.make, type)]
    assert len(own) >= 20
    assert len({wrong.make for wrong in AFTERNOON if issubclass(wrong.make, Afternoon)}) >= 8  # type: ignore[arg-type]


def test_the_rules_that_must_be_named_are_rules() -> None:
    assert {rule for wrong in ZOO for rule in wrong.rules} <= rules_by_id().keys()


@pytest.mark.parametrize("wrong", ZOO, ids=lambda wrong: wrong.name)
def test_it_is_caught_and_the_rule_that_it_breaks_is_named(wrong: Wrong) -> None:
    report = _report(wrong.name)
    assert not report.fine
    assert report.counts["failed"] > 0
    assert report.counts["errored"] == 0
    assert report.counts["passed"] > 0, "it does nothing right, so nothing is learned from its being caught"
    failed = {rule for each in report.grades if each.outcome == "failed" for rule in each.vector.rules}
    named = {suspect.rule for suspect in report.suspects[:3]} & failed
    assert named & set(wrong.rules), f"named are {[suspect.rule for suspect in report.suspects[:6]]}"


@pytest.mark.parametrize("part", [Naive, *RIGHT_PARTS], ids=lambda part: part.__name__)
def test_without_its_mistake_it_would_pass(part: type) -> None:
    """So what catches the wrong ones is their mistake, and not the manner in which they are written."""
    report = grade(PythonDriver(part))
    assert report.fine
    assert report.counts["failed"] == report.counts["errored"] == 0
    assert report.counts["passed"] >= 40
    assert not report.smoke


def test_the_reference_with_nothing_spoilt_passes() -> None:
    report = grade(PythonDriver(Spoilt()), select(all_vectors(), concepts=["windows", "conversations"]))
    assert report.counts == {**report.counts, "passed": len(report.grades)}


def test_what_no_source_tells_is_for_review_and_catches_nobody() -> None:
    """At the 24th hour itself no source says whether the window is open: PB-05 is wrong only beside the edge."""
    report = grade(PythonDriver(AtTheEdge), select(all_vectors(), rules=["CSW-12"]))
    assert report.fine
    assert report.counts["review"] > 0


def test_a_mistake_outside_what_is_claimed_catches_nobody() -> None:
    class Silent(Adapter):
        """Wrong about charges, and claims only permission."""

        can_answer = ("permission",)

        def run(self, case: Mapping[str, object]) -> Mapping[str, object]:
            reply = Spoilt().run(case)
            return {
                **reply,
                "results": [{**each, "charge": "marketing", "why": "regular"} for each in reply["results"]],
            }

    report = grade(PythonDriver(Silent), select(all_vectors(), concepts=["windows"]))
    assert report.fine
