"""Columns against objects: reading lines, making traffic, writing files; each in seconds of one processor per event."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fsm.columns import EventReader, EventWriter, from_events, to_events
from fsm.columns.lines import json_lines
from fsm.generate import Traffic
from fsm.generate.output import columns_of, generate_batches
from fsm.generate.stories import make
from fsm.service.reading import read_all

ROUNDS = 3
SEVERAL = Traffic(seed=1, threads=1_500)
MANY = Traffic(seed=1, threads=20_000)


def seconds(action: Callable[[], object]) -> float:
    """The best of several rounds, in time of the processor: other programs only ever add."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        action()
        best = min(best, time.process_time() - began)
    return best


def lines_against_objects() -> tuple[float, float]:
    """Seconds per line of JSON Lines to columns: the fast way, and by way of objects."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        rows = 0
        with path.open("wb") as stream:
            for batch in generate_batches(SEVERAL):
                rows += stream.write(json_lines(batch)) and batch.num_rows
        text = path.read_text()

        def fast() -> None:
            assert sum(batch.num_rows for batch in EventReader([str(path)])) == rows

        def objects() -> None:
            assert from_events(read_all([("log", text)]).events).num_rows == rows

        return seconds(fast) / rows, seconds(objects) / rows


def making() -> tuple[float, float]:
    """Seconds per event of making traffic as columns, and of making objects of columns that are there."""
    few = columns_of(make(SEVERAL, 0, SEVERAL.threads), SEVERAL.businesses)
    count = columns_of(make(MANY, 0, MANY.threads), MANY.businesses).num_rows
    made = seconds(lambda: columns_of(make(MANY, 0, MANY.threads), MANY.businesses)) / count
    return made, seconds(lambda: list(to_events(few))) / few.num_rows


def writing() -> dict[str, tuple[float, float]]:
    """Seconds per event of writing a file and of reading it again, by format."""
    batch = columns_of(make(MANY, 0, 8_000), MANY.businesses)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("log.parquet", "log.arrow", "log.jsonl", "log.csv"):
            path = str(Path(folder, name))

            def write(path: str = path) -> None:
                with EventWriter(path) as writer:
                    writer.write(batch)

            def read(path: str = path) -> None:
                assert sum(piece.num_rows for piece in EventReader([path])) == batch.num_rows

            found[name] = (seconds(write) / batch.num_rows, seconds(read) / batch.num_rows)
    return found
