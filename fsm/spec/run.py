"""Running it: the features of a folder, watched; mutants tried, on as many processes as wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from fsm.errors import FsmError
from fsm.harness.places import features_folder
from fsm.harness.script import Script
from fsm.rulebooks import timeline
from fsm.spec.mutants import Mutant, mutants
from fsm.spec.mutation import Bench, Tried
from fsm.spec.watch import Run, watched


class NeedsGherkin(FsmError):
    """The features cannot be read without the extra `spec`."""


class FailingFeatures(FsmError):
    """A scenario fails under the unchanged law, so that it cannot tell a changed one."""


@contextmanager
def gherkin_wanted() -> Iterator[None]:
    """
    Say plainly which extra is missing, where the Gherkin parser is not installed.

    Raises:
        NeedsGherkin: it is not.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "gherkin":
            raise
        raise NeedsGherkin(
            "the features are read with gherkin-official, which is not installed. "
            "Install the extra: pip install 'whatsapp-conversation-fsm[spec]'."
        ) from None


def scripts(folder: Path | None = None) -> list[Script]:
    """
    The scenarios of a folder, in English: their Spanish twins say the same.

    Args:
        folder: by default the kit's own features.

    Raises:
        NeedsGherkin: the Gherkin parser is not installed.
        BadFeature: a feature cannot be compiled.
    """
    with gherkin_wanted():
        from fsm.harness.compile import compile_folder

    found = compile_folder(folder or features_folder(), "en")
    if not found:
        raise FsmError(f"{folder or features_folder()} holds no feature in English.")
    return found


def watched_all(told: Sequence[Script]) -> list[Run]:
    """
    Every scenario, run and watched.

    Raises:
        FailingFeatures: one fails under the unchanged law.
    """
    runs = [watched(script) for script in told]
    for run in runs:
        if run.fails:
            raise FailingFeatures(
                f"{run.script.id}, {run.script.title!r}, fails under the law as it is ({run.fails[0]}), "
                "so it cannot tell a changed law from it. Correct the scenario or the table first."
            )
    return runs


def chosen(wanted: Callable[[Mutant], bool], part: int = 1, parts: int = 1) -> list[Mutant]:
    """The mutants of the law that are wanted; of these one part of several, every so manieth."""
    return [mutant for mutant in mutants(timeline.editions()) if wanted(mutant)][part - 1 :: parts]


_bench: Bench | None = None


def _begin(runs: list[Run]) -> None:
    global _bench
    _bench = Bench(runs)


def _try(numbers: Sequence[int]) -> list[tuple[int, str, int, int]]:
    assert _bench is not None
    every = list(mutants(timeline.editions()))
    tried = _bench.try_all(every[number] for number in numbers)
    return [(number, each.killer, each.ran, each.could) for number, each in zip(numbers, tried, strict=True)]


def try_mutants(runs: list[Run], wanted: Sequence[Mutant], jobs: int = 1) -> list[Tried]:
    """
    Try mutants of the law.

    Args:
        runs: the scenarios, watched whole.
        wanted: from `chosen`.
        jobs: processes; each begins with a copy of the runs.
    """
    if jobs <= 1:
        return Bench(runs).try_all(wanted)
    # A mutant holds a function, which no other process can be handed: it is named by its place among all.
    place = {
        (mutant.place, mutant.change, mutant.books): number for number, mutant in enumerate(chosen(lambda _: True))
    }
    numbers = [place[mutant.place, mutant.change, mutant.books] for mutant in wanted]
    found: dict[int, tuple[str, int, int]] = {}
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(runs,)) as pool:
        for some in pool.map(_try, [numbers[job::jobs] for job in range(jobs)]):
            found |= {number: (killer, ran, could) for number, killer, ran, could in some}
    return [
        Tried(mutant=mutant, killer=found[number][0], ran=found[number][1], could=found[number][2])
        for mutant, number in zip(wanted, numbers, strict=True)
    ]


def witnesses(runs: list[Run], rules: Iterable[str]) -> dict[str, str]:
    """
    For rules that no cell cites, a cell of other rules whose change a scenario of theirs notices.

    A rule that is left out has scenarios that notice nothing of this kind.
    """
    bench, every = Bench(runs), chosen(lambda mutant: mutant.touches.row is not None)
    found = {id: bench.witness(id, every) for id in rules}
    return {id: f"{mutant.place}: {mutant.change}" for id, mutant in found.items() if mutant is not None}
