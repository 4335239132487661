"""The features notice a changed law: a sample of the mutants here, all of them in `make mutation`."""

from __future__ import annotations

from tests.mutation.__main__ import explained, is_explained, run

PARTS = 60


def test_a_sample_of_the_mutants_is_killed_by_the_features_alone() -> None:
    score = run(7, PARTS, "")
    assert score.count > 30
    unexplained = [each for each in score.survivors if not is_explained(*each, explained())]
    assert unexplained == []


def test_a_mutant_nobody_could_miss_is_killed() -> None:
    """A score of 100 % from a tool that applies nothing would look the same: here something must die."""
    score = run(1, 1, "clock customer_service_window: open")
    assert score.count > 0
    assert score.survivors == ()


def test_a_wrong_tariff_is_noticed_under_every_law() -> None:
    """One kind of change in all editions; `make mutation` tries every kind."""
    score = run(1, 8, "tariff [pmp")
    assert score.count > 20
    assert [each for each in score.survivors if not is_explained(*each, explained())] == []
