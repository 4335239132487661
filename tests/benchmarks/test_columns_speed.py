"""What columns are for: many times as fast as objects, in one run. Absolute rates are printed and not asserted."""

from __future__ import annotations

from tests.benchmarks import columns


def test_lines_become_columns_several_times_as_fast_as_by_way_of_objects() -> None:
    fast, objects = columns.lines_against_objects()
    print(
        f"JSON Lines to columns: {1 / fast:,.0f} lines a second and core, {objects / fast:.1f} times the way by objects"
    )
    assert objects >= 4 * fast


def test_traffic_is_made_faster_than_objects_could_hold_it() -> None:
    made, objects = columns.making()
    print(
        f"traffic as columns: {1 / made:,.0f} events a second and core, {objects / made:.1f} times as fast as objects"
    )
    assert objects >= 5 * made


def test_parquet_is_read_faster_than_lines() -> None:
    found = columns.writing()
    for name, (write, read) in found.items():
        print(f"{name}: written {1 / write:,.0f}, read {1 / read:,.0f} events a second and core")
    assert found["log.parquet"][1] * 2 <= found["log.jsonl"][1]
