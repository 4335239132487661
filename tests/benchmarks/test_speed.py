"""The promised ratios, each measured in one run. They are asserted; absolute times are not."""

from __future__ import annotations

from tests.benchmarks import ledger, measure


def test_a_step_through_the_machines_costs_at_most_two_bare_triggers_per_lane_driven() -> None:
    per_lane, trigger = measure.step_per_lane()
    print(f"one step per lane driven: {per_lane / trigger:.2f} bare triggers")
    assert per_lane <= 2 * trigger


def test_the_dense_table_is_fifty_times_as_fast_as_a_trigger() -> None:
    ratio = measure.walk_against_trigger()
    print(f"one symbol through the dense table: {ratio:.0f} times as fast as a bare trigger")
    assert ratio >= 50


def test_a_hundred_thousand_threads_take_at_most_five_hundred_bytes_each() -> None:
    size = measure.bytes_per_thread()
    print(f"one thread among 100,000: {size:.0f} bytes")
    assert size <= 500


def test_whole_steps_are_faster_through_the_table_than_through_the_machines() -> None:
    ratio = measure.timed_table_against_machine()
    print(f"whole steps through the table: {ratio:.1f} times as fast as through the machines")
    assert ratio > 1


def test_bodies_become_ledger_rows_at_a_fixed_multiple_of_decoding_them() -> None:
    """Sixty thousand bodies a second is the goal; where the time goes instead is printed stage by stage."""
    whole, decoding, rows = ledger.against_decoding()
    print(f"bodies to ledger rows: {1e6 / whole:,.0f} a second and core, {whole / decoding:.1f} times their decoding")
    for stage, cost in ledger.stages():
        print(f"  {stage:36} {cost:6.2f} microseconds a body")
    assert rows == 5_000
    assert whole <= 25 * decoding
