"""Many histories as one log: threads of their own, so that one job on Spark replays them all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from fsm.columns import from_events, to_results, write_events
from fsm.events import Account, Event
from fsm.machine import Law
from fsm.replay import replay, write_result


def canonical_hash(results: Iterable[Mapping[str, object]]) -> str:
    """One hash of all results, in whatever order they come."""
    lines = sorted(json.dumps(dict(result), sort_keys=True) for result in results)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def reference_hash(events: Iterable[Event], account: Account) -> str:
    """The hash of what the reference says."""
    return canonical_hash(write_result(result) for result in replay(Law(account, engine="table"), events))


def results_in(folder: Path) -> list[dict[str, object]]:
    """The results that a job wrote, as the objects of the results' JSON Lines."""
    from fsm.spark.batch import read_rows

    return list(to_results(read_rows(str(folder))))


def as_thread_of_its_own(events: Iterable[Event], number: int) -> list[Event]:
    """The same history with other business numbers."""
    return [attrs.evolve(event, business=f"{event.business}-{number}") for event in events]


def write_log(events: list[Event], folder: Path, files: int = 2) -> Path:
    """The events dealt out to some Parquet files."""
    folder.mkdir(parents=True)
    for number in range(files):
        write_events([from_events(events[number::files])], str(folder / f"part-{number}.parquet"))
    return folder


def covered(events: Iterable[Event], account: Account) -> list[Event]:
    """Those that a rulebook covers."""
    first = Law(account).editions[0].begins
    return [event for event in events if event.at >= first]
