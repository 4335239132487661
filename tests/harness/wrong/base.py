"""How a wrong implementation is made: from a right one, with one thing spoilt; or small and naive, from nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import attrs

from fsm.events import read_account
from fsm.harness import Adapter
from fsm.harness.conform.adapters.reference import TOLD_BEFORE, Reference
from fsm.harness.conform.levels import LEVELS
from fsm.harness.conform.vectors import Vector, all_vectors, reordered, select
from fsm.machine import Law
from fsm.rulebooks import timeline
from fsm.rulebooks.knobs import policy_of
from fsm.rules.tables import Rulebook

Case = Mapping[str, Any]
Event = Mapping[str, Any]
Result = dict[str, Any]
Told = tuple[int, Event]
"""An event as the implementation takes it, and the place in the case of the event that it is, or is made up from."""

NOTHING: Result = {**TOLD_BEFORE, "deadlines": {}}
_NAMES = ("event", "business", "customer", "id", "at")


@attrs.frozen(kw_only=True)
class Wrong:
    """
    One wrong implementation.

    Attributes:
        name: what it does, in a few words.
        rules: the rules that it breaks; one of them must be named.
        seen: the mistake of public code that it copies, by its id.
        make: makes the adapter.
        many: it shows only where a thousand messages are told.
        out_of_order: it shows only where events are told in another order than that of time.
    """

    name: str
    rules: tuple[str, ...]
    seen: str = ""
    make: Callable[[], Any]
    many: bool = False
    out_of_order: bool = False


def wrong(name: str, rules: str, make: Callable[[], Any], seen: str = "", **when: bool) -> Wrong:
    """One wrong implementation."""
    return Wrong(name=name, rules=tuple(rules.split()), make=make, seen=seen, **when)


MANY: Final = 100
"""Events of a case that tells a thousand messages to use up what is free; few mistakes need such cases to be seen."""


def vectors_for(wrong: Wrong) -> tuple[Vector, ...]:
    """What a wrong implementation is graded on: every vector, but the longest only where it is about them."""
    chosen = tuple(vector for vector in all_vectors() if wrong.many or len(vector.events) <= MANY)
    if not wrong.out_of_order:
        return chosen
    return tuple(reordered(vector, seed) for vector in select(chosen, concepts=["windows"]) for seed in (1,))


# --- spoilt ---------------------------------------------------------------------------------
_RIGHT: dict[str, Mapping[str, Any]] = {}


def right_answer(case: Case) -> Mapping[str, Any]:
    """What the reference answers to a case, found once for all the wrong ones."""
    if case["id"] not in _RIGHT:
        _RIGHT[case["id"]] = positional(Reference().run(case))
    return _RIGHT[case["id"]]


def positional(reply: Mapping[str, Any]) -> dict[str, Any]:
    """A reply without the names of its events, so that results are matched by position."""
    results = [{name: value for name, value in each.items() if name not in _NAMES} for each in reply["results"]]
    return {"results": results, "answers": reply["answers"]}


class Spoilt(Adapter):
    """The reference, spoilt in what goes in, what comes out, or the law."""

    name = "spoilt"
    can_answer = tuple(LEVELS)

    def __init__(
        self,
        *,
        told: Callable[[Case], Sequence[Told]] | None = None,
        account: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        result: Callable[[Event, Result, Case], Result] | None = None,
        results: Callable[[Case, list[Result]], list[Result]] | None = None,
        answer: Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]] | None = None,
        law: Callable[[Rulebook], Rulebook] | None = None,
        starts: Callable[[Rulebook, int], int] | None = None,
        bill: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        levels: Sequence[str] = tuple(LEVELS),
        rulebooks: Sequence[str] | None = None,
    ) -> None:
        self.can_answer = tuple(levels)  # type: ignore[misc]
        self.rulebooks = rulebooks  # type: ignore[misc]
        self._told, self._account, self._law, self._starts = told, account, law, starts
        self._result, self._results, self._answer, self._bill = result, results, answer, bill
        self._under: dict[str, Law] = {}

    def run(self, case: Case) -> Mapping[str, Any]:
        """The right reply to a case that was misunderstood, or the right reply spoilt."""
        reply = self._reply(case)
        results = [dict(each) for each in reply["results"]]
        if self._result is not None:
            results = [self._result(event, each, case) for event, each in zip(case["events"], results, strict=True)]
        if self._results is not None:
            results = self._results(case, results)
        answers = reply["answers"]
        if self._answer is not None:
            answers = [
                self._answer(question, dict(each)) for question, each in zip(case["questions"], answers, strict=True)
            ]
        return {"results": results, "answers": answers}

    def _reply(self, case: Case) -> Mapping[str, Any]:
        account = dict(case["account"]) if self._account is None else self._account(dict(case["account"]))
        told = list(enumerate(case["events"])) if self._told is None else list(self._told(case))
        bill = case.get("bill") if self._bill is None or "bill" not in case else self._bill(dict(case["bill"]))
        law = self._own_law(account)
        same = account == case["account"] and bill == case.get("bill")
        if law is None and same and [event for _, event in told] == list(case["events"]):
            return right_answer(case)
        misunderstood = {**case, "account": account, "bill": bill, "events": [event for _, event in told]}
        misunderstood["questions"] = [_moved(question, told) for question in case["questions"]]
        spoilt = Reference() if law is None else _Under(law)
        reply = positional(spoilt.run(misunderstood))
        results: list[Result] = [dict(NOTHING) for _ in case["events"]]
        for (place, _), each in zip(told, reply["results"], strict=True):
            results[place] = _together(results[place], each)
        return {"results": results, "answers": reply["answers"]}

    def _own_law(self, account: Mapping[str, Any]) -> Law | None:
        if self._law is None and self._starts is None:
            return None
        key = json.dumps(account, sort_keys=True)
        if key not in self._under:
            read = read_account(account)
            books = timeline.editions(policy_of(read.policy))
            starts = timeline.starts(books, read.time_zone)
            if self._law is not None:
                books = tuple(_spoilt_book(self._law, book) for book in books)
            if self._starts is not None:
                starts = tuple(self._starts(book, at) for book, at in zip(books, starts, strict=True))
            self._under[key] = Law(read, engine="table", books=books, starts=starts)
        return self._under[key]


@lru_cache(maxsize=2048)
def _spoilt_book(law: Callable[[Rulebook], Rulebook], book: Rulebook) -> Rulebook:
    return law(book)


class _Under(Reference):
    def __init__(self, law: Law) -> None:
        self._law = law

    def law(self, account: Mapping[str, Any]) -> Law:
        return self._law


def _together(first: Result, second: Mapping[str, Any]) -> Result:
    """What an event did, and what one that was made up from it did a moment later, as one result."""
    lists = {name: [*first[name], *second[name]] for name in ("opens", "refreshes", "closes", "flags")}
    words = {
        name: first[name] if first[name] is not None else second[name]
        for name in ("verdict", "error", "joins", "charge", "why")
    }
    return {**second, **lists, **words}


def _moved(question: Mapping[str, Any], told: Sequence[Told]) -> Mapping[str, Any]:
    if "event" not in question:
        return question
    place = next(new for new, (old, _) in enumerate(told) if old == question["event"])
    return {**question, "event": place}


def every(change: Callable[[Event], Event | None]) -> Callable[[Case], list[Told]]:
    """Takes every event as something else; None means that it is overlooked."""

    def told(case: Case) -> list[Told]:
        changed = [(place, change(event)) for place, event in enumerate(case["events"])]
        return [(place, event) for place, event in changed if event is not None]

    return told


def also(make_up: Callable[[Event, int], Sequence[Event]]) -> Callable[[Case], list[Told]]:
    """Takes every event as it is, and makes up others."""

    def told(case: Case) -> list[Told]:
        found: list[Told] = list(enumerate(case["events"]))
        for place, event in enumerate(case["events"]):
            found += [(place, each) for each in make_up(event, place)]
        return found

    return told
