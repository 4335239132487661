"""
Change every cell of the law, one at a time, and see whether the features notice.

    python -m tests.mutation                every mutant
    python -m tests.mutation --part 3/20    every twentieth, beginning with the third
    python -m tests.mutation --only CBP2    those whose place holds the text

Exit code 1 if a mutant survives that `survivors.toml` does not explain.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from collections import Counter
from functools import lru_cache
from pathlib import Path

import attrs

from fsm.errors import FsmError
from fsm.events import read_account
from fsm.harness.compile import compile_folder, features_folder
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
    instants = [event.at for event in script.events] + [each.at for each in script.expectations if each.at]
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
        except (FsmError, AssertionError, StopIteration, KeyError):
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
    return Law(account, engine="table", books=books, starts=starts)


def main(arguments: list[str] | None = None) -> int:
    """Run the mutants asked for, and report the score."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--part", default="1/1", metavar="K/N")
    parser.add_argument("--only", default="", metavar="TEXT")
    options = parser.parse_args(arguments)
    part, parts = (int(number) for number in options.part.split("/"))
    scripts = [prepared(script) for script in compile_folder(features_folder(), "en")]
    every = [mutant for mutant in mutants(timeline.editions()) if options.only in mutant.place]
    chosen = every[part - 1 :: parts]
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["survivor"] if EXPLAINED.exists() else []
    began, survivors, kinds = time.monotonic(), [], Counter[str]()
    hot: list[Prepared] = []
    for number, mutant in enumerate(chosen, 1):
        killer = killed_by(mutant, [*hot, *scripts])
        if killer:
            hot = [next(each for each in scripts if each.script.id == killer), *hot][:12]
        else:
            survivors.append(mutant)
        kinds[mutant.place.split()[0]] += 1
        _changed.cache_clear()
        if sys.stderr.isatty():
            print(f"\r{number}/{len(chosen)}, {len(survivors)} survive", end="", file=sys.stderr)
    unexplained = [mutant for mutant in survivors if not _explained(mutant, explained)]
    for mutant in survivors:
        print(f"{'explained' if mutant not in unexplained else 'SURVIVES '}  {mutant.place}: {mutant.change}")
    score = 100 * (len(chosen) - len(survivors)) / max(len(chosen), 1)
    print(f"{len(chosen)} mutants ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))})")
    print(
        f"killed {len(chosen) - len(survivors)} ({score:.2f} %), {len(survivors) - len(unexplained)} explained survivors,"
    )
    print(f"{len(unexplained)} unexplained, by {len(scripts)} scenarios in {time.monotonic() - began:.0f} s")
    return 1 if unexplained else 0


def _explained(mutant: Mutant, explained: list[dict[str, str]]) -> bool:
    return any(each["place"] in mutant.place and each["change"] in mutant.change for each in explained)


if __name__ == "__main__":
    raise SystemExit(main())
