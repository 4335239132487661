"""The bulk engine against other ways through the same traffic, in one run: ratios, never seconds."""

from __future__ import annotations

import pytest

from tests.benchmarks import bulk


@pytest.fixture(scope="module")
def rates() -> dict[str, float]:
    return bulk.ways()


def test_the_kernel_is_hundreds_of_times_as_fast_as_transitions_per_event(rates: dict[str, float]) -> None:
    assert rates["kernel alone"] > 500 * rates["`transitions` per event (machine)"]


def test_the_kernel_with_all_rules_is_faster_than_a_loop_by_hand_with_one(rates: dict[str, float]) -> None:
    assert rates["kernel alone"] > rates["a loop by hand, of the window alone"]


def test_the_kernel_is_much_faster_than_a_loop_by_hand_with_the_same_rules(rates: dict[str, float]) -> None:
    assert rates["kernel alone"] > 20 * rates["a loop by hand, of all rules"]


def test_the_kernel_with_all_rules_is_faster_than_sql_with_one(rates: dict[str, float]) -> None:
    assert rates["kernel alone"] > 2 * rates["SQL, of the window alone"]


def test_a_loop_in_c_over_the_same_tables_gives_the_same_answers_and_is_not_far_ahead() -> None:
    """The loop tries no ties and looks for no repeated reports; the kernel does both for every event."""
    _, kernel, plain = bulk.kernel_against_c()
    assert kernel > 0.6 * plain


def test_time_grows_with_the_number_of_events() -> None:
    few, many = bulk.seconds_of(20_000), bulk.seconds_of(200_000)
    assert many < 10 * few * 1.3
