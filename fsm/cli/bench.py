"""`fsm bench`: how fast each engine is on this machine, on the same generated traffic."""

from __future__ import annotations

import argparse
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fsm.cli.codes import FINE
from fsm.cli.engines import chosen
from fsm.rules.words import counted

_THREADS = 40_000
_SLOW = 60
"""The reference and the table run one of so many threads: they would take too long for all of them."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.epilog = (
        "Each engine runs the same traffic (`fsm generate`, seed 0). Rates are ratios of one run, no promise.\n\n"
        "examples:\n"
        "  fsm bench\n"
        "  fsm bench --threads 1000000          about 35 million events\n"
    )
    parser.add_argument(
        "--threads", type=int, default=_THREADS, metavar="N", help=f"of about 35 events each (default: {_THREADS:,})"
    )


def run(options: Namespace) -> int:
    """
    `fsm bench`

    Raises:
        MissingExtra: a library of the bulk engine is not installed.
    """
    chosen("bulk", 0)
    from fsm.bulk import bulk_replay
    from fsm.bulk.bench import kernel_rate
    from fsm.columns import to_events
    from fsm.generate import Traffic
    from fsm.generate.output import generate_batches, write_parts
    from fsm.machine import Law
    from fsm.machine.law import Engine
    from fsm.replay import replay

    few = [
        event
        for batch in generate_batches(Traffic(threads=max(options.threads // _SLOW, 20)))
        for event in to_events(batch)
    ]
    rates: dict[str, float] = {}
    engines: tuple[tuple[str, Engine], ...] = (("reference machine", "machine"), ("table", "table"))
    for name, engine in engines:
        law = Law(engine=engine)
        seconds = _seconds(lambda law=law: sum(1 for _ in replay(law, few)))  # type: ignore[misc]
        rates[f"{name}, one core"] = len(few) / seconds
    law = Law(engine="table")
    with tempfile.TemporaryDirectory(prefix="fsm-bench-") as folder:
        write_parts(Traffic(threads=options.threads), str(Path(folder, "log")), format="parquet", profile="packed")
        rates["kernel alone, sorted in memory, one core"] = kernel_rate(sorted(Path(folder, "log").iterdir())[0], law)
        began = time.perf_counter()
        summary = bulk_replay([str(Path(folder, "log"))], law, Path(folder, "ledger"))
        rates["Parquet to a ledger in Parquet"] = summary.rows / (time.perf_counter() - began)
    slowest = rates["reference machine, one core"]
    decided = f", {summary.by_reference:,} of them by the reference machine" if summary.by_reference else ""
    print(f"{counted(summary.rows, 'event')} in {counted(summary.threads, 'thread')}{decided}")
    for name, rate in rates.items():
        print(f"{name:42} {rate:>14,.0f} events/s {rate / slowest:>10,.1f} x")
    return FINE


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
