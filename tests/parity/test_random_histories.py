"""Random histories: the machine, the table and an independent simulator give one answer, in any order."""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

import pytest

from fsm.events import read_account, read_event
from fsm.machine import Law
from fsm.machine.law import Engine
from fsm.replay import replay, write_result
from tests.parity.histories import history
from tests.parity.independent import simulate

SEEDS = range(int(os.environ.get("FSM_HISTORIES", "600")))
"""`make histories` runs many more of them."""

BATCH = 50
OURS_ALONE = ("because", "flags")
"""Members that the independent simulator does not give."""


def _replayed(log: list[dict[str, Any]], account: dict[str, Any], engine: Engine = "table") -> list[dict[str, Any]]:
    law = Law(read_account(account), engine=engine)
    return [write_result(result) for result in replay(law, [read_event(event)[0] for event in log])]


def _comparable(result: dict[str, Any]) -> dict[str, Any]:
    kept = {member: value for member, value in result.items() if member not in OURS_ALONE}
    clocks = kept["deadlines"].items()
    return {**kept, "deadlines": {lane: at for lane, at in clocks if lane != "customer_service_window_in_doubt"}}


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_a_random_history_gives_what_the_independent_simulator_says(first: int) -> None:
    for seed in range(first, first + BATCH):
        log, account = history(seed)
        ours = [_comparable(result) for result in _replayed(log, account)]
        theirs = [_comparable({"deadlines": {}, **result}) for result in simulate(log, account)]
        assert ours == theirs, f"history {seed}"


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop // 4, BATCH))
def test_machine_and_table_give_the_same_bytes(first: int) -> None:
    for seed in range(first, first + BATCH):
        log, account = history(seed)
        assert json.dumps(_replayed(log, account, "machine")) == json.dumps(_replayed(log, account)), f"history {seed}"


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop // 4, BATCH))
def test_order_and_duplicates_do_not_change_a_byte(first: int) -> None:
    for seed in range(first, first + BATCH):
        log, account = history(seed)
        random = Random(seed)
        shuffled = [*log, *random.sample(log, len(log) // 2)]
        random.shuffle(shuffled)
        assert json.dumps(_replayed(shuffled, account)) == json.dumps(_replayed(log, account)), f"history {seed}"
