"""
`python -m tests.worlds --permutations 1000000 --jobs 2`: one answer per world, however it arrives.

With `--world`, `--delivery` and `--items`, as a failure prints them: that one delivery, in full.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import partial
from multiprocessing import get_context
from time import monotonic

from tests.worlds import one_by_one, world
from tests.worlds.answers import find
from tests.worlds.check import Failure, Tally, answered, check_with, delivered, shrunk

PER_WORLD = 20
CHUNK = 25
"""Worlds per task of a process: a few seconds' work."""

EVERY = 10.0
"""Seconds between two lines of progress."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the options say; 1 if some world has two answers."""
    options = _options().parse_args(arguments)
    if options.world is not None:
        return _show(options.world, options.delivery, options.items, options.answer)
    started = monotonic()
    tally = Tally()
    shown = started
    for part in _parts(options.permutations, options.per_world, options.seed, options.jobs, options.answer):
        tally += part
        if monotonic() - shown > EVERY:
            shown = monotonic()
            print(f"{tally.permutations:,} permutations, {_rate(tally, started)}", flush=True)
    midnights = sum(tally.straddling.values())
    print(
        f"{tally.permutations:,} permutations of {tally.worlds:,} worlds, {midnights:,} of them on both sides of a "
        f"midnight within seconds, in {len(tally.straddling):,} time zones; {_rate(tally, started)}"
    )
    if not tally.failures:
        print("Every world gave one answer.")
        return 0
    answer = find(options.answer)
    smallest = min((shrunk(failure, answer) for failure in tally.failures[:5]), key=lambda one: len(one.kept))
    print(f"{len(tally.failures):,} worlds gave more than one answer. The smallest delivery that does:")
    print(f"    python -m tests.worlds --answer {options.answer} {smallest}")
    return 1


def _parts(permutations: int, per_world: int, seed: int, jobs: int, answer: str) -> Iterator[Tally]:
    # The last world may get fewer deliveries, so that exactly as many are made as were asked for.
    worlds, rest = divmod(permutations, per_world)
    tasks = [(range(seed + first, seed + min(first + CHUNK, worlds)), per_world) for first in range(0, worlds, CHUNK)]
    if rest:
        tasks.append((range(seed + worlds, seed + worlds + 1), rest))
    run = partial(check_with, answer)
    if jobs == 1:
        yield from (run(*task) for task in tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running: list[Future[Tally]] = [pool.submit(run, *task) for task in tasks]
        for done in as_completed(running):
            yield done.result()


def _show(seed: int, delivery: int, items: str | None, name: str) -> int:
    made = world(seed)
    kept = tuple(map(int, items.split(","))) if items else tuple(range(len(made.items)))
    failure = Failure(world=seed, delivery=delivery, kept=kept)
    answer = find(name)
    plain, lines = one_by_one(made.items[place] for place in kept), delivered(made, kept, delivery)
    (usual, fine), (other, _) = answered(plain, made, answer), answered(lines, made, answer)
    print(f"account {made.account}\n\none by one:")
    print("\n".join(line.decode() for line in plain))
    print(f"\n{failure}:")
    print("\n".join(line.decode() for line in lines))
    print("\nanswers:")
    print("\n".join(f"- {line}" for line in usual.splitlines() if line not in other.splitlines()))
    print("\n".join(f"+ {line}" for line in other.splitlines() if line not in usual.splitlines()))
    if not fine:
        print(usual)
    failed = usual != other or not fine
    print("not the same" if usual != other else "the same" if fine else "no answer")
    return int(failed)


def _rate(tally: Tally, started: float) -> str:
    return f"{tally.permutations / max(monotonic() - started, 1e-9):,.0f} a second"


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m tests.worlds", description="One answer per world, however it arrives."
    )
    options.add_argument("--permutations", type=_positive, default=10_000, help="deliveries to try (10,000)")
    options.add_argument(
        "--per-world", type=_positive, default=PER_WORLD, help=f"deliveries of each world ({PER_WORLD})"
    )
    options.add_argument("--jobs", type=_positive, default=1, help="processes (1)")
    options.add_argument("--seed", type=int, default=0, help="the first world (0)")
    options.add_argument("--answer", default="tests.worlds.answers:results", help="what is worked out: module:function")
    options.add_argument("--world", type=int, help="show one delivery of this world only")
    options.add_argument("--delivery", type=int, default=0, help="which delivery")
    options.add_argument("--items", help="places of the items to keep, as 0,3,4 (all)")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
