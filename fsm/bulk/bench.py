"""How fast the kernel itself is: rows of a file, sorted in memory, run again and again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from fsm.bulk import memory as room
from fsm.bulk.bucket import Runner
from fsm.bulk.encode import encode
from fsm.bulk.memory import Rows
from fsm.bulk.program import Program
from fsm.machine import Law

ROUNDS = 5
"""The best of so many: noise only ever adds."""


def sorted_rows(file: Path, law: Law) -> tuple[Runner, Rows]:
    """The rows of a Parquet file of events, sorted by thread, and who runs them; every cell they ask for is compiled."""
    program = Program(law)
    runner = Runner(program, clocks=False)
    rows = runner.rows(encode(pq.read_table(file), program, runner.shape))
    runner.sweep(rows)
    return runner, rows


def kernel_rate(file: Path, law: Law) -> float:
    """Events per second of the kernel alone, on one core."""
    runner, rows = sorted_rows(file, law)
    out: Any = room.new_written(len(rows.at), len(rows.starts) - 1, ends=True)
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        runner.again(rows, out)
        best = min(best, time.perf_counter() - began)
    return len(rows.at) / best
