"""Implementations that are right, written in different ways: none of them is said to be wrong."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from fsm.harness.conform.adapters.python import PythonDriver
from fsm.harness.conform.adapters.reference import Reference
from fsm.harness.conform.grade import grade
from fsm.harness.conform.outcomes import Report
from fsm.harness.conform.vectors import all_vectors, reordered
from tests.harness.right import looking_back, simulator

RIGHT: dict[type, tuple[int, frozenset[str]]] = {
    simulator.Simulator: (
        1700,
        frozenset(
            {
                "it does not read policy",
                "it does not read authentication_international",
                "it reads our own records only, not what is inferred from statuses",
            }
        ),
    ),
    looking_back.LookingBack: (450, frozenset(looking_back.DECLINES)),
}
"""How many vectors each passes at the least, and the reasons for which it may decline one."""


@pytest.fixture(scope="module", params=RIGHT, ids=lambda right: right.__name__)
def graded(request: pytest.FixtureRequest) -> tuple[type, Report]:
    """A right implementation, and its report."""
    return request.param, grade(PythonDriver(request.param))


def test_it_passes_all_that_it_claims(graded: tuple[type, Report]) -> None:
    right, report = graded
    wrong = [(each.vector.id, each.reason) for each in report.grades if each.outcome in ("failed", "errored")]
    assert not wrong
    assert report.fine
    assert not report.suspects
    assert not report.smoke
    assert report.counts["passed"] >= RIGHT[right][0]


def test_it_declines_for_the_reasons_that_are_listed(graded: tuple[type, Report]) -> None:
    right, report = graded
    reasons = {each.reason.removeprefix("declined: ") for each in report.grades if each.reason.startswith("declined: ")}
    assert reasons
    assert reasons <= RIGHT[right][1]


def test_where_it_takes_another_view_no_source_decides(graded: tuple[type, Report]) -> None:
    _, report = graded
    assert {each.vector.status for each in report.grades if each.outcome == "review"} <= {"unspecified", "contested"}


@pytest.mark.parametrize("module", [looking_back, simulator])
def test_it_shares_no_rule_with_the_reference(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert {name for name in imported if name.startswith("fsm")} == {"fsm.harness"}


def test_the_reference_passes_everything_in_another_order() -> None:
    report = grade(PythonDriver(Reference), [reordered(vector, 1) for vector in all_vectors()])
    assert {outcome for outcome, count in report.counts.items() if count} == {"passed"}
    assert {check.outcome for each in report.grades for check in each.checks} == {"passed"}


def test_looking_back_does_not_go_by_the_order_of_telling() -> None:
    short = [vector for vector in all_vectors() if len(vector.events) <= 20]
    report = grade(PythonDriver(looking_back.LookingBack), [reordered(vector, 7) for vector in short])
    assert report.counts["failed"] == report.counts["errored"] == 0
    assert report.counts["passed"] >= RIGHT[looking_back.LookingBack][0]
