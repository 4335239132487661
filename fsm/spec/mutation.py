"""The mutation of the law: change one cell, run the scenarios that asked it, and one of them must fail."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

from fsm.errors import FsmError
from fsm.events import read_account
from fsm.harness.booked import LEDGER
from fsm.harness.script import Played, failure
from fsm.machine import Law
from fsm.rulebooks import timeline
from fsm.rulebooks.knobs import Policy, policy_of
from fsm.rules.tables import Rulebook
from fsm.spec.lines import Key
from fsm.spec.mutants import ANYTHING, Mutant
from fsm.spec.watch import Run

EXPLAINED: Final = Path(__file__).parent / "survivors.toml"
_NEAR: Final = 1_000_000
_CANNOT_RUN: Final = (FsmError, AssertionError, StopIteration, KeyError, ArithmeticError)
"""What a changed law raises that cannot even run a scenario: the scenario has noticed."""


@attrs.frozen(eq=False)
class _Suspect:
    """A scenario that can notice: its run, the editions in force during it, and its place among all."""

    run: Run
    policy: Policy
    touched: frozenset[int]
    ledger: bool


def _suspect(run: Run) -> _Suspect:
    """Which editions a scenario can notice: those in force from its first event to its last question, and neighbours."""
    account = read_account(run.script.account)
    starts = timeline.starts(timeline.editions(), account.time_zone)
    instants = run.script.instants
    first, last = timeline.place(starts, min(instants)), timeline.place(starts, max(instants))
    near = {number for number, start in enumerate(starts) if any(abs(start - at) <= _NEAR for at in instants)}
    asks_ledger = any(expectation.about in LEDGER for expectation in run.script.expectations)
    return _Suspect(run, policy_of(account.policy), frozenset({*range(first, last + 1), *near}), asks_ledger)


@attrs.frozen(kw_only=True)
class Tried:
    """
    What became of a mutant.

    Attributes:
        mutant: what was changed.
        killer: the id of the scenario that noticed; empty if none did.
        ran: how many scenarios were run against it.
        could: how many scenarios there were under the law it changes.
    """

    mutant: Mutant
    killer: str
    ran: int
    could: int


class Bench:
    """
    Tries mutants on the scenarios that can notice them.

    A row is asked about an act or message (and a state). A scenario that never asked it so runs under the mutant
    as it does without, so it is left out: that is exact, and no guess.

    Args:
        runs: the scenarios, watched under the unchanged law.
        select: leave out those that cannot notice; off only to measure what that is worth.
    """

    def __init__(self, runs: Iterable[Run], *, select: bool = True) -> None:
        # The short ones first: the few with a thousand customers are run only where nothing else has noticed.
        self._suspects = [_suspect(run) for run in sorted(runs, key=lambda run: len(run.script.events))]
        self._names = [book.edition for book in timeline.editions()]
        self._select = select
        self._hot: list[_Suspect] = []
        self._asked: dict[tuple[object, ...], list[_Suspect]] = {}
        for suspect in self._suspects:
            for name, cells in suspect.run.cells.items():
                for key, about, state in cells:
                    self._note((name, key, about, state), suspect)
                    if about:
                        self._note((name, key), suspect)
            for name, places in suspect.run.places.items():
                for lane, state in places:
                    self._note((name, lane, state), suspect)

    def _note(self, place: tuple[object, ...], suspect: _Suspect) -> None:
        known = self._asked.setdefault(place, [])
        if not known or known[-1] is not suspect:
            known.append(suspect)

    def can_notice(self, mutant: Mutant) -> list[_Suspect]:
        """The scenarios that can notice a mutant, the likeliest first."""
        there = [each for each in self._suspects if not each.touched.isdisjoint(mutant.books)]
        touch = mutant.touches
        if self._select and touch.ledger:
            there = [each for each in there if each.ledger]
        elif self._select and touch != ANYTHING:
            asked = {id(each) for number in mutant.books for each in self._asking(self._names[number], mutant)}
            there = [each for each in there if id(each) in asked or each.run.everything]
        hot = {id(each): place for place, each in enumerate(self._hot)}
        cold = len(hot)
        rules = set(mutant.rules)
        return sorted(
            there,
            key=lambda each: (
                hot.get(id(each), cold),
                rules.isdisjoint(each.run.script.tags),
                len(each.run.script.events) > _LONG,
            ),
        )

    def _asking(self, name: str, mutant: Mutant) -> Sequence[_Suspect]:
        touch = mutant.touches
        if touch.row is None:
            return self._asked.get((name, touch.lane, touch.state), ())
        if not touch.about:
            return self._asked.get((name, touch.row), ())
        return self._asked.get((name, touch.row, touch.about, touch.state), ())

    def try_(self, mutant: Mutant) -> Tried:
        """Run the scenarios that can notice a mutant until one does."""
        changed = _Changed(mutant)
        ran = 0
        killer = ""
        for suspect in self.can_notice(mutant):
            ran += 1
            if _notices(suspect, changed):
                self._hot = [suspect, *(each for each in self._hot if each is not suspect)][:_HOT]
                killer = suspect.run.script.id
                break
        could = sum(not each.touched.isdisjoint(mutant.books) for each in self._suspects)
        return Tried(mutant=mutant, killer=killer, ran=ran, could=could)

    def witness(self, rule: str, mutants: Iterable[Mutant]) -> Mutant | None:
        """
        A mutant that a scenario of this rule notices: what such a scenario is worth where no cell cites the rule.

        Args:
            mutants: of rows; others are passed over.
        """
        rows: dict[Key, list[Mutant]] = {}
        for mutant in mutants:
            if mutant.touches.row is not None:
                rows.setdefault(mutant.touches.row, []).append(mutant)
        for suspect in self._suspects:
            if rule not in suspect.run.script.tags:
                continue
            for key in dict.fromkeys(key for _, key in sorted(suspect.run.acted, key=repr)):
                for mutant in rows.get(key, ()):
                    if suspect.touched.intersection(mutant.books) and _notices(suspect, _Changed(mutant)):
                        return mutant
        return None

    def try_all(self, mutants: Iterable[Mutant], told: Callable[[Tried], None] = lambda _: None) -> list[Tried]:
        """
        Try several mutants.

        Args:
            told: called after each.
        """
        tried = []
        for mutant in mutants:
            tried.append(self.try_(mutant))
            told(tried[-1])
        return tried


_LONG: Final = 200
_HOT: Final = 12


class _Changed:
    """The editions under a mutant. A changed edition is made when a scenario needs it."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self._made: dict[tuple[Policy, int], Rulebook] = {}

    def law(self, suspect: _Suspect) -> Law:
        account = read_account(suspect.run.script.account)
        books = list(timeline.editions(suspect.policy))
        if self.mutant.apply is not None:
            needed = self.mutant.books if suspect.run.everything else suspect.touched.intersection(self.mutant.books)
            for number in needed:
                if (suspect.policy, number) not in self._made:
                    self._made[suspect.policy, number] = self.mutant.apply(books[number])
                books[number] = self._made[suspect.policy, number]
        starts = None
        if self.mutant.starts:
            shifted = list(timeline.starts(tuple(books), account.time_zone))
            shifted[self.mutant.books[0]] += self.mutant.starts
            starts = tuple(shifted)
        return Law(account, engine="machine", books=tuple(books), starts=starts)


def _notices(suspect: _Suspect, changed: _Changed) -> bool:
    script = suspect.run.script
    try:
        played = Played(changed.law(suspect), script.events, script.bill)
        return any(failure(expectation, played) for expectation in script.expectations)
    except _CANNOT_RUN:
        return True


def explained(file: Path = EXPLAINED) -> list[dict[str, str]]:
    """The survivors that are explained: parts of place and change, and why nothing can notice."""
    return list(tomllib.loads(file.read_text(encoding="utf-8"))["survivor"])


def explanation(mutant: Mutant, known: Sequence[dict[str, str]]) -> str:
    """Why no scenario can notice a mutant; empty if nothing explains it."""
    return next(
        (each["why"] for each in known if each["place"] in mutant.place and each["change"] in mutant.change), ""
    )


def unused(survivors: Iterable[tuple[str, str]], known: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """
    The explanations that explain nothing any more, and so must be struck.

    Args:
        survivors: place and change of every mutant that no scenario noticed, of a whole run.
    """
    places = list(survivors)
    return [
        each
        for each in known
        if not any(each["place"] in place and each["change"] in change for place, change in places)
    ]
