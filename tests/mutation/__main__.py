"""
Change every cell of the law, one at a time, and see whether the features notice.

    python -m tests.mutation                every mutant
    python -m tests.mutation --part 3/20    every twentieth, beginning with the third
    python -m tests.mutation --only CBP2    those whose place holds the text

Exit code 1 if a mutant survives that `survivors.toml` does not explain.
"""

from __future__ import annotations

import argparse
import os
import time
import tomllib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import attrs

from fsm.errors import FsmError
from fsm.events import read_account
from fsm.harness.compile import compile_folder
from fsm.harness.places import features_folder
from fsm.harness.script import Script, failures
from fsm.machine import Law
from fsm.rulebooks import timeline
from fsm.rulebooks.knobs import Policy, policy_of
from fsm.rules.tables import Rulebook
from tests.mutation.mutants import Mutant, mutants

EXPLAINED = Path(__file__).parent / "survivors.toml"


@attrs.frozen
class Prepared:
    """A script, with the editions of the law it touches."""

    script: Script
    touched: frozenset[int]


def prepared(script: Script) -> Prepared:
    """Which editions a script can notice: those in force from its first event to its last question, and neighbours."""
    account = read_account(script.account)
    starts = timeline.starts(timeline.editions(), account.time_zone)
    instants = script.instants
    first, last = timeline.place(starts, min(instants)), timeline.place(starts, max(instants))
    near = {number for number, start in enumerate(starts) if any(abs(start - at) <= 1_000_000 for at in instants)}
    return Prepared(script, frozenset({*range(first, last + 1), *near}))


@lru_cache(maxsize=4096)
def _changed(mutant: Mutant, policy: Policy) -> tuple[Rulebook, ...]:
    books = list(timeline.editions(policy))
    if mutant.apply is not None:
        for number in mutant.books:
            books[number] = mutant.apply(books[number])
    return tuple(books)


def killed_by(mutant: Mutant, scripts: list[Prepared]) -> str:
    """The id of a script that fails under the mutant; empty if none does."""
    for each in scripts:
        if not each.touched & set(mutant.books):
            continue
        try:
            if failures(each.script, _law(mutant, each.script)):
                return each.script.id
        except (FsmError, AssertionError, StopIteration, KeyError, ArithmeticError):
            return each.script.id  # the changed law cannot even run the scenario
    return ""


def _law(mutant: Mutant, script: Script) -> Law:
    account = read_account(script.account)
    books = _changed(mutant, policy_of(account.policy))
    starts = None
    if mutant.starts:
        shifted = list(timeline.starts(books, account.time_zone))
        shifted[mutant.books[0]] += mutant.starts
        starts = tuple(shifted)
    return Law(account, engine="machine", books=books, starts=starts)


@attrs.frozen
class Score:
    """What became of some mutants."""

    count: int
    kinds: Counter[str]
    survivors: tuple[tuple[str, str], ...]
    """Place and change of those that no scenario noticed."""


def run(part: int, parts: int, only: str) -> Score:
    """Try every mutant of one part."""
    # The short ones first: the few with a thousand customers are run only where nothing else has noticed.
    told = sorted(compile_folder(features_folder(), "en"), key=lambda script: len(script.events))
    scripts = [prepared(script) for script in told]
    every = [mutant for mutant in mutants(timeline.editions()) if only in mutant.place]
    chosen = every[part - 1 :: parts]
    survivors, kinds = [], Counter[str]()
    hot: list[Prepared] = []
    for mutant in chosen:
        killer = killed_by(mutant, [*hot, *scripts])
        if killer:
            hot = [next(each for each in scripts if each.script.id == killer), *hot][:12]
        else:
            survivors.append((mutant.place, mutant.change))
        kinds[mutant.place.split()[0]] += 1
        _changed.cache_clear()
    return Score(len(chosen), kinds, tuple(survivors))


def explained() -> list[dict[str, str]]:
    """The survivors that are explained: parts of place and change, and why nothing can notice."""
    return tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["survivor"] if EXPLAINED.exists() else []


def is_explained(place: str, change: str, known: list[dict[str, str]]) -> bool:
    """Whether a survivor is one of those."""
    return any(each["place"] in place and each["change"] in change for each in known)


def main(arguments: list[str] | None = None) -> int:
    """Run the mutants asked for, and report the score."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="1/1", metavar="K/N")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    options = parser.parse_args(arguments)
    part, parts = (int(number) for number in options.part.split("/"))
    began, jobs = time.monotonic(), options.jobs
    pieces = [(part + parts * job, parts * jobs, options.only) for job in range(jobs)]
    with ProcessPoolExecutor(jobs) as pool:
        scores = list(pool.map(run, *zip(*pieces, strict=True)))
    known, survivors = explained(), [each for score in scores for each in score.survivors]
    unexplained = [each for each in survivors if not is_explained(*each, known)]
    for place, change in sorted(survivors):
        print(f"{'SURVIVES ' if (place, change) in unexplained else 'explained'}  {place}: {change}")
    count = sum(score.count for score in scores)
    kinds = sum((score.kinds for score in scores), Counter[str]())
    percent = 100 * (count - len(survivors)) / max(count, 1)
    print(f"{count} mutants ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))})")
    print(
        f"{count - len(survivors)} killed ({percent:.2f} %), {len(survivors) - len(unexplained)} explained survivors,"
    )
    print(f"{len(unexplained)} unexplained; {time.monotonic() - began:.0f} s")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
