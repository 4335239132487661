"""Python objects that do harm to whoever calls them: each answers like a right one, but for what its name says."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from fsm.harness import Adapter

NASTY = "<script>alert(1)</script>]]>&amp;\"'\x1b[31m\x00\x07\u202e\u2066\u2028\ud800</td>-->"
EVERYTHING = ("permission", "windows", "conversations", "charges", "status", "doubts", "advice", "limits", "ledger")
RESULT = {
    "verdict": "refused",
    "error": 131047,
    "opens": [],
    "refreshes": [],
    "closes": [],
    "joins": None,
    "charge": None,
    "why": None,
    "flags": [],
    "deadlines": {},
}


class Evil(Adapter):
    """Refuses everything, and answers no question."""

    can_answer = ("permission",)

    def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"verdict": "refused", "error": 131047}


class Everywhere(Evil):
    """Puts one value wherever a value may stand."""

    can_answer = EVERYTHING
    value: ClassVar[Any] = None

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "results": [dict.fromkeys(RESULT, self.value) for _ in case["events"]],
            "answers": [
                dict.fromkeys(("states", "status", "advised_against", "customers", "active", "rows", "sum"), self.value)
                for _ in case["questions"]
            ],
        }


class InWords(Evil):
    """Puts one value into the lists and names where any text may stand."""

    can_answer = ("permission", "windows", "status", "doubts", "ledger")
    value: ClassVar[Any] = NASTY

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        row = {"kind": self.value, "line": self.value, "why": self.value, "amount": None, "flags": [self.value]}
        named = [{**row, "business": "bakery", "id": event.get("id"), "market": self.value} for event in case["events"]]
        return {
            "results": [{**RESULT, "flags": [self.value]} for _ in case["events"]],
            "answers": [
                {"status": self.value, "states": {"customer_service_window": self.value}, "rows": named, "sum": None}
                for _ in case["questions"]
            ],
        }


class Mutates(Evil):
    """Changes what it is given."""

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        reply = {"results": [{"verdict": "allowed", "error": None} for _ in case["events"]], "answers": []}
        for event in case["events"]:
            event["at"] = "1999-01-01T00:00:00Z"  # type: ignore[index]
        case["events"].clear()
        case["account"]["time_zone"] = "Mars"
        for question in case["questions"]:
            question.clear()
        return reply


class EqualToAll(str):
    """A text that says it equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash("allowed")


class Zero(int):
    """A number that says it equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class LyingMapping(dict[str, Any]):
    """Gives another answer each time it is asked."""

    def get(self, key: str, default: Any = None) -> Any:
        raise RuntimeError("no such thing as a member")

    def __contains__(self, key: object) -> bool:
        raise RuntimeError("nothing is in here")


class Endless(Mapping[str, Any]):
    """A mapping that never ends."""

    def __getitem__(self, key: str) -> Any:
        return [{}] * 10

    def __len__(self) -> int:
        return sys.maxsize

    def __iter__(self) -> Iterator[str]:
        while True:
            yield "results"


class BadRepr:
    """Cannot even be shown."""

    def __repr__(self) -> str:
        raise ValueError("not to be shown")

    __str__ = __repr__


class Rude(BaseException):
    """Not an `Exception`."""

    def __str__(self) -> str:
        raise ValueError("not to be told")


def recursive() -> list[Any]:
    """A list that holds itself."""
    found: list[Any] = []
    found.append(found)
    return found


def deep(levels: int = 100_000) -> list[Any]:
    """Lists in lists."""
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


def reply(make: Callable[[Mapping[str, Any]], Any]) -> type[Evil]:
    """An object that answers with whatever is made of the case."""

    class Made(Evil):
        can_answer = EVERYTHING

        def run(self, case: Mapping[str, Any]) -> Any:
            return make(case)

    return Made


def everywhere(value: Any) -> type[Evil]:
    """An object that answers one value everywhere."""
    return type("Everywhere", (Everywhere,), {"value": value})


def in_words(value: Any) -> type[Evil]:
    """An object that answers one value wherever any text may stand."""
    return type("InWords", (InWords,), {"value": value})


def raising(bad: Callable[[], BaseException]) -> type[Evil]:
    """An object that raises at every event."""

    class Raises(Evil):
        def event(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
            raise bad()

    return Raises


def sleeping(seconds: float) -> type[Evil]:
    """An object that takes its time."""

    class Sleeps(Evil):
        def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
            time.sleep(seconds)
            return super().run(case)

    return Sleeps


class Swallows(Evil):
    """Catches everything that could stop it, once."""

    def run(self, case: Mapping[str, Any]) -> Mapping[str, Any]:
        with contextlib.suppress(BaseException):
            time.sleep(60)
        return super().run(case)


OBJECTS: Mapping[str, type[Evil]] = {
    "wrong numbers": everywhere(3.5),
    "not a number": everywhere(float("nan")),
    "infinity": everywhere(float("inf")),
    "a number of 10,000 digits": everywhere(10**10_000),
    "truth": everywhere(True),
    "bytes": everywhere(b"\xff"),
    "a set": everywhere({1, 2}),
    "lists": everywhere([[["x"]]]),
    "objects": everywhere({"a": {"b": NASTY}}),
    "markup and control characters": everywhere(NASTY),
    "markup and control characters in free text": in_words(NASTY),
    "a very long text": in_words("x" * 1_000_000),
    "lists that hold themselves": everywhere(recursive()),
    "lists in lists": everywhere(deep()),
    "what cannot be shown": everywhere(BadRepr()),
    "texts that equal everything": everywhere(EqualToAll("allowed")),
    "texts that equal everything, in free text": in_words(EqualToAll("x")),
    "numbers that equal everything": everywhere(Zero(0)),
    "a mapping that raises": reply(lambda case: LyingMapping(results=[], answers=[])),
    "results that raise": reply(lambda case: {"results": [LyingMapping(verdict="allowed") for _ in case["events"]]}),
    "a mapping without end": reply(lambda case: Endless()),
    "nothing": reply(lambda case: None),
    "too many results": reply(lambda case: {"results": [dict(RESULT)] * 10_000}),
    "too many answers": reply(lambda case: {"results": [], "answers": [{}] * 10_000}),
    "results of strangers": reply(
        lambda case: {"results": [{"event": NASTY, "customer": NASTY, "business": NASTY, "id": NASTY}]}
    ),
    "numbers for names": reply(lambda case: {"results": [{1: 2, None: 3} for _ in case["events"]]}),
    "leaving": raising(lambda: SystemExit(NASTY)),
    "no Exception": raising(Rude),
    "no depth left": raising(RecursionError),
    "a long cry": raising(lambda: ValueError(NASTY * 10_000)),
}
