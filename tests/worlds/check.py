"""Many deliveries of many worlds, and the smallest one that gives another answer."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

import attrs

from tests.worlds.answers import Answer, find
from tests.worlds.arrive import arrival, one_by_one
from tests.worlds.generate import world
from tests.worlds.model import World, straddles

TRIES = 40
"""Deliveries tried before a smaller set of items is taken to be in order."""


@attrs.frozen(kw_only=True)
class Failure:
    """
    A delivery whose answer is not that of its items one by one, and how to make it again.

    Attributes:
        world: the seed of the world.
        delivery: the seed of the delivery.
        kept: places of the items that are needed; all others are left out.
    """

    world: int
    delivery: int
    kept: tuple[int, ...]

    def __str__(self) -> str:
        places = ",".join(map(str, self.kept))
        return f"--world {self.world} --delivery {self.delivery} --items {places}"


@attrs.frozen(kw_only=True)
class Tally:
    """
    What was tried.

    Attributes:
        permutations: deliveries compared with their world's items one by one.
        worlds: worlds they were of.
        straddling: worlds with deliveries within seconds of a local midnight, on both sides, by time zone.
        failures: the first failing delivery of each world that has one, not yet made small.
    """

    permutations: int = 0
    worlds: int = 0
    straddling: Counter[str] = attrs.field(factory=Counter)
    failures: tuple[Failure, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            permutations=self.permutations + other.permutations,
            worlds=self.worlds + other.worlds,
            straddling=self.straddling + other.straddling,
            failures=self.failures + other.failures,
        )


def differs(made: World, kept: Sequence[int], delivery: int, answer: Answer) -> bool:
    """Whether a delivery of some of a world's items gives another answer than the same items one by one, or an error."""
    return _fails(_delivered(made, kept, delivery, answer), _plain(made, kept, answer))


def check(seeds: Iterable[int], deliveries: int, answer: Answer) -> Tally:
    """
    Every world of these seeds, delivered so many times.

    A world that fails is left at its first failure: one is enough to know.
    """
    permutations, worlds = 0, 0
    straddling: Counter[str] = Counter()
    failures = []
    for seed in seeds:
        made = world(seed)
        worlds += 1
        if straddles(made):
            straddling[str(made.account["time_zone"])] += 1
        kept = tuple(range(len(made.items)))
        plain = _plain(made, kept, answer)
        for delivery in range(deliveries):
            permutations += 1
            if _fails(_delivered(made, kept, delivery, answer), plain):
                failures.append(Failure(world=seed, delivery=delivery, kept=kept))
                break
    return Tally(permutations=permutations, worlds=worlds, straddling=straddling, failures=tuple(failures))


def check_with(answer: str, seeds: range, deliveries: int) -> Tally:
    """The same with the answer by name, for a process of its own: the main module cannot be found from there."""
    return check(seeds, deliveries, find(answer))


def shrunk(failure: Failure, answer: Answer) -> Failure:
    """The same failure with as few items as will still fail: whatever can be left out is."""
    made = world(failure.world)
    size = max(len(failure.kept) // 2, 1)
    while True:
        smaller = _without(made, failure, size, answer)
        if smaller is not None:
            failure = smaller
        elif size == 1:
            return failure
        size = min(max(size // 2, 1), len(failure.kept)) if smaller is None else size


def _without(made: World, failure: Failure, size: int, answer: Answer) -> Failure | None:
    """The failure without some `size` neighbouring items, if any such can be left out."""
    for start in range(0, len(failure.kept), size):
        kept = failure.kept[:start] + failure.kept[start + size :]
        if not kept:
            continue
        plain = _plain(made, kept, answer)
        for delivery in (failure.delivery, *range(TRIES)):
            if _fails(_delivered(made, kept, delivery, answer), plain):
                return Failure(world=failure.world, delivery=delivery, kept=kept)
    return None


def answered(lines: Sequence[bytes], made: World, answer: Answer) -> tuple[str, bool]:
    """The answer, and whether it is one: an implementation that raises has none, and the run must go on to find why."""
    try:
        return answer(lines, made.account), True
    except Exception:
        return traceback.format_exc(), False


def _fails(delivered: tuple[str, bool], plain: tuple[str, bool]) -> bool:
    return delivered != plain or not plain[1]


def _plain(made: World, kept: Sequence[int], answer: Answer) -> tuple[str, bool]:
    return answered(one_by_one(made.items[place] for place in kept), made, answer)


def _delivered(made: World, kept: Sequence[int], delivery: int, answer: Answer) -> tuple[str, bool]:
    return answered(delivered(made, kept, delivery), made, answer)


def delivered(made: World, kept: Sequence[int], delivery: int) -> list[bytes]:
    """The lines of a delivery of some of a world's items."""
    return arrival([made.items[place] for place in kept], Random(f"{made.seed} {delivery}"))
